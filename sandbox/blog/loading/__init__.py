"""Fills an empty database with the content of ``sandbox/content``."""
