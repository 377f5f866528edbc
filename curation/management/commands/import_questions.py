"""Import a file of questions."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from curation.commands import RoomCommand, project_named
from curation.importing.formats import AUTO, FORMATS
from curation.importing.questions import import_questions
from curation.importing.report import Fault, RowsRefused
from curation.models import Language
from curation.refusals import Refused
from curation.sources import Provenance


class Command(RoomCommand):
    help = "Import a file of questions, plain or zipped: all of it or nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--project", required=True, help="short name of the project")
        parser.add_argument("--format", choices=[AUTO, *FORMATS], default=AUTO)
        parser.add_argument("--language", choices=Language.values, help="of rows that do not say")
        parser.add_argument("--source", default="", help="where the questions come from")
        parser.add_argument("--licence", default="")
        parser.add_argument("--terms", default="", help="what its users have agreed to")
        parser.add_argument("--url", default="", help="address of the source")
        parser.add_argument("--dry-run", action="store_true", help="check only, write nothing")

    def act(self, **options: Any) -> dict[str, Any]:
        path: Path = options["file"]
        try:
            file = path.open("rb")
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}") from error
        with file:
            report = import_questions(
                project=project_named(options["project"]),
                file=file,
                name=path.name,
                by=None,
                format=options["format"],
                language=options["language"],
                provenance=Provenance(
                    **{"name" if key == "source" else key: options[key] for key in PROVENANCE}
                ),
                dry_run=options["dry_run"],
            )
        self.list(report.warnings, "warning")
        return {"summary": report.summary, **report.as_dict()}

    def report(self, result: dict[str, Any]) -> str:
        return str(result["summary"])

    def refuse(self, refusal: Refused, *, as_json: bool) -> None:
        if isinstance(refusal, RowsRefused):
            self.list(refusal.report.errors, "error")
            self.list(refusal.report.warnings, "warning")
        super().refuse(refusal, as_json=as_json)

    def list(self, faults: list[Fault], kind: str) -> None:
        for fault in faults:
            field = f" {fault.field}:" if fault.field else ""
            self.stderr.write(f"{kind}: line {fault.line}:{field} {fault.reason}")


PROVENANCE = ("source", "licence", "terms", "url")
