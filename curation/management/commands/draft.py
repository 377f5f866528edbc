"""Draft options and risk tags for everything in a project that lacks them."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from curation.commands import RoomCommand, project_named
from curation.drafting import plan, progress
from curation.refusals import Refused


class Command(RoomCommand):
    help = "Plan a drafting run; worker processes do it. What is saved or under way is left out."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the project")
        parser.add_argument("--wait", action="store_true", help="follow the run until it is over")

    def act(self, **options: Any) -> dict[str, Any]:
        project = project_named(options["slug"])
        made = plan.plan(project=project, by=None)
        rest = {"severe": made.severe, "left_over": made.left_over}
        run = made.run
        if options["wait"]:
            run = run or project.runs.filter(kind="drafting", status="running").first()
            if run and (stuck := progress.wait_for(run, say=self.stderr.write)):
                raise Refused("\n".join(stuck))
        if run is None:
            return {"run": None, "planned": {}, **rest}
        return {"planned": dict(made.planned), **progress.result(run), **rest}

    def report(self, result: dict[str, Any]) -> str:
        lines = []
        if result["run"] is None:
            lines.append(_("Nothing is left to draft."))
        else:
            lines.append(_("Run %(run)s: %(status)s, %(ended)s of %(calls)s calls.") % result)
        if result["severe"]:
            lines.append(
                _("%(n)s items with a tag of severity 4 get no negative draft.")
                % {"n": result["severe"]}
            )
        return "\n".join(lines)
