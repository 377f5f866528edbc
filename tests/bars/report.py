"""How large a bar is, what it found, and the proof that its clients were in each other's way."""

import json
import os
import platform
import random
import threading
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.conf import settings

SCALE = float(os.environ.get("BARS_SCALE", "1"))
HANDFUL = 0.01  # for the fast suite, so that the bars themselves do not rot
FAULTY = 0.05 * SCALE  # a planted fault shows long before the full number
SHOWN = 3  # examples of each thing that is wrong


def scaled(full: int, scale: float, *, least: int = 1) -> int:
    return max(least, round(full * scale))


def seed() -> int:
    """Return the seed of a bar: BARS_SEED, or a new one. It is printed with the figures."""
    return int(os.environ.get("BARS_SEED") or random.SystemRandom().randrange(10**6))


@dataclass
class Finding:
    """What a bar found: figures, and by kind what is wrong."""

    bar: str
    seed: int
    figures: dict[str, Any] = field(default_factory=dict)
    wrong: dict[str, list[Any]] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)

    def blame(self, kind: str, found: Iterable[Any]) -> None:
        if listed := list(found):
            self.wrong.setdefault(kind, []).extend(listed)

    def told(self) -> "Finding":
        """Print the figures, and keep them as JSON in the data folder."""
        self.figures |= {"seconds": round(time.monotonic() - self.began, 1), "seed": self.seed}
        self.figures |= {"wrong": {kind: len(found) for kind, found in self.wrong.items()}}
        self.figures |= {"database": _database(), "python": platform.python_version()}
        written = json.dumps({"bar": self.bar, **self.figures}, indent=1)
        print(written)
        for kind, found in self.wrong.items():
            print(f"{kind}: {found[:SHOWN]}")
        folder = settings.DATA / "bars"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{self.bar}.json").write_text(written + "\n")
        return self


def _database() -> str:
    with psycopg.connect(settings.DATABASE_OWNER_URL) as connection:
        return f"PostgreSQL {connection.info.server_version // 10000}"


def twice(found: Iterable[Any]) -> list[Any]:
    """Return what is there more than once."""
    return [one for one, count in Counter(found).items() if count > 1]


class Watch:
    """Looks every few milliseconds how many clients wait for a lock."""

    EVERY = 0.01  # seconds
    LOOK = """
        SELECT count(*) FROM pg_stat_activity
         WHERE datname = %s AND wait_event_type = 'Lock'"""

    def __init__(self, url: str, database: str) -> None:
        self._url, self._database = url, database
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.looks, self.waiting, self.most = 0, 0, 0

    def _look(self) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            while not self._over.wait(self.EVERY):
                found = connection.execute(self.LOOK, [self._database]).fetchone()
                waiting = found[0] if found else 0
                self.looks, self.waiting = self.looks + 1, self.waiting + waiting
                self.most = max(self.most, waiting)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_fault: object) -> None:
        self._over.set()
        self._thread.join()

    @property
    def figures(self) -> dict[str, int]:
        return {"looks": self.looks, "seen_waiting": self.waiting, "most_waiting": self.most}
