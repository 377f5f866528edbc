"""The clients of a bar: real processes with connections of their own, each with its own log.

A log has one JSON line for every question and every answer, written before the client goes on, so
it tells what was asked and heard also of a client that was killed. It is what the tables are held
against: a table cannot say what somebody was told.
"""

import json
import multiprocessing
import os
import pkgutil
import random
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PATIENCE = 120  # seconds that clients wait for one another at a gate
REFUSED, UNKNOWN, OK, INVOKE = "refused", "unknown", "ok", "invoke"

Entry = dict[str, Any]


class Log:
    """An append-only file of JSON lines; each is in the kernel's hands when `write` returns."""

    def __init__(self, path: Path, **always: object) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._always = always

    def write(self, kind: str, **said: object) -> None:
        # The clock counts on across processes of one machine.
        entry = {"kind": kind, "at": time.monotonic(), **self._always, **said}
        os.write(self._file, (json.dumps(entry) + "\n").encode())

    def close(self) -> None:
        os.close(self._file)


def entries(folder: Path) -> list[Entry]:
    """Return everything that clients logged, in the order of time."""
    found = []
    for path in folder.glob("client-*.jsonl"):
        for line in path.read_text().splitlines():
            try:
                found.append(json.loads(line))
            except ValueError:  # a client was killed while it wrote
                continue
    return sorted(found, key=lambda entry: entry["at"])


@dataclass
class Client:
    """One client: a thread with its own connection, its own dice and its own log."""

    number: int
    lane: int  # the number of the thread within its process
    log: Log
    dice: random.Random
    gates: list[Any] = field(default_factory=list)

    def ask(self, act: str, call: Callable[[], Entry], **about: object) -> Entry:
        """Ask once, and log the question and what was heard; return the latter.

        `call` returns what the log has to know of the answer. An unknown outcome is neither a yes
        nor a no.
        """
        from curation.refusals import Refused

        self.log.write(INVOKE, act=act, **about)
        heard: Entry
        try:
            heard = {"kind": OK, **call()}
        except Refused as refused:
            heard = {"kind": REFUSED, "why": type(refused).__name__, "words": str(refused)}
        except Exception as fault:
            heard = {"kind": UNKNOWN, "why": repr(fault), "trace": traceback.format_exc()}
        self.log.write(**{"act": act, **about, **heard})
        return heard

    def meet(self, lane: int) -> None:
        """Wait for the clients of the same lane in all other processes."""
        self.gates[lane].wait(PATIENCE)


@dataclass(frozen=True)
class Plan:
    """What every client does: `work` names a function of a module, called with the client."""

    work: str
    processes: int
    threads: int
    folder: Path
    seed: int
    environment: dict[str, str]
    given: dict[str, Any] = field(default_factory=dict)
    faults: tuple[Any, ...] = ()
    connected: bool = True  # to the database; who only browses needs no connection


@contextmanager
def working(plan: Plan) -> Iterator[list[Any]]:
    """Start the clients, all at one moment, and wait for them at the end of the block."""
    spawn = multiprocessing.get_context("spawn")
    start = spawn.Barrier(plan.processes * plan.threads)
    gates = [spawn.Barrier(plan.processes) for _lane in range(plan.threads)]
    plan.folder.mkdir(parents=True, exist_ok=True)
    started = [
        spawn.Process(target=_process, args=(number, plan, start, gates), daemon=True)
        for number in range(plan.processes)
    ]
    try:
        for process in started:
            process.start()
        yield started
        for process in started:
            process.join()
    finally:
        for process in started:
            process.kill()
            process.join()
    broken = [process.exitcode for process in started if process.exitcode]
    if broken:
        raise AssertionError(f"clients ended with {broken}: see what they said above")


def run(plan: Plan) -> list[Entry]:
    """Let the clients work, and return what they logged."""
    with working(plan):
        pass
    return entries(plan.folder)


def _process(number: int, plan: Plan, start: Any, gates: list[Any]) -> None:
    os.environ.clear()
    os.environ.update(plan.environment)
    import django

    django.setup()
    work = pkgutil.resolve_name(plan.work)
    threads = [
        threading.Thread(target=_client, args=(number, lane, plan, work, start, gates))
        for lane in range(plan.threads)
    ]
    failures: list[str] = []
    threading.excepthook = lambda told: failures.append(
        "".join(traceback.format_exception(told.exc_type, told.exc_value, told.exc_traceback))
    )
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        print(failures[0], file=sys.stderr)
        raise SystemExit(1)


def _client(
    process: int, lane: int, plan: Plan, work: Callable[..., None], start: Any, gates: list[Any]
) -> None:
    from django.db import connection

    from tests.bars import faults

    number = process * plan.threads + lane
    log = Log(plan.folder / f"client-{number}.jsonl", client=number)
    dice = random.Random(f"{plan.seed}:{number}")
    try:
        with faults.planted(plan.faults) as hits:
            if plan.connected:
                connection.ensure_connection()
            start.wait(PATIENCE)
            work(Client(number, lane, log, dice, gates), **plan.given)
        if plan.faults:
            log.write("planted", hits=hits())
    finally:
        connection.close()
        log.close()
