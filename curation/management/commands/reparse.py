"""Read saved replies again that brought nothing usable, with the parser of today."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from curation.commands import RoomCommand, project_named
from curation.drafting import rereading
from curation.drafting.purposes import WORKS
from curation.drafting.reading import PARSER
from curation.management.commands.export_batch import run_numbered


class Command(RoomCommand):
    help = "Read replies again that could not be used. It asks nothing, so it costs nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the project")
        parser.add_argument("--run", type=int, metavar="N", help="only the calls of this run")
        parser.add_argument("--purpose", action="append", choices=sorted(WORKS), default=[])

    def act(self, **options: Any) -> dict[str, Any]:
        project = project_named(options["slug"])
        run = options["run"]
        if run is not None:
            run_numbered(project, run)
        found = rereading.everything(project=project, by=None, run=run, purposes=options["purpose"])
        counts = {name: getattr(found, name) for name in ("calls", "replies", "usable")}
        problems = {"before": dict(found.before), "after": dict(found.after)}
        return {"parser": PARSER, **counts, **problems}

    def report(self, result: dict[str, Any]) -> str:
        words = _(
            "{calls} calls had brought nothing usable; {parser} read {replies} replies anew; "
            "{usable} calls can be used now."
        )
        return words.format(**result)
