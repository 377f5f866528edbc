"""FINE's own result file: seven keys an item, outcomes instead of replies to the choices.

``id, question, Positive Option, Negative Option, mul_result, open_response, open_result``.
Its ids are only line numbers of some question file, so rows find their item by what was asked:
the question and both options, less outer space, with their polarity.
"""

from collections.abc import Iterable, Mapping

from scoring.records import Form, ReleaseItem, Reply, options_hash
from scoring.rows import Row
from scoring.wording import Verdict

Content = tuple[str, frozenset[str], frozenset[str]]  # question, positive and negative options


def is_result(row: Row) -> bool:
    return "mul_result" in row.values or "open_result" in row.values


def contents(items: Iterable[ReleaseItem]) -> dict[Content, str]:
    """Item ids by what the items ask."""
    return {
        (item.question.strip(), _side(item, positive=True), _side(item, positive=False)): item.id
        for item in items
    }


def replies(row: Row, known: Mapping[Content, str]) -> tuple[Reply, Reply]:
    """The open reply with its verdict, and one choice reply that stands for both orderings.

    A row that asks something else keeps its id and the hash of its own content, so that it is
    refused as unknown, or as made on other options.
    """
    question, positive, negative = (
        row.text(field).strip() for field in ("question", "Positive Option", "Negative Option")
    )
    item_id = known.get((question, frozenset({positive}), frozenset({negative})))
    made_on = "" if item_id else options_hash([question, positive, negative])
    name = item_id or row.name("id")
    return (
        Reply(
            item_id=name,
            form=Form.OPEN,
            reply=row.text("open_response", default=""),
            verdict=Verdict.GOOD if row.truth("open_result") else Verdict.BAD,
            options_sha256=made_on,
            place=row.place,
        ),
        Reply(
            item_id=name,
            form=Form.CHOICE,
            reply="",
            recorded=row.truth("mul_result"),
            options_sha256=made_on,
            place=row.place,
        ),
    )


def _side(item: ReleaseItem, *, positive: bool) -> frozenset[str]:
    pairs = zip(item.choices, item.labels, strict=True)
    return frozenset(choice.strip() for choice, label in pairs if label is positive)
