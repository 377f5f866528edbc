"""Bring replies to their items, and refuse what belongs to none."""

from collections.abc import Iterable, Sequence

from scoring.orderings import is_ordering
from scoring.records import Form, ReleaseItem, Reply, options_hash
from scoring.refusals import NotScored

_NAMED = 3  # how many places a reason spells out


class Index:
    """Items by ``id`` and by ``item_id``. Raises ``NotScored`` when a name means two items."""

    def __init__(self, items: Iterable[ReleaseItem]) -> None:
        self._by_name: dict[str, ReleaseItem] = {}
        twice: set[str] = set()
        seen: set[str] = set()
        for item in items:
            if item.id in seen:
                twice.add(item.id)
            seen.add(item.id)
            for name in (item.id, item.item_id):
                if self._by_name.setdefault(name, item) is not item:
                    twice.add(name)
        if twice:
            raise NotScored(counted("named twice by the release", sorted(twice), noun="item"))

    def find(self, name: str) -> ReleaseItem | None:
        return self._by_name.get(name)


def by_item(items: Sequence[ReleaseItem], replies: Iterable[Reply]) -> dict[str, list[Reply]]:
    """Replies by the ``id`` of their item, an entry for every item.

    Raises ``NotScored`` with every kind of fault and its count: replies to unknown items, made on
    other options, with an impossible ordering, or given twice.
    """
    index = Index(items)
    hashes = {item.id: options_hash(item.choices) for item in items}
    found: dict[str, list[Reply]] = {item.id: [] for item in items}
    unknown: list[str] = []
    foreign: list[str] = []
    disordered: list[str] = []
    for reply in replies:
        item = index.find(reply.item_id)
        if item is None:
            unknown.append(reply.place or reply.item_id)
        elif reply.options_sha256 not in ("", hashes[item.id]):
            foreign.append(reply.place or reply.item_id)
        elif _is_disordered(reply, len(item.choices)):
            disordered.append(reply.place or reply.item_id)
        else:
            found[item.id].append(reply)
    reasons = [
        *counted("to items this release does not hold", unknown),
        *counted("made on other options than this release's (another release?)", foreign),
        *counted("with an ordering that is none of the item's options", disordered),
        *counted("given twice", _repeated(found)),
    ]
    if reasons:
        raise NotScored(reasons)
    return found


def counted(fault: str, places: Sequence[str], *, noun: str = "row") -> list[str]:
    """One reason with its count and the first few places, or none when there are no places."""
    if not places:
        return []
    more = ", …" if len(places) > _NAMED else ""
    plural = "" if len(places) == 1 else "s"
    return [f"{len(places)} {noun}{plural} {fault}: {', '.join(places[:_NAMED])}{more}"]


def _is_disordered(reply: Reply, count: int) -> bool:
    if reply.form is Form.OPEN or reply.recorded is not None:
        return bool(reply.ordering)
    return not is_ordering(reply.ordering, count)


def _repeated(found: dict[str, list[Reply]]) -> list[str]:
    repeated: list[str] = []
    for replies in found.values():
        seen: set[tuple[object, ...]] = set()
        for reply in replies:
            key = (reply.form, reply.ordering, reply.sample)
            if key in seen:
                repeated.append(reply.place or reply.item_id)
            seen.add(key)
    return repeated
