"""Prices as people write them, and as they are kept: whole micro-units of the currency."""

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from curation import audit, hints
from curation.models import Endpoint, Price, Run
from curation.refusals import Refused

MICRO = 1_000_000
HIGHEST = 100_000  # of the currency, for a million tokens or as a cap


def micro(amount: Decimal) -> int:
    """Return the amount in micro-units; ValueError for one that is negative, huge or finer."""
    if not amount.is_finite() or not 0 <= amount <= HIGHEST * MICRO:
        raise ValueError("out of range")
    scaled = amount * MICRO
    if scaled != scaled.to_integral_value():
        raise ValueError("finer than a millionth")
    return int(scaled)


def decimal(amount: int | None) -> Decimal | None:
    """Return micro-units as a person writes the amount."""
    return None if amount is None else (Decimal(amount) / MICRO).normalize() + 0


@dataclass(frozen=True)
class Amounts:
    """Micro-units for a million tokens: of input, of output, and of input that was cached."""

    input_price: int
    output_price: int
    cached_price: int | None = None


def amounts(
    input_price: Decimal | None, output_price: Decimal | None, cached_price: Decimal | None = None
) -> Amounts | None:
    """Return what a person wrote: input and output, or nothing at all."""
    if input_price is None and output_price is None and cached_price is None:
        return None
    if input_price is None or output_price is None:
        missing = "input_price" if input_price is None else "output_price"
        raise Refused(_("Give both prices, or neither."), field=missing)
    if cached_price is not None and cached_price > input_price:
        # What is held for a call before it is made counts no cache.
        raise Refused(_("Input from the cache cannot cost more."), field="cached_price")
    cached = None if cached_price is None else micro(cached_price)
    return Amounts(micro(input_price), micro(output_price), cached)


@transaction.atomic
def say(*, endpoint: Endpoint, since: date | None, costs: Amounts, by: User | None) -> bool:
    """Let these prices hold from the day (today if none is given); say whether that is news.

    What was said before stays in the table: calls were paid by it.
    """
    day = since or timezone.localdate()
    before = endpoint.prices.on(day).first()
    if before is not None and _same(before, costs) and (since is None or before.since == day):
        return False
    Price.objects.create(endpoint=endpoint, since=day, **asdict(costs))
    endpoint.__dict__.pop("price", None)
    audit.record(
        project=endpoint.project,
        by=audit.ref(by),
        action="endpoint.price",
        subject=f"endpoint:{endpoint.name}",
        since=day.isoformat(),
        **{name: value for name, value in asdict(costs).items() if value is not None},
    )
    for run in Run.objects.filter(project=endpoint.project, status=Run.Status.RUNNING):
        hints.publish("curation.tasks.work", run_id=run.pk)
    return True


def _same(price: Price, costs: Amounts) -> bool:
    return all(getattr(price, name) == value for name, value in asdict(costs).items())
