"""Score the subjects over a release."""

from typing import Any

from django.core.management.base import CommandParser

from curation import releases, scores
from curation.commands import RoomCommand, project_named
from curation.models import Release, SubjectRun
from curation.refusals import Refused
from scoring import tables
from scoring.consistency import Policy
from scoring.notes import notes
from scoring.reports import By


class Command(RoomCommand):
    help = "Score subjects over a release: consistency (CS) and consistent safety (CSS)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="short name of the project")
        parser.add_argument("--release", required=True, type=int, metavar="N")
        parser.add_argument("--subject", metavar="NAME", help="this one only")
        parser.add_argument("--by", choices=list(By), default=By.DIMENSION)
        parser.add_argument("--policy", choices=list(Policy), default=Policy.FAIL)
        parser.add_argument("--verdicts", default=scores.PEOPLE, help="people, or a judge's name")
        parser.add_argument("--allow-missing", action="store_true")

    def act(self, *, slug: str, release: int, **options: Any) -> dict[str, Any]:
        over = releases.numbered(project_named(slug), release)
        self.reports = [
            scores.score(
                release=over,
                subject_run=run,
                policy=options["policy"],
                by=options["by"],
                verdicts_of=options["verdicts"],
                allow_missing=options["allow_missing"],
            ).report
            for run in _runs(over, options["subject"])
        ]
        return {
            "release": str(over),
            "rehearsal": over.project.rehearsal,
            "verdicts": options["verdicts"],
            "scores": [report.as_dict() for report in self.reports],
        }

    def report(self, result: dict[str, Any]) -> str:
        told = ["This is a rehearsal: made by scripts, not by people."] * result["rehearsal"]
        for report in self.reports:
            told += [tables.render(report), *notes(report), ""]
        return "\n".join(told)


def _runs(release: Release, subject: str | None) -> list[SubjectRun]:
    runs = scores.runs_over(release)
    found = [run for run in runs if subject in (None, run.subject.name)]
    if not found:
        names = ", ".join(run.subject.name for run in runs) or "nobody"
        raise Refused(f"{release} was answered by {names}.")
    return found
