"""From a saved reply to what it changes: a draft and its option or tags, an answer, a pick.

Reading costs nothing and may be repeated: whatever was applied before is not applied again.
"""

import logging
from collections.abc import Iterable

from django.db import InterfaceError, OperationalError, transaction

from curation import items, options
from curation.drafting import parsing, recording
from curation.drafting.parsing import POLARITIES, Reading
from curation.drafting.replies import Outcome
from curation.models import Attempt, Call, Draft, Item, ItemTag, Option, Purpose
from curation.refusals import Refused

logger = logging.getLogger(__name__)

Status = Call.Status
DRAFTING = (Purpose.POSITIVE, Purpose.NEGATIVE, Purpose.TAGS)
OPEN_TO_DRAFTS = (Item.Status.NEW, Item.Status.DRAFTED)
# Outcomes of an attempt that brought something to read.
REPLIES = (Outcome.REPLIED, Outcome.REFUSED, Outcome.FILTERED, Outcome.TRUNCATED)
DECLINED = {Outcome.REFUSED: "refused", Outcome.FILTERED: "filtered"}


def read(call_id: int) -> None:
    """Read the saved reply of a call, if it still waits to be read."""
    try:
        _read(call_id)
    except (OperationalError, InterfaceError):
        raise  # the database's trouble, not the reply's: the sweep reads it again
    except Exception as error:  # a reply that breaks us must not be read for ever
        logger.exception("The reply of call %s could not be read", call_id)
        _give_up(call_id, f"fault: {type(error).__name__}")


@transaction.atomic
def _give_up(call_id: int, problem: str) -> None:
    call = Call.objects.select_for_update().get(pk=call_id)
    if call.status == Status.RESPONDED:
        _end(call, Status.UNUSABLE, problem)
        settle_item(call.item_id)


@transaction.atomic
def _read(call_id: int) -> None:
    calls = Call.objects.select_for_update(of=("self",)).select_related("endpoint")
    call = calls.filter(pk=call_id, status=Status.RESPONDED).first()
    if call is None:
        return
    attempt = call.attempts.filter(outcome__in=REPLIES).latest("number")
    if call.purpose in DRAFTING:
        # Calls of one item are read one after the other, so that the last one sees the others.
        item = Item.objects.select_for_update(of=("self",), no_key=True).get(pk=call.item_id)
        _end(call, *_draft(call, attempt, item))
        _settle(item)
    else:
        _end(call, *recording.record(call, attempt, Outcome(attempt.outcome) in DECLINED))


def settle_item(item_id: int) -> None:
    """Move an item on if nothing more is to come for it."""
    _settle(Item.objects.select_for_update(of=("self",), no_key=True).get(pk=item_id))


def apply_left_over(drafts: Iterable[Draft]) -> int:
    """Propose what drafts hold that came too late before; return how many could be."""
    return sum(not _apply(draft, draft.item) for draft in drafts)


def _end(call: Call, status: Status, problem: str) -> None:
    Call.objects.filter(pk=call.pk).update(status=status, problem=problem)


def _draft(call: Call, attempt: Attempt, item: Item) -> tuple[Status, str]:
    reading = _reading(call, attempt, item)
    draft = Draft.objects.create(
        item=item,
        attempt=attempt,
        purpose=call.purpose,
        parser=parsing.PARSER,
        parsed=reading.value,
        unusable_reason=reading.reason,
        flags=reading.flags,
    )
    if Outcome(attempt.outcome) in DECLINED:
        return Status.REFUSED, reading.reason
    problem = reading.reason or _apply(draft, item)
    usable = not reading.reason and problem != "same_text"
    return Status.DONE if usable else Status.UNUSABLE, problem


def _reading(call: Call, attempt: Attempt, item: Item) -> Reading:
    if Outcome(attempt.outcome) in DECLINED:
        return Reading(reason=DECLINED[Outcome(attempt.outcome)])
    structured = call.endpoint.structured
    if call.purpose == Purpose.TAGS:
        codes = set(item.project.taxonomy.tags.values_list("code", flat=True))
        reading = parsing.read_tags(attempt.content, codes=codes, structured=structured)
    else:
        reading = parsing.read_option(
            attempt.content,
            polarity=POLARITIES[Purpose(call.purpose)],
            question=item.question,
            structured=structured,
        )
    cut = attempt.outcome == Outcome.TRUNCATED and reading.reason
    return Reading(reason="truncated", flags=reading.flags) if cut else reading


def _apply(draft: Draft, item: Item) -> str:
    """Put what the draft proposes on the item; return the problem if that cannot be."""
    if item.status not in OPEN_TO_DRAFTS:
        return "too_late"
    if draft.purpose == Purpose.TAGS:
        _tag(draft, item)
        return ""
    polarity = POLARITIES[Purpose(draft.purpose)]
    if item.options.live().filter(polarity=polarity).exists():
        return ""
    assert draft.parsed is not None  # noqa: S101 - a draft without a reason has a value
    try:
        options.propose(
            item=item,
            polarity=polarity,
            text=draft.parsed["option"],
            origin=Option.Origin.MODEL,
            author_ref=f"endpoint:{draft.attempt.call.endpoint.name}",
            draft=draft,
            flags=draft.flags,
        )
    except Refused:
        return "same_text"
    return ""


def _tag(draft: Draft, item: Item) -> None:
    assert draft.parsed is not None  # noqa: S101 - as above
    known = {tag.code: tag for tag in item.project.taxonomy.tags.all()}
    proposed = [tag for tag in draft.parsed["tags"] if tag["code"] in known]
    for tag in proposed:
        ItemTag.objects.update_or_create(
            item=item,
            tag=known[tag["code"]],
            origin=ItemTag.Origin.MODEL,
            defaults={
                "score": tag["score"],
                "explanation": tag["explanation"],
                "draft": draft,
            },
        )
    if proposed and item.main_tag_id is None:
        best = max(proposed, key=lambda tag: tag["score"])
        item.main_tag = known[best["code"]]
        item.save(update_fields=["main_tag"])


def _settle(item: Item) -> None:
    """Move a new item to drafted once it has both polarities or nothing more will come.

    A call that failed may be tried again, so it keeps the item waiting; one that the endpoint
    does not take at all leaves the item to people, as an unusable reply does.
    """
    if item.status != Item.Status.NEW:
        return
    waiting = Call.objects.filter(item=item, purpose__in=POLARITIES).exclude(
        status__in=(Status.DONE, Status.REFUSED, Status.UNUSABLE)
    )
    hopeless = waiting.filter(status=Status.FAILED, attempts__outcome=Outcome.REJECTED)
    live = set(item.options.live().values_list("polarity", flat=True))
    both = live == set(Option.Polarity.values)
    if both or not waiting.exclude(pk__in=hopeless.values("pk")).exists():
        items.move(item=item, to=Item.Status.DRAFTED)
