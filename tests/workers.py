"""Real Celery worker processes on the test's own database, with a broker of files of their own."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

from celery import Celery
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent


class Workers:
    """Starts workers, hints to them and kills them."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.log = folder / "worker.log"
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "TOUCHSTONE_DATA": str(folder),
            "DATABASE_URL": database_url(),
            "CELERY_BROKER_URL": "filesystem://localhost",
            "PYTHONUNBUFFERED": "1",
            **environment,
        }
        self.running: list[subprocess.Popen] = []
        self.app = Celery("hints", broker="filesystem://localhost", set_as_current=False)
        broker = folder / "broker"
        for name in ("queue", "processed", "control"):
            (broker / name).mkdir(parents=True)
        self.queue = broker / "queue"
        self.app.conf.broker_transport_options = {
            "data_folder_in": str(self.queue),
            "data_folder_out": str(self.queue),
            "processed_folder": str(broker / "processed"),
            "control_folder": str(broker / "control"),
        }

    def start(self, *, beat: bool = False, app: str = "config.celery") -> subprocess.Popen:
        words = [sys.executable, "-m", "celery", "--app", app, "worker"]
        words += ["--pool", "prefork", "--concurrency", "2", "--loglevel", "INFO"]
        words += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        words += ["--beat"] if beat else []
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                words,
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.running.append(process)
        return process

    def hint(self, name: str, times: int = 1, **ids: int) -> None:
        for _ in range(times):
            self.app.send_task(f"curation.tasks.{name}", kwargs=ids)

    def idle(self) -> bool:
        """Say whether every hint was taken, and what came of it is over."""
        if any(self.queue.iterdir()):
            return False
        time.sleep(1)
        return not any(self.queue.iterdir())

    def kill(self, process: subprocess.Popen) -> None:
        """End a worker and its children as the kernel would, with no chance to tidy up."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
        self.running.remove(process)

    def end(self) -> None:
        for process in list(self.running):
            self.kill(process)


@contextmanager
def working(folder: Path, **environment: str):
    workers = Workers(folder, **environment)
    try:
        yield workers
    finally:
        workers.end()


def database_url() -> str:
    """Return the address of the database this test runs on."""
    at = connection.get_connection_params()
    names = ("host", "port", "user", "password")
    rest = urlencode({name: at[name] for name in names if at.get(name)})
    return f"postgresql:///{quote(at['dbname'])}?{rest}"


def until(condition, *, seconds: float = 60, log: Path | None = None) -> None:
    """Wait for something other processes bring about."""
    ends = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > ends:
            raise AssertionError(f"not in {seconds} s\n{log.read_text()[-3000:] if log else ''}")
        time.sleep(0.1)
