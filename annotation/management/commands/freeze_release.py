"""Freeze the gold of a project as its next release."""

from typing import Any

from django.core.management.base import CommandParser

from annotation import gold
from curation.commands import RoomCommand, project_named


class Command(RoomCommand):
    help = "Freeze the gold of a project as its next release."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="short name of the project")
        parser.add_argument("--note", default="", help="what is special about this release")

    def act(self, *, slug: str, note: str, **options: Any) -> dict[str, Any]:
        release = gold.freeze(project=project_named(slug), by=None, note=note)
        return {
            "release": str(release),
            "number": release.number,
            "counts": release.counts,
            "manifest_sha256": release.manifest_sha256,
        }

    def report(self, result: dict[str, Any]) -> str:
        held = "{items} items, {replies} replies, {verdicts} verdicts".format(**result["counts"])
        return f"Release {result['release']} holds {held}."
