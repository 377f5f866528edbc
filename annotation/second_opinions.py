"""What the option checker said, for the eyes of who has judged the pair already."""

from collections.abc import Sequence

from annotation import undoing
from annotation.models import Judgement
from curation import pair_checks
from curation.pair_checks import PairCheck


def after(judgements: Sequence[Judgement]) -> dict[int, list[PairCheck]]:
    """Return by judgement what was said of the options it was about.

    The judgements are the worker's own. While there is time to take one back nothing is told of
    it, even where others were made since: the worker would judge anew with the checker's words in
    mind, once those are taken back.
    """
    untold = undoing.recent(judgements)
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
