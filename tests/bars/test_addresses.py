"""Drafting bar 7: addresses that lead inside. Nobody ever knocks there, everybody is told why."""

import dataclasses
import logging
from typing import Any

import pytest

from curation.drafting import problems
from tests.bars import dumps, street, traps
from tests.bars.crew import OK, REFUSED, UNKNOWN, Client, run
from tests.bars.drafting import stage
from tests.bars.faults import Function
from tests.bars.report import SCALE, Finding, scaled, seed
from tests.bars.street import SONG, Canary
from tests.bars.traps import Trap

PROCESSES = 4
NAIVE = Function("curation.addresses:is_public", "tests.bars.test_addresses:naive")
UNPINNED = Function("curation.drafting.wire:resolved", "tests.bars.test_addresses:unpinned")
FOLLOWING = (
    Function("curation.drafting.wire:http_client", "tests.bars.test_addresses:following"),
    Function("curation.drafting.wire:resolved", "tests.bars.test_addresses:unlisted"),
)


def naive(address: Any) -> bool:
    """Say what a check says that trusts the standard library alone."""
    return not address.is_private


def unpinned(host: str, port: int) -> list[str]:
    """Check the name, and let it be looked up again."""
    from curation import addresses

    addresses.resolved(host, port)
    return [host]


def unlisted(host: str, port: int) -> list[str]:
    return [host]


def following(key: str) -> Any:
    import httpx2

    from curation.drafting import wire

    return httpx2.Client(transport=wire._Transport(key), follow_redirects=True, trust_env=False)


def walk_in(
    client: Client,
    *,
    visits: list[dict[str, Any]],
    share: int,
    names: dict[str, list[list[str]]],
    bird: int,
    open_to: int,
    log: str,
) -> None:
    """Save, test and run my share of the endpoints in the street."""
    logging.basicConfig(filename=log, level=logging.DEBUG, force=True)
    tried = street.lay(names, bird=bird, open_to=open_to)
    with stage.scaled(first=0.02, rest=0.1, read=2.0, total=3.0):
        for visit in visits[client.number :: share]:
            before = len(tried)
            trap = visit["trap"]
            client.ask("save", lambda visit=visit: _saved(visit["url"]), trap=trap)
            client.ask("test", lambda visit=visit: _tested(visit["url"]), trap=trap)
            if visit["run"]:
                client.ask("run", lambda visit=visit: _worked(visit["run"]), trap=trap)
            client.log.write("tried", trap=trap, where=tried[before:])


def _saved(url: str) -> dict[str, Any]:
    from curation import endpoints
    from curation.models import Project

    profile = endpoints.Profile(base_url=url, model="quiet-model")
    endpoints.checked(profile)
    return {"projects": Project.objects.count()}


def _tested(url: str) -> dict[str, Any]:
    """Try what a row would do that came into the table in another way."""
    from curation.drafting.probe import probe
    from curation.models import Endpoint

    found = probe(Endpoint(base_url=url, model="quiet-model"))
    return {"problem": found.problem}


def _worked(run_id: int) -> dict[str, Any]:
    from curation.drafting import engine

    slices = 0
    while engine.work(run_id=run_id, seconds=5) and slices < 6:
        slices += 1
    return {"stuck": slices == 6}


def hold(ground, scale, faults=(), *, processes=PROCESSES) -> Finding:
    found = Finding("addresses", seed())
    chosen = traps.every()[:: max(1, round(1 / scale))]
    with street.canary() as bird, street.mover(bird) as open_to:
        visits = [_visit(trap, bird, open_to) for trap in chosen]
        log = ground.folder.parent / "calls.log"
        plan = ground.plan(
            "tests.bars.test_addresses:walk_in",
            processes=processes,
            threads=1,
            seed=found.seed,
            faults=faults,
            visits=visits,
            share=processes,
            names={_name(trap): trap.answers for trap in chosen if trap.answers},
            bird=bird.port,
            open_to=open_to,
            log=str(log),
        )
        names = [f"{_name(trap)}:{bird.port}" for trap in chosen if trap.answers]
        allowed = ["models.example:443", f"127.0.0.1:{open_to}", *names]
        environment = {**plan.environment, "LLM_ALLOWED_HOSTS": ",".join(allowed)}
        heard = run(dataclasses.replace(plan, environment=environment))
    _check(found, chosen, visits, heard, bird)
    found.blame("sang", [log.name] if SONG in log.read_text() else [])
    found.blame("sang in the log of clients", [e for e in heard if SONG in str(e)])
    found.blame("sang in the database", ["dump"] if SONG.encode() in dumps.of_tables() else [])
    return found.told()


