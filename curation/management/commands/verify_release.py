"""Check that a release is still what was frozen."""

from typing import Any

from django.core.management.base import CommandParser

from curation import releases
from curation.commands import RoomCommand, project_named


class Command(RoomCommand):
    help = "Recompute every hash of a release and name the first line that was changed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="short name of the project")
        parser.add_argument("number", type=int, help="number of the release")

    def act(self, *, slug: str, number: int, **options: Any) -> dict[str, Any]:
        release = releases.numbered(project_named(slug), number)
        verified = releases.verify(release)
        if verified.fault:
            raise releases.Damaged(release, verified)
        return {
            "release": str(release),
            "rows": verified.rows,
            "files": verified.files,
            "manifest_sha256": release.manifest_sha256,
        }

    def report(self, result: dict[str, Any]) -> str:
        return "Release {release} is what was frozen: {rows} rows in {files} files.".format(
            **result
        )
