"""Write the files of a release into a folder."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from curation import release_files, releases
from curation.commands import RoomCommand, project_named


class Command(RoomCommand):
    help = "Write the files of a release into a folder, whole or not at all."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="short name of the project")
        parser.add_argument("number", type=int, help="number of the release")
        parser.add_argument("--to", type=Path, required=True, metavar="DIR")
        parser.add_argument("--format", choices=["jsonl"], default="jsonl")

    def act(self, *, slug: str, number: int, to: Path, **options: Any) -> dict[str, Any]:
        release = releases.numbered(project_named(slug), number)
        written = release_files.export(release=release, to=to)
        return {
            "release": str(release),
            "folder": str(to),
            "files": [
                {"name": file.name, "bytes": file.size, "sha256": file.sha256} for file in written
            ],
        }

    def report(self, result: dict[str, Any]) -> str:
        return f"{len(result['files'])} files of {result['release']} are in {result['folder']}."
