"""The shell: management commands in processes of their own, as somebody at a terminal runs them."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parents[1]
NONE: Mapping[str, str] = {}


class Refused(Exception):
    """A command said no; the message names it and what it said."""


def manage(
    *words: str, hear: Callable[[str], None] | None = None, secrets: Mapping[str, str] = NONE
) -> Any:
    """Run a management command and return the object it prints.

    What it says meanwhile goes to `hear`, line by line; `secrets` are environment variables.
    """
    return run("manage.py", *words, "--json", hear=hear, secrets=secrets)


def run(
    *words: str, hear: Callable[[str], None] | None = None, secrets: Mapping[str, str] = NONE
) -> Any:
    """Run a Python command of the checkout that prints one JSON object, and return it."""
    said: list[str] = []
    with subprocess.Popen(
        [sys.executable, *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **secrets},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        printed: list[str] = []
        readers = [
            threading.Thread(target=_listen, args=(process.stderr, said, hear)),
            threading.Thread(target=_listen, args=(process.stdout, printed, None)),
        ]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
    if process.returncode:
        raise Refused(f"{' '.join(words)}: exit {process.returncode}: {' / '.join(said[-5:])}")
    return json.loads("\n".join(printed))


def _listen(lines: IO[str] | None, said: list[str], hear: Callable[[str], None] | None) -> None:
    for line in lines or ():
        if line.strip():
            said.append(line.strip())
            if hear:
                hear(line.strip())
