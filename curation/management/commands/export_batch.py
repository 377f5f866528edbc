"""Write the calls of a run into batch files, to be taken to their endpoints by somebody."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from curation.commands import RoomCommand, project_named
from curation.drafting import batches
from curation.models import Endpoint, Project, Run
from curation.refusals import Refused


class Command(RoomCommand):
    help = "Write what a run still has to ask into files of batch requests, one endpoint a file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the project")
        parser.add_argument("--run", required=True, type=int, metavar="N")
        parser.add_argument("--to", required=True, type=Path, metavar="DIR")
        parser.add_argument("--endpoint", metavar="NAME", help="only what this one is asked")
        parser.add_argument(
            "--price-percent",
            type=int,
            default=100,
            metavar="P",
            help="what the endpoint takes of its price for batch files, such as 50",
        )

    def act(self, **options: Any) -> dict[str, Any]:
        project = project_named(options["slug"])
        name, folder = options["endpoint"], options["to"]
        try:
            files = batches.export(
                run=run_numbered(project, options["run"]),
                folder=folder,
                by=None,
                endpoint=_endpoint(project, name) if name else None,
                price_percent=options["price_percent"],
            )
        except OSError as error:
            raise CommandError(f"{folder} cannot be written: {error.strerror}") from error
        names = ("name", "lines", "size", "sha256")
        return {"run": options["run"], "files": [{n: getattr(f, n) for n in names} for f in files]}

    def report(self, result: dict[str, Any]) -> str:
        return "\n".join(
            _("{name}: {lines} requests, {size} bytes.").format(**file) for file in result["files"]
        )


def run_numbered(project: Project, number: int) -> Run:
    run = project.runs.filter(pk=number).first()
    if run is None:
        raise Refused(_("There is no run %(number)s in this project.") % {"number": number})
    return run


def _endpoint(project: Project, name: str) -> Endpoint:
    endpoint = project.endpoints.filter(name=name).first()
    if endpoint is None:
        raise Refused(_("There is no endpoint “%(name)s”.") % {"name": name})
    return endpoint
