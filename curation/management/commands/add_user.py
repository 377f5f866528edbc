"""Make an account."""

import getpass
import os
import sys
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandError, CommandParser

from curation import people
from curation.commands import RoomCommand


class Command(RoomCommand):
    help = "Make an account. The same call again changes nothing, the password neither."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user")
        parser.add_argument(
            "--password-env",
            metavar="VAR",
            help="environment variable that holds the password; without it, it is asked for",
        )
        parser.add_argument(
            "--staff", action="store_true", help="an operator, who runs the installation"
        )

    def act(
        self, *, user: str, password_env: str | None, staff: bool, **options: Any
    ) -> dict[str, Any]:
        if found := User.objects.filter(username=user).first():
            return {"user": user, "staff": found.is_staff, "created": False}
        password = _from(password_env) if password_env else _asked(user)
        made = people.add(username=user, password=password, staff=staff, by=None)
        return {"user": made.username, "staff": staff, "created": True}

    def report(self, result: dict[str, Any]) -> str:
        if not result["created"]:
            return f"Account {result['user']} is there already; nothing was changed."
        return f"Account {result['user']} made."


def _from(variable: str) -> str:
    if not os.environ.get(variable):
        raise CommandError(f"The environment variable {variable} is not set or empty.")
    return os.environ[variable]


def _asked(user: str) -> str:
    if not sys.stdin.isatty():
        raise CommandError("Nobody to ask for a password: name a variable with --password-env.")
    password = getpass.getpass(f"Password of {user}: ")
    if password != getpass.getpass("The same again: "):
        raise CommandError("The two passwords differ; nothing was made.")
    return password
