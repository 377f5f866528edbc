"""The story of `make demo`, told to a real site in processes of its own, on a shorter sample."""

import contextlib
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from psycopg.sql import SQL, Identifier

from config import serve
from rehearsal import people
from rehearsal.accounts import ROLES, Secrets, username
from rehearsal.browser import Browser, Trouble
from rehearsal.stage import sign_in
from tests import site as sites

ITEMS = 12
DATABASES = "test_story_"
CLAIM = re.compile(r"/work/\d+/")
NO_EVIDENCE = {"django_session"}  # each telling signs in anew


@dataclass(frozen=True)
class House:
    """An installation of its own: a database and a data folder."""

    environment: dict[str, str]
    data: Path

    @property
    def command(self) -> list[str]:
        demo = [sys.executable, "-m", "config.serve", "--demo", "--once"]
        return [*demo, "--", "--items", str(ITEMS)]

    def tell(self) -> str:
        told = subprocess.run(
            self.command,
            cwd=serve.ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert told.returncode == 0, told.stdout + told.stderr
        return told.stdout

    def break_off(self, when: str) -> str:
        """Tell the story and kill the house with SIGKILL a second after a line that matches."""
        said = ""
        with subprocess.Popen(
            self.command, cwd=serve.ROOT, env=self.environment, stdout=subprocess.PIPE, text=True
        ) as told:
            for line in told.stdout:
                said += line
                if re.search(when, line):
                    break
            time.sleep(1)
            told.send_signal(signal.SIGKILL)
        return said

    @contextlib.contextmanager
    def standing(self):
        """Tell the story, lend what was said while the site stands, and end it with Ctrl-C."""
        command = [word for word in self.command if word != "--once"]
        with subprocess.Popen(
            command, cwd=serve.ROOT, env=self.environment, stdout=subprocess.PIPE, text=True
        ) as told:
            said = ""
            for line in told.stdout:
                said += line
                if line.startswith("Begin with"):
                    break
            try:
                yield said
            finally:
                told.send_signal(signal.SIGINT)
                told.communicate(timeout=30)
        assert told.returncode == 0

    def manage(self, *words: str) -> dict:
        done = subprocess.run(
            [sys.executable, "manage.py", *words, "--json"],
            cwd=serve.ROOT,
            env=self.environment,
            check=True,
            stdout=subprocess.PIPE,
        )
        return json.loads(done.stdout)

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(self.environment["DATABASE_OWNER_URL"])

    def rows(self) -> dict[str, int]:
        """Count the rows of every table."""
        with self.connect() as connection:
            tables = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            ).fetchall()
            count = SQL("SELECT count(*) FROM {}")
            return {
                table: connection.execute(count.format(Identifier(table))).fetchone()[0]
                for (table,) in tables
                if table not in NO_EVIDENCE
            }

    def count_by(self, table: str, column: str) -> dict[str, int]:
        query = SQL("SELECT {0}, count(*) FROM {1} GROUP BY {0}")
        with self.connect() as connection:
            return dict(
                connection.execute(query.format(Identifier(column), Identifier(table))).fetchall()
            )

    def export(self, number: int, name: str) -> dict[str, bytes]:
        folder = self.data / name
        self.manage("export_release", "rehearsal", str(number), "--to", str(folder))
        return {
            str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }


@contextlib.contextmanager
def house(data: Path):
    with sites.database(settings.DATABASE_OWNER_URL, DATABASES) as name:
        port, endpoint_port = sites.free_ports(2)
        environment = {
            **os.environ,
            "DATABASE_URL": sites.named(settings.DATABASE_URL, name),
            "DATABASE_OWNER_URL": sites.named(settings.DATABASE_OWNER_URL, name),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "TOUCHSTONE_DATA": str(data),
            "PORT": str(port),
            "REHEARSAL_PORT": str(endpoint_port),
            # What a killed worker held is soon taken up again.
            "LLM_LEASE": "3",
            "SWEEP_EVERY": "2",
        }
        for name in ("TOUCHSTONE_AS_OWNER", "SITE_URL", "BIND"):
            environment.pop(name, None)
        yield House(environment, data)


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """A house in which the story was told once, and what was said."""
    with house(tmp_path_factory.mktemp("house")) as lent:
        yield lent, lent.tell()


def broken_links(site: str, who: str, password: str) -> list[str]:
    """Go wherever a link leads this person, and name what could not be shown."""
    browser, broken, seen = Browser(site), [], set()
    sign_in(browser, username(who), password)
    waiting = [f"{site}/"]
    while waiting:
        address = waiting.pop()
        try:
            page = browser.get(address)
        except Trouble as trouble:
            broken.append(str(trouble))
            continue
        links = {link.partition("#")[0] for link, _ in page.links()}
        # Not what is elsewhere, and not what claims a seat.
        links = {link for link in links if link.startswith(site) and not CLAIM.search(link)}
        waiting += links - seen
        seen |= links
    browser.close()
    return broken


