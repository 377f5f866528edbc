"""Name an endpoint of a project, and the roles it fills."""

import sys
from argparse import ArgumentTypeError, BooleanOptionalAction
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import CommandError, CommandParser

from curation import endpoints, keys, prices, strict_json
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
# Options of the command that say a field of the profile.
FIELDS = (
    *("base_url", "model", "structured", "token_parameter", "takes_temperature", "takes_seed"),
    *("critic_format", "holds_other_models", "extra_body", "concurrency", "rate"),
)
KEY_PLACES = ("key_env", "key_file")


class Command(RoomCommand):
    help = "Name an endpoint. The same call again changes nothing; other values change it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the project")
        parser.add_argument("--name", required=True)
        parser.add_argument("--base-url", required=True, help="such as https://api.example/v1")
        parser.add_argument("--model", required=True)
        parser.add_argument("--roles", help=f"of {','.join(SHORT)}; exactly these are filled")
        _add_key_arguments(parser)
        _add_profile_arguments(parser)
        _add_price_arguments(parser)

    def act(self, **options: Any) -> dict[str, Any]:
        project = project_named(options["slug"])
        roles = named_roles(options["roles"])
        costs = prices.amounts(
            *(options[f"{name}_price"] for name in ("input", "output", "cached"))
        )
        if options["since"] and not costs:
            raise CommandError("--since goes with --input-price and --output-price.")
        endpoint = Endpoint.objects.filter(project=project, name=options["name"]).first()
        profile, key = profile_from(options, endpoint), key_from(options)
        if endpoint is None:
            changed = ["created"]
            endpoint = endpoints.add(
                project=project, name=options["name"], profile=profile, key=key, by=None
            )
        else:
            changed = endpoints.update(endpoint=endpoint, profile=profile, key=key, by=None)
        if roles is not None and endpoints.assign(endpoint=endpoint, roles=roles, by=None):
            changed.append("roles")
        if costs and prices.say(endpoint=endpoint, since=options["since"], costs=costs, by=None):
            changed.append("price")
        endpoints.resume(endpoint=endpoint, by=None)
        filled = sorted(endpoint.role_assignments.values_list("role", flat=True))
        return {"endpoint": endpoint.name, "changed": changed, "roles": filled}

    def report(self, result: dict[str, Any]) -> str:
        if not result["changed"]:
            return f"Endpoint {result['endpoint']} is there already; nothing was changed."
        roles = ", ".join(result["roles"]) or "none"
        return f"Endpoint {result['endpoint']}: {', '.join(result['changed'])}. Roles: {roles}."


def _add_key_arguments(parser: CommandParser) -> None:
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--key-env", help="name of the variable that holds the key")
    where.add_argument("--key-file", help="name of a file in the folder for secrets")
    where.add_argument(
        "--key-stdin", action="store_true", help="read the key from stdin and store it sealed"
    )


def _add_profile_arguments(parser: CommandParser) -> None:
    add, yes_or_no = parser.add_argument, BooleanOptionalAction
    add("--structured", choices=Endpoint.Structured.values)
    add("--token-parameter", choices=Endpoint.TokenParameter.values)
    add("--critic-format", choices=Endpoint.CriticFormat.values, help="how it speaks as a critic")
    add("--temperature", action=yes_or_no, dest="takes_temperature", help="whether it takes one")
    add("--seed", action=yes_or_no, dest="takes_seed", help="whether it takes one")
    add(
        "--hold-other-models",
        action=yes_or_no,
        dest="holds_other_models",
        help="leave replies of a model with another name to people",
    )
    add("--extra-body", type=fields, help="more fields of the body, as JSON")
    add("--concurrency", type=int, help="calls at once, 1 to 64")
    add("--rate", type=int, help="calls a minute, at most")


def _add_price_arguments(parser: CommandParser) -> None:
    parser.add_argument("--input-price", type=price, help="for a million tokens, such as 0.15")
    parser.add_argument("--output-price", type=price)
    parser.add_argument("--cached-price", type=price, help="of input that was in its cache")
    parser.add_argument("--since", type=day, help="the day from which the prices hold: 2026-01-31")


def profile_from(options: dict[str, Any], endpoint: Endpoint | None) -> Profile:
    """Return what the options say; where they are silent an endpoint stays as it is."""
    blank = Profile(base_url=options["base_url"], model=options["model"])
    before = endpoints.profile_of(endpoint) if endpoint else blank
    said = {name: options[name] for name in FIELDS if options[name] is not None}
    if options["key_stdin"] or any(options[name] is not None for name in KEY_PLACES):
        said |= {name: options[name] or "" for name in KEY_PLACES}
    return replace(before, **said)


def key_from(options: dict[str, Any]) -> str | None:
    """Return the key that is to be stored; it never stands in an argument."""
    return sys.stdin.readline(keys.LONGEST + 2).strip() if options["key_stdin"] else None


def named_roles(text: str | None) -> list[DraftRole] | None:
    if text is None:
        return None
    names = [name for name in text.replace(" ", "").split(",") if name]
    known = {**SHORT, **{str(role): role for role in DraftRole}}
    if unknown := [name for name in names if name not in known]:
        raise CommandError(f"Unknown role: {', '.join(unknown)}. Known: {', '.join(SHORT)}.")
    return [known[name] for name in names]


def price(text: str) -> Decimal:
    try:
        amount = Decimal(text)
        micro(amount)
    except (InvalidOperation, ValueError) as error:
        raise ArgumentTypeError(f"not a price: {text}") from error
    return amount


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"not a day: {text}") from error


def fields(text: str) -> dict[str, Any]:
    try:
        found = strict_json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ArgumentTypeError("it takes one JSON object")
    return found
