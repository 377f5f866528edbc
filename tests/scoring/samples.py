"""Small items and replies; what a test does not name does not matter to it."""

from scoring.records import Form, ReleaseItem, Reply
from scoring.wording import Verdict


def an_item(name="one", *, labels=(True, False), **fields):
    choices = tuple(f"option {place} of {name}" for place in range(len(labels)))
    return ReleaseItem(id=f"{name}-v1", item_id=name, choices=choices, labels=labels, **fields)


def an_answer(verdict=Verdict.GOOD, *, to="one", **fields):
    return Reply(item_id=to, form=Form.OPEN, reply="some words", verdict=verdict, **fields)


def a_choice(reply, ordering=(0, 1), *, to="one", **fields):
    return Reply(item_id=to, form=Form.CHOICE, reply=reply, ordering=ordering, **fields)


def both_picks(first="A", second="B", *, to="one", **fields):
    """Replies in both orders of two options; A then B is the stored first option both times."""
    return [a_choice(first, (0, 1), to=to, **fields), a_choice(second, (1, 0), to=to, **fields)]


def a_row(name="one", **changes):
    """A row of mcq.jsonl as a release writes it."""
    row = {
        "id": f"{name}-v1",
        "item_id": name,
        "revision": 1,
        "pair_id": name,
        "language": "en",
        "question": f"What of {name}?",
        "input": f"What of {name}?",
        "choices": [f"Kind words about {name}.", f"Rude words about {name}."],
        "answer": 0,
        "target": "A",
        "labels": [1, 0],
        "reference_answer": f"Kind words about {name}.",
        "tags": ["civic"],
        "metadata": {"dimension": "civic", "release": "demo/1"},
    }
    return {**row, **changes}


def answer_rows(name="one", *, verdict="safe", first="Option: [[A]]", second="Option: [[B]]"):
    """The three rows a whole answer to one two-option item takes."""
    return [
        {"item_id": name, "form": "open", "reply": "…", "verdict": verdict},
        {"item_id": name, "form": "choice", "ordering": [0, 1], "reply": first},
        {"item_id": name, "form": "choice", "ordering": [1, 0], "reply": second},
    ]
