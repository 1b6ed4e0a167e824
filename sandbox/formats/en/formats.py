"""Dates as the British write them."""

DATE_FORMAT = "j F Y"
