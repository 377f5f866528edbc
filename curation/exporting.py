"""From gold items to the lines of a release.

Every line of a file has every key, and a key has one type throughout: readers that infer a schema
from the first rows (`datasets`, pandas, Arrow) must not meet a surprise later. Words in lines are
codes, never translations, so that the bytes do not depend on who freezes.
"""

import json
import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from curation import canonical
from curation.models import Item, Option, ReleaseRow
from scoring.orderings import LETTERS
from scoring.records import options_hash

MCQ, OPEN = "mcq.jsonl", "open.jsonl"
Values = dict[str, object]


@dataclass(frozen=True)
class Line:
    """One line to be, not yet told which release it belongs to."""

    file: str
    key: str
    item_id: int
    values: Values
    option_ids: list[int] = field(default_factory=list)

    def of(self, release: str) -> str:
        """Return the line as the release `slug/number` holds it; with "" the content alone."""
        return canonical.line(named(self.values, release))


def line_of(row: ReleaseRow) -> Line:
    """Return a frozen row as the line it was made from."""
    values = named(json.loads(row.line), "")
    return Line(row.file, row.key, row.item_id, values, row.option_ids)


def named(values: Mapping[str, object], release: str) -> Values:
    """Return the values with the name of the release in their metadata."""
    metadata = values["metadata"]
    if not isinstance(metadata, dict):
        raise TypeError("a line of a release has metadata")
    return {**values, "metadata": {**metadata, "release": release}}


def row_id(item: Item) -> str:
    """Return what identifies the item in every file: its uid and revision."""
    return f"{item.uid}-v{item.revision}"


def choice_seed(item: Item) -> int:
    """Return the seed of the order of an item's choices: the same in every release."""
    return int(canonical.sha256(str(item.uid))[:8], 16)


def in_order(options: Iterable[Option], seed: int) -> list[Option]:
    """Return the options in the order of `choices`.

    Sorted by text, then by one `random()` of `random.Random(seed)` each: whoever has the texts
    and the seed can work it out again, and being positive has no say in it.
    """
    source = random.Random(seed)  # noqa: S311 - an order, not a secret
    return sorted(sorted(options, key=lambda option: option.text), key=lambda _: source.random())


def item_lines(
    item: Item, options: Iterable[Option], tags: Iterable[str], judgements: int
) -> Iterator[Line]:
    """Yield the lines of a gold item: with its choices, and as an open question.

    The options carry `drafter`, the model that drafted them or None.
    """
    seed = choice_seed(item)
    chosen = in_order(options, seed)
    texts = [option.text for option in chosen]
    labels = [int(option.polarity == Option.Polarity.POSITIVE) for option in chosen]
    answer = labels.index(1)
    asked: Values = {"language": item.language, "question": item.question, "input": item.question}
    known = {"id": row_id(item), "item_id": str(item.uid)}
    about = {**_about(item), "decision": _decision(chosen), "n_judgements": judgements}
    yield Line(
        MCQ,
        row_id(item),
        item.pk,
        {
            **known,
            "revision": item.revision,
            "pair_id": str(item.uid),
            **asked,
            "choices": texts,
            "answer": answer,
            "target": LETTERS[answer],
            "labels": labels,
            "reference_answer": texts[answer],
            "tags": list(tags),
            "metadata": {
                **about,
                "choice_seed": seed,
                "options_sha256": options_hash(texts),
                "origins": [option.origin for option in chosen],
                "drafted_by": [getattr(option, "drafter", None) or "" for option in chosen],
            },
        },
        [option.pk for option in chosen],
    )
    yield Line(
        OPEN,
        row_id(item),
        item.pk,
        {
            **known,
            "pair_id": str(item.uid),
            **asked,
            "target": texts[answer],
            "tags": list(tags),
            "metadata": about,
        },
    )


def _about(item: Item) -> Values:
    if item.main_tag is None:
        raise ValueError("a gold item has a main tag")
    return {
        "release": "",
        "dimension": item.main_tag.dimension,
        "main_tag": item.main_tag.code,
        "language": item.language,
        "kind": item.kind,
        "method": item.method,
        "split": item.split,
        "revision": item.revision,
        "external_id": item.external_id,
        "twin_group": item.twin_group,
        "source": item.source.name,
        "licence": item.source.licence,
        "rehearsal": item.project.rehearsal,
    }


def _decision(options: Iterable[Option]) -> str:
    kinds = {option.decision_ref.partition(":")[0] for option in options}
    if "adjudication" in kinds:
        return "adjudicated"
    return "signed" if kinds == {"judgement"} else "other"
