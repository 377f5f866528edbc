"""What a call is about, as text: an item, a pair, an answer; for a choice the order of options."""

from collections.abc import Sequence

from curation.models import Answer, Item

ANSWER = "answer:"


def of_item(item: Item) -> str:
    return f"item:{item.uid}:v{item.revision}"


def of_choice(item: Item, ordering: Sequence[int]) -> str:
    return f"{of_item(item)}:{','.join(map(str, ordering))}"


def of_pair(positive: int, negative: int) -> str:
    return f"pair:{positive},{negative}"


def of_answer(answer: Answer) -> str:
    return f"{ANSWER}{answer.pk}"


def of_expansion(item: Item, number: int) -> str:
    return f"{of_item(item)}:{number} more"


def ordering_of(target: str) -> tuple[int, ...]:
    """Return the ordering that the target of a choice names."""
    return tuple(int(index) for index in target.rpartition(":")[2].split(","))
