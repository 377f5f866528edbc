"""The tallies of runs are always what counting the calls would give, whoever moves them."""

import random
import threading
import time
from collections import Counter

import pytest
from django.db import connection, transaction
from django.db.models import Count, Q, Sum

from curation.drafting import calls, moving, plan, tallies
from curation.drafting.turns import Next
from curation.models import Attempt, Call, Run, RunCall, RunTally
from tests import factories

NOW = "2026-11-21T00:00:00Z"
Status = Call.Status
RESPONDED = Next(Status.RESPONDED)


@pytest.fixture
def run(project, drafter):
    for _ in range(4):
        factories.make_item(project)
    return plan.plan(project=project, by=None).run


def another_run(project):
    return Run.objects.create(project=project, kind=Run.Kind.DRAFTING)


def counted(run):
    """Count the calls themselves."""
    found = run.calls.values_list("purpose", "status").annotate(n=Count("pk")).order_by()
    return Counter({(purpose, status): number for purpose, status, number in found})


def attempted(call, *, cost=None, tokens=10):
    return Attempt.objects.create(
        call=call,
        number=call.attempts.count() + 1,
        outcome="unknown",
        milliseconds=0,
        raw=b"",
        started_at=NOW,
        input_tokens=tokens,
        output_tokens=tokens and 1,
        cost=cost,
    )


def step(dice, found):
    """Move calls as the engine may, each one legal step."""
    moves = []
    for call in found:
        after = dice.choice(sorted(Call.NEXT[Status(call.status)]) or [None])
        if after == Status.LEASED:
            Call.objects.filter(pk=call.pk).update(
                status=after, lease_token=1, lease_expires_at=NOW
            )
        elif after:
            moves.append((call, Next(after)))
    moving.move(moves)


def test_a_new_run_counts_its_calls_as_planned(run):
    assert tallies.counts(run.pk) == {
        (purpose, "planned"): 4 for purpose in ("positive_option", "negative_option", "risk_tags")
    }
    assert RunTally.objects.filter(run=run).count() == 3  # one row a purpose, not one a call


@pytest.mark.parametrize("seed", range(8))
def test_whatever_moves_the_tallies_of_every_run_are_what_counting_gives(project, run, seed):
    dice, runs = random.Random(seed), [run]
    for _ in range(60):
        found = sorted(Call.objects.all(), key=lambda call: (dice.random(), call.pk))[
            : dice.randint(1, 6)
        ]
        act = dice.choice(("step", "step", "step", "want", "plan again", "fold", "all"))
        if act == "step":
            step(dice, found)
        elif act == "want":
            runs.append(another_run(project))
            plan.attach(runs[-1], found)
        elif act == "plan again":
            calls.plan_again(Q(run_calls__run=dice.choice(runs)))
        elif act == "fold":
            tallies.fold(dice.choice(runs).pk)
        else:
            Call.objects.filter(status=Status.PLANNED).update(problem="nothing moved")

        assert [tallies.counts(each.pk) for each in runs] == [counted(each) for each in runs]


def test_a_call_that_two_runs_want_is_tallied_for_both(project, run):
    second = another_run(project)
    plan.attach(second, list(run.calls.all()[:5]))

    moving.move([(call, Next(Status.RESPONDED)) for call in run.calls.all()[:2]])
    attempted(run.calls.first(), cost=7)

    for each in (run, second):
        assert tallies.counts(each.pk) == counted(each)
        assert tallies.used(each.pk) == tallies.Used(1, 10, 1, 7)


def test_wanting_a_call_twice_counts_it_once(run):
    plan.attach(run, list(run.calls.all()))

    assert tallies.counts(run.pk) == counted(run)


def test_what_is_rolled_back_is_not_tallied(run):
    before = tallies.counts(run.pk)

    with transaction.atomic():
        moving.move([(run.calls.first(), Next(Status.RESPONDED))])
        transaction.set_rollback(True)

    assert tallies.counts(run.pk) == before == counted(run)


def test_what_attempts_used_is_summed(run):
    first, second = run.calls.all()[:2]
    attempted(first, cost=3)
    attempted(first, cost=4, tokens=None)
    attempted(second)

    sums = Attempt.objects.aggregate(a=Count("pk"), i=Sum("input_tokens"), o=Sum("output_tokens"))
    assert tallies.used(run.pk) == tallies.Used(sums["a"], sums["i"], sums["o"], 7)


