"""Drafting bar 8: servers sing canary keys back, people type them. Nobody hears or sees them."""

import json
from contextlib import closing
from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher

from annotation import gold
from curation import keys, tokens
from curation.models import Attempt, Call, Option, Project, Run
from curation.models.access import Scope
from tests import factories, spellings
from tests.annotation import acting
from tests.bars import dumps, household
from tests.bars.careless import BREAKS
from tests.bars.drafting import stage
from tests.bars.drafting.scripted import Step
from tests.bars.household import CARELESS, FILE, VARIABLE, House, Visitor
from tests.bars.report import HANDFUL, SCALE, Finding, seed
from tests.workers import until

STATUSES = (200, 400, 401, 429, 500)
PLACES = ("variable", "file", "sealed")
LONGEST = 120.0  # seconds
SOON = ("curation.drafting.turns:FIRST_WAIT", "tests.bars.drafting.planted:SOON")
UNHIDDEN = ("curation.redaction:_without", "tests.bars.careless:kept")
UNFILTERED = ("curation.redaction:hidden", "tests.bars.careless:as_it_is")
LOGS = {"web.log", "worker.log"}


def lanes(known: dict[str, str], scale: float) -> list[tuple[str, str, Step]]:
    """Return (lane, place of its key, how it replies) for each way to give a key back."""
    ways = [(spelling, status) for spelling in spellings.EVERY for status in STATUSES]
    found = []
    for number, (spelling, status) in enumerate(ways[:: max(1, round(1 / (4 * scale)))]):
        place = PLACES[number % len(PLACES)]
        sung = spelling(known[place])
        found.append((f"{spelling.__name__}-{status}", place, _step(status, sung, known[place])))
    ends: dict[str, Step] = {
        "silence": {"name": "silence", "send": "silence"},
        "reset": {"name": "reset", "send": "reset"},
        "cut": {"name": "cut", "send": "cut", "body": f'{{"key": "{known["variable"]}'},
        "moved": {"status": 302, "body": "", "headers": {"location": f"/{known['variable']}"}},
        "html": {"status": 503, "body": f"<pre>{known['variable']}</pre>"},
    }
    whole = ends if scale > HANDFUL else {"silence": ends["silence"]}
    return [*found, *((name, "variable", step) for name, step in whole.items())]


def _step(status: int, sung: str, key: str) -> Step:
    headers = {"x-request-id": key.encode("ascii", "replace").decode()}
    if status == 200:
        said = json.dumps({"nonce": "NONCE", "option": "Ask them what CANARY is, and listen."})
        return {"name": "sings", "content": said.replace("CANARY", sung), "headers": headers}
    error = json.dumps({"error": {"message": "No such key: CANARY", "code": "odd"}})
    return {"status": status, "body": error.replace("CANARY", sung), "headers": headers}


def hold(ground, scale, *faults) -> Finding:
    found = Finding("secrets", seed())
    known = household.canaries()
    planted = json.dumps([SOON, *CARELESS, *faults])
    environment = ground.plan("", processes=0, threads=0, seed=0).environment
    environment |= {"BARS_PLANTED": planted, "SWEEP_EVERY": "2"}
    folder = ground.folder.parent
    with (
        stage.scripted(folder / "endpoint") as server,
        household.house(folder / "house", environment, known) as house,
    ):
        sung = lanes(known, scale)
        server.tell({lane: {"then": step} for lane, _place, step in sung})
        server.tell({"typed": {"then": _step(200, known["typed"], known["typed"])}})
        projects = [_put(server, lane, place, known) for lane, place, _step in sung]
        _work(house, projects)
        _live(house, projects, server, known)
        _search(found, house, known)
    found.figures |= {
        "secrets": len(known),
        "lanes": len(sung),
        "attempts": Attempt.objects.count(),
        "replies": Attempt.objects.filter(http_status=200).count(),
        "pages": len(house.shown),
        "hidden_in_options": Option.objects.filter(text__contains="[key]").count(),
    }
    return found.told()


def _put(server: stage.Scripted, lane: str, place: str, known: dict[str, str]) -> Project:
    """Make a project whose positive drafter sings, while the others are well."""
    project = factories.make_project()
    where: dict[str, Any] = {
        "variable": {"key_env": VARIABLE},
        "file": {"key_file": FILE},
        "sealed": {"key_sealed": _sealed(known), "key_hint": "…"},
    }[place]
    stage.make_endpoint(project, server.url(lane), (stage.ROLES[0],), **where)
    stage.make_endpoint(project, server.url("well"), stage.ROLES[1:])
    stage.planned(project, 1)
    return project


def _sealed(known: dict[str, str]) -> bytes:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.MASTER_KEYS", [known["TOUCHSTONE_MASTER_KEY"]])
        return keys.sealed(known["sealed"])


def _work(house: House, projects: list[Project]) -> None:
    """Let the worker make all calls that can be made."""
    runs = Run.objects.filter(project__in=projects)
    for run in runs:
        house.workers.hint("work", run_id=run.pk)

    waiting = Call.objects.filter(
        run_calls__run__in=runs, status__in=Call.OPEN, endpoint__paused_reason=""
    )
    until(lambda: not waiting.exists(), seconds=LONGEST, log=house.workers.log)


