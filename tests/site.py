"""The real site as processes of its own, on a database of its own, for tests through HTTP.

Its processes log in as the app role, so its grants are tried along the way. They end when this
process does, however that ended.
"""

import contextlib
import fcntl
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg.sql import SQL, Identifier

from config import leash, serve
from rehearsal.browser import wait_for

PREFIX = "test_site_"
MODULE = [sys.executable, "-m"]
MANAGE = [sys.executable, "manage.py"]


@dataclass(frozen=True)
class Site:
    url: str
    endpoint: str  # where the rehearsal endpoint listens
    data: Path
    environment: dict[str, str]

    def tell(self, *words: str) -> dict:
        """Run a program on the site's database, and return the one object it prints."""
        done = subprocess.run(
            words, cwd=serve.ROOT, env=self.environment, check=True, stdout=subprocess.PIPE
        )
        return json.loads(done.stdout)

    def log(self, name: str) -> str:
        return (self.data / f"{name}.log").read_text()


@contextlib.contextmanager
def running(data: Path, owner_url: str, app_url: str) -> Iterator[Site]:
    """Lend a site that keeps its files in `data`; the URLs are those of any database there."""
    with contextlib.ExitStack() as stack:
        name = stack.enter_context(database(owner_url))
        port, endpoint_port = free_ports(2)
        environment = {
            **os.environ,
            "DATABASE_URL": named(app_url, name),
            "DATABASE_OWNER_URL": named(owner_url, name),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "TOUCHSTONE_DATA": str(data),
            "SITE_URL": f"http://127.0.0.1:{port}",
            "BIND": f"127.0.0.1:{port}",
        }
        environment.pop("TOUCHSTONE_AS_OWNER", None)
        site = Site(
            environment["SITE_URL"], f"http://127.0.0.1:{endpoint_port}/v1", data, environment
        )
        _prepare(site)
        lock = stack.enter_context((data / "serve.lock").open("a"))
        fcntl.flock(lock, fcntl.LOCK_EX)
        stack.enter_context(_processes(site, _commands(site, endpoint_port)))
        wait_for(site.url)
        yield site


@contextlib.contextmanager
def database(owner_url: str, prefix: str = PREFIX) -> Iterator[str]:
    """Lend an empty database; those that killed test runs left behind are dropped."""
    name = f"{prefix}{os.getpid()}"
    with psycopg.connect(owner_url, autocommit=True) as connection:
        for left in _left_behind(connection, prefix):
            with contextlib.suppress(psycopg.Error):
                connection.execute(SQL("DROP DATABASE {}").format(Identifier(left)))
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    try:
        yield name
    finally:
        with psycopg.connect(owner_url, autocommit=True) as connection:
            connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


def _left_behind(connection: psycopg.Connection, prefix: str = PREFIX) -> list[str]:
    """Name the databases of test runs that were killed."""
    found = connection.execute(
        "SELECT datname FROM pg_database WHERE datname ~ %s", [f"^{prefix}[0-9]+$"]
    )
    return [name for (name,) in found if not _alive(int(name.removeprefix(prefix)))]


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def named(url: str, name: str) -> str:
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def free_ports(count: int) -> list[int]:
    """Return ports that were free a moment ago, no two alike."""
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _number in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


def _prepare(site: Site) -> None:
    steps = [
        subprocess.Popen(words, cwd=serve.ROOT, env=site.environment)
        for words in (
            [*MANAGE, "migrate", "--noinput", "--verbosity", "0"],
            [*MANAGE, "collectstatic", "--noinput", "--verbosity", "0"],
            [*MODULE, "config.catalogues", "compile"],
        )
    ]
    failures = [step for step in steps if step.wait()]
    if failures:
        raise RuntimeError("the site could not be prepared")


def _commands(site: Site, endpoint_port: int) -> dict[str, list[str]]:
    served = serve.processes(site.environment, demo=False, once=False)
    key = str(site.data / "rehearsal-key.json")
    endpoint = [*MODULE, "rehearsal.endpoint", "--port", str(endpoint_port), "--key-file", key]
    return {"web": served["web"], "worker": served["worker"], "endpoint": endpoint}


@contextlib.contextmanager
def _processes(site: Site, commands: dict[str, list[str]]) -> Iterator[None]:
    lock = str(site.data / "serve.lock")
    started = []
    try:
        for name, command in commands.items():
            with (site.data / f"{name}.log").open("wb") as log:
                leashed = [*MODULE, "config.leash", lock, *command]
                started.append(
                    subprocess.Popen(
                        leashed, cwd=serve.ROOT, env=site.environment, stdout=log, stderr=log
                    )
                )
        yield
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(timeout=2 * leash.GRACE)
