"""The key file tells the rehearsal subjects which option is which.

This is a rehearsal: no model and no person said this. A real model needs no key; our two
subjects play a part, and a part must know which option is the positive one.

    python -m rehearsal.key mcq.jsonl key.json
"""

import argparse
import json
import os
import sys
import tempfile
import threading
from collections.abc import Iterable
from pathlib import Path

from rehearsal.texts import normalise, question_key

Sides = dict[str, list[str]]  # {"positive": texts, "negative": texts}
Key = dict[str, Sides]  # by question_key


def write_key(mcq_path: Path | str, key_path: Path | str) -> int:
    """Add an exported `mcq.jsonl` to the key file, whole or not at all.

    What the file knew of other texts stays; of the same text the newest word counts.
    Returns the number of questions the file now knows.
    """
    key_path = Path(key_path)
    key = read_key(key_path) if key_path.exists() else {}
    lines = Path(mcq_path).read_text(encoding="utf-8").split("\n")
    for row in (json.loads(line) for line in lines if line.strip()):
        learn(key, row["question"], zip(row["choices"], row["labels"], strict=True))
    _replace(key_path, json.dumps(key, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
    return len(key)


def learn(key: Key, question: str, labelled: Iterable[tuple[str, int]]) -> None:
    sides = key.setdefault(question_key(question), {"positive": [], "negative": []})
    for text, label in labelled:
        side, other = ("positive", "negative") if label == 1 else ("negative", "positive")
        sides[other] = [known for known in sides[other] if known != text]
        if text not in sides[side]:
            sides[side].append(text)


def read_key(path: Path | str) -> Key:
    key: Key = json.loads(Path(path).read_text(encoding="utf-8"))
    for sides in key.values():
        if not isinstance(sides["positive"], list) or not isinstance(sides["negative"], list):
            raise ValueError("a side of the key is not a list of texts")
    return key


class KeyFile:
    """A key file that may be written while the endpoint runs; it is read again when it changed.

    A file that is missing or cannot be read teaches nothing: what was known before stays.
    """

    def __init__(self, path: Path | str | None) -> None:
        self._path = Path(path) if path else None
        self._stamp: tuple[int, int] | None = None
        self._key: Key = {}
        self._lock = threading.Lock()

    def polarities(self, question: str, options: Iterable[str]) -> list[str | None]:
        """`positive`, `negative` or None (not known) for each option, in the order given."""
        with self._lock:
            self._refresh()
            sides = self._key.get(question_key(question), {})
        side_of = {
            normalise(text): side
            for side in ("negative", "positive")
            for text in sides.get(side, ())
        }
        return [side_of.get(normalise(text)) for text in options]

    def _refresh(self) -> None:
        if self._path is None:
            return
        try:
            stat = self._path.stat()
            stamp = (stat.st_mtime_ns, stat.st_size)
            if stamp != self._stamp:
                self._stamp = stamp
                self._key = read_key(self._path)
        except FileNotFoundError:
            self._stamp = None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
            print(f"rehearsal endpoint: key file not read: {fault!r}", file=sys.stderr, flush=True)


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m rehearsal.key", description=__doc__)
    parser.add_argument("mcq", type=Path, help="an exported mcq.jsonl")
    parser.add_argument("key", type=Path, help="the key file to write or to add to")
    wanted = parser.parse_args(arguments)
    try:
        known = write_key(wanted.mcq, wanted.key)
    except (OSError, ValueError, KeyError, TypeError) as fault:
        print(f"rehearsal key: {type(fault).__name__}: {fault}", file=sys.stderr)
        return 1
    print(f"rehearsal key: {known} questions in {wanted.key}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
