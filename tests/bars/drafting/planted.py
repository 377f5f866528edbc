"""Guards taken away, to show that a bar of drafting would see it: what stands in their place."""

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import httpx2
from django.db.models import Q
from django.db.models.functions import Now

from curation import hints
from curation.drafting import calls, reading, wire
from curation.models import Budget, Call, Endpoint

NO_CAP = 10**12  # bytes
SOON = 2 / 30  # seconds of the first wait before a call is tried again
_patient = calls.give_back_lost
_once = hints._send
# A claim that only looks at the calls.
LOOKED_AT = re.sub(
    r"SET status = 'leased'.*?FROM", "SET tries = c.tries FROM", calls.CLAIM, flags=re.DOTALL
)


def sdk_defaults(client: Any, request: Any) -> Any:
    """Ask with the retries of the SDK, as it comes."""
    sdk = client._sdk.with_options(max_retries=2)
    raw = sdk.chat.completions.with_raw_response.create(
        model=request.model,
        messages=request.messages,
        extra_body=request.fields,
        extra_headers={"Idempotency-Key": request.key},
    )
    return raw.http_response


def following_client(key: str) -> httpx2.Client:
    """Return a client that goes wherever it is sent."""
    return httpx2.Client(
        transport=wire._Transport(key),
        timeout=httpx2.Timeout(wire.READ_SECONDS),
        follow_redirects=True,
    )


def any_nonce(content: str, shape: Any, *, nonce: str) -> Any:
    """Take a reply whatever request it belongs to."""
    try:
        return reading.shaped(content, shape, nonce=nonce)
    except reading.Unusable as reason:
        if str(reason) != "wrong_nonce":
            raise
        return reading.shaped(content, shape, nonce="0123456789ab")


def never_told(headers: Any) -> None:
    """Hear no Retry-After."""


def forgetful(which: Any = None) -> int:
    """Give calls of lost workers back, and forget that they were asked."""
    lost = Call.objects.filter(which or Q(), status="leased", lease_expires_at__lt=Now())
    return lost.update(status="planned", lease_expires_at=None, reserved=0)


def impatient(which: Any = None) -> int:
    """Take calls from workers that live."""
    long_ago = Now() - timedelta(hours=1)
    leased = Call.objects.filter(which or Q(), status="leased")
    leased.update(lease_expires_at=long_ago)
    return _patient(which)


def five_times(task_name: str, ids: dict[str, int]) -> None:
    """Send each hint as often as a poor broker may deliver it."""
    for _copy in range(5):
        _once(task_name, ids)


@contextmanager
def never_alone(run_id: int) -> Iterator[bool]:
    """Let any number of workers work on a run."""
    yield True


def reckless(project_id: int, wanted: Sequence[int | None]) -> int:
    """Look what is left, and write it down a little later."""
    budget = Budget.objects.filter(project_id=project_id).get()
    time.sleep(0.03)
    fitting, held, left = 0, 0, budget.cap - budget.spent - budget.reserved
    for amount in wanted:
        if amount is None or held + amount > left:
            break
        fitting, held = fitting + 1, held + amount
    Budget.objects.filter(pk=budget.pk).update(reserved=budget.reserved + held)
    return fitting


def no_rest(endpoint: Endpoint, seconds: float) -> None:
    """Let a lane go on that was told to wait."""


def long_ago(endpoint: Endpoint, now: datetime) -> datetime:
    """Let the next call begin whenever it likes, whatever the rate is."""
    return now - timedelta(hours=1)
