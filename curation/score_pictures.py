"""Scores as pages show them: each subject with its groups under the names people know."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from curation.models import Language, Project, Release, RiskTag, ScoreRun
from curation.scores import runs_over
from scoring.reports import By


@dataclass(frozen=True)
class SubjectScore:
    """One subject's newest score; `run` is None until it is scored as asked."""

    name: str
    model: str
    run: ScoreRun | None
    groups: list[dict[str, Any]]

    @property
    def overall(self) -> Mapping[str, Any]:
        return self.run.result["overall"] if self.run else {}


def subject_scores(
    release: Release, *, policy: str, by: str, verdicts_of: str
) -> list[SubjectScore]:
    """Return every subject that answered the release, by name."""
    kept = ScoreRun.objects.filter(release=release).named(
        policy=policy, by=by, verdicts_of=verdicts_of
    )
    runs = {
        run.subject_run_id: run
        for run in kept.filter(subject_run__in=runs_over(release))
        .newest()
        .select_related("subject_run__release__project", "subject_run__subject")
    }
    names = group_names(release.project, By(by))
    return [
        SubjectScore(
            over.subject.name,
            over.subject.model,
            runs.get(over.pk),
            _groups(runs.get(over.pk), names),
        )
        for over in runs_over(release)
    ]


def group_names(project: Project, by: By) -> dict[str, str]:
    """Return what the codes of groups are called in the reader's language."""
    if by is By.LANGUAGE:
        return {code: str(label) for code, label in Language.choices}
    tags = RiskTag.objects.filter(version=project.taxonomy_id)
    name = "name_zh" if (get_language() or "").startswith("zh") else "name_en"
    return dict(tags.values_list("code", name))


def _groups(run: ScoreRun | None, names: Mapping[str, str]) -> list[dict[str, Any]]:
    if run is None:
        return []
    groups = [{**g, "label": names.get(g["name"], g["name"])} for g in run.result["groups"]]
    return [{**run.result["overall"], "name": "", "label": _("All items")}, *groups]