def test_a_cost_that_nobody_knows_is_not_nothing(run):
    attempted(run.calls.first())
    assert tallies.used(run.pk).cost is None

    attempted(run.calls.first(), cost=0)
    assert tallies.used(run.pk).cost == 0


def test_a_run_that_is_over_is_not_charged_for_later_attempts(project, run):
    Run.objects.filter(pk=run.pk).update(status=Run.Status.FINISHED, finished_at=NOW)
    second = another_run(project)
    plan.attach(second, list(run.calls.all()[:1]))

    attempted(run.calls.first())

    assert (tallies.used(run.pk).attempts, tallies.used(second.pk).attempts) == (0, 1)


def test_a_fold_keeps_the_sums_in_one_row_a_cell(run):
    for call in run.calls.all():
        moving.move([(call, Next(Status.RESPONDED))])
        attempted(call, cost=2)
    counts, used = tallies.counts(run.pk), tallies.used(run.pk)

    tallies.fold(run.pk)

    assert (tallies.counts(run.pk), tallies.used(run.pk)) == (counts, used)
    assert RunTally.objects.filter(run=run).count() <= 3 * 3


def in_threads(*acts):
    """Do all at once, each with a connection of its own; return what went wrong."""
    wrong = []

    def do(act):
        try:
            act()
        except Exception as error:
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=do, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return wrong


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_a_call_that_is_moving_while_a_run_begins_to_want_it_is_tallied_where_it_arrives(
        self, project, run
    ):
        second, moved = another_run(project), threading.Event()
        call = run.calls.first()

        def move():
            with transaction.atomic():
                moving.move([(Call.objects.select_for_update().get(pk=call.pk), RESPONDED)])
                moved.set()
                time.sleep(0.3)

        def want():
            moved.wait(5)
            RunCall.objects.bulk_create([RunCall(run=second, call=call)])

        assert in_threads(move, want) == []
        assert tallies.counts(second.pk) == counted(second) == {(call.purpose, "responded"): 1}

    def test_a_call_that_moves_while_a_run_is_about_to_want_it_is_tallied_as_moved(
        self, project, run
    ):
        second, wanted = another_run(project), threading.Event()
        call = run.calls.first()

        def want():
            with transaction.atomic():
                RunCall.objects.bulk_create([RunCall(run=second, call=call)])
                wanted.set()
                time.sleep(0.3)

        def move():
            wanted.wait(5)
            with transaction.atomic():
                moving.move([(Call.objects.select_for_update().get(pk=call.pk), RESPONDED)])

        assert in_threads(move, want) == []
        assert tallies.counts(second.pk) == counted(second) == {(call.purpose, "responded"): 1}

    def test_a_move_without_a_lock_of_its_own_is_tallied_too(self, project, run):
        second, wanted = another_run(project), threading.Event()
        call = run.calls.first()

        def want():
            with transaction.atomic():
                RunCall.objects.bulk_create([RunCall(run=second, call=call)])
                wanted.set()
                time.sleep(0.3)

        def move():
            wanted.wait(5)
            Call.objects.filter(pk=call.pk).update(status=Status.RESPONDED)

        assert in_threads(move, want) == []
        assert tallies.counts(second.pk) == counted(second)

    def test_a_storm_of_moves_wants_and_folds_leaves_every_tally_right(self, project, run):
        numbers = list(run.calls.order_by("pk").values_list("pk", flat=True))
        runs = [run, *(another_run(project) for _ in range(4))]

        def mover(seed):
            def act():
                dice = random.Random(seed)
                for _ in range(40):
                    with transaction.atomic():
                        mine = sorted(dice.sample(numbers, 3))
                        found = Call.objects.select_for_update().filter(pk__in=mine)
                        step(dice, list(found.order_by("pk")))
                        time.sleep(dice.random() / 500)

            return act

        def wanter(seed):
            def act():
                dice = random.Random(seed)
                for each in runs[1:]:
                    for _ in range(6):
                        mine = sorted(dice.sample(numbers, 4))
                        with transaction.atomic():
                            RunCall.objects.bulk_create(
                                [RunCall(run=each, call_id=pk) for pk in mine],
                                ignore_conflicts=True,
                            )
                            time.sleep(dice.random() / 500)

            return act

        def folder():
            dice = random.Random(99)
            for _ in range(60):
                tallies.fold(dice.choice(runs).pk)

        wrong = in_threads(*(mover(n) for n in range(3)), wanter(10), wanter(11), folder)

        assert wrong == []
        assert [tallies.counts(each.pk) for each in runs] == [counted(each) for each in runs]
        assert all(each.calls.exists() for each in runs)
