#!/usr/bin/env python
"""Django's command line for Touchstone."""

import os
import sys

# These change the schema and connect as the owner of the tables; all else connects as the app role.
OWNER_COMMANDS = {"migrate", "makemigrations", "sqlmigrate", "flush"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if len(sys.argv) > 1 and sys.argv[1] in OWNER_COMMANDS:
        os.environ["TOUCHSTONE_AS_OWNER"] = "1"

    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
