"""The commands that ask about the answers of a subject run."""

from typing import Any, ClassVar

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from curation.commands import RoomCommand, project_named
from curation.drafting import answer_runs, progress
from curation.models import Project, Purpose, Run, SubjectRun
from curation.refusals import Refused


class AnswerCommand(RoomCommand):
    purpose: ClassVar[Purpose]

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the project")
        parser.add_argument("--subject", required=True, help="its short name")
        parser.add_argument("--release", type=int, help="number of the release; the latest it ran")
        parser.add_argument("--wait", action="store_true", help="follow the run until it is over")
        parser.add_argument(
            "--estimate", action="store_true", help="say what it takes, ask nothing"
        )

    def act(self, **options: Any) -> dict[str, Any]:
        project = project_named(options["slug"])
        subject_run = subject_run_named(project, options["subject"], options["release"])
        told = {"subject": subject_run.subject.name, "release": subject_run.release.number}
        if options["estimate"]:
            picture = answer_runs.picture(subject_run, self.purpose)
            if picture.estimate is None:
                raise Refused(picture.why_not)
            return told | picture.estimate.told()
        run = answer_runs.start(subject_run=subject_run, purpose=self.purpose, by=None)
        if options["wait"]:
            run = run or _going_on(subject_run, self.purpose)
            if run and (stuck := progress.wait_for(run, say=self.stderr.write)):
                raise Refused("\n".join(stuck))
        return told | (progress.result(run) if run else {"run": None})

    def report(self, result: dict[str, Any]) -> str:
        if "tokens" in result:
            return estimate_in_words(result)
        if result["run"] is None:
            return _("Every answer was asked about already.")
        words = _("Run %(run)s of %(subject)s: %(status)s, %(ended)s of %(calls)s calls.")
        return words % result


def subject_run_named(project: Project, subject: str, release: int | None) -> SubjectRun:
    """Return the latest run of the subject, over the release if one is named."""
    runs = SubjectRun.objects.filter(subject__project=project, subject__name=subject)
    if release is not None:
        runs = runs.filter(release__number=release)
    found = runs.select_related("subject", "release__project").order_by("-pk").first()
    if found is None:
        raise Refused(_("The subject “%(name)s” answered no such release.") % {"name": subject})
    return found


def estimate_in_words(result: dict[str, Any]) -> str:
    if result["cost_micro"] is None:
        return _("%(calls)s calls, about %(tokens)s tokens; the cost is not known.") % result
    cost = {"cost": f"{result['cost_micro'] / 1e6:.2f}"}
    return _("%(calls)s calls, about %(tokens)s tokens, about %(cost)s USD.") % (result | cost)


def _going_on(subject_run: SubjectRun, purpose: Purpose) -> Run | None:
    kind = answer_runs.KINDS[purpose]
    runs = Run.objects.filter(kind=kind, plan__subject_run=subject_run.pk)
    return runs.filter(status=Run.Status.RUNNING).first()
