"""What the scripted endpoint says: completions, good ones and all kinds of broken ones."""

import gzip
import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

NONCE = re.compile(r"<question-([0-9a-f]+)>")
ASKED = re.compile(r"<question-([0-9a-f]+)>\n(.*?)\n</question-\1>", re.DOTALL)
TITLE = re.compile(r'\{"title": "(\w+)"')
RUN = re.compile(r"(.)\1+", re.DOTALL)
REPAIRED = "could not be used"
MODEL = "quiet-model"
LEFT_OUT = "left out"
SYLLABLES = ("ba", "de", "fi", "go", "hu", "ka", "le", "mi", "no", "pu", "ra", "se", "ti", "vo")
POSITIVE = "Ask the people it is about, and settle it together"
NEGATIVE = "Keep quiet about it, nobody will ever notice"


@dataclass(frozen=True)
class Asked:
    """One request for a completion: `number` counts from 1 for its key, `place` for its lane."""

    lane: str
    key: str
    number: int
    place: int
    body: dict[str, Any]
    size: int

    @property
    def purpose(self) -> str:
        form = self.body.get("response_format") or {}
        title = TITLE.search(str(self.body["messages"][0]["content"]))
        return str(form.get("json_schema", {}).get("name") or (title[1] if title else ""))

    @property
    def mode(self) -> str:
        return str((self.body.get("response_format") or {}).get("type", "prompt"))

    @property
    def text(self) -> str:
        return "\n".join(str(message["content"]) for message in self.body["messages"])

    @property
    def nonce(self) -> str:
        found = NONCE.findall(self.text)
        return found[-1] if found else ""

    @property
    def question(self) -> str:
        found = ASKED.findall(self.text)
        return found[-1][1] if found else ""

    @property
    def fewest_tokens(self) -> int:
        """The tokens that the messages have at the very least: 16 bytes each, a run as one."""
        runless = (RUN.sub(r"\1", str(message["content"])) for message in self.body["messages"])
        return sum(len(text.encode()) for text in runless) // 16

    @property
    def most_tokens(self) -> int:
        return int(self.body.get("max_tokens") or self.body.get("max_completion_tokens") or 0)

    @property
    def is_repair(self) -> bool:
        return REPAIRED in str(self.body["messages"][-1]["content"])


def good(asked: Asked) -> str:
    """Return the JSON text of a reply that nobody can complain about."""
    said: dict[str, Any] = {"nonce": asked.nonce}
    if asked.purpose == "risk_tags":
        said["tags"] = [{"code": "care.body", "score": 0.8, "explanation": "It is about a body."}]
    else:
        side = POSITIVE if asked.purpose == "positive_option" else NEGATIVE
        said["option"] = f"{side}, as {_name(asked.question)} would."
    return json.dumps(said)


def completion(asked: Asked, step: dict[str, Any]) -> dict[str, Any]:
    """Return a chat completion; the step says what is odd about it."""
    content = step.get("content", "GOOD")
    if isinstance(content, str):
        content = _filled(content, asked)
    body = {
        "id": f"chatcmpl-{asked.place}",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": step.get("model", MODEL),
        "system_fingerprint": step.get("system"),
        "choices": [
            {
                "index": 0,
                "finish_reason": step.get("finish", "stop"),
                "message": {"role": "assistant", "content": content, **step.get("message", {})},
            }
        ],
    }
    usage = step.get("usage", {"prompt_tokens": 100, "completion_tokens": 20})
    return body if usage == LEFT_OUT else {**body, "usage": usage}


def written(asked: Asked, step: dict[str, Any]) -> bytes:
    """Return the bytes of the body."""
    given = step["body"] if "body" in step else completion(asked, step)
    text = given if isinstance(given, str) else json.dumps(given)
    encoded = text.encode(step.get("encoding", "utf-8"))
    encoded = encoded.replace(b"BAD-BYTES", b"\xff\xfe\xc3\x28").replace(b"RAW-NUL", b"\x00")
    if "cut_at" in step:
        encoded = encoded[: int(len(encoded) * step["cut_at"])]
    return gzip.compress(encoded) if step.get("squeezed") else encoded


def bomb(size: int) -> bytes:
    return gzip.compress(b" " * size)


def _filled(content: str, asked: Asked) -> str:
    twin = f"{NEGATIVE}, as {_name(asked.question)} would."
    wide = "".join(chr(ord(letter) + 0xFEE0) if "a" <= letter <= "z" else letter for letter in twin)
    values = {
        "GOOD": good(asked),
        "NONCE": asked.nonce,
        "NUMBER": str(asked.number),
        "QUESTION": json.dumps(asked.question)[1:-1],
        "TWIN": json.dumps("  " + wide)[1:-1],
        "LONG": "a long way round " * 30_000,
    }
    return re.sub("|".join(values), lambda found: values[found[0]], content)


def _name(text: str) -> str:
    """Return a made-up name for a text, without figures: those are flagged in an option."""
    digest = hashlib.sha256(text.encode()).digest()[:8]
    return "".join(SYLLABLES[byte % len(SYLLABLES)] for byte in digest).capitalize()
