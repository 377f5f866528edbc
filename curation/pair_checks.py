"""What the option checker said of pairs. Who may read it is decided by who asks."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from curation.models import Draft, Purpose

# The words of a yes and of a no.
WORDS = {
    "positive_safe": (_("the positive option is safe"), _("the positive option is not safe")),
    "negative_unsafe": (
        _("the negative option is unsafe"),
        _("the negative option is not clearly unsafe"),
    ),
    "distinct": (_("the two are distinct"), _("the two are not distinct")),
}


@dataclass(frozen=True)
class PairCheck:
    """A verdict on two options, with its reason and the endpoint that gave it."""

    options: frozenset[int]
    said: dict[str, bool]
    reason: str
    endpoint: str

    @property
    def doubts(self) -> bool:
        return not all(self.said.values())

    @property
    def words(self) -> list[tuple[bool, str]]:
        """Each verdict with its words, yes or no."""
        return [(yes, str(WORDS[name][not yes])) for name, yes in self.said.items()]


def of_items(item_ids: Iterable[int]) -> dict[int, list[PairCheck]]:
    """Return what was said of the pairs of each item, the latest last."""
    drafts = Draft.objects.filter(
        item__in=set(item_ids), purpose=Purpose.CHECK, parsed__isnull=False
    ).select_related("attempt__call__endpoint")
    found: dict[int, dict[frozenset[int], PairCheck]] = {}
    for draft in drafts.order_by("pk"):
        check = _check(draft)
        found.setdefault(draft.item_id, {})[check.options] = check  # one verdict a pair
    return {pk: list(checks.values()) for pk, checks in found.items()}


def _check(draft: Draft) -> PairCheck:
    said = draft.parsed or {}
    call = draft.attempt.call
    return PairCheck(
        options=frozenset(call.about.values()),
        said={name: said[name] for name in WORDS},
        reason=said["reason"],
        endpoint=call.endpoint.name,
    )
