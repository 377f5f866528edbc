"""What a seat puts before a worker: never who made a text, nor what others said of it."""

from dataclasses import dataclass

from annotation.models import Matter
from curation.models import Item, Option

PEOPLE = (Option.Origin.WORKER, Option.Origin.REVIEWER)


@dataclass(frozen=True)
class Place:
    """One option as shown, or the place of a missing one.

    `before` is the text that people followed by this one during the review, if they did.
    """

    polarity: str
    option: Option | None = None
    before: str = ""


def places(item: Item) -> list[Place]:
    """Return the live options and the missing places, positive ones first."""
    live = list(item.options.live().select_related("supersedes").order_by("id"))
    return [place for polarity in Option.Polarity.values for place in _of_polarity(polarity, live)]


def _of_polarity(polarity: str, live: list[Option]) -> list[Place]:
    found = [option for option in live if option.polarity == polarity]
    return [Place(polarity, option, _before(option)) for option in found] or [Place(polarity)]


def _before(option: Option) -> str:
    by_people = option.origin in PEOPLE and option.supersedes is not None
    return option.supersedes.text if by_people and option.supersedes else ""


def of_answer(matter: Matter) -> dict[str, object]:
    """Return what a judgement of an answer keeps of what was shown."""
    answer = matter.answer.reply if matter.answer else ""
    return {"question": matter.item.question, "answer": answer}


def of_review(matter: Matter, options: list[Option]) -> dict[str, object]:
    """Return what a judgement of options keeps of what was shown, in the order shown."""
    return {
        "question": matter.item.question,
        "options": [
            {"id": option.pk, "polarity": option.polarity, "text": option.text}
            for option in options
        ],
    }
