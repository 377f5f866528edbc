"""Bar 1: many claimers and one queue. Nothing is given twice, nothing is forgotten."""

import pytest

from annotation.models import Campaign, Judgement, Worker
from tests.bars import acts, stock
from tests.bars.crew import OK, REFUSED, UNKNOWN, Client, run
from tests.bars.faults import Statement
from tests.bars.report import FAULTY, HANDFUL, SCALE, Finding, scaled, seed, twice

SEATS, OVERLAP, PROCESSES, THREADS = 5_000, 5, 8, 8
LOOKS_ONLY = Statement(r"FOR (NO KEY )?UPDATE OF seat SKIP LOCKED", "")


def work_through(client: Client, *, campaign: int, workers: list[int]) -> None:
    """Claim and judge until nothing is left."""
    queue = Campaign.objects.get(pk=campaign)
    worker = Worker.objects.get(pk=workers[client.number])
    while True:
        saw = acts.first_free(worker, queue)
        grant = acts.claim(client, worker, queue, saw=saw)
        if not acts.granted(grant):
            return
        acts.judge(client, worker, queue, grant)


def hold(ground, scale, faults=(), *, processes=PROCESSES, threads=THREADS) -> Finding:
    found = Finding("claims", seed())
    claimers = processes * threads
    campaign = stock.judging(
        workers=claimers,
        answers_wanted=scaled(SEATS // OVERLAP, scale, least=4),
        seed=found.seed,
        overlap=OVERLAP,
        quorum=OVERLAP,
    )
    plan = ground.plan(
        "tests.bars.test_claims:work_through",
        processes=processes,
        threads=threads,
        seed=found.seed,
        faults=faults,
        campaign=campaign.pk,
        workers=stock.enrolled(campaign),
    )
    with ground.watch() as watch:
        log = run(plan)
    check(found, log, campaign, claimers)
    found.figures |= watch.figures
    return found.told()


def check(found: Finding, log: list, campaign: Campaign, claimers: int) -> None:
    grants = [e for e in log if e["kind"] == OK and e["act"] == "claim"]
    taken = [e for e in log if e["kind"] == OK and e["act"] == "submit"]
    empty = [e for e in log if e["kind"] == REFUSED and e["act"] == "claim"]
    seats = set(campaign.seats.values_list("pk", flat=True))
    rows = set(
        Judgement.objects.filter(matter__campaign=campaign).values_list("seat", "worker", "token")
    )

    found.blame("given twice", twice(grant["seat"] for grant in grants))
    found.blame("never given", seats - {grant["seat"] for grant in grants})
    found.blame("lost", {key(entry) for entry in taken} - rows)
    found.blame("unexplained", rows - {key(entry) for entry in taken})
    found.blame("not judged", seats - {entry["seat"] for entry in taken})
    found.blame("refused work", [e for e in log if e["kind"] == REFUSED and e["act"] == "submit"])
    found.blame("errors", [e for e in log if e["kind"] == UNKNOWN])
    # What the other claimers had in hand at that moment is nobody else's to have, nor is a seat of
    # an answer one has judged.
    answers = dict(campaign.seats.values_list("pk", "matter"))
    had = {(grant["client"], answers[grant["seat"]]): grant["at"] for grant in grants}
    found.blame(
        "nothing left, while work waited",
        [
            e
            for e in empty
            if sum(
                g["at"] > e["at"] and had.get((e["client"], answers[g["seat"]]), e["at"]) >= e["at"]
                for g in grants
            )
            > claimers
        ],
    )
    found.figures |= {
        "claimers": claimers,
        "seats": len(seats),
        "claims": len(grants),
        "judged": len(rows),
        "passed_over": sum(g["saw"] not in (None, g["seat"]) for g in grants),
    }


def key(entry) -> tuple[int, int, int]:
    return entry["seat"], entry["worker"], entry["token"]


def test_a_handful_of_seats_is_given_once_each(ground):
    found = hold(ground, HANDFUL, processes=2, threads=4)

    assert found.wrong == {}


@pytest.mark.slow
def test_nothing_is_given_twice_and_nothing_is_forgotten(ground):
    found = hold(ground, SCALE)

    assert found.wrong == {}
    assert found.figures["passed_over"] > 0, "nobody ever lost a seat to another"
    assert found.figures["seen_waiting"] > 0, "nobody ever waited"


@pytest.mark.slow
def test_a_claim_that_only_looks_is_seen(ground):
    found = hold(ground, FAULTY, faults=(LOOKS_ONLY,))

    assert "given twice" in found.wrong
