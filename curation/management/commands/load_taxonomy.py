"""Load a risk taxonomy: one that comes with the product, or a file."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from curation import taxonomies
from curation.commands import RoomCommand


class Command(RoomCommand):
    help = "Load a taxonomy by its name (such as faef or s-eval) or from a .json file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="a name, or the path of a .json file")

    def act(self, *, name: str, **options: Any) -> dict[str, Any]:
        version = (
            taxonomies.load_file(Path(name)) if name.endswith(".json") else taxonomies.load(name)
        )
        return {"name": version.name, "number": version.number, "tags": version.tags.count()}

    def report(self, result: dict[str, Any]) -> str:
        return "Taxonomy {name}, version {number}: {tags} tags.".format(**result)
