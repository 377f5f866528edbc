import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from django.db import connection, transaction
from django.db.models import F

from annotation import (
    adjudication,
    campaigns,
    enrolments,
    history,
    judgements,
    leases,
    matters,
    progress,
    rounds,
    undoing,
    work_drafts,
)
from annotation.leases import Grant, NothingLeft
from annotation.models import Assignment, Decline, Judgement, Matter
from annotation.undoing import CannotUndo
from curation.models import Option, Verdict
from tests.annotation import acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(project):
    return acting.make_worker(project)


@pytest.fixture
def bob(project):
    return acting.make_worker(project)


@pytest.fixture
def judging(project, ann, bob):
    acting.make_answers(project, count=2)
    return acting.open_answers(project)


@pytest.fixture
def item(project):
    return acting.drafted_item(project)


@pytest.fixture
def review(project, ann, bob, item):
    acting.make_worker(project)
    return acting.open_review(project)


def undo(judgement, worker):
    return undoing.undo(judgement=Judgement.objects.get(pk=judgement.pk), worker=worker)


def seat_of(grant):
    return Assignment.objects.get(pk=grant.seat)


def texts(item):
    return set(item.options.live().values_list("pk", "text", "status", "decision_ref"))


class TestAnswers:
    def test_what_was_taken_back_does_not_stand_and_stays_as_evidence(self, judging, ann):
        judgement = acting.claim_and_judge(ann, judging, "good")

        undo(judgement, ann)

        assert not Judgement.objects.standing().exists()
        row = Judgement.objects.get(supersedes=judgement)
        assert (row.takes_back, row.outcome, row.worker) == (True, "", ann)
        judgement.seat.refresh_from_db()
        assert judgement.seat.status == "undone"

    def test_the_worker_judges_the_same_answer_again(self, judging, ann):
        judgement = acting.claim_and_judge(ann, judging, "good", reason="It is kind.")

        seat = seat_of(undo(judgement, ann))

        assert (seat.matter, seat.owner, seat.status) == (judgement.matter, ann, "leased")
        assert acting.granted(seat, ann) == 1
        draft = work_drafts.of(seat=seat.pk, worker=ann).payload
        assert (draft["outcome"], draft["reason"]) == (["good"], ["It is kind."])
        again = acting.judge(ann, seat, "bad")
        assert list(Judgement.objects.standing()) == [again]

    def test_it_does_not_count_towards_the_quorum(self, judging, ann, bob):
        judgement = acting.claim_and_judge(ann, judging, "good")
        seat = seat_of(undo(judgement, ann))
        other = Assignment.objects.filter(matter=seat.matter, status="open")[0]
        held = leases.claim(worker=bob, campaign=judging, preferred=other.pk)

        acting.judge(bob, held, "good")

        assert Matter.objects.get(pk=seat.matter_id).status == "open"
        acting.judge(ann, seat, "good")
        verdict = Verdict.objects.get()
        assert (verdict.outcome, verdict.distribution) == ("good", {"good": 2})

    def test_the_number_of_wanted_judgements_stays(self, judging, ann):
        judgement = acting.claim_and_judge(ann, judging, "good")

        undo(judgement, ann)

        seats = judgement.matter.seats.exclude(status__in=["undone", "cancelled"])
        assert seats.count() == judging.overlap

    def test_what_is_in_hand_meanwhile_is_given_back_and_no_drop(self, judging, ann):
        judgement = acting.claim_and_judge(ann, judging, "good")
        next_one = leases.claim(worker=ann, campaign=judging)

        undo(judgement, ann)

        next_one.refresh_from_db()
        assert (next_one.status, next_one.owner) == ("open", None)
        assert ann.enrolments.get().dropped == 0

    def test_undone_twice_it_gives_the_same_seat(self, judging, ann):
        judgement = acting.claim_and_judge(ann, judging, "good")

        assert undo(judgement, ann) == undo(judgement, ann)

        assert Judgement.objects.filter(takes_back=True).count() == 1

    def test_the_old_submit_sent_again_brings_nothing_back(self, judging, ann):
        seat = leases.claim(worker=ann, campaign=judging)
        submission = acting.submission_of(seat)
        first = judgements.submit_answer(submission=submission, worker=ann, outcome="good")
        undo(first, ann)

        judgements.submit_answer(submission=submission, worker=ann, outcome="good")

        assert not Judgement.objects.standing().exists()

    def test_others_may_take_what_the_worker_leaves_after_an_undo(self, judging, ann, bob):
        judgement = acting.claim_and_judge(ann, judging, "good")
        grant = undo(judgement, ann)

        leases.give_back(grant=grant, worker=ann)

        assert leases.claim(worker=bob, campaign=judging, preferred=grant.seat).pk == grant.seat


