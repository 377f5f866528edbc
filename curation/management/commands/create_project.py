"""Make a project."""

from typing import Any

from django.core.management.base import CommandParser

from curation import people, projects
from curation.commands import RoomCommand
from curation.models import Project


class Command(RoomCommand):
    help = "Make a project. The same call again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="short name, as in addresses and files")
        parser.add_argument("--name", required=True)
        parser.add_argument("--taxonomy", required=True, help="such as faef or s-eval")
        parser.add_argument("--languages", required=True, help="such as en,zh")
        parser.add_argument("--curator", help="account that becomes its first curator")
        parser.add_argument(
            "--rehearsal", action="store_true", help="mark everything of it as a rehearsal"
        )

    def act(self, **options: Any) -> dict[str, Any]:
        wanted = {name: options[name] for name in ("slug", "name", "taxonomy", "rehearsal")}
        wanted["languages"] = options["languages"].replace(" ", "").split(",")
        curator = people.named(options["curator"]) if options["curator"] else None
        if already_there(wanted):
            return {**wanted, "created": False}
        projects.create(**wanted, curator=curator, by=None)
        return {**wanted, "created": True}

    def report(self, result: dict[str, Any]) -> str:
        if not result["created"]:
            return f"Project {result['slug']} is there already; nothing was changed."
        return f"Project {result['slug']} made, over the taxonomy {result['taxonomy']}."


def already_there(wanted: dict[str, Any]) -> bool:
    taxonomy = {"taxonomy__name": wanted["taxonomy"]}
    return Project.objects.filter(
        **{key: value for key, value in wanted.items() if key != "taxonomy"}, **taxonomy
    ).exists()
