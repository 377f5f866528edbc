"""Freezing gold together with what is known about how it was made."""

from collections import Counter, defaultdict
from collections.abc import Mapping

from django.contrib.auth.models import User
from django.db.models import Count, QuerySet

from annotation.models import Adjudication, Judgement, Matter
from curation import releases
from curation.models import Project, Release
from scoring import agreement
from scoring.wording import Kind, kind_of_item


def freeze(*, project: Project, by: User | None, note: str = "") -> Release:
    """Freeze the project's gold as its next release, with a quality report in the manifest."""
    # One moment for the report and for the rows: a judgement in between would be in only one.
    with releases.one_moment():
        return releases.freeze(
            project=project,
            by=by,
            note=note,
            quality=quality_report(project),
            judgements=judgements_by_item(project),
        )


def quality_report(project: Project) -> dict[str, object]:
    """Count what people did, and how alike they judged answers; nobody is named.

    Controls are left out: they measure people, not the data.
    """
    judgements = _judgements(project)
    settled = Matter.objects.filter(
        campaign__project=project, campaign_item__control=False, status=Matter.Status.SETTLED
    )
    adjudications = Adjudication.objects.filter(matter__in=settled)
    return {
        "judgements": {
            "of_options": judgements.filter(matter__answer=None).count(),
            "of_answers": judgements.exclude(matter__answer=None).count(),
        },
        "people": {
            "workers": judgements.values("worker").distinct().count(),
            "adjudicators": adjudications.values("by").distinct().count(),
        },
        "matters": {"settled": settled.count(), "adjudicated": adjudications.count()},
        "agreement_on_answers": {
            str(kind): _agreement(units) for kind, units in _units(project).items()
        },
    }


def judgements_by_item(project: Project) -> dict[int, int]:
    """Return how many judgements of an item's options stand, by the item's key."""
    reviewed = _judgements(project).filter(matter__answer=None).order_by()
    return dict(reviewed.values_list("matter__item").annotate(Count("pk")))


def _judgements(project: Project) -> QuerySet[Judgement]:
    return Judgement.objects.standing().filter(
        matter__campaign__project=project, matter__campaign_item__control=False
    )


def _units(project: Project) -> dict[Kind, list[list[str]]]:
    """Return what was said of each answer, by kind: kinds are never pooled."""
    said = _judgements(project).exclude(matter__answer=None).exclude(outcome="")
    found: dict[Kind, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for kind, answer, outcome in said.values_list(
        "matter__item__kind", "matter__answer_id", "outcome"
    ):
        found[kind_of_item(kind) or Kind.SAFETY][answer].append(outcome)
    return {kind: list(found[kind].values()) for kind in sorted(found)}


def _agreement(units: list[list[str]]) -> Mapping[str, object]:
    """Return alpha and the share of equal pairs, as decimals in text: no float in a manifest."""
    alpha, percent = agreement.alpha(units), agreement.percent(units)
    return {
        "alpha": _decimal(alpha.value),
        "alpha_undefined": alpha.reason or "",
        "equal_pairs": _decimal(percent.value),
        "answers": alpha.units,
        "judgements": alpha.judgements,
        "said": dict(sorted(Counter(outcome for unit in units for outcome in unit).items())),
    }


def _decimal(value: float | None) -> str | None:
    return None if value is None else f"{value:.3f}"
