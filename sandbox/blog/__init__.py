"""A blog: pages, authors, and the command that fills it."""
