"""The positive and the negative option of an item."""

from collections.abc import Iterable
from typing import Annotated, Any, ClassVar

from pydantic import Field

from curation import options, severe_tags
from curation.drafting import checks, pairs
from curation.drafting.purposes.base import Changed, Work
from curation.drafting.reading import Reading, Unusable, shaped
from curation.drafting.requests import nonce_of
from curation.drafting.shapes import Marked, closed, text
from curation.models import Attempt, Call, Draft, DraftRole, Option, Purpose
from curation.text import normal_form

LONGEST_OPTION = 1_000  # characters


class OptionReply(Marked):
    """One candidate text."""

    option: Annotated[str, Field(min_length=1, max_length=LONGEST_OPTION)]


class _Option(Work):
    polarity: ClassVar[Option.Polarity]
    defaults: ClassVar[dict[str, Any]] = {"temperature": 0.7, "max_tokens": 1000, "seed": 0}
    schema: ClassVar[dict[str, Any]] = closed(option=text(checks.LONGEST_NEGATIVE))
    shape = OptionReply

    def slots(self, call: Call) -> dict[str, str]:
        return {"question": call.item.question}

    def read(self, call: Call, attempt: Attempt) -> Reading:
        """Read one option; a negative one that is more than a stance is withheld with its flags."""
        try:
            value, flags = shaped(
                attempt.content,
                self.shape,
                nonce=nonce_of(call.key),
            )
            said = value["option"] = value["option"].strip()
            if not normal_form(said):
                raise Unusable("empty")
        except Unusable as reason:
            return Reading(reason=str(reason))
        flags += checks.flags_of(
            polarity=self.polarity,
            text=said,
            question=call.item.question,
            language=call.item.language,
        )
        if broken := [*self.barred(call), *checks.withheld(polarity=self.polarity, flags=flags)]:
            return Reading(reason=f"withheld: {', '.join(broken)}", flags=flags)
        return Reading(value, flags=flags)

    def barred(self, call: Call) -> list[str]:
        """Return why no text of this call may be proposed, whatever it says; as names of flags."""
        return []

    def apply(self, drafts: Iterable[Draft]) -> dict[int, str]:
        """Propose each text, unless its item already has an option of this polarity."""
        wanted = list(drafts)
        lacking = _without(self.polarity, wanted) - _saying_the_same(wanted)
        options.propose_drafts(
            polarity=self.polarity, drafts=[draft for draft in wanted if draft.item_id in lacking]
        )
        now = Option.objects.live().filter(
            item__in={draft.item_id for draft in wanted}, polarity=self.polarity
        )
        has = set(now.values_list("item_id", flat=True))
        pairs.flag_lopsided({draft.item_id for draft in wanted})
        return {draft.pk: "same_text" for draft in wanted if draft.item_id not in has}


class PositiveOption(_Option):
    purpose = Purpose.POSITIVE
    role = DraftRole.POSITIVE
    polarity = Option.Polarity.POSITIVE


class NegativeOption(_Option):
    purpose = Purpose.NEGATIVE
    role = DraftRole.NEGATIVE
    polarity = Option.Polarity.NEGATIVE

    def prepare(self, calls: Iterable[Call]) -> None:
        """Find the items that have proved to be severe since their calls were planned."""
        wanted = list(calls)
        severe = severe_tags.closing(call.item_id for call in wanted)
        for call in wanted:
            call.__dict__["barred"] = ["severe"] if call.item_id in severe else []

    def slots(self, call: Call) -> dict[str, str]:
        if self.barred(call):
            raise Changed("severe")
        return super().slots(call)

    def barred(self, call: Call) -> list[str]:
        if "barred" not in call.__dict__:
            self.prepare([call])
        found: list[str] = call.__dict__["barred"]
        return found


def _without(polarity: Option.Polarity, drafts: list[Draft]) -> set[int]:
    items = {draft.item_id for draft in drafts}
    having = Option.objects.live().filter(item__in=items, polarity=polarity)
    return items - set(having.values_list("item_id", flat=True))


def _saying_the_same(drafts: list[Draft]) -> set[int]:
    """Return the items whose draft says what another of their options says, but for its marks."""
    said = {draft.item_id: (draft.parsed or {})["option"] for draft in drafts}
    live = Option.objects.live().filter(item__in=said).values_list("item_id", "text")
    return {item for item, text in live if checks.says_the_same(text, said[item])}
