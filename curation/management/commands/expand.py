"""Ask for more questions like those of chosen items."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from curation.answer_commands import estimate_in_words
from curation.commands import RoomCommand, project_named
from curation.drafting import expanding, progress
from curation.models import Run
from curation.refusals import Refused


class Command(RoomCommand):
    help = "Plan an expansion run; worker processes do it, and a curator decides on each question."

    def add_arguments(self, parser: CommandParser) -> None:
        first = expanding.Choice()
        parser.add_argument("slug", help="the project")
        parser.add_argument("--items", type=int, default=first.number, help="how many at most")
        parser.add_argument(
            "--variants", type=int, default=first.variants, help="new questions beside each, 1–10"
        )
        parser.add_argument("--status", choices=[*expanding.STATUSES], default="")
        parser.add_argument("--language", choices=["en", "zh"], default="")
        parser.add_argument("--tag", default="", help="code of a main tag, or of one above it")
        parser.add_argument("--wait", action="store_true", help="follow the run until it is over")
        parser.add_argument(
            "--estimate", action="store_true", help="say what it takes, ask nothing"
        )

    def act(self, **options: Any) -> dict[str, Any]:
        project = project_named(options["slug"])
        named = {name: options[name] for name in ("variants", "status", "language", "tag")}
        choice = expanding.Choice(number=options["items"], **named)
        if options["estimate"]:
            return expanding.estimate(project, choice).told()
        run = expanding.start(project=project, choice=choice, by=None)
        if options["wait"]:
            going_on = project.runs.filter(kind=Run.Kind.EXPANSION, status=Run.Status.RUNNING)
            run = run or going_on.first()
            if run and (stuck := progress.wait_for(run, say=self.stderr.write)):
                raise Refused("\n".join(stuck))
        waiting = {"waiting": project.question_proposals.undecided().count()}
        return (progress.result(run) if run else {"run": None}) | waiting

    def report(self, result: dict[str, Any]) -> str:
        if "tokens" in result:
            return estimate_in_words(result)
        if result["run"] is None:
            return _("Every such item was asked about already.")
        words = _("Run %(run)s: %(status)s, %(ended)s of %(calls)s calls.") % result
        waiting = _("%(n)s questions wait for a curator.") % {"n": result["waiting"]}
        return f"{words}\n{waiting}"
