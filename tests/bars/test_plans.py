"""Bar: what a claim costs grows neither with the seats nor with what the worker has done.

Time would tell of the machine; pages of the database that are touched tell of the plan.
"""

import json
import re
import time

import pytest
from django.db import connection

from annotation import campaigns, care, finding, leases, waiting
from annotation.models import Assignment, Campaign, Cursor, Enrolment
from benchmarks import answers
from curation.models import Item

SMALL, LARGE, DONE = 10_000, 220_000, 5_000
UNDER_REVIEW = 5_000
KINDS = {int: "bigint", float: "float8", bool: "boolean", list: "bigint[]"}
BIG = {"annotation_assignment", "annotation_matter", "annotation_judgement", "curation_item"}
ROOMY = 400  # pages: of a few rows in some twenty tables and indexes


def plan_of(statement, values):
    """Run the statement as it is run when it is prepared, and return its plan with what it read."""
    names = [name for name in values if f"%({name})s" in statement]
    numbered = re.sub(r"%\((\w+)\)s", lambda m: f"${names.index(m[1]) + 1}", statement)
    kinds = ", ".join(KINDS.get(type(values[name]), "interval") for name in names)
    asked = ", ".join(["%s"] * len(names))
    with connection.cursor() as cursor:
        cursor.execute("SET plan_cache_mode = force_generic_plan")
        cursor.execute(f"PREPARE claim ({kinds}) AS {numbered.replace('%%', '%')}")
        cursor.execute(
            f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE claim ({asked})",
            [values[name] for name in names],
        )
        [[plan]] = cursor.fetchall()
        cursor.execute("DEALLOCATE claim")
    return plan if isinstance(plan, list) else json.loads(plan)


def pages_touched(plan):
    [told] = plan
    return told["Plan"]["Shared Hit Blocks"] + told["Plan"]["Shared Read Blocks"]


def tables_read_whole(plan):
    return set(re.findall(r'"Node Type": "Seq Scan".*?"Relation Name": "(\w+)"', json.dumps(plan)))


def claim(worker, campaign):
    """Lease a seat as `leases.claim` does, with the plans of its two statements."""
    who = {"worker": worker.pk, "campaign": campaign.pk}
    plans = [plan_of(leases.ENROLMENT + leases.LOCK, who)]
    enrolment = Enrolment.objects.get(worker=worker, campaign=campaign)
    row = leases._taker(who, lock="")
    lane = finding.lanes_in(row.lanes)[0]
    way, values = next(lane.ways())
    always = {"enrolment": enrolment.pk, "severe": care.SEVERE, "pause": care.PAUSE}
    known = {"known": way is finding.OPENED}
    plans.append(
        plan_of(finding.taking(Campaign.Kind(campaign.kind), way), always | values | known)
    )
    leased = Assignment.objects.filter(owner=worker, status="leased")
    assert leased.count() == 1
    leased.update(status="open", owner=None, lease_expires_at=None)
    return plans


def cost(worker, campaign):
    """Return the pages that a claim touches, at its cheapest of three."""
    return min(sum(map(pages_touched, claim(worker, campaign))) for _number in range(3))


