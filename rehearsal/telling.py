"""How the story is told: a numbered line a step, progress under it, then figures and seconds."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TextIO

WIDTH = 92  # characters a line
EVERY = 5.0  # seconds between two lines of progress


@dataclass
class Step:
    """What a step found: set `done` (figures) or `already` (nothing was left to do)."""

    done: str = ""
    already: str = ""


@dataclass
class Teller:
    out: TextIO = field(default_factory=lambda: sys.stdout)
    number: int = 0
    _last: float = 0.0

    def say(self, text: str = "") -> None:
        print(text, file=self.out, flush=True)

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Tell that a step begins, and how it ended."""
        self.number += 1
        self.say(f"{self.number:>2}  {name}")
        begun = self._last = time.monotonic()
        step = Step()
        yield step
        seconds = f"{time.monotonic() - begun:.1f} s"
        text = f"      {step.already and 'already there: '}{step.already or step.done}"
        self.say(f"{text:<{WIDTH - len(seconds)}} {seconds}")

    def progress(self, text: str) -> None:
        """Tell how far a long step is; what comes too soon after the last one is left out."""
        if time.monotonic() - self._last >= EVERY:
            self._last = time.monotonic()
            self.say(f"      {text}")


def table(rows: list[list[str]]) -> Iterator[str]:
    """The rows as lines, the first column to the left and figures to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for first, *others in rows:
        figures = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        yield "  ".join([first.ljust(widths[0]), *figures]).rstrip()
