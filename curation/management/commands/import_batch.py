"""Bring the result and error files of batch requests home."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from curation.commands import RoomCommand, project_named
from curation.drafting import batch_results
from curation.models import Project


class Command(RoomCommand):
    help = "Take result and error files of batch requests, in any order; the same file once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the project")
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")

    def act(self, **options: Any) -> dict[str, Any]:
        project = project_named(options["slug"])
        return {"files": [_taken(project, path) for path in options["files"]]}

    def report(self, result: dict[str, Any]) -> str:
        return "\n".join(line for file in result["files"] for line in _lines(file))


def _taken(project: Project, path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            taken = batch_results.take(project=project, file=file, by=None)
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}") from error
    return {"name": path.name, **taken.said()}


def _lines(file: dict[str, Any]) -> list[str]:
    words = _(
        "{name}: {lines} lines, {replies} replies, {troubles} errors, {late} late, "
        "{repeated} taken before."
    )
    named = [
        _("line {line}: {fault}").format(line=one["line"], fault=batch_results.FAULTS[one["fault"]])
        for one in file["faults"]
    ]
    return [words.format(**file), *named]
