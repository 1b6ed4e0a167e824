#!/usr/bin/env python
"""Django's command line for the sandbox, from wherever it is called."""

import os
import sys
from pathlib import Path

from django.core.management import execute_from_command_line


def main():
    """Run a management command with the sandbox's settings."""
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sandbox.settings")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
