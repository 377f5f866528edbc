"""Drafting bar 6: an endpoint that takes 20 calls a second, and says to wait for random times."""

import itertools
import time
from collections import Counter, defaultdict
from typing import Any

import pytest

from curation.models import Call, Run
from tests import factories
from tests.bars.crew import OK, UNKNOWN, Client, Log, run
from tests.bars.drafting import stage
from tests.bars.drafting.stage import EARLY, Entry, Scripted
from tests.bars.faults import Function
from tests.bars.report import HANDFUL, SCALE, Finding, scaled, seed

DRAFTS, PROCESSES, RUNS = 900, 4, 4
RATE, BURST = 20, 6  # calls a second of each lane, and how many at once
AFTER = (0.5, 4.0)  # seconds that a lane is told to wait
AT_RANDOM = 0.03  # of the calls are turned away although the rate was kept
MOST_TURNED_AWAY = 0.1
STARVED = 30.0  # seconds
LONGEST = 240.0
HERE = "tests.bars.drafting.planted"
DEAF = Function("curation.drafting.client:_retry_after", f"{HERE}:never_told")
RESTLESS = Function("curation.drafting.lanes:_rest", f"{HERE}:no_rest")
HASTY = Function("curation.drafting.lanes:_start", f"{HERE}:long_ago")


def draft(client: Client, *, runs: list[int]) -> None:
    """Work my run off, and write down when calls are claimed and when an answer was kept."""
    from curation.drafting import engine

    _told_of_claims(client.log)
    ends = time.monotonic() + LONGEST
    mine = Run.objects.get(pk=runs[client.number])
    while mine.status == Run.Status.RUNNING and time.monotonic() < ends:
        client.ask("work", lambda: {"again": engine.work(run_id=mine.pk, seconds=5)})
        time.sleep(0.05)
        mine.refresh_from_db()


def _told_of_claims(log: Log) -> None:
    from curation.drafting import calls, engine

    claim, keep = calls.claim, engine._keep

    def claiming(**what: Any) -> Any:
        begun = time.monotonic()
        catch = claim(**what)
        for one in catch.claimed:
            log.write("claimed", key=one.call.key, token=one.token, begun=begun)
        return catch

    def keeping(landed: Any, shaken: bool) -> None:
        keep(landed, shaken)
        for one in landed:
            log.write("kept", key=one.claimed.call.key, lane=one.claimed.call.endpoint_id)

    calls.claim, engine._keep = claiming, keeping


def hold(ground, scale, faults=(), *, rate: int | None = RATE * 60) -> Finding:
    found = Finding("rate", seed())
    with stage.scripted(ground.folder.parent / "endpoint") as server:
        project = factories.make_project()
        limit = {"rate": RATE, "burst": BURST, "after": AFTER, "at_random": AT_RANDOM}
        for number, role in enumerate(stage.ROLES):
            lane = f"lane-{role.value}"
            stage.make_endpoint(project, server.url(lane), (role,), concurrency=8, rate=rate)
            told = {**limit, "seed": found.seed + number}
            server.tell({lane: {"limit": told, "then": {"name": "good", "wait": 0.1}}})
        items = scaled(DRAFTS / 3 / RUNS, scale, least=6)
        runs = [stage.planned(project, items) for _run in range(RUNS)]
        plan = ground.plan(
            "tests.bars.drafting.test_rate:draft",
            processes=PROCESSES,
            threads=1,
            seed=found.seed,
            faults=faults,
            runs=[one.pk for one in runs],
        )
        log = run(plan)
        check(found, server, log)
    return found.told()


def check(found: Finding, server: Scripted, log: list[Entry]) -> None:
    asked = server.entries("asked")
    answered = server.entries("answers")
    turned = [e for e in answered if e["did"] == "limit"]
    waits = {lane: longest_wait(answered, lane) for lane in {e["lane"] for e in asked}}

    found.blame("too early for the call", stage.early(server.entries()))
    found.blame("too early for the lane", early_for_lanes(server.entries(), log))
    if len(turned) > MOST_TURNED_AWAY * len(asked):
        found.blame("turned away too often", [len(turned) / len(asked)])
    found.blame("starved", [lane for lane, wait in waits.items() if wait > STARVED])
    found.blame("not done", Call.objects.exclude(status="done").values_list("key", "problem"))
    found.blame("errors", [e for e in log if e["kind"] == UNKNOWN])
    found.figures |= {
        "workers": len({e["client"] for e in log if e["kind"] == OK}),
        "calls": Call.objects.count(),
        "requests": len(asked),
        "turned_away": len(turned),
        "longest_wait": round(max(waits.values(), default=0), 1),
        "a_second_and_lane": round(_pace(answered) / len(waits), 1),
    }


def early_for_lanes(entries: list[Entry], log: list[Entry]) -> list[Entry]:
    """Return the requests whose claim began after we had heard that the lane is to wait.

    What was claimed before, or while the answer was still on its way to us, is nobody's fault.
    """
    kept: dict[str, list[float]] = defaultdict(list)
    claims: dict[str, list[float]] = defaultdict(list)
    for entry in log:
        if entry["kind"] == "kept":
            kept[entry["key"]].append(entry["at"])
        elif entry["kind"] == "claimed":
            claims[entry["key"]].append(entry["begun"])
    rests: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for entry in entries:
        heard = kept[entry["key"]][entry["number"] - 1 : entry["number"]]
        if entry["kind"] == "answers" and entry["after"] and heard:
            rests[entry["lane"]].append((heard[0], entry["at"] + entry["after"]))
    found = []
    for entry in entries:
        claim = claims[entry["key"]][entry["number"] - 1 : entry["number"]]
        if entry["kind"] == "asked" and claim:
            told = [end for heard, end in rests[entry["lane"]] if heard < claim[0]]
            if any(entry["at"] < end - EARLY for end in told):
                found.append(entry)
    return found


def longest_wait(answered: list[Entry], lane: str) -> float:
    """Return the longest time between two good answers of a lane."""
    times = [e["at"] for e in answered if e["lane"] == lane and e["did"] != "limit"]
    return max((second - first for first, second in itertools.pairwise(times)), default=0)


def _pace(answered: list[Entry]) -> float:
    good = Counter(int(e["at"]) for e in answered if e["did"] != "limit")
    return sum(good.values()) / max(len(good), 1)


def test_a_handful_of_calls_keeps_the_rate(ground):
    found = hold(ground, HANDFUL)

    assert found.wrong == {}


@pytest.mark.slow
def test_no_call_is_early_and_no_lane_starves(ground):
    found = hold(ground, SCALE)

    assert found.wrong == {}
    assert found.figures["turned_away"] > 0, "nobody was ever told to wait"


@pytest.mark.slow
def test_a_lane_whose_rate_nobody_named_rests_as_it_is_told(ground):
    found = hold(ground, SCALE * 0.3, rate=None)

    assert found.wrong.keys() <= {"turned away too often"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "seen"),
    [
        (DEAF, "too early for the lane"),
        (RESTLESS, "too early for the lane"),
        (HASTY, "turned away too often"),
    ],
)
def test_a_guard_of_the_lane_taken_away_is_seen(ground, fault, seen):
    found = hold(ground, SCALE * 0.3, faults=(fault,))

    assert seen in found.wrong
