"""JSON that two programs cannot read differently."""

import json
from typing import Any, NoReturn


def loads(text: str) -> Any:
    """Read JSON with each name once and finite numbers only; every fault is a ValueError."""
    try:
        return json.loads(text, object_pairs_hook=once, parse_constant=_no_number)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of its members (a hook of `json`), unless a name occurs twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name occurs twice")
    return found


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON number")
