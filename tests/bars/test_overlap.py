"""Bar 2: every answer is judged by exactly three people, though each has two tabs open."""

import pytest
from django.db.models import Count

from annotation.models import Campaign, Judgement, Matter, Worker
from tests.bars import acts, stock
from tests.bars.crew import OK, REFUSED, UNKNOWN, Client, run
from tests.bars.faults import Statement, without
from tests.bars.report import HANDFUL, SCALE, Finding, scaled, seed

ANSWERS, OVERLAP, WORKERS, TABS = 500, 3, 40, 2
PROCESSES = 8
RARE, SEEN = 0.4 * SCALE, 200  # two claims of one person must meet within a millisecond
OTHERWISE = 0.2  # share of submissions in which a tab says something of its own
TABS_AT_ONCE = Statement(r"FOR (NO KEY )?UPDATE OF w, e\b", "")
ONE_SEAT = ("one_seat_a_worker_and_matter", "one_leased_seat_a_worker_and_campaign")


def work_in_a_tab(client: Client, *, campaign: int, workers: list[int]) -> None:
    queue = Campaign.objects.get(pk=campaign)
    worker = Worker.objects.get(pk=workers[client.number % len(workers)])
    while acts.granted(grant := acts.claim(client, worker, queue)):
        own = client.dice.random() < OTHERWISE
        reason = f"from tab {client.number}" if own else ""
        acts.judge(client, worker, queue, grant, reason=reason)


def hold(ground, scale, faults=(), *, processes=PROCESSES, workers=WORKERS, least=4) -> Finding:
    found = Finding("overlap", seed())
    campaign = stock.judging(
        workers=workers,
        answers_wanted=scaled(ANSWERS, scale, least=least),
        seed=found.seed,
        overlap=OVERLAP,
        quorum=OVERLAP,
    )
    plan = ground.plan(
        "tests.bars.test_overlap:work_in_a_tab",
        processes=processes,
        threads=workers * TABS // processes,
        seed=found.seed,
        faults=faults,
        campaign=campaign.pk,
        workers=stock.enrolled(campaign),
    )
    with ground.watch() as watch:
        log = run(plan)
    check(found, log, campaign)
    found.figures |= watch.figures
    return found.told()


def check(found: Finding, log: list, campaign: Campaign) -> None:
    taken = [e for e in log if e["kind"] == OK and e["act"] == "submit"]
    refused = [e for e in log if e["kind"] == REFUSED and e["act"] == "submit"]
    matter_of = dict(campaign.seats.values_list("pk", "matter"))
    by_matter: dict[int, dict[int, set[int]]] = {pk: {} for pk in matter_of.values()}
    for entry in taken:
        people = by_matter[matter_of[entry["seat"]]]
        people.setdefault(entry["judgement"], set()).add(entry["worker"])
    rows = {row.pk: row for row in Judgement.objects.filter(matter__campaign=campaign)}
    texts = Judgement.objects.filter(pk__in=rows).values_list("pk", "written_texts__text")
    reasons = dict(texts)

    found.blame(
        "not three judgements",
        {pk: len(said) for pk, said in by_matter.items() if len(said) != OVERLAP}.items(),
    )
    found.blame(
        "not three people",
        [pk for pk, said in by_matter.items() if len(set().union(*said.values())) != OVERLAP],
    )
    found.blame("unexplained", rows.keys() - {entry["judgement"] for entry in taken})
    found.blame(
        "acknowledged, but not what stands",
        [e for e in taken if (reasons.get(e["judgement"]) or "") != e["reason"]],
    )
    found.blame("refused", [e for e in refused if e["why"] != "OtherContent"])
    found.blame("errors", [e for e in log if e["kind"] == UNKNOWN])
    found.blame(
        "not settled by three",
        Matter.objects.filter(campaign=campaign)
        .exclude(status="settled")
        .values_list("pk", flat=True),
    )
    found.figures |= {
        "answers": len(by_matter),
        "tabs": len({e["client"] for e in log}),
        "judgements": len(rows),
        "people_a_matter": sorted(
            set(
                Judgement.objects.filter(matter__campaign=campaign)
                .values("matter")
                .annotate(people=Count("worker", distinct=True))
                .values_list("people", flat=True)
            )
        ),
        "said_twice": len(taken) - len(rows),
        "said_otherwise": len(refused),
    }


def test_a_handful_of_answers_is_judged_by_three_people_each(ground):
    found = hold(ground, HANDFUL, processes=2, workers=4)

    assert found.wrong == {}


@pytest.mark.slow
def test_every_answer_is_judged_by_exactly_three_people(ground):
    found = hold(ground, SCALE)

    assert found.wrong == {}
    assert found.figures["said_twice"] > 0, "no two tabs ever submitted the same"
    assert found.figures["said_otherwise"] > 0, "no two tabs ever differed"
    assert found.figures["seen_waiting"] > 0, "nobody ever waited"


@pytest.mark.slow
def test_tabs_that_claim_at_once_are_seen(ground):
    found = hold(ground, RARE, faults=(TABS_AT_ONCE,), least=SEEN)

    assert "errors" in found.wrong


@pytest.mark.slow
def test_tables_that_allow_two_seats_a_person_are_seen(ground):
    with without(*ONE_SEAT):
        found = hold(ground, RARE, faults=(TABS_AT_ONCE,), least=SEEN)

    assert "not three people" in found.wrong
