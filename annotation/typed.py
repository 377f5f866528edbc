"""Unfinished work in both its shapes: as it is said, and as the form fields a draft is kept in.

Pages and programs keep drafts in the same fields, so what was typed in one place shows in the
other. A field holds a list of values; `o1-act` is the act on the first option shown.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from annotation import shown
from annotation.acts import ActOn
from annotation.ids import as_id
from annotation.shown import Place
from curation.models import Item

Fields = dict[str, list[str]]
OF_ACT = ("polarity", "act", "text", "reason", "note")
NAME = re.compile(rf"o(\d{{1,2}})-(id|{'|'.join(OF_ACT)})")


@dataclass(frozen=True)
class Work:
    """What was typed so far on a seat; anything may be missing. The first tag is the main one."""

    guideline: int | None = None
    outcome: str = ""
    reason: str = ""
    acts: Sequence[ActOn] = field(default_factory=list)
    tags: Sequence[str] = field(default_factory=list)
    unfit: str = ""
    note: str = ""
    pasted: bool = False


def fields_of_answer(work: Work) -> Fields:
    """Return what was typed about an answer as form fields."""
    return {
        **_common(work),
        "outcome": [work.outcome],
        "tags": list(work.tags),
        "reason": [work.reason],
    }


def fields_of_review(work: Work, item: Item) -> Fields:
    """Return what was typed about an item's options as form fields, each on its place."""
    fields = _common(work) | {
        "main_tag": list(work.tags[:1]) or [""],
        "tags": list(work.tags[1:]),
        "unfit": [work.unfit],
        "note": [work.note],
    }
    places = shown.places(item)
    for act in work.acts:
        number = _number(act, places, fields)
        fields[f"o{number}-id"] = [str(act.option or "")]
        fields |= {f"o{number}-{name}": [getattr(act, name)] for name in OF_ACT}
    return fields


def _common(work: Work) -> Fields:
    return {
        **({"guideline": [str(work.guideline)]} if work.guideline else {}),
        **({"pasted": ["on"]} if work.pasted else {}),
    }


def _number(act: ActOn, places: Sequence[Place], fields: Fields) -> int:
    """Return the place of the option, else the first free one of its polarity, else a new one."""
    taken = {number for number, _name in _named(fields)}
    mine = [
        n for n, place in enumerate(places, 1) if place.option and place.option.pk == act.option
    ]
    like = [n for n, place in enumerate(places, 1) if place.polarity == act.polarity]
    free = (number for number in [*mine, *like] if number not in taken)
    return next(free, max([len(places), *taken]) + 1)


def _named(fields: Iterable[str]) -> list[tuple[int, str]]:
    return [(int(found[1]), found[2]) for name in fields if (found := NAME.fullmatch(name))]


def work_of(fields: Mapping[str, object]) -> Work:
    """Read form fields back; what is missing or makes no sense is left empty."""
    return Work(
        guideline=as_id(_value(fields, "guideline")),
        outcome=_value(fields, "outcome"),
        reason=_value(fields, "reason"),
        acts=[_act(fields, number) for number in sorted({n for n, _name in _named(fields)})],
        tags=_tags(fields),
        unfit=_value(fields, "unfit"),
        note=_value(fields, "note"),
        pasted=_value(fields, "pasted").lower() not in {"", "0", "false"},
    )


def _tags(fields: Mapping[str, object]) -> list[str]:
    """Return the tags; the main one is empty where only others were chosen yet."""
    main, others = _value(fields, "main_tag"), _values(fields, "tags")
    return [main, *others] if main or (others and "main_tag" in fields) else others


def _act(fields: Mapping[str, object], number: int) -> ActOn:
    said = {name: _value(fields, f"o{number}-{name}") for name in OF_ACT}
    return ActOn(option=as_id(_value(fields, f"o{number}-id")), **said)


def _values(fields: Mapping[str, object], name: str) -> list[str]:
    values = fields.get(name)
    return [str(value) for value in values] if isinstance(values, list) else []


def _value(fields: Mapping[str, object], name: str) -> str:
    return next(iter(_values(fields, name)), "")
