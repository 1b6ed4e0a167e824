"""What the admin shows: listings and forms, the run history, one run, the switch."""
