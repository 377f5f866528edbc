"""The real site for a bar that kills it: web workers, and a database server of its own.

With an outside server that is the one of DATABASE_OWNER_URL; BARS_RESTART then names the command
that stops it immediately and starts it again. Without one its stops are left out, and that is said.
"""

import contextlib
import fcntl
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from config import cluster, leash, postgres, serve
from tests import site as sites
from tests.config import servers

PREFIX = "test_bars_"
WORKERS = 2  # what the Procfile starts
EVERY = 0.1  # seconds between two looks; each look costs the site some work
BACK = 30.0  # seconds after which it will not come back any more


@dataclass(frozen=True)
class Server:
    """A database server: its addresses, and how it is stopped at once and started again."""

    owner_url: str
    app_url: str
    restart: Callable[[], None] | None


@contextlib.contextmanager
def database_server() -> Iterator[Server]:
    outside = os.environ.get("DATABASE_URL", "")
    if outside:
        command = os.environ.get("BARS_RESTART", "")
        restart = (lambda: _told(command)) if command else None
        yield Server(os.environ.get("DATABASE_OWNER_URL") or outside, outside, restart)
        return
    with servers.temporary_folder(0o711) as data, postgres.hold(data) as server:
        yield Server(server.url("owner"), server.url("app"), lambda: _stop_and_start(data))


def _told(command: str) -> None:
    subprocess.run(shlex.split(command), check=True, stdout=subprocess.DEVNULL, timeout=60)


def _stop_and_start(data: Path) -> None:
    """Stop the server as `pg_ctl -m immediate` does; whoever needs it next starts it again."""
    home = cluster.home(data)
    running = cluster.postmaster(home)
    assert running, "the server is gone already"
    os.kill(running.pid, signal.SIGQUIT)
    cluster.settled(home, gone=True)
    with postgres.hold(data):
        pass


@dataclass(frozen=True)
class Site:
    url: str
    owner_url: str
    environment: dict[str, str]
    master: Callable[[], int]
    log: Path

    def workers(self) -> list[int]:
        """Return the web workers, by the kernel's word."""
        try:
            told = Path(f"/proc/{self.master()}/task/{self.master()}/children").read_text()
        except OSError:
            return []
        return [int(pid) for pid in told.split()]

    def is_back(self) -> bool:
        """Say whether every web worker is there, and the site says it is ready."""
        try:
            with urlopen(f"{self.url}/readyz", timeout=BACK) as answer:
                return answer.status == 200 and len(self.workers()) >= WORKERS
        except OSError:
            return False

    def wait(self) -> float:
        """Return after how many seconds the site is back."""
        begun = time.monotonic()
        while not self.is_back():
            if time.monotonic() - begun > BACK:
                raise AssertionError(f"the site is not back\n{self.log.read_text()[-3000:]}")
            time.sleep(EVERY)
        return time.monotonic() - begun


@contextlib.contextmanager
def serving(server: Server, folder: Path, application: str = "config.wsgi") -> Iterator[Site]:
    """Lend a site whose web workers run an application; another one than ours has a fault."""
    with contextlib.ExitStack() as stack:
        name = stack.enter_context(sites.database(server.owner_url, PREFIX))
        [port] = sites.free_ports(1)
        # What a Celery worker makes when it starts; here nobody drafts, so there is none.
        (folder / "broker" / "queue").mkdir(parents=True)
        environment = {
            **os.environ,
            "DATABASE_URL": sites.named(server.app_url, name),
            "DATABASE_OWNER_URL": sites.named(server.owner_url, name),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "TOUCHSTONE_DATA": str(folder),
            "SITE_URL": f"http://127.0.0.1:{port}",
            "BIND": f"127.0.0.1:{port}",
            "PYTHONPATH": str(serve.ROOT),
        }
        environment.pop("TOUCHSTONE_AS_OWNER", None)
        for words in (
            ("manage.py", "migrate", "--noinput", "--verbosity", "0"),
            ("manage.py", "collectstatic", "--noinput", "--verbosity", "0"),
            ("-m", "config.catalogues", "compile"),
        ):
            subprocess.run([sys.executable, *words], cwd=serve.ROOT, env=environment, check=True)
        lock = stack.enter_context((folder / "serve.lock").open("a"))
        fcntl.flock(lock, fcntl.LOCK_EX)
        web = serve.processes(environment, demo=False, once=False)["web"]
        command = [application if word == "config.wsgi" else word for word in web]
        leashed = stack.enter_context(_leashed(folder, command, environment))
        site = Site(
            environment["SITE_URL"],
            environment["DATABASE_OWNER_URL"],
            environment,
            lambda: _child(leashed.pid),
            folder / "web.log",
        )
        site.wait()
        yield site


@contextlib.contextmanager
def _leashed(
    folder: Path, command: list[str], environment: dict[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    words = [sys.executable, "-m", "config.leash", str(folder / "serve.lock"), *command]
    with (folder / "web.log").open("wb") as log:
        process = subprocess.Popen(words, cwd=serve.ROOT, env=environment, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=2 * leash.GRACE)


def _child(pid: int) -> int:
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])
