"""Name an endpoint of a project, and the roles it fills."""

import json
from argparse import ArgumentTypeError
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import CommandError, CommandParser

from curation import endpoints
from curation.commands import RoomCommand, project_named
from curation.endpoints import Profile
from curation.models import DraftRole, Endpoint
from curation.prices import micro

SHORT = {
    "positive": DraftRole.POSITIVE,
    "negative": DraftRole.NEGATIVE,
    "tags": DraftRole.TAGGER,
    "checker": DraftRole.CHECKER,
    "expander": DraftRole.EXPANDER,
    "critic": DraftRole.CRITIC,
    "judge": DraftRole.JUDGE,
}
# Options of the command by the field of the profile that they set.
FIELDS = ("base_url", "model", "key_env", "structured", "token_parameter", "concurrency")


class Command(RoomCommand):
    help = "Name an endpoint. The same call again changes nothing; other values change it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the project")
        parser.add_argument("--name", required=True)
        parser.add_argument("--base-url", required=True, help="such as https://api.example/v1")
        parser.add_argument("--model", required=True)
        parser.add_argument("--key-env", help="name of the variable that holds the key")
        parser.add_argument("--roles", help=f"of {','.join(SHORT)}; exactly these are filled")
        parser.add_argument("--structured", choices=Endpoint.Structured.values)
        parser.add_argument("--token-parameter", choices=Endpoint.TokenParameter.values)
        parser.add_argument("--extra-body", type=fields, help="more fields of the body, as JSON")
        parser.add_argument("--input-price", type=price, help="for a million tokens, such as 0.15")
        parser.add_argument("--output-price", type=price)
        parser.add_argument("--concurrency", type=int, help="calls at once, 1 to 64")

    def act(self, **options: Any) -> dict[str, Any]:
        project = project_named(options["slug"])
        roles = named_roles(options["roles"])
        endpoint = Endpoint.objects.filter(project=project, name=options["name"]).first()
        profile = profile_from(options, endpoint)
        if endpoint is None:
            changed = ["created"]
            endpoint = endpoints.add(
                project=project, name=options["name"], profile=profile, by=None
            )
        else:
            changed = endpoints.update(endpoint=endpoint, profile=profile, by=None)
        if roles is not None and endpoints.assign(endpoint=endpoint, roles=roles, by=None):
            changed.append("roles")
        endpoints.resume(endpoint=endpoint, by=None)
        filled = sorted(endpoint.role_assignments.values_list("role", flat=True))
        return {"endpoint": endpoint.name, "changed": changed, "roles": filled}

    def report(self, result: dict[str, Any]) -> str:
        if not result["changed"]:
            return f"Endpoint {result['endpoint']} is there already; nothing was changed."
        roles = ", ".join(result["roles"]) or "none"
        return f"Endpoint {result['endpoint']}: {', '.join(result['changed'])}. Roles: {roles}."


def profile_from(options: dict[str, Any], endpoint: Endpoint | None) -> Profile:
    """Return what the options say; where they are silent an endpoint stays as it is."""
    blank = Profile(base_url=options["base_url"], model=options["model"])
    before = endpoints.profile_of(endpoint) if endpoint else blank
    said = {name: options[name] for name in FIELDS if options[name] is not None}
    for name in ("input_price", "output_price", "extra_body"):
        if options[name] is not None:
            said[name] = options[name]
    return replace(before, **said)


def named_roles(text: str | None) -> list[DraftRole] | None:
    if text is None:
        return None
    names = [name for name in text.replace(" ", "").split(",") if name]
    known = {**SHORT, **{str(role): role for role in DraftRole}}
    if unknown := [name for name in names if name not in known]:
        raise CommandError(f"Unknown role: {', '.join(unknown)}. Known: {', '.join(SHORT)}.")
    return [known[name] for name in names]


def price(text: str) -> int:
    try:
        return micro(Decimal(text))
    except (InvalidOperation, ValueError) as error:
        raise ArgumentTypeError(f"not a price: {text}") from error


def fields(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ArgumentTypeError("it takes one JSON object")
    return found
