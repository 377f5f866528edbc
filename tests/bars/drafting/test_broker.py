"""Drafting bar 3: the broker stops while people start runs, and is wiped while workers draft.

Every start is a form that a curator submits to the real site; it publishes a hint. The oracle is
what the site answered and what the scripted endpoint was asked.
"""

import os
import secrets
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client

from config import serve
from curation.models import Attempt, Call, Project, Role, Run
from rehearsal.browser import wait_for
from tests import factories
from tests import site as sites
from tests.bars.drafting import brokers, stage
from tests.bars.report import SCALE, Finding, scaled, seed
from tests.workers import database_url, working

SUBMITS, DRAFTS, WIPES, THREADS = 200, 500, 3, 8
RUNS = 6  # that draft while the broker is wiped: more than there are workers, so that hints wait
ITEMS = 1  # of each run that is started while the broker is away
SLOWEST = 10.0  # seconds in which the site answers, whatever the broker does
BACK = 60.0  # seconds after which everything is done once the broker is there
SWEEP = 2  # seconds
PATIENCE = 20.0  # seconds in which a hint waits at the broker
FRAGILE = "tests.bars.drafting.fragile"


def hold(folder: Path, scale: float, kind: str, application="config.wsgi", sweeps=True) -> Finding:
    found = Finding(f"broker_{kind}", seed())
    with (
        stage.scripted(folder / "endpoint") as server,
        brokers.broker(kind, folder / "workers") as broker,
        _workers(folder / "workers", broker, sweeps) as workers,
        _site(folder, broker, application) as site,
    ):
        items = scaled(DRAFTS / 3 / RUNS, scale, least=4)
        wiped = [_project(server, f"wiped-{n}", items, wait=0.5) for n in range(RUNS)]
        projects = [
            _project(server, f"lane-{n}", ITEMS) for n in range(scaled(SUBMITS, scale, least=4))
        ]
        curator = _Curator(site, [*wiped, *projects])
        workers.start(beat=sweeps)
        time.sleep(3)  # it is listening
        found.blame("not answered", curator.submit(wiped))
        lost = _wipe(broker, WIPES)
        found.blame("wiped nothing", [number for number, taken in enumerate(lost) if not taken])
        broker.stop()
        found.blame("not answered", curator.submit(projects))
        broker.start()
        began = time.monotonic()
        _until_finished(began)
        found.figures |= {
            "submits": len(projects),
            "slowest_answer": round(curator.slowest, 2),
            "messages_wiped": lost,
            "done_after": round(time.monotonic() - began, 1),
        }
        check(found, server)
    return found.told()


def check(found: Finding, server: stage.Scripted) -> None:
    asked = Counter(entry["key"] for entry in server.entries("asked"))
    open_runs = Run.objects.exclude(status=Run.Status.FINISHED).values_list("pk", flat=True)

    found.blame("not done", open_runs)
    found.blame("not done", Call.objects.exclude(status="done").values_list("key", flat=True))
    found.blame("paid twice", [key for key, times in asked.items() if times > 1])
    found.blame("not counted", [key for key in asked if not Attempt.objects.filter(call__key=key)])
    found.figures |= {"drafts": Call.objects.count(), "requests": sum(asked.values())}


