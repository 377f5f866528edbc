"""Bar 3: short leases and people who come late. Who was replaced changes nothing and loses nothing.

A campaign counts leases in whole seconds, so each client shortens its own to 50-200 ms after the
claim, by an UPDATE of the end of the lease.
"""

import time
from dataclasses import dataclass

import pytest
from django.db import connection

from annotation import work_drafts
from annotation.models import Campaign, Judgement, WorkDraft, Worker
from tests.bars import acts, stock
from tests.bars.crew import OK, REFUSED, UNKNOWN, Client, Entry, run
from tests.bars.faults import Statement
from tests.bars.report import FAULTY, HANDFUL, SCALE, Finding, scaled, seed, twice

LEASES, PROCESSES, THREADS = 2_000, 4, 4
SHORTEST, LONGEST = 0.05, 0.2  # seconds
LATE = 0.3  # share of leases whose holder submits after the end
STRAIGHT = 0.5  # share of the late who submit as soon as the lease is over
LATEST = 2.0  # lengths of the lease
WAIT = (0.05, 0.2)  # seconds, where nothing is left for now
SHORTEN = """
    UPDATE annotation_assignment SET lease_expires_at = leased_at + make_interval(secs => %s)
     WHERE id = %s AND token = %s AND status = 'leased'"""
NO_TOKEN = Statement(r"AND seat\.token = %\(token\)s", "")
NO_OWNER = Statement(
    r"\(\s*seat\.status = 'leased' AND seat\.owner_id = %\(worker\)s\s+OR", "(TRUE OR"
)


def work_badly(
    client: Client, *, campaign: int, workers: list[int], late: float, latest: float
) -> None:
    """Judge at once; or too late; or leave it lying, go on with something else and come back."""
    queue = Campaign.objects.get(pk=campaign)
    worker = Worker.objects.get(pk=workers[client.number])
    lying: list[Lying] = []
    while True:
        for one in [one for one in lying if one.due <= time.monotonic()]:
            lying.remove(one)
            submit(client, worker, queue, one.grant, late=True)
        grant = acts.claim(client, worker, queue)
        if not acts.granted(grant):
            if not lying and not queue.seats.filter(status__in=("open", "leased")).exists():
                return
            time.sleep(client.dice.uniform(*WAIT))
            continue
        for one in [one for one in lying if one.grant["seat"] == grant["seat"]]:
            lying.remove(one)  # the same seat again: the forgotten tab is sent first
            submit(client, worker, queue, one.grant, late=True)
        length = client.dice.uniform(SHORTEST, LONGEST)
        with connection.cursor() as cursor:
            cursor.execute(SHORTEN, [length, grant["seat"], grant["token"]])
        if client.dice.random() >= late:
            submit(client, worker, queue, grant, late=False)
            continue
        begun = time.monotonic()
        time.sleep(length)
        if client.dice.random() < STRAIGHT:
            submit(client, worker, queue, grant, late=True)
        else:
            lying.append(Lying(begun + length * client.dice.uniform(1, latest), grant))


@dataclass
class Lying:
    """Work that waits in a forgotten tab."""

    due: float
    grant: Entry


def submit(client, worker, queue, grant, *, late: bool) -> None:
    """Submit, and look for the text among one's drafts when it is refused."""
    text = f"{client.number}: {grant['seat']}.{grant['token']}"
    heard = acts.judge(client, worker, queue, grant, reason=text, late=late)
    if heard["kind"] != REFUSED:
        return
    draft = work_drafts.of(seat=grant["seat"], worker=worker)
    judged = Judgement.objects.filter(seat=grant["seat"], worker=worker).exists()
    kept = draft is not None and draft.payload.get("reason") == text
    client.log.write("looked", act="draft", reason=text, kept=kept, judged=judged)


def hold(
    ground, scale, faults=(), *, processes=PROCESSES, threads=THREADS, late=LATE, latest=LATEST
) -> Finding:
    found = Finding("late-work", seed())
    campaign = stock.judging(
        workers=processes * threads,
        answers_wanted=scaled(LEASES, scale, least=12),
        seed=found.seed,
        overlap=1,
        quorum=1,
    )
    plan = ground.plan(
        "tests.bars.test_late_work:work_badly",
        processes=processes,
        threads=threads,
        seed=found.seed,
        faults=faults,
        campaign=campaign.pk,
        workers=stock.enrolled(campaign),
        late=late,
        latest=latest,
    )
    with ground.watch() as watch:
        log = run(plan)
    check(found, log, campaign)
    found.figures |= watch.figures
    return found.told()