class TestRefused:
    def test_a_verdict_stays(self, judging, ann, bob):
        judgement = acting.claim_and_judge(ann, judging, "good")
        last = acting.claim_and_judge(bob, judging, "good")
        assert last.matter == judgement.matter

        for said, worker in ((judgement, ann), (last, bob)):
            with pytest.raises(CannotUndo, match="settled"):
                undo(said, worker)

    def test_only_the_last_one_can_be_taken_back(self, judging, ann):
        first, _second = [acting.claim_and_judge(ann, judging, "good") for _ in range(2)]

        with pytest.raises(CannotUndo, match="last"):
            undo(first, ann)

    def test_it_is_possible_for_ten_minutes(self, judging, ann, monkeypatch):
        judgement = acting.claim_and_judge(ann, judging, "good")
        monkeypatch.setattr(undoing, "UNDO_WITHIN", undoing.UNDO_WITHIN * 0)

        with pytest.raises(CannotUndo, match="too late"):
            undo(judgement, ann)

    def test_nobody_takes_back_what_another_said(self, judging, ann, bob):
        judgement = acting.claim_and_judge(ann, judging, "good")

        with pytest.raises(CannotUndo, match="your own"):
            undo(judgement, bob)

    def test_who_has_left_takes_nothing_back(self, judging, ann):
        judgement = acting.claim_and_judge(ann, judging, "good")
        enrolments.leave(campaign=judging, worker=ann)

        with pytest.raises(CannotUndo, match="take part"):
            undo(judgement, ann)

    def test_a_closed_campaign_stays_as_it_is(self, judging, ann):
        judgement = acting.claim_and_judge(ann, judging, "good")
        campaigns.close(campaign=judging, by=None)

        with pytest.raises(CannotUndo, match="closed"):
            undo(judgement, ann)

    def test_once_judged_again_the_first_one_is_past(self, judging, ann):
        judgement = acting.claim_and_judge(ann, judging, "good")
        acting.judge(ann, seat_of(undo(judgement, ann)), "bad")

        with pytest.raises(CannotUndo, match="already"):
            undo(judgement, ann)