def _name(trap: Trap) -> str:
    return trap.url.removeprefix("https://").partition(":")[0]


def _visit(trap: Trap, bird: Canary, open_to: int) -> dict[str, Any]:
    """Put the endpoint into the table past the verbs, where the table itself takes it."""
    from tests import factories

    url = trap.url.replace("CANARY", str(bird.port)).replace("MOVER", str(open_to))
    visit = {"url": url, "trap": trap.url, "run": None}
    if url.startswith(("http://", "https://")) and "@" not in url:
        project = factories.make_project()
        endpoint = stage.make_endpoint(project, url, concurrency=1)
        visit |= {"run": stage.planned(project, 1).pk, "endpoint": endpoint.pk}
    return visit


def _check(
    found: Finding, chosen: list[Trap], visits: list[dict[str, Any]], heard: list, bird: Canary
) -> None:
    from curation.models import Attempt, Call, Endpoint

    said = {(e["act"], e["trap"]): e for e in heard if e["kind"] in (OK, REFUSED)}
    found.blame("canary", bird.visits)
    found.blame("errors", [e for e in heard if e["kind"] == UNKNOWN])
    found.blame("stuck", [e for e in heard if e.get("stuck")])
    wanted = {trap.url: trap for trap in chosen}
    for visit in visits:
        trap = wanted[visit["trap"]]
        saved, tested = said.get(("save", trap.url), {}), said.get(("test", trap.url), {})
        ended = tested.get("problem", "")
        found.blame("saved", [trap.url] if (saved.get("kind") == OK) != trap.can_be_saved else [])
        found.blame("no words", [trap.url] if saved.get("words") == "" else [])
        found.blame("tested", [] if _as_expected(ended, trap) else [(trap.url, ended)])
        found.blame("no words", [trap.url] if problems.worded(ended) == ended else [])
        if visit["run"]:
            paused = Endpoint.objects.get(pk=visit["endpoint"]).paused_reason
            found.blame("not stopped", [] if paused == trap.problem else [(trap.url, paused)])
    found.blame("replied", Call.objects.filter(status="done").values_list("pk", flat=True))
    tried = [where for e in heard if e["kind"] == "tried" for where in e["where"]]
    found.figures |= {
        "addresses": len(chosen),
        "refused_at_once": sum(not trap.can_be_saved for trap in chosen),
        "lead_inside": sum(bool(trap.answers) for trap in chosen),
        "redirects": sum(trap.problem.startswith("moved") for trap in chosen),
        "runs": sum(bool(visit["run"]) for visit in visits),
        "attempts": Attempt.objects.count(),
        "connections_tried": len(tried),
        "canaries": bird.families,
        "visits": len(bird.visits),
    }


def _as_expected(problem: str, trap: Trap) -> bool:
    # A name that leads outside at first is unreachable until it leads inside.
    away = ("unreachable", "no_such_host", "refused_connection")
    return problem == trap.problem or (len(trap.answers) > 1 and problem in away)


def test_a_handful_of_traps_is_seen_through(ground):
    found = hold(ground, 0.1, processes=2)

    assert found.wrong == {}


@pytest.mark.slow
def test_no_address_leads_inside(ground):
    found = hold(ground, SCALE)

    assert found.wrong == {}
    assert found.figures["addresses"] >= scaled(80, SCALE)
    assert found.figures["connections_tried"] > 0, "nobody ever connected to anything"


@pytest.mark.slow
@pytest.mark.parametrize(
    "fault", [(NAIVE,), (UNPINNED,), FOLLOWING], ids=["is_private", "unpinned", "following"]
)
def test_a_check_that_can_be_passed_is_seen(ground, fault):
    found = hold(ground, 0.5 * SCALE, faults=fault)

    assert "canary" in found.wrong
