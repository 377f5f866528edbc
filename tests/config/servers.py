"""Real embedded servers for tests: folders, processes that use them, and what they are doing."""

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from config import cluster, postgres

CHECKOUT = Path(postgres.__file__).resolve().parent.parent
SITE = Path(psycopg.__file__).resolve().parent.parent
USE = """
import sys
from config import postgres
server = postgres.ensure()
print(server.url("owner"), flush=True)
sys.stdin.read()
"""
ROOT = os.geteuid() == 0
only_root = pytest.mark.skipif(not ROOT, reason="needs root, whose server is another account's")


@contextlib.contextmanager
def temporary_folder(mode: int) -> Iterator[Path]:
    """Lend a folder outside pytest's own, which is closed; wait for its servers to go."""
    root = Path(tempfile.mkdtemp(prefix="ts-test-"))
    root.chmod(mode)
    try:
        yield root
        for place in root.rglob("postgres"):
            if (place / "in-use").exists():
                assert until(lambda data=place.parent: idle(data))
    finally:
        for link in root.rglob("postgres"):
            if link.is_symlink():
                shutil.rmtree(link.resolve(), ignore_errors=True)
        shutil.rmtree(root, ignore_errors=True)


def until(test: Callable[[], object], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not test():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def alive(data: Path) -> int | None:
    found = cluster.postmaster((data / "postgres").resolve())
    return found.pid if found else None


def idle(data: Path) -> bool:
    """Tell whether server and keeper are gone."""
    with (data / "postgres/keeper").open() as lock, contextlib.suppress(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return not alive(data)
    return False


def kill(pid: int) -> None:
    """Kill a process and wait until the system took its locks away: it is gone, or unburied."""
    os.kill(pid, signal.SIGKILL)
    status = Path(f"/proc/{pid}/status")
    assert until(lambda: not status.exists() or "State:\tZ" in status.read_text())


def environment(data: Path | None, **more: str) -> dict[str, str]:
    paths = os.pathsep.join((str(CHECKOUT), str(SITE)))
    given = {} if data is None else {"TOUCHSTONE_DATA": str(data)}
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    return {**kept, "PYTHONPATH": paths, **given, **more}


@contextlib.contextmanager
def user(
    data: Path | None, script: str = USE, python: str = sys.executable, **more: Any
) -> Iterator[subprocess.Popen[str]]:
    """Run a process that uses the server until its input is closed."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    given = {"env": environment(data), **pipes, **more}
    with subprocess.Popen([python, "-c", script], text=True, **given) as process:
        yield process


def who(url: str) -> str:
    with psycopg.connect(url) as connection:
        return connection.execute("select current_user").fetchone()[0]
