"""Make a token of the API for a user."""

from typing import Any

from django.core.management.base import CommandParser

from curation import people, tokens
from curation.commands import RoomCommand
from curation.models import Scope


class Command(RoomCommand):
    help = "Make a token of the API. It is printed once and cannot be shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="name of an account")
        parser.add_argument("--name", required=True, help="what the token is for")
        parser.add_argument("--scopes", required=True, help=",".join(Scope.values))

    def act(self, *, user: str, name: str, scopes: str, **options: Any) -> dict[str, Any]:
        wanted = [scope.strip() for scope in scopes.split(",") if scope.strip()]
        token, text = tokens.create(user=people.named(user), name=name, scopes=wanted)
        self.stderr.write(f"Token {name} of {user} may {', '.join(token.scopes)}. Keep it safe.")
        # In the object the token is on stdout already; stderr ends up in logs.
        self.said = "Made." if options["json"] else text
        return {"user": user, "name": name, "scopes": token.scopes, "token": text}

    def report(self, result: dict[str, Any]) -> str:
        return self.said
