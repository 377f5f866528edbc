"""The sample set: questions, scripted drafts and scripted answers, one JSON object a line.

This is a rehearsal: no model and no person said this. `rehearsal/sample/README.md` explains
every key.
"""

import functools
import json
from pathlib import Path
from typing import Any

from rehearsal.texts import question_key

FOLDER = Path(__file__).parent / "sample"
QUESTIONS = FOLDER / "questions.jsonl"
DRAFTS = FOLDER / "drafts.jsonl"
ANSWERS = FOLDER / "answers.jsonl"
LATER = FOLDER / "later.jsonl"
LATER_DRAFTS = FOLDER / "later-drafts.jsonl"
AWKWARD = {"ambiguous", "ambiguous_fake", "unsafe_fake", "slips"}

Row = dict[str, Any]


def read_rows(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


@functools.cache
def ids() -> dict[str, str]:
    """Sample id by question key."""
    rows = [*read_rows(QUESTIONS), *read_rows(LATER)]
    return {question_key(row["question"]): row["id"] for row in rows}


@functools.cache
def drafts() -> dict[str, Row]:
    """Scripted draft by sample id."""
    return {row["id"]: row for row in [*read_rows(DRAFTS), *read_rows(LATER_DRAFTS)]}


@functools.cache
def answers() -> dict[str, Row]:
    """Scripted answers of both subjects by sample id."""
    return {row["id"]: row for row in read_rows(ANSWERS)}


def draft_for(question: str) -> Row | None:
    return drafts().get(ids().get(question_key(question), ""))


def answers_for(question: str) -> Row | None:
    return answers().get(ids().get(question_key(question), ""))


def first(count: int, folder: Path) -> Path:
    """A shorter file of questions, twins together: the awkward ones, then from every dimension."""
    rows = read_rows(QUESTIONS)
    pairs = list(dict.fromkeys(row["twin"] for row in rows))
    awkward = {id_.rpartition("-")[0] for id_, row in answers().items() if row.keys() & AWKWARD}
    awkward |= {id_.rpartition("-")[0] for id_, row in drafts().items() if row.get("unusable")}
    # A pair by its number first, so that the dimensions take turns.
    pairs.sort(key=lambda pair: (pair not in awkward, pair.rpartition("-")[2]))
    chosen = pairs[: max(1, count // 2)]
    path = folder / f"questions-{count}.jsonl"
    lines = [json.dumps(row, ensure_ascii=False) for row in rows if row["twin"] in chosen]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
