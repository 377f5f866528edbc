"""Take back the calls in batch files whose results did not come."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from curation.commands import RoomCommand, project_named
from curation.drafting import batches
from curation.management.commands.export_batch import run_numbered


class Command(RoomCommand):
    help = "Let workers ask, or the next file hold, what is still in the batch files of a run."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the project")
        parser.add_argument("--run", required=True, type=int, metavar="N")

    def act(self, **options: Any) -> dict[str, Any]:
        run = run_numbered(project_named(options["slug"]), options["run"])
        return {"run": run.pk, "given_back": batches.give_back(run=run, by=None)}

    def report(self, result: dict[str, Any]) -> str:
        return _("{given_back} calls of run {run} are planned again.").format(**result)
