"""Brokers that a bar stops, starts and wipes: files of our own, or a Redis or RabbitMQ server."""

import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import kombu
import redis

from tests.site import free_ports

FILES, REDIS, RABBITMQ = "filesystem", "redis", "rabbitmq"
KINDS = (FILES, REDIS, RABBITMQ)

# Debian's command of the same name changes to a user of its own when root calls it.
RABBITMQ_SERVERS = ("/usr/lib/rabbitmq/bin/rabbitmq-server", "rabbitmq-server")


def is_there(kind: str) -> bool:
    return kind == FILES or _program(kind) is not None


def _program(kind: str) -> str | None:
    names = ("redis-server",) if kind == REDIS else RABBITMQ_SERVERS
    return next(filter(None, map(shutil.which, names)), None)


class Files:
    """The folder of messages; a broker that stopped is one that can neither be read nor made."""

    url = "filesystem://localhost"

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "broker"
        self.aside = folder / "broker-aside"

    def stop(self) -> None:
        self.folder.rename(self.aside)
        self.folder.write_text("in the way")

    def start(self) -> None:
        self.folder.unlink()
        self.aside.rename(self.folder)

    def wipe(self) -> int:
        messages = list((self.folder / "queue").glob("*.msg"))
        for message in messages:
            message.unlink(missing_ok=True)
        return len(messages)


class Redis:
    """A Redis server that keeps nothing on the disk."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        words = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1"]
        words += ["--save", "", "--appendonly", "no", "--dir", str(self.folder)]
        self.process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
        while not self._answers():
            time.sleep(0.05)

    def stop(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)

    end = stop

    def wipe(self) -> int:
        with redis.Redis(port=self.port) as client:
            found = sum(
                client.llen(key) for key in client.scan_iter() if client.type(key) == b"list"
            )
            client.flushall()
            return found

    def _answers(self) -> bool:
        try:
            with redis.Redis(port=self.port) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False


class RabbitMQ:
    """A RabbitMQ server; what it holds is still there when it starts again."""

    def __init__(self, folder: Path) -> None:
        port, between_nodes, names = free_ports(3)
        self.url = f"amqp://guest:guest@127.0.0.1:{port}//"
        self.environment = {
            **os.environ,
            "HOME": str(folder),
            "RABBITMQ_NODENAME": "bar@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(port),
            "RABBITMQ_DIST_PORT": str(between_nodes),
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "no-such-file"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "no-such-plugins"),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(names),
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        program = _program(RABBITMQ)
        assert program is not None
        self.process = subprocess.Popen(
            [program],
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        while not self._answers():
            time.sleep(0.2)

    def stop(self) -> None:
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def end(self) -> None:
        self.stop()
        words = ["epmd", "-kill"]  # the names of nodes are told by a process of its own
        subprocess.run(words, env=self.environment, stdout=subprocess.DEVNULL, check=False)

    def wipe(self) -> int:
        with kombu.Connection(self.url) as connection:
            return int(connection.default_channel.queue_purge("celery") or 0)

    def _answers(self) -> bool:
        try:
            with kombu.Connection(self.url, connect_timeout=2) as connection:
                connection.connect()
                return True
        except OSError:
            return False


@contextmanager
def broker(kind: str, folder: Path):
    if kind == FILES:
        yield Files(folder)
        return
    folder.mkdir(parents=True, exist_ok=True)
    server = Redis(folder) if kind == REDIS else RabbitMQ(folder)
    server.start()
    try:
        yield server
    finally:
        server.end()
