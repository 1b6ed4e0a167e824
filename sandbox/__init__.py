"""A blog to try the package on; it is no part of what is installed."""