def check(found: Finding, log: list, campaign: Campaign) -> None:
    grants = [e for e in log if e["kind"] == OK and e["act"] == "claim"]
    taken = [e for e in log if e["kind"] == OK and e["act"] == "submit"]
    refused = [e for e in log if e["kind"] == REFUSED and e["act"] == "submit"]
    looked = {e["reason"]: e for e in log if e["kind"] == "looked"}
    newest: dict[int, int] = {}
    for grant in grants:
        newest[grant["seat"]] = max(grant["token"], newest.get(grant["seat"], 0))
    rows = set(
        Judgement.objects.filter(matter__campaign=campaign).values_list(
            "seat", "worker", "token", "written_texts__text"
        )
    )

    found.blame("granted twice", twice((g["seat"], g["token"]) for g in grants))
    found.blame("stale, and taken", [e for e in taken if e["token"] < newest[e["seat"]]])
    found.blame("nobody's, and refused", [e for e in refused if e["token"] == newest[e["seat"]]])
    found.blame("refused otherwise", [e for e in refused if e["why"] != "LeaseLost"])
    found.blame("text lost", [e for e in refused if not safe(looked[e["reason"]])])
    found.blame("draft gone", gone(log))
    found.blame("judged twice", twice(e["seat"] for e in taken))
    found.blame("lost", {key(entry) for entry in taken} - rows)
    found.blame("unexplained", rows - {key(entry) for entry in taken})
    found.blame("errors", [e for e in log if e["kind"] == UNKNOWN])
    found.figures |= {
        "seats": len(newest),
        "leases": len(grants),
        "granted_again": len(grants) - len(newest),
        "late": sum(e["late"] for e in (*taken, *refused)),
        "late_and_taken": sum(e["late"] for e in taken),
        "stale_and_refused": len(refused),
        "own_judgement_stood": sum(e["judged"] for e in looked.values()),
    }


def safe(looked) -> bool:
    """Whoever judged the seat under a newer grant has said what they wanted to say of it."""
    return looked["kept"] or looked["judged"]


def gone(log: list) -> list[str]:
    """Return the last refused texts, by person and seat, that are no draft any more."""
    last = {}
    for entry in log:
        if entry.get("act") == "submit" and entry["kind"] in (OK, REFUSED):
            last[entry["worker"], entry["seat"]] = entry
    judged = set(Judgement.objects.values_list("worker", "seat"))
    drafts = {
        (draft.worker_id, draft.seat_id): draft.payload.get("reason")
        for draft in WorkDraft.objects.all()
    }
    return [
        entry["reason"]
        for place, entry in last.items()
        if entry["kind"] == REFUSED and place not in judged and drafts.get(place) != entry["reason"]
    ]


def key(entry) -> tuple[int, int, int, str]:
    return entry["seat"], entry["worker"], entry["token"], entry["reason"]


def test_a_handful_of_late_people_changes_nothing(ground):
    found = hold(ground, HANDFUL, processes=2, threads=2)

    assert found.wrong == {}


@pytest.mark.slow
def test_who_was_replaced_changes_nothing_and_loses_nothing(ground):
    found = hold(ground, SCALE)

    assert found.wrong == {}
    assert found.figures["leases"] >= scaled(LEASES, SCALE)
    assert found.figures["stale_and_refused"] > 0, "nobody ever came too late"
    assert found.figures["late_and_taken"] > 0, "nobody was ever late with a seat still theirs"


@pytest.mark.slow
def test_a_submit_that_does_not_look_at_the_token_is_seen(ground):
    # Who works alone and leaves most seats lying is granted them anew: their first tabs are stale.
    alone = {"processes": 1, "threads": 1, "late": 0.95, "latest": 30.0}

    found = hold(ground, 0, faults=(NO_TOKEN,), **alone)

    assert "stale, and taken" in found.wrong


@pytest.mark.slow
def test_a_submit_that_takes_from_anybody_is_seen(ground):
    found = hold(ground, FAULTY, faults=(NO_TOKEN, NO_OWNER))

    assert "stale, and taken" in found.wrong
