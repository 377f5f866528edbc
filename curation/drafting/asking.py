"""What a call asks, put together when it is sent."""

from collections.abc import Iterable

from curation.drafting import prompts, requests
from curation.drafting.purposes import WORKS
from curation.drafting.purposes.base import Changed
from curation.models import Attempt, Call, Endpoint, Item


def prepare(calls: Iterable[Call]) -> None:
    """Look up at once what asking or reading these calls needs; their items are loaded."""
    by_purpose: dict[str, list[Call]] = {}
    for call in calls:
        by_purpose.setdefault(call.purpose, []).append(call)
    for purpose, mine in by_purpose.items():
        if purpose in WORKS:
            WORKS[purpose].prepare(mine)


def built(call: Call, endpoint: Endpoint, *, said: str = "") -> requests.Request:
    """Return the request of a call; `said` is its last reply, for a turn that repairs it.

    Raises Changed where the filled prompt is another one than was planned, or the item is locked:
    nothing of such an item is sent, whatever the call is for. Many calls are built
    with fewer queries after `prepare`.
    """
    if call.item.status == Item.Status.LOCKED:
        raise Changed("locked")
    work = WORKS.get(call.purpose)
    schema = work.schema_of(call) if work else None
    messages = _messages(call)
    if call.fault and schema:
        messages = requests.repairing(
            messages, purpose=call.purpose, said=said, fault=call.fault, schema=schema
        )
    return requests.assemble(
        key=call.key,
        purpose=call.purpose,
        messages=messages,
        parameters=call.parameters,
        model=call.model,
        endpoint=endpoint,
        schema=schema,
        structured=call.structured,
        max_tokens=call.max_tokens,
    )


def last_said(calls: Iterable[Call]) -> dict[int, str]:
    """Return the last reply of each call that is to be repaired."""
    wanting = [call.pk for call in calls if call.fault]
    if not wanting:
        return {}
    latest = Attempt.objects.filter(call__in=wanting).order_by("call_id", "-number")
    return dict(latest.distinct("call_id").values_list("call_id", "content"))


def key_of(call: Call, prompt_hash: str) -> str:
    """Return the key of a call that asks this."""
    return requests.key(
        endpoint_id=call.endpoint_id,
        model=call.model,
        purpose=call.purpose,
        target=call.target,
        prompt_hash=prompt_hash,
        parameters_hash=requests.digest(call.parameters),
        sample=call.sample,
    )


def _messages(call: Call) -> prompts.Messages:
    if call.messages is not None:
        # A subject's open question is sent bare: it is no template of ours.
        return requests.with_nonce(call.messages, call.key) if call.prompt_id else call.messages
    assert call.prompt is not None  # noqa: S101 - a constraint of the table
    slots = WORKS[call.purpose].slots(call)
    if key_of(call, requests.filled_hash(call.prompt.checksum, slots)) != call.key:
        raise Changed
    return requests.with_nonce(prompts.pinned(call.prompt).fill(**slots), call.key)
