"""What the bars of drafting share: the scripted endpoint in its process, projects that lead to it.

Nothing of the product is touched. Waits are shortened in the worker's own process (`scaled`).
"""

import http.client
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from config import serve
from curation.models import (
    Call,
    DraftRole,
    Endpoint,
    Item,
    Price,
    Project,
    RoleAssignment,
    Run,
)
from tests import factories
from tests.bars.drafting.sayings import MODEL

ROLES = (DraftRole.POSITIVE, DraftRole.NEGATIVE, DraftRole.TAGGER)
LONG_AGO = date(2020, 1, 1)
EARLY = 0.002  # seconds: the clocks of two processes read one after the other
Entry = dict[str, Any]


@dataclass(frozen=True)
class Scripted:
    """The endpoint's process, as seen from here."""

    port: int
    tls: dict[str, int]
    log: Path

    def url(self, lane: str) -> str:
        return f"http://127.0.0.1:{self.port}/{lane}/v1"

    def tell(self, lanes: dict[str, dict[str, Any]]) -> None:
        """Say how lanes reply from now on."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("POST", "/_script", json.dumps(lanes))
        assert connection.getresponse().status == 200
        connection.close()

    def entries(self, kind: str | None = None, lane: str | None = None) -> list[Entry]:
        """Return what it logged, in the order of time; a line it is writing now is left out."""
        whole = self.log.read_bytes().rpartition(b"\n")[0]
        found = [json.loads(line) for line in whole.splitlines()]
        return [e for e in found if kind in (None, e["kind"]) and lane in (None, e.get("lane"))]


@contextmanager
def scripted(folder: Path, certificates: Path | None = None) -> Iterator[Scripted]:
    """Run the scripted endpoint until the end of the block."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "endpoint.jsonl"
    log.touch()
    words = [sys.executable, "-m", "tests.bars.drafting.scripted", "--log", str(log)]
    words += ["--certificates", str(certificates)] if certificates else []
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(words, cwd=serve.ROOT, text=True, **pipes) as process:
        try:
            told = json.loads(process.stdout.readline())
            yield Scripted(told["port"], told["tls"], log)
        finally:
            process.stdin.close()
            process.kill()


def early(entries: list[Entry]) -> list[Entry]:
    """Return the requests for a key that came before the time it was told to wait for."""
    until: dict[str, float] = {}
    found = []
    for entry in entries:
        if entry["kind"] == "asked" and entry["at"] < until.get(entry["key"], 0) - EARLY:
            found.append(entry)
        if entry["kind"] == "answers" and entry["after"]:
            until[entry["key"]] = entry["at"] + entry["after"]
    return found


def make_endpoint(
    project: Project,
    url: str,
    roles: tuple[str, ...] = ROLES,
    *,
    price: tuple[int, int] | None = None,
    **kw: Any,
) -> Endpoint:
    """Make an endpoint that fills the roles; the price is that of a million tokens in and out."""
    number = project.endpoints.count() + 1
    values = {"name": f"quiet-{number}", "base_url": url, "model": MODEL, "concurrency": 4} | kw
    endpoint = Endpoint.objects.create(project=project, **values)
    for role in roles:
        RoleAssignment.objects.create(project=project, endpoint=endpoint, role=role)
    if price:
        Price.objects.create(
            endpoint=endpoint, since=LONG_AGO, input_price=price[0], output_price=price[1]
        )
    return endpoint


def make_items(project: Project, number: int) -> list[Item]:
    return [factories.make_item(project) for _number in range(number)]


def planned(project: Project, items: int) -> Run:
    """Plan the drafts of so many new items: three calls each, in a run of their own."""
    from curation.drafting import plan

    make_items(project, items)
    run = plan.plan(project=project, by=None).run
    assert run is not None
    return run


def calls_of(run: Run, *purposes: str) -> list[Call]:
    calls = Call.objects.filter(run_calls__run=run).select_related("endpoint", "item")
    return list((calls.filter(purpose__in=purposes) if purposes else calls).order_by("pk"))


@contextmanager
def scaled(**only: float) -> Iterator[None]:
    """Shorten the waits of this process: `read` and `total` seconds of a call, `rest` of a lane."""
    from django.conf import settings

    from curation.drafting import turns, wire

    kept = (turns.FIRST_WAIT, wire.READ_SECONDS, settings.LLM_TIMEOUT, settings.LLM_REST)
    turns.FIRST_WAIT = only.get("first", kept[0])
    wire.READ_SECONDS = only.get("read", kept[1])
    settings.LLM_TIMEOUT = only.get("total", kept[2])
    settings.LLM_REST = only.get("rest", kept[3])
    try:
        yield
    finally:
        turns.FIRST_WAIT, wire.READ_SECONDS, settings.LLM_TIMEOUT, settings.LLM_REST = kept


def certificates(folder: Path) -> Path | None:
    """Make certificates that are fine, of another name, expired, and signed by themselves.

    None where no openssl is installed.
    """
    if not shutil.which("openssl"):
        return None
    folder.mkdir(parents=True)

    def told(*words: str) -> None:
        command = ["openssl", *words]
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=60)

    def request(name: str) -> None:
        new = ("-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        told("req", "-new", *new, "-subj", f"/CN={name}")

    def signed(name: str, address: str, *, days: str) -> None:
        request(name)
        (folder / f"{name}.ext").write_text(f"subjectAltName={address}\n")
        by = ("-CA", "root.pem", "-CAkey", "root.pem", "-CAcreateserial", "-days", days)
        told(
            "x509",
            "-req",
            "-in",
            f"{name}.csr",
            "-out",
            f"{name}.crt",
            *by,
            "-extfile",
            f"{name}.ext",
        )

    told(
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        "root.key",
        "-out",
        "root.one",
        "-subj",
        "/CN=a root of this test",
        "-days",
        "2",
    )
    (folder / "root.pem").write_text(
        (folder / "root.one").read_text() + (folder / "root.key").read_text()
    )
    signed("fine", "IP:127.0.0.1", days="2")
    signed("other-name", "DNS:elsewhere.example", days="2")
    signed("expired", "IP:127.0.0.1", days="-1")
    request("by-itself")
    told(
        "x509",
        "-req",
        "-in",
        "by-itself.csr",
        "-signkey",
        "by-itself.key",
        "-days",
        "2",
        "-out",
        "by-itself.crt",
    )
    return folder
