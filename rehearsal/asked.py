"""What a chat completion request asks for, read strictly and refused with the field's name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

PURPOSES = (
    *("positive_option", "negative_option", "risk_tags", "question_expansion"),
    *("option_check", "critique_text", "critique_category", "critique", "judge"),
)
# Where no schema names the purpose the messages do; some are words of any text, and stand in
# brackets or quotes.
NAMED = re.compile(
    r"positive_option|negative_option|risk_tags|question_expansion|critique_(?:text|category)"
    r"|option_check"
    r"|(?<=[(\"])(?:critique|judge)(?=[)\"])"
)
BLOCK = r"<{name}(?P<suffix>[-\w]*)>(?P<text>.*?)</{name}(?P=suffix)>"


class BadRequest(Exception):
    """The request cannot be understood; `param` names the field at fault."""

    def __init__(self, message: str, param: str) -> None:
        super().__init__(message)
        self.message = message
        self.param = param


@dataclass(frozen=True)
class Tag:
    code: str
    name: str
    definition: str


@dataclass(frozen=True)
class Message:
    role: str
    text: str


def read_messages(body: dict[str, Any]) -> list[Message]:
    given = body.get("messages")
    if not isinstance(given, list) or not given:
        raise BadRequest("'messages' must be a list with at least one message.", "messages")
    messages = [_message(entry, f"messages[{index}]") for index, entry in enumerate(given)]
    if not any(message.role == "user" for message in messages):
        raise BadRequest("'messages' holds no message of the user.", "messages")
    return messages


def _message(entry: Any, where: str) -> Message:
    if not isinstance(entry, dict):
        raise BadRequest(f"'{where}' must be an object.", where)
    if not isinstance(entry.get("role"), str):
        raise BadRequest(f"'{where}.role' must be a text.", f"{where}.role")
    content = entry.get("content")
    if content is None and entry["role"] == "assistant":
        content = ""
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, dict)]
        texts = [part for part in parts if isinstance(part, str)]
        content = "".join(texts) if len(texts) == len(content) else None
    if not isinstance(content, str):
        raise BadRequest(f"'{where}.content' must be a text.", f"{where}.content")
    return Message(entry["role"], content)


def read_purpose(body: dict[str, Any], messages: Sequence[Message]) -> str:
    """What is to be drafted: the schema's name, or else the first purpose the messages name."""
    wanted = body.get("response_format")
    schema = wanted.get("json_schema") if isinstance(wanted, dict) else None
    name = schema.get("name") if isinstance(schema, dict) else None
    if name in PURPOSES:
        return str(name)
    words = NAMED.search("\n".join(message.text for message in messages))
    if name is None and words:
        return words.group()
    raise BadRequest(
        "The rehearsal drafter knows the schema names " + ", ".join(PURPOSES) + ".",
        "response_format.json_schema.name",
    )


def block(messages: Sequence[Message], name: str) -> str | None:
    """The text between <name…> and </name…> in the last user message that has such tags.

    Instructions may mention the tags as well ("between <question> and </question>"), so the
    longest text wins.
    """
    pattern = re.compile(BLOCK.format(name=name), re.DOTALL)
    for message in reversed(messages):
        found = pattern.finditer(message.text) if message.role == "user" else ()
        texts = [match["text"].strip() for match in found]
        if texts:
            return max(texts, key=len)
    return None


def read_nonce(messages: Sequence[Message]) -> str:
    """The mark behind the name of the question's tags; empty where the tags carry none."""
    for message in reversed(messages):
        found = re.findall(r"<question-([0-9a-f]+)>", message.text)
        if message.role == "user" and found:
            return str(found[0])
    return ""


def read_answer(messages: Sequence[Message]) -> str:
    answer = block(messages, "answer")
    if not answer:
        raise BadRequest("No user message holds an <answer> block.", "messages")
    return answer


def read_pair(messages: Sequence[Message]) -> tuple[str, str]:
    """The positive and the negative option that are to be checked."""
    positive, negative = block(messages, "positive"), block(messages, "negative")
    if not positive or not negative:
        raise BadRequest("No user message holds a <positive> and a <negative> block.", "messages")
    return positive, negative


def read_number(messages: Sequence[Message]) -> int:
    """How many new questions are asked for, in English or Chinese words; 3 where none is named."""
    text = "\n".join(message.text for message in messages)
    found = re.search(r"Write (?:exactly )?(\d{1,2}) new|写(?:出)?\s*(\d{1,2})\s*个", text)
    return min(10, int(found[1] or found[2])) if found else 3


def drafted_question(messages: Sequence[Message]) -> str:
    question = block(messages, "question")
    if not question:
        raise BadRequest("No user message holds a <question> block.", "messages")
    return question


def read_options(text: str) -> list[tuple[str, str]]:
    """(letter, text) of lines `[A] …`, `[B] …`; a text may run over several lines."""
    found: list[tuple[str, str]] = []
    for line in text.split("\n"):
        letter = chr(ord("A") + len(found))
        if line.startswith(f"[{letter}]"):
            found.append((letter, line[3:].strip()))
        elif found:
            found[-1] = (found[-1][0], f"{found[-1][1]}\n{line}")
    if not found:
        raise BadRequest("The <options> block holds no line that starts with [A].", "messages")
    return found


def read_taxonomy(messages: Sequence[Message]) -> list[Tag]:
    lines = (block(messages, "taxonomy") or "").split("\n")
    rows = [[cell.strip() for cell in line.split("|", 2)] for line in lines if line.strip()]
    tags = [Tag(*row) for row in rows if len(row) == 3 and row[0]]
    if not tags:
        raise BadRequest(
            "No <taxonomy> block with lines `code | name | definition` was found.", "messages"
        )
    return tags
