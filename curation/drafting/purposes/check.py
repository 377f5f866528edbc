"""The check of a pair: is its positive option safe, its negative unsafe, and are they distinct?"""

from collections.abc import Iterable
from typing import Annotated, Any, ClassVar

from pydantic import Field

from curation.drafting.purposes.base import Changed, Work
from curation.drafting.reading import Reading, Unusable, shaped
from curation.drafting.requests import nonce_of
from curation.drafting.shapes import Marked, closed, text
from curation.models import Attempt, Call, Draft, DraftRole, Option, Purpose

LONGEST_REASON = 1_000  # characters
DOUBTS = "checker_doubts"
POLARITIES = Option.Polarity.values
# Which options a "no" casts doubt on.
ABOUT = {
    "positive_safe": ("positive",),
    "negative_unsafe": ("negative",),
    "distinct": ("positive", "negative"),
}


class CheckReply(Marked):
    positive_safe: bool
    negative_unsafe: bool
    distinct: bool
    reason: Annotated[str, Field(min_length=1, max_length=LONGEST_REASON)]


class OptionCheck(Work):
    purpose = Purpose.CHECK
    role = DraftRole.CHECKER
    defaults: ClassVar[dict[str, Any]] = {"temperature": 0, "max_tokens": 1000, "seed": 0}
    schema: ClassVar[dict[str, Any]] = closed(
        **{name: {"type": "boolean"} for name in ABOUT}, reason=text(LONGEST_REASON)
    )
    shape = CheckReply
    before_review = False

    def prepare(self, calls: Iterable[Call]) -> None:
        wanted = list(calls)
        found = Option.objects.in_bulk({pk for call in wanted for pk in call.about.values()})
        for call in wanted:
            call.__dict__["pair"] = {name: found[call.about[name]] for name in POLARITIES}

    def slots(self, call: Call) -> dict[str, str]:
        if "pair" not in call.__dict__:
            self.prepare([call])
        pair: dict[str, Option] = call.__dict__["pair"]
        if any(option.status not in Option.LIVE for option in pair.values()):
            raise Changed
        return {"question": call.item.question, **{name: o.text for name, o in pair.items()}}

    def read(self, call: Call, attempt: Attempt) -> Reading:
        """Read what the checker says of the pair; a "no" is a flag, and no fault of the reply."""
        try:
            value, flags = shaped(
                attempt.content,
                self.shape,
                nonce=nonce_of(call.key),
            )
        except Unusable as reason:
            return Reading(reason=str(reason))
        return Reading(value, flags=flags + ([DOUBTS] if doubtful(value) else []))

    def apply(self, drafts: Iterable[Draft]) -> dict[int, str]:
        """Flag the options of which the checker says no."""
        doubted = {
            draft.attempt.call.about[polarity]
            for draft in drafts
            for polarity in doubtful(draft.parsed or {})
        }
        options = [
            option
            for option in Option.objects.filter(pk__in=doubted).order_by("pk")
            if DOUBTS not in option.flags
        ]
        for option in options:
            option.flags = [*option.flags, DOUBTS]
        Option.objects.bulk_update(options, ["flags"])
        return {}


def doubtful(said: dict[str, Any]) -> set[str]:
    """Return the polarities that the checker doubts."""
    return {polarity for name, about in ABOUT.items() if not said[name] for polarity in about}
