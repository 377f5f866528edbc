"""Worker processes of a bar that work runs off, with shorter waits and with deaths on the way."""

import logging
import os
import resource
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from tests.bars.crew import Client, Log
from tests.bars.drafting import stage

LONGEST = 60.0  # seconds after which a run is stuck
SHORT = {"first": 2 / 30, "rest": 0.2}
DYING_WITHIN = 0.1  # seconds in flight


def work_off(client: Client, *, runs: list[dict[str, Any]], share: int) -> None:
    """Work my share of the runs, one after the other, until nothing more can be done."""
    with _errors_told(client.log):
        for told in runs[client.number :: share]:
            os.environ.update(told["environment"])
            before = _memory()
            with stage.scaled(**SHORT, **told["waits"]), _trusting(told["root"]):
                if told["dies"]:
                    _with_deaths(client.log, told["run"], told["dies"])
                if told["jumps"]:
                    _jumping()
                client.ask("work", lambda told=told: _worked(told["run"]), run=told["run"])
            client.log.write("memory", run=told["run"], grown=_memory() - before)


def _worked(run: int) -> dict[str, Any]:
    from curation.drafting import engine

    ends = time.monotonic() + LONGEST
    slices = 1
    while engine.work(run_id=run, seconds=5):
        slices += 1
        if time.monotonic() > ends:
            return {"stuck": True, "slices": slices}
    return {"stuck": False, "slices": slices}


@contextmanager
def _errors_told(log: Log) -> Iterator[None]:
    """Write what the product logs as an error: an exception that it caught and gave up on."""

    class Told(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            log.write("fault", words=record.getMessage(), trace=str(record.exc_info))

    handler = Told(logging.ERROR)
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)


@contextmanager
def _trusting(root: str) -> Iterator[None]:
    """Trust the certificates that this root signed, as the system's are trusted."""
    import ssl

    import httpx2

    kept = httpx2.create_ssl_context
    if root:
        httpx2.create_ssl_context = lambda **_how: ssl.create_default_context(cafile=root)
    try:
        yield
    finally:
        httpx2.create_ssl_context = kept


def _jumping() -> None:
    """Let the clock jump by an hour once calls are out: their leases are over, they are not."""
    from curation.drafting import calls
    from curation.models import Call

    plain = calls.claim

    def claim(**what: Any) -> Any:
        catch = plain(**what)
        if catch.claimed and what["endpoint_id"] not in jumped:
            jumped.add(what["endpoint_id"])
            mine = [one.call.pk for one in catch.claimed]
            Call.objects.filter(pk__in=mine).update(lease_expires_at="2000-01-01T00:00:00Z")
        return catch

    jumped: set[int] = set()
    calls.claim = claim


def _with_deaths(log: Log, run: int, where: str) -> None:
    """Fork workers that die at a point, each at another call, until no more calls come there.

    What a dead worker held is free at once, as after its lease.
    """
    from django.db import connection

    from curation.models import Call

    died: set[str] = set()
    while True:
        connection.close()
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.close(reading)
            _dying(run, where, died, writing)
        os.close(writing)
        with os.fdopen(reading) as told:
            key = told.read()
        _pid, status = os.waitpid(child, 0)
        log.write("died", run=run, where=where, key=key, signal=os.WTERMSIG(status))
        Call.objects.filter(run_calls__run=run, status="leased").update(
            lease_expires_at="2000-01-01T00:00:00Z"
        )
        if not key:
            return
        died.add(key)


def _dying(run: int, where: str, died: set[str], writing: int) -> None:
    from curation.drafting import applying, client, engine
    from curation.models import Call

    def die(key: str) -> None:
        os.write(writing, key.encode())
        os.kill(os.getpid(), signal.SIGKILL)

    def once(act: Callable[..., Any], key_of: Callable[..., str]) -> Callable[..., Any]:
        def instead(*given: Any, **more: Any) -> Any:
            key = key_of(*given)
            if key and key not in died:
                if where != "flight":
                    die(key)
                threading.Timer(DYING_WITHIN, die, [key]).start()
            return act(*given, **more)

        return instead

    def of_unread(pks: Sequence[int]) -> str:
        return str(Call.objects.get(pk=pks[0]).key) if pks else ""

    if where in ("send", "flight"):
        client.Client.ask = once(client.Client.ask, lambda _self, request: request.key)
    elif where == "keep":
        engine._keep = once(engine._keep, lambda landed, _again: landed[0].claimed.call.key)
    else:
        applying.read = once(applying.read, of_unread)
    _worked(run)
    os._exit(0)


def _memory() -> int:
    """Return the most memory this process ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1_024
