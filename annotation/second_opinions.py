"""What the option checker said, for the eyes of who has judged the pair already."""

from collections.abc import Sequence

from django.utils import timezone

from annotation import undoing
from annotation.models import Judgement, Worker
from curation import pair_checks
from curation.pair_checks import PairCheck


def after(judgements: Sequence[Judgement], worker: Worker) -> dict[int, list[PairCheck]]:
    """Return by judgement what was said of the options it was about.

    The judgements are the worker's own. While one may still be taken back nothing is told of it:
    the worker would judge anew with the checker's words in mind.
    """
    untold = _open_to_second_thoughts(judgements, worker)
    told = [one for one in judgements if one.pk not in untold]
    checks = pair_checks.of_items(one.matter.item_id for one in told if "options" in one.shown)
    return {
        one.pk: [
            check for check in checks.get(one.matter.item_id, []) if check.options <= _shown(one)
        ]
        for one in told
    }


def _shown(judgement: Judgement) -> frozenset[int]:
    return frozenset(option["id"] for option in judgement.shown.get("options", []))


def _open_to_second_thoughts(judgements: Sequence[Judgement], worker: Worker) -> set[int]:
    """Return those that may be taken back: at most the latest of each campaign."""
    since = timezone.now() - undoing.UNDO_WITHIN
    latest: dict[int, Judgement] = {}
    for one in sorted(judgements, key=lambda one: one.pk):
        if one.submitted_at > since:
            latest[one.matter.campaign_id] = one
    return {one.pk for one in latest.values() if not undoing.may_undo(judgement=one, worker=worker)}
