"""Drafting bar 1: every fault of an endpoint, five times: how the calls end, what they cost."""

import dataclasses
from collections import Counter
from typing import Any

import pytest

from curation.models import Attempt
from tests.bars.crew import OK, UNKNOWN, run
from tests.bars.drafting import endings, stage, staged
from tests.bars.drafting.case import Case
from tests.bars.drafting.cases import CASES
from tests.bars.drafting.stage import Entry, Scripted
from tests.bars.drafting.staged import MENDS, Made
from tests.bars.faults import Function
from tests.bars.report import Finding, seed

ITEMS, PROCESSES = 5, 4
MEMORY = 60  # MB that reading a large body may cost


def hold(ground, cases=CASES, faults=(), *, items=ITEMS, processes=PROCESSES) -> Finding:
    found = Finding("llm_faults", seed())
    folder = ground.folder.parent
    certificates = stage.certificates(folder / "certificates")
    with stage.scripted(folder / "endpoint", certificates) as server:
        made = [
            staged.put(case, server, f"case-{number}", items)
            for number, case in enumerate(cases)
            if certificates or not case.is_tls
        ]
        server.tell({one.lane: staged.script_of(one.case) for one in made})
        log = _work(ground, made, faults, found.seed, processes, certificates, "first")
        _check(found, made, server)
        again = [one for one in made if one.case.mend]
        for one in again:
            MENDS[one.case.mend](one, server)
        if again:
            log += _work(ground, again, faults, found.seed, processes, certificates, "second")
        _check(found, again, server, at_last=True)
        _check_log(found, made, server, log)
        found.figures |= _figures(made, server, log)
        found.figures["left_out"] = "" if certificates else "L11: there is no openssl"
    return found.told()


def _work(
    ground, made: list[Made], faults, number: int, processes: int, certificates, what: str
) -> list[Entry]:
    """Let worker processes work the runs off, each run in one of them."""
    key = {"first": "an-old-key-of-theirs", "second": "a-new-key-of-theirs"}[what]
    runs = [
        {
            "run": one.run.pk,
            "waits": one.case.waits,
            "dies": one.case.dies if what == "first" else "",
            "jumps": one.case.jumps,
            "root": str(certificates / "root.pem") if one.case.is_tls else "",
            "environment": {"BARS_API_KEY": key},
        }
        for one in made
    ]
    environment = {"LLM_ALLOWED_HOSTS": "127.0.0.1,nowhere.invalid"}
    plan = ground.plan(
        "tests.bars.drafting.drafters:work_off",
        processes=min(processes, len(runs)),
        threads=1,
        seed=number,
        faults=faults,
        runs=runs,
        share=min(processes, len(runs)),
    )
    return run(
        dataclasses.replace(
            plan, folder=plan.folder / what, environment={**plan.environment, **environment}
        )
    )


def _check(found: Finding, made: list[Made], server: Scripted, *, at_last: bool = False) -> None:
    asked = server.entries("asked")
    for one in made:
        ending = one.case.then if at_last else one.case.ends
        assert ending is not None
        for wrong in endings.wrong(one, ending, [e for e in asked if e["lane"] == one.lane]):
            found.blame(one.case.fault, [f"{one.case.name}{' at last' * at_last}: {wrong}"])


def _check_log(found: Finding, made: list[Made], server: Scripted, log: list[Entry]) -> None:
    """Hold what the endpoint and the workers saw against what may happen in no case."""
    asked = server.entries("asked")
    found.blame("unhandled", [e for e in log if e["kind"] in (UNKNOWN, "fault")])
    found.blame("stuck", [e for e in log if e["kind"] == OK and e["stuck"]])
    found.blame("followed", [*server.entries("stray"), *server.entries("asked", "canary")])
    found.blame("cookies", [e for e in asked if e["cookie"]])
    found.blame("too early", stage.early(server.entries()))
    killed = {one.run.pk for one in made if one.case.dies}
    deaths = Counter(e["run"] for e in log if e["kind"] == "died" and e["signal"] == 9)
    found.blame("never killed", killed - deaths.keys())
    grown = {e["run"]: e["grown"] for e in log if e["kind"] == "memory"}
    large = {one.run.pk for one in made if one.case.also == "memory"}
    found.blame("memory", [run for run in large if grown[run] > MEMORY])


def _figures(made: list[Made], server: Scripted, log: list[Entry]) -> dict[str, Any]:
    return {
        "faults": len({one.case.fault for one in made}),
        "cases": len(made),
        "calls_with_a_fault": sum(len(one.calls()) for one in made),
        "other_calls": sum(len(one.others()) for one in made),
        "requests": len(server.entries("asked")),
        "attempts": Attempt.objects.count(),
        "workers_killed": sum(e["kind"] == "died" and e["signal"] == 9 for e in log),
    }


FEW = (
    "L2 nonsense",
    "L13 too few tokens",
    "L16 a refusal",
    "L19 a fence",
    "L37 before it is saved",
)
HERE = "tests.bars.drafting.planted"
PLANTED = {
    "L5": Function("curation.drafting.client.Client:_send", f"{HERE}:sdk_defaults"),
    "followed": Function("curation.drafting.wire:http_client", f"{HERE}:following_client"),
    "L35": Function("curation.drafting.purposes.options:shaped", f"{HERE}:any_nonce"),
    "memory": Function("curation.drafting.wire:LARGEST_BODY", f"{HERE}:NO_CAP"),
    "too early": Function("curation.drafting.client:_retry_after", f"{HERE}:never_told"),
}
SHOWN_BY = ("L5 HTML for ever", "L33 307", "L35 once", "L27 200 MB", "L1 seconds")


def test_a_handful_of_faults_ends_as_it_should(ground):
    found = hold(ground, named(*FEW), items=1, processes=1)

    assert found.wrong == {}
    assert found.figures["workers_killed"] == 3


@pytest.mark.slow
def test_every_fault_ends_as_it_should(ground):
    found = hold(ground)

    assert found.wrong == {}
    assert found.figures["faults"] == 38 or found.figures["left_out"]


@pytest.mark.slow
@pytest.mark.parametrize(("seen", "case"), list(zip(PLANTED, SHOWN_BY, strict=True)))
def test_a_client_without_a_guard_is_seen(ground, seen, case):
    found = hold(ground, named(case), faults=(PLANTED[seen],), items=1, processes=1)

    assert seen in found.wrong


def named(*names: str) -> list[Case]:
    return [case for case in CASES if case.name in names]
