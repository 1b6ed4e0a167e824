"""The forms that actions, templates and configurations are edited in."""
