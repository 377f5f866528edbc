"""Bar 6: web workers are killed and the database is stopped at once, while people submit.

A killed process shows nothing about a power cut: what the kernel has, stays.
"""

import contextlib
import http.client
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connections
from psycopg.sql import SQL, Composed, Identifier

from config import serve
from rehearsal.browser import Browser, Trouble
from tests.bars import served
from tests.bars.crew import INVOKE, OK, UNKNOWN, Client, Plan, entries, working
from tests.bars.report import SCALE, Finding, scaled, seed, twice

SUBMITS, KILLS, STOPS = 1_000, 20, 5
PEOPLE, PROCESSES = 8, 4
WITHIN = 10.0  # seconds until the service is back
PAUSE = 0.1  # seconds before a client tries again
TRIES = 400
ROWS = """
    SELECT j.seat_id, j.token, t.text, s.status,
           (SELECT count(*) FROM curation_verdict v JOIN annotation_matter m
                ON m.answer_id = v.answer_id WHERE m.id = j.matter_id)
      FROM annotation_judgement j JOIN annotation_assignment s ON s.id = j.seat_id
      LEFT JOIN annotation_writtentext t ON t.judgement_id = j.id"""


def browse(client: Client, *, url: str, campaign: int, names: list[str], password: str) -> None:
    """Work through the pages as a browser does, and try again whatever had no answer."""
    with contextlib.closing(Browser(url)) as browser:
        _again(client, lambda: _sign_in(browser, names[client.number], password))
        while True:
            page = _again(client, lambda: browser.get(f"/work/{campaign}/"))
            if not page.has_form(having="outcome"):
                return
            _judge(client, browser)


def _sign_in(browser: Browser, name: str, password: str) -> None:
    form = browser.get("/sign-in/").form(having="password")
    browser.submit(form.fill(username=name, password=password))


def _judge(client: Client, browser: Browser) -> None:
    page = browser.page
    form = page.form(having="outcome")
    seat, _dot, token = form.values["key"][0].partition(".")
    text = f"{client.number} on {seat}.{token}, draw {client.dice.randrange(10**9)}"
    form.fill(outcome="good", reason=text)
    about = {"act": "submit", "seat": int(seat), "token": int(token), "reason": text}
    for _try in range(TRIES):
        client.log.write(INVOKE, **about)
        try:
            browser.page = page
            answered = browser.submit(form, anyhow=True)
        except (Trouble, OSError, http.client.HTTPException) as fault:
            browser.close()
            if "answered 4" in str(fault):
                client.log.write("refused", why=str(fault)[:300], **about)
                return
            client.log.write(UNKNOWN, why=repr(fault)[:300], **about)
            time.sleep(PAUSE)
            continue
        told = [said for region in answered.tree.all(id="messages") for said in region.all()]
        saved = any(said.text.startswith("Saved") for said in told) and not answered.complaints
        client.log.write(OK if saved else "refused", said=answered.said[:200], **about)
        return
    raise AssertionError(f"no answer to {text} after {TRIES} tries")


def _again(client: Client, call):
    for _try in range(TRIES):
        try:
            return call()
        except (Trouble, OSError, http.client.HTTPException) as fault:
            client.log.write("trouble", why=repr(fault)[:300])
            time.sleep(PAUSE)
    raise AssertionError(f"the site did not answer {TRIES} times")


def hold(folder: Path, scale: float, *, application="config.wsgi", slack=False, **only) -> Finding:
    """Kill and stop as told while people submit; `slack` lets the database answer early."""
    found = Finding("kills", seed())
    wanted = {"kills": scaled(KILLS, scale), "stops": scaled(STOPS, scale)} | only
    connections.close_all()  # the stops would cut what the tests before left open
    with (
        served.database_server() as server,
        served.serving(server, folder / "site", application) as site,
        contextlib.ExitStack() as stack,
    ):
        told = _open(site, scaled(SUBMITS, scale, least=60))
        if slack:
            stack.enter_context(_answering_early(site))
        plan = Plan(
            work="tests.bars.test_kills:browse",
            processes=PROCESSES,
            threads=PEOPLE // PROCESSES,
            folder=folder / "logs",
            seed=found.seed,
            environment=site.environment,
            given={"url": site.url, **told},
            connected=False,
        )
        if not server.restart:
            wanted["stops"] = 0
            found.figures["stops_left_out"] = "BARS_RESTART is not set"
        dice = random.Random(found.seed)
        with working(plan) as clients:
            back = _break(site, server, plan, dice, scaled(SUBMITS, scale, least=60), **wanted)
            for client in clients:
                client.join()
        check(found, entries(plan.folder), _rows(site), _seats(site), back, wanted)
    return found.told()


@contextlib.contextmanager
def _answering_early(site: served.Site) -> Iterator[None]:
    """Let the database say "committed" before it has written, and let it write late."""
    name = urlsplit(site.owner_url).path.removeprefix("/")
    alter = SQL("ALTER DATABASE {} SET synchronous_commit = off").format(Identifier(name))
    _as_owner(site, alter, SQL("ALTER SYSTEM SET wal_writer_delay = '1s'"))
    try:
        yield
    finally:
        _as_owner(site, SQL("ALTER SYSTEM RESET wal_writer_delay"))