def _live(
    house: House, projects: list[Project], server: stage.Scripted, known: dict[str, str]
) -> None:
    """Do by hand what people do: type keys, test, look, release and export."""
    cora = factories.make_user("cora")
    # Tests hash passwords in a way of their own, which the site does not know.
    cora.password = PBKDF2PasswordHasher().encode(household.PASSWORD, "salt" * 6)
    cora.save()
    for project in projects:
        factories.make_member(project, "curator", cora)
    singing = _with_drafts()
    _release(house, singing)
    _token, text = tokens.create(user=cora, name="bars", scopes=list(Scope))
    with closing(Visitor(house, "cora", text)) as visitor:
        _type_keys(visitor, singing, server, known)
        for project in projects:
            _look(visitor, project, whole=project == singing)
        item = singing.items.earliest("pk")
        for path in ("items/", f"items/{item.uid}/", "releases/", "tags/", "releases/1/mcq.jsonl"):
            visitor.ask(f"projects/{singing.slug}/{path}")


def _with_drafts() -> Project:
    """Return a project whose item got both options from models, one of them with a song in it."""
    found = Option.objects.filter(text__startswith="Ask them what ", polarity="positive")
    options = found.filter(item__options__polarity="negative")
    return options.earliest("pk").item.project


def _release(house: House, project: Project) -> None:
    signers = [acting.make_worker(project) for _person in range(2)]
    campaign = acting.open_review(project)
    for signer in signers:
        acting.claim_and_review(signer, campaign)
    gold.freeze(project=project, by=None)
    house.tell("export_release", project.slug, "1", "--to", str(house.data / "export"))


def _type_keys(
    visitor: Visitor, project: Project, server: stage.Scripted, known: dict[str, str]
) -> None:
    path = f"/projects/{project.slug}/endpoints/"
    usual = {"base_url": server.url("typed"), "model": "quiet-model"}
    visitor.fill(path, "key", name="mistyped", key=known["mistyped"], **usual)
    visitor.fill(path, "key", name="misplaced", key=known["typed"], key_env=VARIABLE, **usual)
    for name in (BREAKS, "typed"):
        visitor.fill(path, "key", name=name, key=known["typed"], **usual)
        endpoint = project.endpoints.get(name=name)
        visitor.press(f"{path}{endpoint.pk}/", "/test/")
    visitor.fill(f"{path}{endpoint.pk}/", "key", key=known["mistyped"])


def _look(visitor: Visitor, project: Project, *, whole: bool) -> None:
    path = f"/projects/{project.slug}/"
    endpoint, run = project.endpoints.earliest("pk"), project.runs.earliest("pk")
    item = project.items.earliest("pk")
    visitor.look(f"{path}items/{item.uid}/")
    visitor.look(f"{path}runs/{run.pk}/")
    for call in stage.calls_of(run):
        visitor.look(f"{path}calls/{call.pk}/")
    for name in ("", "drafting/", "endpoints/", "items/", "releases/", "members/") * whole:
        visitor.look(f"{path}{name}")
    visitor.press(f"{path}endpoints/{endpoint.pk}/", "/test/")


def _search(found: Finding, house: House, known: dict[str, str]) -> None:
    """Look for every secret in all that was written, shown, sent and stored."""
    # A sealed key is in a message as little as in the database: this one stays in the queue.
    house.workers.end()
    house.workers.hint("work", run_id=Run.objects.earliest("pk").pk)
    held = dict(house.files()) | {"database": dumps.of_tables()} | house.shown
    for name, data in held.items():
        for secret, value in known.items():
            if hits := spellings.found(value, data):
                found.blame(
                    name if name in {*LOGS, "database"} else "elsewhere", [(name, secret, hits)]
                )
    found.figures |= {
        "bytes": sum(map(len, held.values())),
        "files": len(list(house.files())),
        "hidden_in_logs": sum(held[name].count(b"[key]") for name in LOGS),
        "error_pages": sum(b"RuntimeError" in page for page in house.shown.values()),
        "messages": sum(name.endswith(".msg") for name in held),
    }


@pytest.mark.slow
def test_no_key_is_told_to_anybody(ground):
    found = hold(ground, SCALE)

    assert found.wrong == {}
    _there_was_something_to_hide(found)


def _there_was_something_to_hide(found: Finding) -> None:
    for name in ("hidden_in_logs", "hidden_in_options", "error_pages", "messages"):
        assert found.figures[name] > 0, f"{name}: nothing was hidden, for nothing was told"


@pytest.mark.slow
def test_a_redaction_that_knows_no_secret_is_seen(ground):
    found = hold(ground, 0.05 * SCALE, UNHIDDEN)

    assert {*LOGS, "database", "elsewhere"} <= found.wrong.keys()


@pytest.mark.slow
def test_logs_and_error_pages_without_a_filter_are_seen(ground):
    found = hold(ground, 0.05 * SCALE, UNFILTERED)

    assert {*LOGS, "elsewhere"} <= found.wrong.keys()