class _Curator:
    """Submits the form that starts a run, from several tabs at once."""

    def __init__(self, site: str, projects: list[Project]) -> None:
        self.address = site.removeprefix("http://")
        self.slowest = 0.0
        user = factories.make_user("broker-curator")
        for project in projects:
            factories.make_member(project, Role.CURATOR, user)
        client = Client()
        client.force_login(user)
        self.token = secrets.token_hex(16)
        self.cookie = f"session={client.cookies['session'].value}; csrf={self.token}"

    def submit(self, projects: list[Project]) -> list[str]:
        """Start a run in each project; return what was not answered as it should be."""
        left, wrong = list(projects), []
        threads = [
            threading.Thread(target=self._tab, args=(left, wrong)) for _tab in range(THREADS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return wrong

    def _tab(self, left: list[Project], wrong: list[str]) -> None:
        while left:
            project = left.pop()
            begun = time.monotonic()
            try:
                status, to = self._post(f"/projects/{project.slug}/drafting/")
            except OSError as error:
                status, to = 0, repr(error)
            took = time.monotonic() - begun
            self.slowest = max(self.slowest, took)
            if status != 302 or "/runs/" not in to or took > SLOWEST:
                wrong.append(f"{project.slug}: {status} {to} after {took:.1f} s")

    def _post(self, path: str) -> tuple[int, str]:
        connection = HTTPConnection(self.address, timeout=3 * SLOWEST)
        body = urlencode({"csrfmiddlewaretoken": self.token})
        headers = {
            "cookie": self.cookie,
            "content-type": "application/x-www-form-urlencoded",
            "origin": f"http://{self.address}",
        }
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status, answer.headers.get("location", "")


def _project(server: stage.Scripted, lane: str, items: int, wait: float = 0.05) -> Project:
    project = factories.make_project()
    stage.make_endpoint(project, server.url(lane))
    server.tell({lane: {"then": {"name": "good", "wait": wait}}})
    stage.make_items(project, items)
    return project


def _wipe(broker, times: int) -> list[int]:
    """Throw away all messages as soon as there are some, so many times; return how many each."""
    return [_wiped(broker) for _time in range(times)]


def _wiped(broker) -> int:
    time.sleep(0.5)
    ends = time.monotonic() + PATIENCE
    while not (taken := broker.wipe()) and time.monotonic() < ends:
        time.sleep(0.05)
    return taken


def _until_finished(began: float) -> None:
    while Run.objects.exclude(status=Run.Status.FINISHED).exists():
        if time.monotonic() - began > BACK:
            return
        time.sleep(0.2)


@contextmanager
def _workers(folder: Path, broker, sweeps: bool):
    folder.mkdir(parents=True, exist_ok=True)
    # Without sweeps, replies come back to nobody who was hinted to.
    environment = {"CELERY_BROKER_URL": broker.url, "SWEEP_EVERY": str(SWEEP)}
    with working(folder, **environment) as workers:
        yield workers


@contextmanager
def _site(folder: Path, broker, application: str):
    """Run the web workers on the test's own database."""
    [port] = sites.free_ports(1)
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "TOUCHSTONE_DATA": str(folder / "workers"),
        "DATABASE_URL": database_url(),
        "CELERY_BROKER_URL": broker.url,
        "SECRET_KEY": settings.SECRET_KEY,  # so that it knows the session made here
        "SITE_URL": f"http://127.0.0.1:{port}",
        "BIND": f"127.0.0.1:{port}",
        "PYTHONPATH": str(serve.ROOT),
    }
    collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    subprocess.run(collect, cwd=serve.ROOT, env=environment, check=True)
    web = serve.processes(environment, demo=False, once=False)["web"]
    command = [application if word == "config.wsgi" else word for word in web]
    with (folder / "web.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=serve.ROOT, env=environment, stdout=log, stderr=log)
    try:
        wait_for(environment["SITE_URL"])
        yield environment["SITE_URL"]
    finally:
        process.terminate()
        process.wait(20)


def _needs(kind: str) -> None:
    if not brokers.is_there(kind):
        pytest.skip(f"no server of {kind} is installed")


@pytest.mark.slow
@pytest.mark.parametrize("kind", brokers.KINDS)
@pytest.mark.django_db(transaction=True)
def test_nobody_is_refused_and_nothing_is_lost_while_the_broker_is_away(tmp_path, kind):
    _needs(kind)
    found = hold(tmp_path, SCALE, kind)

    assert found.wrong == {}


@pytest.mark.slow
@pytest.mark.parametrize("kind", brokers.KINDS)
@pytest.mark.django_db(transaction=True)
def test_a_hint_that_may_fail_its_request_is_seen(tmp_path, kind):
    _needs(kind)
    found = hold(tmp_path, SCALE * 0.1, kind, application=f"{FRAGILE}")

    assert "not answered" in found.wrong


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_site_without_its_sweep_is_seen(tmp_path, monkeypatch):
    monkeypatch.setattr("tests.bars.drafting.test_broker.BACK", 15.0)

    found = hold(tmp_path, SCALE * 0.1, brokers.FILES, sweeps=False)

    assert "not done" in found.wrong
