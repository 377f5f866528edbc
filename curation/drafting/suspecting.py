"""Replies that may hold sexual content about children: kept, proposed nowhere, the item locked."""

import json
from collections.abc import Iterable, Mapping

from curation import escalations, known_tags, suspicion
from curation.drafting.reading import Reading
from curation.models import Attempt, Call, Escalation, Item, Purpose

Found = Escalation.Found


def in_replies(calls: Iterable[Call], attempts: Mapping[int, Attempt]) -> set[int]:
    """Lock the items of which a reply says something suspected; return the calls of those replies.

    A refusal that names such content tells of the question. The items are locked for us.
    """
    found = [
        call for call in calls if _is_watched(call) and _is_suspected(attempts[call.pk].content)
    ]
    cleared = escalations.cleared(call.item_id for call in found) if found else set()
    found = [call for call in found if call.item_id not in cleared]
    _lock(found, Found.DRAFT)
    return {call.pk for call in found}


def in_tags(read: Iterable[tuple[Call, Reading]]) -> None:
    """Lock the items to which a tagger gives the taxonomy's own tag for such content."""
    found = []
    for call, reading in read:
        if call.purpose == Purpose.TAGS and reading.value:
            codes = {tag["code"] for tag in reading.value["tags"]}
            tags = known_tags.of_version(call.about["taxonomy"])
            if suspicion.in_tags(tag for tag in tags if tag.code in codes):
                found.append(call)
    _lock(found, Found.TAG)


def _lock(calls: list[Call], found: Escalation.Found) -> None:
    if not calls:
        return
    locked = set(escalations.lock([call.item_id for call in calls], found=found))
    for call in calls:
        if call.item_id in locked:
            call.item.status = Item.Status.LOCKED  # other drafts for it come too late


def _is_watched(call: Call) -> bool:
    """Say whether it matters: gold was read by people, but what is asked anew was not."""
    return call.item.status in escalations.LOCKABLE or call.purpose == Purpose.EXPANSION


def _is_suspected(content: str) -> bool:
    """Look at what a reply says, also where it is written in escapes."""
    try:
        content = json.dumps(json.loads(content), ensure_ascii=False)
    except (ValueError, RecursionError):
        pass
    return suspicion.in_text(content)
