"""Scores of subjects over a release: numbers that can say where they come from."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from curation import canonical
from curation.exporting import MCQ, Line, line_of
from curation.models import Release, ScoreRun, SubjectRun, Verdict
from curation.refusals import Refused
from curation.reply_lines import answers_file, replies_of, settled_on
from scoring import reports
from scoring.consistency import Policy
from scoring.records import Form, ReleaseItem, Reply, release_item
from scoring.refusals import NotScored
from scoring.reports import By, Report
from scoring.wording import meaning_of

PEOPLE = "people"


class NotScorable(Refused):
    """These replies cannot be scored; `details` holds every reason with its count."""

    def __init__(self, subject_run: SubjectRun, reasons: Iterable[str]) -> None:
        self.details = {"subject": subject_run.subject.name, "reasons": list(reasons)}
        super().__init__(
            _("%(subject)s cannot be scored: %(reasons)s.")
            % {"subject": subject_run.subject.name, "reasons": "; ".join(self.details["reasons"])}
        )


@dataclass(frozen=True)
class Scored:
    """A score as it is kept, and as the arithmetic reported it."""

    run: ScoreRun
    report: Report


def score(
    *,
    release: Release,
    subject_run: SubjectRun,
    policy: Policy | str = Policy.FAIL,
    by: By | str = By.DIMENSION,
    verdicts_of: str = PEOPLE,
    allow_missing: bool = False,
) -> Scored:
    """Score a run over the items of a release and keep the result.

    What the release froze of the run is scored as frozen; otherwise its replies and verdicts as
    they stand. `verdicts_of` is "people" or the name of a judge. The same input is kept once.
    """
    lines = sorted(replies(release, subject_run, verdicts_of), key=lambda line: line.key)
    try:
        report = reports.score(
            items_of(release),
            [_reply(line) for line in lines],
            by=by,
            policy=policy,
            allow_missing=allow_missing,
            subject=subject_run.subject.name,
            release=str(release),
            sha256=_sha256_of(release, MCQ),
        )
    except NotScored as refusal:
        raise NotScorable(subject_run, refusal.reasons) from refusal
    run, _created = ScoreRun.objects.get_or_create(
        subject_run=subject_run,
        release=release,
        policy=str(report.policy),
        parser=report.parser,
        verdict_source=verdicts_of,
        grouped_by=str(By(by)),
        input_sha256=canonical.sha256("\n".join(line.of("") for line in lines)),
        defaults={"result": report.as_dict()},
    )
    return Scored(run, report)


def runs_over(release: Release) -> list[SubjectRun]:
    """Return the run of each subject that is scored over the release, by subject.

    The one whose replies the release froze; else the latest one made over the release itself.
    """
    runs = SubjectRun.objects.filter(subject__project=release.project)
    runs = runs.select_related("subject", "release__project").order_by("id")
    found = {run.subject.name: run for run in runs.filter(release=release)}
    found |= {run.subject.name: run for run in runs if is_frozen(release, run)}
    return [found[name] for name in sorted(found)]


def is_frozen(release: Release, run: SubjectRun) -> bool:
    """Say whether the release holds the replies of this very run."""
    identity = {"release": str(run.release), "number": run.number}
    subjects = json.loads(release.manifest).get("subjects", [])
    return any((s["name"], s["run"]) == (run.subject.name, identity) for s in subjects)


def judges_over(release: Release) -> list[str]:
    """Return the names of the judges with a verdict on what is scored over the release."""
    judged = Verdict.objects.filter(
        source=Verdict.Source.JUDGE, answer__subject_run__in=runs_over(release)
    )
    return sorted(set(judged.values_list("judge_name", flat=True)))


def items_of(release: Release) -> list[ReleaseItem]:
    """Return the items of a release as the scorer takes them."""
    lines = release.rows.filter(file=MCQ).values_list("line", flat=True)
    return [release_item(json.loads(line)) for line in lines.order_by("position")]


def replies(release: Release, run: SubjectRun, verdicts_of: str = PEOPLE) -> list[Line]:
    """Return the replies of a run to the items of a release, with the verdicts asked for."""
    if verdicts_of == PEOPLE and is_frozen(release, run):
        file = answers_file(run.subject.name)
        return [line_of(row) for row in release.rows.filter(file=file)]
    mcq = {row.item_id: line_of(row) for row in release.rows.filter(file=MCQ)}
    return list(replies_of(run, mcq, _verdicts(run, verdicts_of)))


def _verdicts(run: SubjectRun, name: str) -> dict[int, Verdict]:
    if name == PEOPLE:
        return settled_on(run)
    judged = Verdict.objects.standing().by_judge(name).filter(answer__subject_run=run)
    return {verdict.answer_id: verdict for verdict in judged}


def _reply(line: Line) -> Reply:
    row = json.loads(line.of(""))
    form = Form(row["form"])
    verdict, kind = meaning_of(row["verdict"]) if row["verdict"] else (None, None)
    return Reply(
        item_id=row["item_id"],
        form=form,
        reply=row["reply"],
        ordering=tuple(row["ordering"]),
        sample=row["sample"],
        verdict=verdict,
        kind=kind,
        judge=row["judge"]["name"],
        # Only an outcome that was read elsewhere has no ordering.
        recorded=json.loads(row["reply"]) if form is Form.CHOICE and not row["ordering"] else None,
        options_sha256=row["options_sha256"],
        place=line.key,
    )


def _sha256_of(release: Release, name: str) -> str:
    files = json.loads(release.manifest).get("files", [])
    return next((str(file["sha256"]) for file in files if file["name"] == name), "")