class TestReview:
    def test_a_rewrite_taken_back_leaves_the_options_as_they_were(self, review, item, ann):
        before = texts(item)
        judgement = acting.claim_and_review(
            ann, review, positive=acting.rewrite("Ask the owner first.")
        )
        assert texts(item) != before

        grant = undo(judgement, ann)

        assert texts(item) == before
        seat = seat_of(grant)
        draft = work_drafts.of(seat=seat.pk, worker=ann).payload
        assert "Ask the owner first." in [draft["o1-text"][0], draft["o2-text"][0]]
        assert draft["main_tag"] == ["care.body"]

    def test_what_others_accepted_before_still_counts(self, review, item, ann, bob):
        acting.claim_and_review(bob, review)
        judgement = acting.claim_and_review(ann, review, negative=acting.rewrite("Just keep it."))
        seat = seat_of(undo(judgement, ann))

        acting.review(ann, seat)

        item.refresh_from_db()
        assert item.status == "gold"

    def test_the_rule_reads_the_same_history_as_before(self, review, item, ann, bob):
        acting.claim_and_review(bob, review)
        before = rounds.history_of(Matter.objects.open().get())
        judgement = acting.claim_and_review(ann, review, negative=acting.rewrite("Just keep it."))

        undo(judgement, ann)

        assert rounds.history_of(Matter.objects.open().get()) == before

    def test_the_same_text_can_be_rewritten_again_by_anybody(self, review, item, ann, bob):
        judgement = acting.claim_and_review(ann, review, negative=acting.rewrite("Just keep it."))
        grant = undo(judgement, ann)
        leases.give_back(grant=grant, worker=ann)

        acting.claim_and_review(bob, review, negative=acting.rewrite("Just keep it."))

        made = Option.objects.get(text="Just keep it.", status="proposed")
        assert made.author_ref == bob.pseudonym

    def test_the_next_round_is_withdrawn_and_a_new_one_is_the_workers(self, review, ann):
        judgement = acting.claim_and_review(ann, review)

        grant = undo(judgement, ann)

        statuses = Matter.objects.order_by("round").values_list("round", "status")
        assert list(statuses) == [(1, "settled"), (2, "withdrawn"), (3, "open")]
        assert seat_of(grant).matter.round == 3

    def test_once_the_next_one_was_shown_to_anybody_it_stays(self, review, ann, bob):
        judgement = acting.claim_and_review(ann, review)
        seat = leases.claim(worker=bob, campaign=review)
        leases.give_back(grant=Grant(seat.pk, seat.token), worker=bob)

        with pytest.raises(CannotUndo, match="settled"):
            undo(judgement, ann)

    @pytest.mark.parametrize("kw", [{"positive": acting.reject()}, {"unfit": "unclear"}])
    def test_a_dispute_stays_with_the_reviewers(self, review, ann, kw):
        judgement = acting.claim_and_review(ann, review, **kw)

        with pytest.raises(CannotUndo, match="settled"):
            undo(judgement, ann)

    def test_what_a_reviewer_has_decided_on_stays(self, project, review, ann):
        rue = acting.make_reviewer(project)
        said = acting.claim_and_review(ann, review, positive=acting.reject())
        adjudication.send_back(matter=said.matter, by=rue, note="Look at the second sentence.")

        with pytest.raises(CannotUndo):
            undo(said, ann)

    def test_what_others_have_judged_further_stays(self, review, ann, bob):
        said = acting.claim_and_review(ann, review, positive=acting.rewrite("Ask first."))
        acting.claim_and_review(bob, review, negative=acting.rewrite("I just take it."))

        with pytest.raises(CannotUndo):
            undo(said, ann)

    def test_a_written_option_goes_with_its_judgement(self, project, ann, bob):
        item = acting.drafted_item(project)
        item.options.filter(polarity="negative").update(
            status="rejected", decided_at=F("created_at"), decision_ref="system"
        )
        campaign = acting.open_review(project)
        seat = leases.claim(worker=ann, campaign=campaign)
        write = acting.ActOn(polarity="negative", act="write", text="Keep what you find.")
        judgement = acting.review(ann, seat, acts=[*acting.accept_all(item), write])

        grant = undo(judgement, ann)

        assert not item.options.live().filter(polarity="negative").exists()
        draft = work_drafts.of(seat=grant.seat, worker=ann).payload
        assert draft["o2-text"] == ["Keep what you find."]

    def test_history_tells_of_it_and_numbers_leave_it_out(self, review, item, ann):
        judgement = acting.claim_and_review(ann, review)
        assert sum(w.judged for w in progress.of(review).workers) == 1

        undo(judgement, ann)

        assert "Took back their judgement" in [event.title for event in history.of_item(item)]
        assert sum(numbers.judged for numbers in progress.of(review).workers) == 0


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def at_once(self, *acts):
        gate = threading.Barrier(len(acts))

        def run(act):
            gate.wait()
            try:
                return act()
            except CannotUndo as refused:
                return refused
            finally:
                connection.close()

        with ThreadPoolExecutor(len(acts)) as pool:
            return list(pool.map(run, acts))

    def test_two_undos_at_once_are_one(self, judging, ann):
        judgement = acting.claim_and_judge(ann, judging, "good")

        one, other = self.at_once(*[lambda: undo(judgement, ann)] * 2)

        assert one == other
        assert Judgement.objects.filter(takes_back=True).count() == 1

    def test_an_undo_and_a_claim_at_once_leave_one_seat_in_hand(self, judging, ann):
        judgement = acting.claim_and_judge(ann, judging, "good")

        def claim():
            try:
                return leases.claim(worker=ann, campaign=judging)
            except NothingLeft as nothing:
                return nothing

        self.at_once(lambda: undo(judgement, ann), claim)

        [held] = Assignment.objects.filter(owner=ann, status="leased")
        assert held.matter == judgement.matter

    def test_an_undo_and_the_judgement_that_would_settle_end_well(self, judging, ann, bob):
        for _number in range(2):
            judgement = acting.claim_and_judge(ann, judging, "good")
            other = judgement.matter.seats.open()[0]
            held = leases.claim(worker=bob, campaign=judging, preferred=other.pk)

            undone, _judged = self.at_once(
                lambda judgement=judgement: undo(judgement, ann),
                lambda held=held: acting.judge(bob, held, "good"),
            )

            matter = Matter.objects.get(pk=judgement.matter_id)
            settled = Verdict.objects.filter(answer=matter.answer).exists()
            assert settled == isinstance(undone, CannotUndo)
            assert (matter.status == "settled") == settled
            if not settled:
                leases.give_back(grant=undone, worker=ann)

    def test_an_undo_waits_for_nobody_who_works_on_other_matters(self, judging, ann):
        judgement = acting.claim_and_judge(ann, judging, "good")
        other = judging.matters.exclude(pk=judgement.matter_id).get()
        begun, undone = threading.Event(), threading.Event()

        def submits():
            with transaction.atomic():
                matters.locked(other.pk)
                begun.set()
                return undone.wait(5)

        def undoes():
            begun.wait(5)
            grant = undo(judgement, ann)
            undone.set()
            return grant

        in_time, _grant = self.at_once(submits, undoes)

        assert in_time

    def test_two_who_undo_and_hold_what_the_other_judged_do_not_deadlock(
        self, judging, ann, bob, monkeypatch
    ):
        first, second = judging.matters.order_by("pk")
        said = {}
        for worker, matter in ((ann, first), (bob, second)):
            seat = matter.seats.open().order_by("number")[0]
            held = leases.claim(worker=worker, campaign=judging, preferred=seat.pk)
            said[worker] = acting.judge(worker, held, "good")
        for worker, matter in ((ann, second), (bob, first)):
            seat = matter.seats.open().order_by("number")[0]
            held = leases.claim(worker=worker, campaign=judging, preferred=seat.pk)
            assert held.matter == matter
        both_hold_one = threading.Barrier(2)
        locked = matters.locked

        def slow(pk):
            found = locked(pk)
            with suppress(threading.BrokenBarrierError):
                both_hold_one.wait(0.5)
            return found

        monkeypatch.setattr(matters, "locked", slow)
        grants = self.at_once(
            *[lambda worker=worker: undo(said[worker], worker) for worker in (ann, bob)]
        )

        assert all(isinstance(grant, Grant) for grant in grants)
        assert [seat_of(grant).matter for grant in grants] == [first, second]

    def test_no_claim_takes_the_round_that_an_undo_withdraws(self, review, ann, bob, monkeypatch):
        judgement = acting.claim_and_review(ann, review, positive=acting.rewrite("Ask first."))
        looked, claimed = threading.Event(), threading.Event()
        take_back = undoing._take_back

        def slow(judgement):
            looked.set()
            claimed.wait(5)
            return take_back(judgement)

        def claim():
            looked.wait(5)
            try:
                return leases.claim(worker=bob, campaign=review)
            except NothingLeft as nothing:
                return nothing
            finally:
                claimed.set()

        monkeypatch.setattr(undoing, "_take_back", slow)
        grant, found = self.at_once(lambda: undo(judgement, ann), claim)

        assert isinstance(grant, Grant)
        assert isinstance(found, NothingLeft)
        assert not Assignment.objects.filter(matter__status="withdrawn", status="leased").exists()

    def test_an_undo_after_a_claim_of_the_next_round_is_refused(
        self, review, ann, bob, monkeypatch
    ):
        judgement = acting.claim_and_review(ann, review, positive=acting.rewrite("Ask first."))
        granted, asked = threading.Event(), threading.Event()
        take = leases.finding.take

        def slow(**kw):
            found = take(**kw)
            granted.set()
            asked.wait(0.5)
            return found

        def undoes():
            granted.wait(5)
            return undo(judgement, ann)

        monkeypatch.setattr(leases.finding, "take", slow)
        refused, seat = self.at_once(undoes, lambda: leases.claim(worker=bob, campaign=review))

        assert isinstance(refused, CannotUndo)
        acting.review(bob, seat)


def test_who_has_read_what_others_said_leaves_their_own_judgement(judging, ann):
    judgement = acting.claim_and_judge(ann, judging, "bad")
    Decline.objects.create(matter=judgement.matter, worker=ann, reason=Decline.Reason.CONFLICT)

    with pytest.raises(CannotUndo, match="read what others said"):
        undo(judgement, ann)
