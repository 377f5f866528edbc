"""From saved replies to what they change: drafts and their options or tags, answers, picks.

Reading costs nothing and may be repeated: whatever was applied before is not applied again.
"""

import logging
from collections.abc import Iterable, Sequence

from django.db import InterfaceError, OperationalError, transaction

from curation.drafting import asking, checking, completing, moving, recording, suspecting, turns
from curation.drafting.purposes import WORKS
from curation.drafting.reading import PARSER, Reading
from curation.drafting.replies import REPLIES, Outcome
from curation.drafting.turns import DECLINED, Next
from curation.models import Attempt, Call, Draft, Item, Purpose

logger = logging.getLogger(__name__)

Status = Call.Status
OPEN_TO_DRAFTS = (Item.Status.NEW, Item.Status.DRAFTED)


def read(call_ids: Sequence[int]) -> bool:
    """Read the saved replies of calls, those that still wait to be read.

    Say whether that leaves something to be asked at once: another turn, or the check of a pair.
    """
    try:
        return _read(call_ids)
    except (OperationalError, InterfaceError):
        raise  # the database's trouble, not a reply's: the sweep reads it again
    except Exception as error:  # a reply that breaks us must not be read for ever
        if len(call_ids) > 1:
            return sum(read([call_id]) for call_id in call_ids) > 0  # each of them
        logger.exception("The reply of call %s could not be read", call_ids)
        _give_up(call_ids, f"fault: {type(error).__name__}")
        return False


def apply_left_over(drafts: Iterable[Draft]) -> int:
    """Propose what drafts hold that came too late before; return how many could be."""
    wanted = list(drafts)
    return len(wanted) - len(_applied(wanted))


@transaction.atomic
def _give_up(call_ids: Sequence[int], problem: str) -> None:
    calls = _waiting(call_ids)
    moving.move([(call, Next(Status.UNUSABLE, fields={"problem": problem})) for call in calls])
    completing.settle(call.item_id for call in calls)


@transaction.atomic
def _read(call_ids: Sequence[int]) -> bool:
    calls = _waiting(call_ids)
    attempts = _replies(calls)
    drafting = [call for call in calls if call.purpose in WORKS]
    # Calls of one item are read one after the other, so that the last one sees the others.
    items = locked_items(call.item_id for call in drafting)
    for call in drafting:
        call.item = items[call.item_id]
    steps, problems = drafted(drafting, attempts)
    for call in calls:
        if call.purpose not in WORKS:
            attempt = attempts[call.pk]
            status, problem = recording.record(call, attempt, Outcome(attempt.outcome) in DECLINED)
            steps.append((call, Next(status, fields={"problem": problem})))
    for place, (call, step) in enumerate(steps):
        if problem := problems.get(call.pk, ""):
            status = Status.UNUSABLE if problem == "same_text" else step.status
            steps[place] = (call, Next(status, fields={"problem": problem}))
    moving.move(steps)
    completing.settle(call.item_id for call in drafting)
    followed = checking.follow(drafting)
    return followed or any(step.status == Status.PLANNED and not step.wait for _call, step in steps)


def _waiting(call_ids: Iterable[int]) -> list[Call]:
    calls = Call.objects.select_for_update(of=("self",)).select_related("endpoint")
    return list(calls.filter(pk__in=call_ids, status=Status.RESPONDED).order_by("pk"))


def _replies(calls: Iterable[Call]) -> dict[int, Attempt]:
    """Return the reply of each call that is to be read: of several the one that was saved first."""
    found = Attempt.objects.filter(call__in=calls, outcome__in=REPLIES, drafts=None).defer("raw")
    first = found.order_by("call_id", "number").distinct("call_id")
    return {attempt.call_id: attempt for attempt in first}


def locked_items(item_ids: Iterable[int]) -> dict[int, Item]:
    items = Item.objects.select_for_update(of=("self",), no_key=True).select_related("project")
    return {item.pk: item for item in items.filter(pk__in=set(item_ids)).order_by("pk")}


def drafted(
    calls: Sequence[Call], attempts: dict[int, Attempt]
) -> tuple[list[tuple[Call, Next]], dict[int, str]]:
    """Return where each call goes, and the problems of those whose drafts could not be applied.

    Tags come first: what they say of an item may withhold a draft of its negative option.
    """
    steps: list[tuple[Call, Next]] = []
    problems: dict[int, str] = {}
    tagging = [call for call in calls if call.purpose == Purpose.TAGS]
    for mine in (tagging, [call for call in calls if call.purpose != Purpose.TAGS]):
        asking.prepare(mine)
        found, drafts = _drafts(mine, attempts)
        steps += found
        problems |= _applied(drafts)
    return steps, problems


def _drafts(
    calls: Sequence[Call], attempts: dict[int, Attempt]
) -> tuple[list[tuple[Call, Next]], list[Draft]]:
    """Return where each call goes, and the drafts of those that do not go round again."""
    steps: list[tuple[Call, Next]] = []
    made: list[Draft] = []
    for call in calls:
        attempts[call.pk].call = call
    suspected = suspecting.in_replies(calls, attempts)
    readings = [
        Reading(reason="suspected") if call.pk in suspected else _reading(call, attempts[call.pk])
        for call in calls
    ]
    read = list(zip(calls, readings, strict=True))
    suspecting.in_tags(read)
    for call, reading in read:
        attempt = attempts[call.pk]
        made.append(_draft(call, attempt, reading))
        again = turns.after_reading(call, attempt, reading)
        steps.append((call, again or _end(attempt, reading)))
    Draft.objects.bulk_create(made)
    return steps, [draft for draft in made if draft.parsed is not None]


def _end(attempt: Attempt, reading: Reading) -> Next:
    if Outcome(attempt.outcome) in DECLINED:
        status = Status.REFUSED
    else:
        status = Status.UNUSABLE if reading.reason else Status.DONE
    return Next(status, fields={"problem": reading.reason})


def _reading(call: Call, attempt: Attempt) -> Reading:
    if (outcome := Outcome(attempt.outcome)) in DECLINED:
        return Reading(reason=DECLINED[outcome])
    other = attempt.model_returned not in ("", call.model)
    if other and call.endpoint.holds_other_models:
        return Reading(reason="other_model", flags=["other_model"])
    reading = WORKS[call.purpose].read(call, attempt)
    flags = reading.flags + (["other_model"] if other else [])
    cut = outcome == Outcome.TRUNCATED and reading.reason
    return Reading(reading.value, "truncated" if cut else reading.reason, flags)


def _draft(call: Call, attempt: Attempt, reading: Reading) -> Draft:
    return Draft(
        item=call.item,
        attempt=attempt,
        purpose=call.purpose,
        parser=PARSER,
        parsed=reading.value,
        unusable_reason=reading.reason,
        flags=reading.flags,
    )


def _applied(drafts: Sequence[Draft]) -> dict[int, str]:
    """Apply what the drafts hold; return the problems, by call."""
    problems = {
        draft.attempt.call_id: "too_late"
        for draft in drafts
        if draft.item.status not in OPEN_TO_DRAFTS and WORKS[draft.purpose].before_review
    }
    in_time = [draft for draft in drafts if draft.attempt.call_id not in problems]
    for purpose in sorted({draft.purpose for draft in in_time}):
        mine = [draft for draft in in_time if draft.purpose == purpose]
        found = WORKS[purpose].apply(mine)
        problems |= {d.attempt.call_id: found[d.pk] for d in mine if d.pk in found}
    return problems
