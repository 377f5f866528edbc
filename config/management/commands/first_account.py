"""Make the first account of an empty installation."""

import getpass
import os
import sys
from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = (
        "Make the first curator account when there is none: name and password are asked for, "
        "or taken from TOUCHSTONE_CURATOR and TOUCHSTONE_CURATOR_PASSWORD."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.exists():
            return
        name, password = self.given() if "TOUCHSTONE_CURATOR" in os.environ else self.asked()
        user = User(username=name, is_staff=True)
        try:
            user.clean_fields(exclude=["password"])
            validate_password(password, user)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        user.set_password(password)
        user.save()
        self.stdout.write(f"Account {name} made: sign in and create a project.")

    def given(self) -> tuple[str, str]:
        return os.environ["TOUCHSTONE_CURATOR"], os.environ.get("TOUCHSTONE_CURATOR_PASSWORD", "")

    def asked(self) -> tuple[str, str]:
        if not sys.stdin.isatty():
            raise CommandError(
                "There is no account yet and nobody to ask: "
                "set TOUCHSTONE_CURATOR and TOUCHSTONE_CURATOR_PASSWORD."
            )
        name = input("No account yet. Name of the first curator: ").strip()
        password = getpass.getpass("Password: ")
        if password != getpass.getpass("Password again: "):
            raise CommandError("The two passwords differ; nothing was made.")
        return name, password
