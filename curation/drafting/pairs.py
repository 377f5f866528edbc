"""What stands out when both options of an item are there."""

from collections.abc import Iterable

from curation.drafting import tells
from curation.models import Option

LOPSIDED = "lopsided"


def flag_lopsided(item_ids: Iterable[int]) -> None:
    """Flag each option that is much longer than one it stands against. Their items are locked."""
    of_item: dict[int, list[Option]] = {}
    for option in Option.objects.live().filter(item__in=list(item_ids)).order_by("pk"):
        of_item.setdefault(option.item_id, []).append(option)
    found = [
        option
        for options in of_item.values()
        for option in options
        if LOPSIDED not in option.flags and _stands_out(option, options)
    ]
    for option in found:
        option.flags = [*option.flags, LOPSIDED]
    Option.objects.bulk_update(found, ["flags"])


def _stands_out(option: Option, options: Iterable[Option]) -> bool:
    against = (other for other in options if other.polarity != option.polarity)
    return any(tells.much_longer(option.text, other.text) for other in against)