def lines(content: bytes) -> list[dict]:
    return [json.loads(line) for line in content.decode().split("\n") if line]


def assert_mid_life(lent: House) -> None:
    """What every telling leads to, however often it was broken off."""
    counts = {number: lent.manage("verify_release", "rehearsal", str(number)) for number in (1, 2)}
    assert {number: verified["release"] for number, verified in counts.items()} == {
        1: "rehearsal/1",
        2: "rehearsal/2",
    }
    assert lent.rows()["curation_release"] == 2
    assert lent.count_by("curation_item", "status") == {"gold": ITEMS, "in_review": 6}
    disputes = lent.count_by("annotation_matter", "status")
    assert disputes["disputed"] == 1
    assert disputes["open"] == 5


def assert_as_played(files: dict[str, bytes]) -> None:
    """Gold is what people want in the end, and every reply of both subjects is judged."""
    rows = lines(files["mcq.jsonl"])
    assert len(rows) == ITEMS
    for row in rows:
        good = row["labels"].index(1)
        for side, text in (
            ("positive", row["choices"][good]),
            ("negative", row["choices"][1 - good]),
        ):
            assert people.wanted(row["question"], side, text) == text
    assert len(lines(files["verdicts.jsonl"])) == 2 * ITEMS
    replies = [
        reply
        for name in ("rehearsal-consistent", "rehearsal-fake-aligned")
        for reply in lines(files[f"answers/{name}.jsonl"])
        if "item_id" in reply or "id" in reply
    ]
    assert len(replies) == 2 * 3 * ITEMS


def test_the_story_ends_with_releases_scores_and_work_for_visitors(told):
    lent, said = told

    assert f"{ITEMS} items gold, 0 rejected" in said
    assert "both ways give the same figures, and those that were played" in said
    assert re.search(rf"rehearsal-consistent +{ITEMS} ", said)
    assert_mid_life(lent)
    assert_as_played(lent.export(2, "first"))


def test_two_exports_are_the_same_to_the_byte_and_hash_as_they_say(told):
    lent, _ = told

    first, second = lent.export(2, "one"), lent.export(2, "two")

    assert first == second
    sums = [line.split() for line in first["SHA256SUMS"].decode().splitlines()]
    assert {name for _, name in sums} == set(first) - {"SHA256SUMS"}
    for digest, name in sums:
        assert hashlib.sha256(first[name]).hexdigest() == digest


def test_everything_is_marked_as_a_rehearsal(told):
    lent, said = told

    files = lent.export(2, "marked")

    assert said.startswith("A rehearsal: everybody below is a script")
    assert json.loads(files["manifest.json"])["rehearsal"] is True


@pytest.mark.slow
def test_told_again_it_changes_nothing_and_stands_for_visitors_until_ctrl_c(told):
    lent, _ = told
    before, exported = lent.rows(), lent.export(2, "before")

    with lent.standing() as said:
        after = lent.rows()
        site = re.search(r"The site stands: (\S+)", said)[1]
        password = re.search(r"Password of everybody below: (\S+)", said)[1]
        broken = {who: broken_links(site, who, password) for who in ROLES}

    assert said.count("already there") == 4
    assert after == before
    assert lent.export(2, "after") == exported
    assert_mid_life(lent)
    assert password == Secrets(lent.data / "rehearsal-accounts.json").password
    assert re.search(r"rehearsal-ben +worker +\d reviews to do", said)
    assert re.search(r"rehearsal-rue +reviewer +1 dispute to do", said)
    assert broken == {who: [] for who in ROLES}
    with pytest.raises(ConnectionRefusedError):
        Browser(site).get("/healthz")


@pytest.mark.slow
@pytest.mark.parametrize(
    "when",
    [
        "Draft options",
        "review and rewrite",
        "Two subjects answer",
        "judge the open answers",
        "Leave a few",
    ],
)
def test_a_story_that_was_killed_goes_on_where_it_was(tmp_path, when):
    with house(tmp_path) as lent:
        assert "Told in" not in lent.break_off(when)

        lent.tell()

        assert_mid_life(lent)
        assert_as_played(lent.export(2, "resumed"))


@pytest.mark.slow
def test_nothing_is_left_running_when_nobody_listens(tmp_path):
    with house(tmp_path) as lent:
        with subprocess.Popen(
            lent.command,
            cwd=serve.ROOT,
            env=lent.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as told:
            told.stdout.readline()
            told.stdout.close()

            assert told.wait(timeout=60) == 1

        with pytest.raises(ConnectionRefusedError):
            Browser(f"http://127.0.0.1:{lent.environment['PORT']}").get("/healthz")
