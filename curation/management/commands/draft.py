"""Draft options and risk tags for everything in a project that lacks them."""

from collections import Counter
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from curation.answer_commands import estimate_in_words
from curation.commands import RoomCommand, project_named
from curation.drafting import asking_again, checking, estimates, leftovers, plan, progress
from curation.models import Project
from curation.refusals import Refused


class Command(RoomCommand):
    help = "Plan a drafting run; worker processes do it. What is saved or under way is left out."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the project")
        parser.add_argument("--wait", action="store_true", help="follow the run until it is over")
        parser.add_argument(
            "--again", action="store_true", help="ask anew for replies that could not be used"
        )
        parser.add_argument(
            "--estimate", action="store_true", help="say what it takes, ask nothing"
        )

    def act(self, **options: Any) -> dict[str, Any]:
        project = project_named(options["slug"])
        if options["estimate"]:
            return _estimate(project, again=options["again"])
        made = _again(project) if options["again"] else plan.plan(project=project, by=None)
        run = made.run
        if options["wait"]:
            run = run or project.runs.filter(kind="drafting", status="running").first()
            if run and (stuck := progress.wait_for(run, say=self.stderr.write)):
                raise Refused("\n".join(stuck))
        left = leftovers.of(project)
        rest = {"severe": made.severe, "left_over": made.left_over}
        rest |= {"unusable": left.unusable, "lacking": left.lacking}
        if run is None:
            return {"run": None, "planned": {}, **rest}
        return {"planned": dict(made.planned), **progress.result(run), **rest}

    def report(self, result: dict[str, Any]) -> str:
        if "tokens" in result:
            return estimate_in_words(result)
        if result["run"] is not None:
            lines = [_("Run %(run)s: %(status)s, %(ended)s of %(calls)s calls.") % result]
        elif result["lacking"]:
            lines = [
                _("Models were asked for everything; %(lacking)s items lack an option.") % result
            ]
        else:
            lines = [_("Nothing is left to draft.")]
        if result["unusable"]:
            lines.append(_("%(unusable)s replies could not be used: --again asks anew.") % result)
        if result["severe"]:
            lines.append(
                _("%(n)s items with a tag of severity 4 get no negative draft.")
                % {"n": result["severe"]}
            )
        return "\n".join(lines)


def _again(project: Project) -> plan.Plan:
    calls = asking_again.of_drafting(project)
    run = asking_again.ask(project=project, calls=calls, by=None)
    return plan.Plan(run=run, planned=Counter(run.calls.values_list("purpose", flat=True)))


def _estimate(project: Project, *, again: bool) -> dict[str, int | None]:
    if again:
        found = asking_again.estimate(asking_again.of_drafting(project))
    else:
        found = estimates.of(project, plan.drafters(project), checking.checker(project))
    return estimates.total(found).told()
