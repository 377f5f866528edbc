"""Take the answers of a subject that ran elsewhere."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from curation import answer_files, releases
from curation.commands import RoomCommand, project_named


class Command(RoomCommand):
    help = "Take a file of answers to a release, whole or not at all; the same file once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="an Answers JSONL, or FINE's result file")
        parser.add_argument("--project", required=True, metavar="SLUG")
        parser.add_argument("--release", required=True, type=int, metavar="N")

    def act(self, *, file: Path, project: str, release: int, **options: Any) -> dict[str, Any]:
        answered = releases.numbered(project_named(project), release)
        try:
            imported = answer_files.import_file(release=answered, path=file, by=None)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}") from error
        return {"release": str(answered), **imported.as_dict()}

    def report(self, result: dict[str, Any]) -> str:
        if not result["created"]:
            return f"This file was taken before, over {result['release']}: nothing was changed."
        return "\n".join(
            "{subject}, run {run}: {answers} answers, {picks} picks, {verdicts} verdicts.".format(
                **taken
            )
            for taken in result["subjects"]
        )
