"""Items for which drafting has nothing more to bring: they go on to people."""

from collections.abc import Iterable

from django.db.models import Exists, F, OuterRef, Q

from curation.drafting.replies import Outcome
from curation.models import Call, Item, Option, Purpose

OPTIONS = (Purpose.POSITIVE, Purpose.NEGATIVE)
DRAFTING = (*OPTIONS, Purpose.TAGS, Purpose.CHECK)
ENDED = (Call.Status.DONE, Call.Status.REFUSED, Call.Status.UNUSABLE)


def settle(item_ids: Iterable[int]) -> None:
    """Move new items to drafted once they have both polarities or nothing more will come.

    A call that failed may be tried again, so it keeps its item waiting; one that the endpoint does
    not take at all, or that must not be made, leaves the item to people, as an unusable reply does.
    """
    wanted = sorted(set(item_ids))
    if not wanted:
        return
    # Locked in one order: calls of one item that end at once look one after the other.
    locked = Item.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
    list(locked.filter(pk__in=wanted).values_list("pk"))
    live = Option.objects.live().filter(item=OuterRef("pk"))
    both = Exists(live.filter(polarity="positive")) & Exists(live.filter(polarity="negative"))
    waiting = Call.objects.filter(item=OuterRef("pk"), purpose__in=OPTIONS).exclude(
        status__in=ENDED
    )
    # A way to ask that was not taken is no end: what the call failed of in the end counts.
    rejected = Q(attempts__outcome=Outcome.REJECTED, attempts__problem=F("problem"))
    rejected |= Q(problem__in=("severe", "changed"))
    hopeless = Call.objects.filter(rejected, pk=OuterRef("pk"), status=Call.Status.FAILED)
    # What is asked about an item before it is drafted, such as for more questions, ends nothing.
    drafted = Call.objects.filter(item=OuterRef("pk"), purpose__in=DRAFTING)
    open_calls = waiting.exclude(Exists(hopeless))
    Item.objects.filter(pk__in=wanted, status=Item.Status.NEW).filter(
        Q(both) | (Exists(drafted) & ~Exists(open_calls))
    ).update(status=Item.Status.DRAFTED, status_reason="")
