"""Bar 4: the same submit five times at once is one judgement, and five times the same answer."""

import pytest

from annotation.models import Campaign, Judgement, Worker
from tests.bars import acts, stock
from tests.bars.crew import OK, REFUSED, UNKNOWN, Client, run
from tests.bars.faults import Function, Statement, without
from tests.bars.report import FAULTY, HANDFUL, SCALE, Finding, scaled, seed

SUBMITS, COPIES, LANES = 2_000, 5, 8
FORGETS = Function("annotation.taking:_again", "tests.bars.test_copies:knows_of_nothing")
TAKES_ALWAYS = Statement(r"(?s)AND seat\.token = %\(token\)s AND \(.*RETURNING", "RETURNING")
ONCE = ("one_first_judgement_a_seat", "one_judgement_an_idempotency_key")


def submit_a_copy(client: Client, *, campaign: int, workers: list[int], rounds: int) -> None:
    """Submit what the same lane of every other process submits, at the same moment."""
    queue = Campaign.objects.get(pk=campaign)
    worker = Worker.objects.get(pk=workers[client.lane])
    for number in range(rounds):
        grant = acts.claim(client, worker, queue)
        client.meet(client.lane)
        if acts.granted(grant):
            acts.judge(client, worker, queue, grant, reason=f"round {number}")
        client.meet(client.lane)
        if acts.granted(grant) and client.number == client.lane:
            acts.judge(client, worker, queue, grant, reason=f"not round {number}", other=True)
        client.meet(client.lane)


def knows_of_nothing(*_submission: object) -> None:
    """Stand in for the look at what was submitted before."""


def hold(ground, scale, faults=(), *, copies=COPIES, lanes=LANES) -> Finding:
    found = Finding("copies", seed())
    rounds = scaled(SUBMITS // lanes, scale, least=4)
    campaign = stock.judging(
        workers=lanes,
        answers_wanted=(rounds + 1) * lanes,  # nobody finds the last ones in others' hands
        seed=found.seed,
        overlap=1,
        quorum=1,
    )
    plan = ground.plan(
        "tests.bars.test_copies:submit_a_copy",
        processes=copies,
        threads=lanes,
        seed=found.seed,
        faults=faults,
        campaign=campaign.pk,
        workers=stock.enrolled(campaign),
        rounds=rounds,
    )
    with ground.watch() as watch:
        log = run(plan)
    check(found, log, campaign, copies, rounds * lanes)
    found.figures |= watch.figures
    return found.told()


def check(found: Finding, log: list, campaign: Campaign, copies: int, submits: int) -> None:
    heard: dict[tuple[int, int], list] = {}
    others = []
    for entry in log:
        if entry.get("act") == "submit" and entry["kind"] != "invoke":
            if entry.get("other"):
                others.append(entry)
            else:
                heard.setdefault((entry["seat"], entry["token"]), []).append(entry)
    rows = list(
        Judgement.objects.filter(matter__campaign=campaign).values_list(
            "seat", "token", "pk", "written_texts__text"
        )
    )
    stands = {(seat, token): (pk, text) for seat, token, pk, text in rows}

    found.blame("not as many rows as submits", [len(rows)] if len(rows) != submits else [])
    found.blame("not every copy", [k for k, said in heard.items() if len(said) != copies])
    found.blame(
        "another answer",
        [
            entry
            for place, said in heard.items()
            for entry in said
            if (entry.get("judgement"), entry["reason"]) != stands.get(place)
        ],
    )
    found.blame("other content taken", [e for e in others if e.get("why") != "OtherContent"])
    found.blame("no other content tried", [submits] if len(others) != submits else [])
    found.blame("errors", [e for e in log if e["kind"] == UNKNOWN])
    found.figures |= {
        "submits": submits,
        "copies": sum(len(said) for said in heard.values()),
        "rows": len(rows),
        "same_answer": sum(e["kind"] == OK for said in heard.values() for e in said),
        "other_content": len(others),
        "other_content_refused": sum(e["kind"] == REFUSED for e in others),
    }


def test_a_handful_of_copies_is_one_judgement_each(ground):
    found = hold(ground, HANDFUL, copies=2, lanes=2)

    assert found.wrong == {}


@pytest.mark.slow
def test_five_copies_at_once_are_one_judgement_and_one_answer(ground):
    found = hold(ground, SCALE)

    assert found.wrong == {}
    assert found.figures["seen_waiting"] > 0, "no copy ever waited for another"


@pytest.mark.slow
def test_a_submit_that_does_not_know_itself_again_is_seen(ground):
    found = hold(ground, FAULTY, faults=(FORGETS,))

    assert "another answer" in found.wrong


@pytest.mark.slow
def test_a_seat_that_is_taken_without_looking_is_seen(ground):
    with without(*ONCE):
        found = hold(ground, FAULTY, faults=(FORGETS, TAKES_ALWAYS))

    assert "not as many rows as submits" in found.wrong
