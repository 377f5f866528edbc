"""Money: what a call may cost at worst, what it did cost, and the cap a project sets.

Amounts are whole micro-units of the currency, always rounded up. Prices are micro-units for a
million tokens.
"""

import logging
from collections.abc import Iterable, Sequence

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import F, Sum
from django.utils.translation import gettext as _

from curation import audit, hints
from curation.drafting.replies import Usage
from curation.drafting.requests import Request
from curation.models import Attempt, Budget, Call, Endpoint, Project, Run
from curation.refusals import Refused

logger = logging.getLogger(__name__)

A_MILLION = 1_000_000
LOCKS = 7_203  # our corner of PostgreSQL's advisory locks: a project without a budget
LARGEST_CAP = 10**15  # a thousand million of the currency


def cost(
    endpoint: Endpoint, *, input_tokens: int, output_tokens: int, cached_tokens: int = 0
) -> int | None:
    """Return what so many tokens cost today, or None when no price is known.

    Cached tokens are a part of those that go in.
    """
    price = endpoint.price
    if price is None:
        return None
    cached_price = price.input_price if price.cached_price is None else price.cached_price
    amount = (
        (input_tokens - cached_tokens) * price.input_price
        + cached_tokens * cached_price
        + output_tokens * price.output_price
    )
    return -(-amount // A_MILLION)


def worst_case(endpoint: Endpoint, request: Request) -> int | None:
    """Return what the call costs at most: a token for each byte sent, and every token allowed."""
    return cost(endpoint, input_tokens=request.size(), output_tokens=request.most_tokens)


def charged(endpoint: Endpoint, usage: Usage, *, at_worst: int | None) -> int | None:
    """Return what a reply cost. Where its usage cannot be believed, the worst case counts."""
    if not usage.input_tokens or usage.output_tokens is None:
        return at_worst
    return cost(
        endpoint,
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cached_tokens=min(usage.cached_tokens, usage.input_tokens),
    )


def check_prices(project: Project, endpoints: Iterable[Endpoint]) -> None:
    """Refuse endpoints that a budget could not guard."""
    if not Budget.objects.filter(project=project).exists():
        return
    for endpoint in endpoints:
        if endpoint.price is None:
            raise Refused(
                _("The price of %(name)s is not known, so the budget cannot guard its calls.")
                % {"name": endpoint.name}
            )


def reserve(project_id: int, wanted: Sequence[int | None]) -> int:
    """Hold the worst cases of calls, in order, and return how many of them fit under the cap.

    Runs in the transaction that leases the calls. Without a budget everything fits; with one, a
    call of unknown price never does, and nothing behind it is taken before it.
    """
    budget = _locked(project_id)
    if budget is None:
        return len(wanted)
    fitting, held, left = 0, 0, budget.left
    for amount in wanted:
        if amount is None or held + amount > left:
            break
        fitting, held = fitting + 1, held + amount
    Budget.objects.filter(pk=budget.pk).update(reserved=F("reserved") + held)
    return fitting


def settle(project_id: int, *, reserved: int, amount: int) -> None:
    """Give reservations back and book what was spent; what does not fit is an overrun."""
    budget = _locked(project_id)
    if budget is None:
        return
    if reserved > budget.reserved:
        logger.error("Project %s gives back more than it holds", project_id)
    budget.reserved = max(0, budget.reserved - reserved)
    within = min(amount, budget.cap - budget.reserved - budget.spent)
    budget.spent += within
    budget.overrun += amount - within
    budget.save(update_fields=["reserved", "spent", "overrun"])


@transaction.atomic
def set_cap(*, project: Project, cap: int | None, by: User | None) -> None:
    """Let the project spend this much in all; None takes the limit away."""
    _alone(project.pk)
    budget = Budget.objects.select_for_update().filter(project=project).first()
    if cap is None:
        if budget is not None:
            budget.delete()
    elif not 0 <= cap <= LARGEST_CAP:
        raise Refused(_("Give an amount from 0."), field="cap")
    else:
        budget = budget or Budget(project=project, spent=spent(project), reserved=_held(project))
        if cap < budget.spent + budget.reserved:
            raise Refused(_("More than that is already spent or reserved."), field="cap")
        budget.cap = cap
        budget.save()
    audit.record(
        project=project,
        by=audit.ref(by),
        action="budget.cap",
        subject=f"project:{project.slug}",
        cap=-1 if cap is None else cap,
    )
    for run in Run.objects.filter(project=project, status=Run.Status.RUNNING):
        hints.publish("curation.tasks.work", run_id=run.pk)


def spent(project: Project) -> int:
    """Return what all calls of the project's endpoints cost so far, as far as prices were known."""
    found = Attempt.objects.filter(call__endpoint__project=project).aggregate(all=Sum("cost"))
    return found["all"] or 0


def _locked(project_id: int) -> Budget | None:
    """Lock the budget. Where there is none, none is made before our transaction ends."""
    mine = Budget.objects.select_for_update().filter(project_id=project_id)
    if found := mine.first():
        return found
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [LOCKS, project_id])
    return mine.first()


def _alone(project_id: int) -> None:
    """Wait for those who found no budget, so that what they hold can be counted."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCKS, project_id])


def _held(project: Project) -> int:
    """Return the worst cases of all calls that are out."""
    out = Call.objects.filter(endpoint__project=project, status__in=Call.OUT)
    return out.aggregate(all=Sum("reserved"))["all"] or 0