def have_judged(worker, campaign, count):
    """Let the worker have done that many answers at the head of the queue."""
    enrolment = Enrolment.objects.get(worker=worker, campaign=campaign)
    first = Assignment.objects.filter(campaign=campaign, number=1, status="open")
    done = list(first.order_by("rank").values_list("pk", "lane", "rank")[:count])
    Assignment.objects.filter(pk__in=[pk for pk, _lane, _rank in done]).update(
        status="done", owner=worker, token=1
    )
    reached = {lane: rank for _pk, lane, rank in done}
    Cursor.objects.bulk_create(
        [Cursor(enrolment=enrolment, lane_id=k, reached=v) for k, v in reached.items()]
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE annotation_assignment, annotation_cursor")


@pytest.mark.slow
def test_the_cost_of_a_claim_does_not_grow(transactional_db):
    site = answers.make(3)
    newcomer, seasoned, _other = site.workers
    answers.grow(site, SMALL)
    few = cost(newcomer, site.campaign)

    answers.grow(site, LARGE)
    many = cost(newcomer, site.campaign)
    have_judged(seasoned, site.campaign, DONE)
    after = cost(seasoned, site.campaign)
    plans = claim(seasoned, site.campaign)

    print(f"\npages a claim touches: {few} at {SMALL:,} seats, {many} at {LARGE:,},")
    print(f"  {after} at {LARGE:,} for a worker with {DONE:,} judgements")
    assert max(few, many, after) < ROOMY
    assert many <= 1.5 * few
    assert after <= 1.5 * few
    assert not BIG & tables_read_whole(plans)


@pytest.mark.slow
def test_without_its_cursor_a_claim_walks_past_all_the_worker_has_done(transactional_db):
    """The planted fault: the bar above would see it."""
    site = answers.make(2)
    _newcomer, seasoned = site.workers
    answers.grow(site, SMALL)
    have_judged(seasoned, site.campaign, DONE // 2)
    with_cursor = cost(seasoned, site.campaign)

    Cursor.objects.all().delete()

    assert cost(seasoned, site.campaign) > 5 * with_cursor


def statements(kind, enrolment, lane):
    """Every statement of a claim that reads seats, by name, with values for one worker and lane."""
    who = {"enrolment": enrolment, "severe": care.SEVERE, "pause": care.PAUSE, "lane": lane.pk}
    middle = {**who, "rank": 0.5, "known": False}
    opened = {**who, "since": lane.seats.latest("opened_in").opened_in + 1, "known": True}
    told = {"enrolment": enrolment, "lanes": [lane.pk], "snapshot": 1, "empty_for": 60}
    return {
        "onward": (finding.taking(kind, finding.ONWARD), middle),
        "wrapped": (finding.taking(kind, finding.WRAPPED), middle),
        "opened": (finding.taking(kind, finding.OPENED), opened),
        "ahead": (finding.looking(kind, finding.ONWARD), middle),
        "remember": (finding.REMEMBER, told),
    }


def take_back(campaign):
    held = Assignment.objects.filter(campaign=campaign, status="leased")
    held.update(status="open", owner=None, lease_expires_at=None)


@pytest.mark.slow
@pytest.mark.parametrize("kind", Campaign.Kind)
def test_no_statement_of_a_claim_reads_a_big_table_whole(transactional_db, kind):
    site = answers.make(2)
    answers.grow(site, LARGE)
    campaign, worker = site.campaign, site.workers[0]
    if kind == Campaign.Kind.REVIEW:
        campaign = reviewed(site)
    enrolment = Enrolment.objects.get(worker=worker, campaign=campaign).pk
    lane = campaign.lanes.order_by("pk")[0]

    for name, (statement, values) in statements(kind, enrolment, lane).items():
        plan = plan_of(statement, values)
        take_back(campaign)

        print(f"\n{kind} {name}: {pages_touched(plan)} pages", end="")
        assert not BIG & tables_read_whole(plan), name
        assert pages_touched(plan) < ROOMY, name


def reviewed(site):
    """Let some of the items be under review, in another campaign beside the large one."""
    some = Item.objects.filter(project=site.project).order_by("-pk")[:UNDER_REVIEW]
    Item.objects.filter(pk__in=some.values("pk")).update(status="drafted")
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO curation_option (item_id, polarity, text, normal_form, status, origin,
                                            author_ref, decision_ref, reason, flags)
               SELECT id, side, side || id, side || id, 'proposed', 'import', '', '', '', '[]'
                 FROM curation_item, unnest(ARRAY['positive', 'negative']) AS side
                WHERE status = 'drafted'"""
        )
        cursor.execute("VACUUM ANALYZE curation_item, curation_option")
    campaign = campaigns.open_review(
        project=site.project,
        name="Review",
        by=None,
        seed=1,
        numbers={"exposure_day": 0, "break_after": 0},
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE annotation_assignment, annotation_matter")
    return campaign


@pytest.mark.slow
def test_the_end_of_a_lane_is_searched_once_and_then_known(transactional_db):
    """What it costs a worker who has judged all of a large lane is in docs/performance.md."""
    site = answers.make(2)
    answers.grow(site, LARGE)
    worker, campaign = site.workers[0], site.campaign
    have_judged(worker, campaign, LARGE)
    took = [seconds_of_nothing(worker, campaign) for _number in range(3)]
    Cursor.objects.update(empty_until=None, empty_since=None)
    again = seconds_of_nothing(worker, campaign)

    begun = time.perf_counter()
    reasons = waiting.why_nothing(worker=worker, campaign=campaign)
    told = time.perf_counter() - begun

    done = campaign.seats.filter(owner=worker).count()
    print(f"\nnothing left for who has judged {done:,}: {1e3 * took[0]:.0f} ms,")
    print(f"  then {1e3 * took[1]:.1f} and {1e3 * took[2]:.1f}; forgotten {1e3 * again:.0f}")
    print(f"  why: {1e3 * told:.0f} ms, {[str(reason) for reason in reasons]}")
    assert max(took[1:]) < again / 5
    assert [reason.code for reason in reasons] == ["done"]


def seconds_of_nothing(worker, campaign):
    begun = time.perf_counter()
    with pytest.raises(leases.NothingLeft):
        leases.claim(worker=worker, campaign=campaign)
    return time.perf_counter() - begun
