"""Brokers that a bar stops, starts and wipes: files of our own, or a Redis server of its own."""

import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import redis

FILES, REDIS = "filesystem", "redis"


def is_there(kind: str) -> bool:
    return kind == FILES or shutil.which("redis-server") is not None


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


@contextmanager
def broker(kind: str, folder: Path):
    if kind == FILES:
        yield Files(folder)
        return
    folder.mkdir(parents=True, exist_ok=True)
    server = Redis(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
