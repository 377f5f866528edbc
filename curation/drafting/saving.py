"""What came back for a call, as the row that keeps it."""

from typing import TYPE_CHECKING, Any

from curation.drafting import turns, usages
from curation.drafting.replies import Reply
from curation.models import Attempt, Call

if TYPE_CHECKING:
    from curation.drafting.calls import Landed


def attempt(one: "Landed", *, call: Call, number: int, amount: int | None) -> Attempt:
    """Return the row for one HTTP try, with the bytes as they came."""
    result = one.result
    values: dict[str, Any] = {
        "outcome": result.outcome,
        "http_status": result.http_status,
        "request_id": result.request_id,
        "input_tokens": result.usage.input_tokens,
        "output_tokens": result.usage.output_tokens,
        "cost": amount,
        "milliseconds": result.milliseconds,
        "raw": result.raw,
        "notice": result.notice,
        "flags": usages.flags(one.claimed.request, result),
        "started_at": one.started_at,
    }
    if isinstance(result, Reply):
        values |= {
            "model_returned": result.model,
            "fingerprint": result.fingerprint,
            "finish_reason": result.finish_reason,
            "content": result.content,
        }
    else:
        values["problem"] = result.problem
    return Attempt(
        call=call,
        number=number,
        turn=turns.turn_of(one.claimed.call, number=number),
        structured=one.claimed.request.structured,
        **values,
    )