def _as_owner(site: served.Site, *statements: SQL | Composed) -> None:
    with psycopg.connect(site.owner_url, autocommit=True) as connection:
        for statement in (*statements, SQL("SELECT pg_reload_conf()")):
            connection.execute(statement)
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def _open(site: served.Site, answers: int) -> dict:
    words = [sys.executable, "-m", "tests.bars.open_answers", str(PEOPLE), str(answers)]
    done = subprocess.run(
        words, cwd=serve.ROOT, env=site.environment, check=True, stdout=subprocess.PIPE
    )
    return json.loads(done.stdout)


def _break(site, server, plan, dice, submits, *, kills, stops) -> dict[str, list[float]]:
    """Break things at random, spread over the submits; return how long each took to be back."""
    todo = ["kill"] * kills + ["stop"] * stops
    dice.shuffle(todo)
    back: dict[str, list[float]] = {"kill": [], "stop": []}
    for number, what in enumerate(todo):
        _until_acknowledged(plan.folder, int(submits * (number + 1) / (len(todo) + 2)))
        time.sleep(dice.uniform(0, 0.1))
        begun = time.monotonic()
        if what == "kill":
            with contextlib.suppress(ProcessLookupError):
                os.kill(dice.choice(site.workers()), signal.SIGKILL)
        else:
            server.restart()
        site.wait()
        back[what].append(round(time.monotonic() - begun, 2))
    return back


def _until_acknowledged(folder: Path, count: int) -> None:
    ends = time.monotonic() + 120
    while sum(path.read_text().count('"kind": "ok"') for path in folder.glob("*.jsonl")) < count:
        assert time.monotonic() < ends, "the clients stand still"
        time.sleep(0.02)


def _rows(site: served.Site) -> list[tuple]:
    with psycopg.connect(site.owner_url) as connection:
        return connection.execute(ROWS).fetchall()


def _seats(site: served.Site) -> int:
    with psycopg.connect(site.owner_url) as connection:
        return connection.execute("SELECT count(*) FROM annotation_assignment").fetchone()[0]


def check(found: Finding, log: list, rows: list, seats: int, back: dict, wanted: dict) -> None:
    acknowledged = {key(e) for e in log if e["kind"] == OK}
    invoked = {key(e) for e in log if e["kind"] == INVOKE}
    there = {(seat, token, text) for seat, token, text, _status, _verdicts in rows}
    slowest = {what: max(times, default=0) for what, times in back.items()}

    found.blame("acknowledged and lost", acknowledged - there)
    found.blame("unexplained", there - invoked)
    found.blame("never acknowledged", there - acknowledged)
    found.blame("twice", twice(seat for seat, *_rest in rows))
    found.blame("half written", [r for r in rows if not r[2] or r[3] != "done" or r[4] != 1])
    found.blame("refused", [e for e in log if e["kind"] == "refused"])
    found.blame("not done", [seats - len(rows)] if seats != len(rows) else [])
    found.blame("not back in time", [s for s in slowest.items() if s[1] > WITHIN])
    found.figures |= {
        **wanted,
        "submits": seats,
        "acknowledged": len(acknowledged),
        "rows": len(rows),
        "posts": sum(e["kind"] == INVOKE for e in log),
        "posts_without_answer": sum(e["kind"] == UNKNOWN for e in log),
        "other_requests_without_answer": sum(e["kind"] == "trouble" for e in log),
        "acknowledged_at_another_try": _late(log),
        "slowest_back": slowest,
    }


def _late(log: list) -> int:
    unknown = {key(e) for e in log if e["kind"] == UNKNOWN}
    return len(unknown & {key(e) for e in log if e["kind"] == OK})


def key(entry) -> tuple[int, int, str]:
    return entry["seat"], entry["token"], entry["reason"]


def test_what_was_acknowledged_and_is_not_there_is_seen():
    said = {"act": "submit", "seat": 1, "token": 1, "reason": "mine"}
    log = [{"kind": kind, **said} for kind in (INVOKE, UNKNOWN, INVOKE, OK)]
    found, lost = Finding("kills", 1), Finding("kills", 1)

    check(found, log, [(1, 1, "mine", "done", 1)], 1, {"kill": [1.0]}, {})
    check(lost, log, [(1, 1, "another's", "done", 1)], 1, {"kill": [11.0]}, {})

    assert found.wrong == {}
    assert lost.wrong.keys() == {
        "acknowledged and lost",
        "unexplained",
        "never acknowledged",
        "not back in time",
    }


@pytest.mark.slow
def test_what_was_acknowledged_survives_kills_and_stops(tmp_path):
    found = hold(tmp_path, SCALE)

    assert found.wrong == {}
    assert found.figures["posts_without_answer"] > 0, "nobody was ever in the way of a kill"


@pytest.mark.slow
def test_a_site_that_says_saved_before_it_has_saved_is_seen(tmp_path):
    found = hold(tmp_path, SCALE * 0.2, application="tests.bars.hasty", kills=12, stops=0)

    assert "acknowledged and lost" in found.wrong


@pytest.mark.slow
def test_a_database_that_answers_before_it_has_written_is_seen(tmp_path):
    found = hold(tmp_path, SCALE * 0.2, slack=True, kills=0, stops=10)
    if not found.figures["stops"]:
        pytest.skip("this database is not ours to stop")

    assert "acknowledged and lost" in found.wrong
