import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, transaction

from annotation import campaigns, judgements, leases, matters, witnesses, work_drafts
from annotation.acts import ActOn, OwnText
from annotation.leases import Grant, LeaseLost
from annotation.models import Assignment, Judgement, Matter, OptionAct, WorkDraft, WrittenText
from annotation.taking import Changed, OtherContent, Submission
from curation import options
from curation.models import Item, Option, Verdict
from curation.refusals import Refused
from tests import factories
from tests.annotation import acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(project):
    return acting.make_worker(project)


@pytest.fixture
def bob(project):
    return acting.make_worker(project)


@pytest.fixture
def cid(project):
    return acting.make_worker(project)


@pytest.fixture
def item(project):
    return acting.drafted_item(project)


@pytest.fixture
def review(project, item, ann, bob, cid):
    return acting.open_review(project)


@pytest.fixture
def answer(project):
    return acting.make_answers(project)[0]


@pytest.fixture
def judging(project, answer, ann, bob, cid):
    return acting.open_answers(project)


def lease(worker, campaign):
    return leases.claim(worker=worker, campaign=campaign)


class TestReview:
    def test_a_judgement_keeps_what_was_shown_and_said_and_when(self, review, item, ann):
        seat = lease(ann, review)

        judgement = acting.review(
            ann,
            seat,
            positive=acting.rewrite("Ask first, then borrow."),
            negative=acting.reject("unclear", "It rambles."),
            tags=["law", "care.body"],
            submission=acting.submission_of(seat, pasted=True),
        )

        positive, negative = judgement.acts.order_by("id")
        assert judgement.shown["question"] == item.question
        assert [o["text"] for o in judgement.shown["options"]] == [
            positive.option.text,
            negative.option.text,
        ]
        assert (judgement.tags, judgement.pasted) == (["law", "care.body"], True)
        assert (judgement.token, judgement.guideline) == (1, review.guideline)
        assert seat.leased_at == judgement.shown_at < judgement.submitted_at
        assert (positive.act, positive.made.text) == ("rewrite", "Ask first, then borrow.")
        assert positive.edit_distance > 0
        assert (positive.made.author_ref, positive.made.supersedes) == (
            ann.pseudonym,
            positive.option,
        )
        assert (negative.act, negative.reason) == ("reject", "unclear")
        assert set(WrittenText.objects.values_list("kind", "text")) == {
            ("option", "Ask first, then borrow."),
            ("reason", "It rambles."),
        }

    def test_the_seat_is_done_and_stays_with_its_worker(self, review, ann):
        seat = lease(ann, review)

        acting.review(ann, seat)

        seat.refresh_from_db()
        assert (seat.status, seat.owner, seat.lease_expires_at) == ("done", ann, None)

    def test_two_foreign_acceptances_make_gold_with_the_tags_of_the_signers(
        self, review, item, ann, bob
    ):
        acting.claim_and_review(ann, review)
        judgement = acting.claim_and_review(bob, review)

        item.refresh_from_db()
        assert (item.status, item.main_tag.code) == ("gold", "care.body")
        assert {o.status for o in item.options.all()} == {"accepted"}
        assert {o.decision_ref for o in item.options.all()} == {f"judgement:{judgement.pk}"}
        assert item.item_tags.get(accepted=True).origin == "people"
        assert set(Matter.objects.values_list("round", "status")) == {
            (1, "settled"),
            (2, "settled"),
        }

    def test_a_rewritten_text_needs_two_others_to_sign_it(self, review, item, ann, bob, cid):
        acting.claim_and_review(ann, review, positive=acting.rewrite("Ask first."))
        acting.claim_and_review(bob, review)
        item.refresh_from_db()
        assert item.status == "in_review"

        acting.claim_and_review(cid, review)

        item.refresh_from_db()
        assert item.status == "gold"
        assert item.options.accepted().get(polarity="positive").author_ref == ann.pseudonym

    def test_a_rejection_goes_to_a_reviewer(self, review, item, ann):
        acting.claim_and_review(ann, review, negative=acting.reject("operational"))

        matter = Matter.objects.get()
        assert (matter.status, matter.dispute) == ("disputed", "rejected")

    def test_one_report_of_an_unfit_question_goes_to_a_reviewer(self, review, ann):
        seat = lease(ann, review)

        judgement = acting.review(ann, seat, acts=[], tags=[], unfit="duplicate", note="See 12.")

        matter = Matter.objects.get()
        assert (matter.status, matter.dispute) == ("disputed", "unfit")
        assert (judgement.unfit, judgement.acts.count()) == ("duplicate", 0)
        assert judgement.written_texts.get().text == "See 12."

    def test_when_nobody_is_left_to_sign_a_reviewer_gets_it(self, project, item, ann, bob):
        review = acting.open_review(project)
        acting.claim_and_review(ann, review, positive=acting.rewrite("Ask first."))
        assert Matter.objects.latest("round").status == "open"

        acting.claim_and_review(bob, review)

        last = Matter.objects.latest("round")
        assert (last.round, last.status, last.dispute) == (3, "disputed", "nobody_left")
        assert last.seats.get().status == "cancelled"

    def test_a_tie_of_main_tags_goes_to_a_reviewer(self, review, ann, bob):
        acting.claim_and_review(ann, review, tags=["law"])
        acting.claim_and_review(bob, review, tags=["care"])

        assert Matter.objects.latest("round").dispute == "tags"

    def test_after_three_rewrites_a_reviewer_decides(self, review, ann, bob, cid):
        for number, worker in enumerate([ann, bob, cid]):
            acting.claim_and_review(worker, review, positive=acting.rewrite(f"Ask {number} times."))

        assert Matter.objects.latest("round").dispute == "rewrites"

    def test_a_missing_option_is_written_and_then_signed_by_others(self, project, ann, bob, cid):
        item = factories.make_item(project, status="drafted")
        positive = factories.make_option(item)
        campaign = acting.open_review(project)
        acts = [
            ActOn("positive", "accept", positive.pk),
            ActOn("negative", "write", text="I just take it."),
        ]

        acting.review(ann, lease(ann, campaign), acts=acts)
        acting.claim_and_review(bob, campaign)
        acting.claim_and_review(cid, campaign)

        item.refresh_from_db()
        assert item.status == "gold"
        assert item.options.get(polarity="negative").author_ref == ann.pseudonym

    def test_a_control_is_never_made_gold_again(self, project, ann, bob):
        item = acting.drafted_item(project)
        campaign = acting.open_review(project)
        campaign.campaign_items.update(control=True, expected="good")

        acting.claim_and_review(ann, campaign)

        item.refresh_from_db()
        assert item.status == "in_review"
        assert Matter.objects.get().status == "settled"

    @pytest.mark.parametrize(
        "acts",
        [
            lambda p, n: [ActOn("positive", "accept", p)],
            lambda p, n: [ActOn("positive", "accept", p)] * 2 + [ActOn("negative", "accept", n)],
            lambda p, n: [ActOn("positive", "accept", p), ActOn("negative", "praise", n)],
            lambda p, n: [ActOn("positive", "accept", p), ActOn("negative", "write", n, "Text.")],
            lambda p, n: [ActOn("positive", "accept", p), ActOn("negative", "reject", n)],
            lambda p, n: [ActOn("positive", "accept", p), ActOn("negative", "rewrite", n, " ")],
            lambda p, n: [
                ActOn("positive", "accept", p),
                ActOn("negative", "accept", n),
                ActOn("negative", "write", text="One more."),
            ],
        ],
        ids=["one left out", "one twice", "unknown", "write over", "no reason", "empty", "surplus"],
    )
    def test_acts_that_do_not_fit_are_refused_and_nothing_is_written(self, review, item, ann, acts):
        seat = lease(ann, review)
        positive, negative = item.options.all()

        with pytest.raises(Refused):
            acting.review(ann, seat, acts=acts(positive.pk, negative.pk))

        seat.refresh_from_db()
        assert (seat.status, seat.owner) == ("leased", ann)
        assert (Judgement.objects.count(), OptionAct.objects.count()) == (0, 0)
        assert item.options.count() == 2

    @pytest.mark.parametrize("tags", [[], ["nonsense"], ["care"] * 3 + ["x"]])
    def test_tags_must_be_of_the_taxonomy_and_there_must_be_one(self, review, ann, tags):
        with pytest.raises(Refused) as refused:
            acting.claim_and_review(ann, review, tags=tags)

        assert refused.value.field == "main_tag"

    def test_a_rewrite_that_says_the_same_is_refused_at_its_field(self, review, item, ann):
        seat = lease(ann, review)
        positive = item.options.get(polarity="positive")

        with pytest.raises(options.SameText) as refused:
            acting.review(ann, seat, positive=acting.rewrite(positive.text.upper()))

        assert refused.value.field == f"{positive.pk}:text"

    def test_both_options_cannot_be_made_to_say_the_same(self, review, ann):
        with pytest.raises(options.SameText):
            acting.claim_and_review(
                ann, review, positive=acting.rewrite("Same."), negative=acting.rewrite("same.")
            )

        assert Judgement.objects.count() == 0


class TestOwnTexts:
    def own(self, project, ann):
        """A seat held by the author of one of its texts, as no claim would give it."""
        item = acting.drafted_item(project)
        campaign = acting.open_review(project)
        seat = lease(ann, campaign)
        option = item.options.get(polarity="positive")
        Option.objects.filter(pk=option.pk).update(author_ref=ann.pseudonym)
        return seat

    def test_nobody_signs_what_they_wrote(self, project, ann):
        with pytest.raises(OwnText):
            acting.review(ann, self.own(project, ann))

    def test_nor_a_text_equal_to_it_after_normalisation(self, project, ann, bob):
        item = acting.drafted_item(project)
        campaign = acting.open_review(project)
        seat = lease(ann, campaign)
        option = item.options.get(polarity="positive")
        factories.make_option(
            item,
            "positive",
            option.text.upper(),
            status="rejected",
            author_ref=ann.pseudonym,
            decision_ref="judgement:1",
            decided_at="2026-01-01T00:00Z",
        )

        with pytest.raises(OwnText):
            acting.review(ann, seat)

    def test_the_database_refuses_it_too(self, project, ann, monkeypatch):
        monkeypatch.setattr("annotation.acts._refuse_own", lambda option, worker: None)

        with pytest.raises(IntegrityError, match="nobody signs"), transaction.atomic():
            acting.review(ann, self.own(project, ann))


class TestAnswers:
    def test_two_of_three_settle_and_the_third_seat_is_cancelled(self, judging, answer, ann, bob):
        acting.claim_and_judge(ann, judging, "good")
        judgement = acting.claim_and_judge(bob, judging, "good")

        verdict = Verdict.objects.get(answer=answer)
        assert (verdict.outcome, verdict.source) == ("good", "people")
        assert verdict.distribution == {"good": 2}
        assert verdict.decision_ref == f"judgement:{judgement.pk}"
        assert Matter.objects.get().status == "settled"
        assert sorted(judging.seats.values_list("status", flat=True)) == [
            "cancelled",
            "done",
            "done",
        ]

    def test_work_in_hand_may_finish_after_the_answer_is_settled(self, judging, ann, bob, cid):
        slow = lease(cid, judging)
        for worker in (ann, bob):
            acting.claim_and_judge(worker, judging, "good")

        late = acting.judge(cid, slow, "bad")

        assert late.outcome == "bad"
        assert Verdict.objects.get().outcome == "good"

    def test_cannot_tell_never_settles(self, judging, ann, bob, cid):
        for worker in (ann, bob, cid):
            acting.claim_and_judge(worker, judging, "cannot_tell")

        matter = Matter.objects.get()
        assert (matter.status, matter.dispute) == ("disputed", "no_quorum")
        assert not Verdict.objects.exists()

    def test_all_in_without_a_quorum_is_a_dispute(self, judging, ann, bob, cid):
        for worker, outcome in [(ann, "good"), (bob, "bad"), (cid, "cannot_tell")]:
            acting.claim_and_judge(worker, judging, outcome)

        assert Matter.objects.get().status == "disputed"

    def test_a_split_vote_settles_and_keeps_its_distribution(self, judging, ann, bob, cid):
        for worker, outcome in [(ann, "good"), (bob, "bad"), (cid, "bad")]:
            acting.claim_and_judge(worker, judging, outcome)

        verdict = Verdict.objects.get()
        assert (verdict.outcome, verdict.distribution) == ("bad", {"good": 1, "bad": 2})

    def test_an_answer_keeps_question_reply_tags_and_reason(self, judging, answer, ann):
        judgement = acting.claim_and_judge(
            ann, judging, "bad", tags=["law"], reason="It helps the thief."
        )

        assert judgement.shown == {"question": answer.item.question, "answer": answer.reply}
        assert judgement.tags == ["law"]
        assert judgement.written_texts.get().text == "It helps the thief."

    @pytest.mark.parametrize("outcome", ["", "fine", "safe"])
    def test_only_known_outcomes_are_taken(self, judging, ann, outcome):
        with pytest.raises(Refused) as refused:
            acting.claim_and_judge(ann, judging, outcome)

        assert refused.value.field == "outcome"

    def test_an_answer_is_not_judged_as_options_nor_options_as_an_answer(
        self, project, judging, ann, bob
    ):
        seat = lease(ann, judging)
        with pytest.raises(Refused):
            judgements.submit_review(
                submission=acting.submission_of(seat), worker=ann, acts=[], tags=["law"]
            )

        acting.drafted_item(project)
        other = lease(bob, acting.open_review(project))
        with pytest.raises(Refused):
            acting.judge(bob, other, "good")


class TestOnce:
    def test_the_same_submit_again_is_the_same_judgement(self, judging, ann):
        seat = lease(ann, judging)

        made = {acting.judge(ann, seat, "good").pk for _time in range(5)}

        assert len(made) == 1
        assert Judgement.objects.count() == 1

    def test_the_same_review_again_is_the_same_judgement(self, review, item, ann):
        seat = lease(ann, review)
        submission, acts = (
            acting.submission_of(seat),
            acting.accept_all(item, positive=acting.rewrite("Ask first.")),
        )

        made = {acting.review(ann, seat, submission=submission, acts=acts).pk for _time in range(3)}

        assert len(made) == 1
        assert item.options.count() == 3

    def test_the_same_key_with_other_content_is_refused(self, judging, ann):
        seat = lease(ann, judging)
        acting.judge(ann, seat, "good")

        with pytest.raises(OtherContent):
            acting.judge(ann, seat, "bad")

        assert Judgement.objects.get().outcome == "good"

    def test_a_late_submit_whose_seat_nobody_took_is_accepted(self, judging, ann):
        seat = acting.expire(lease(ann, judging))

        assert acting.judge(ann, seat, "good").token == 1

    def test_so_is_one_whose_seat_was_handed_back(self, judging, ann):
        seat = lease(ann, judging)
        leases.give_back(grant=acting.grant_of(seat), worker=ann)

        acting.judge(ann, seat, "good")

        seat.refresh_from_db()
        assert (seat.status, seat.owner) == ("done", ann)

    def test_a_stale_submit_is_refused_and_its_text_is_kept(self, review, ann, bob):
        seat = acting.expire(lease(ann, review))
        old = acting.submission_of(seat, typed={"o1-text": "Ask first."})
        lease(bob, review)

        with pytest.raises(LeaseLost):
            acting.review(ann, seat, submission=old)

        assert Judgement.objects.count() == 0
        assert work_drafts.of(seat=seat.pk, worker=ann).payload == {"o1-text": "Ask first."}
        assert [draft.seat for draft in work_drafts.homeless(ann)] == [seat]

    def test_what_was_said_is_kept_where_nothing_else_was_typed(self, judging, ann, bob):
        seat = acting.expire(lease(ann, judging))
        submission = acting.submission_of(seat)
        lease(bob, judging)

        with pytest.raises(LeaseLost):
            judgements.submit_answer(
                submission=submission, worker=ann, outcome="bad", reason="Careless."
            )

        assert work_drafts.of(seat=seat.pk, worker=ann).payload["reason"] == "Careless."

    def test_work_on_what_was_withdrawn_is_refused_with_the_reason_and_kept(self, review, ann):
        seat = lease(ann, review)
        matters.move(seat.matter, to=Matter.Status.WITHDRAWN)

        with pytest.raises(LeaseLost, match="withdrawn"):
            acting.review(ann, seat, positive=acting.rewrite("Ask the owner first."))

        assert "Ask the owner first." in str(WorkDraft.objects.get().payload)
        assert not Judgement.objects.exists()

    def test_so_is_work_on_an_answer_whose_campaign_was_closed(self, judging, ann):
        seat = acting.expire(lease(ann, judging))
        campaigns.close(campaign=judging, by=None)

        with pytest.raises(LeaseLost, match="withdrawn"):
            acting.judge(ann, seat, "good", reason="It is kind.")

        assert WorkDraft.objects.get().payload["reason"] == "It is kind."

    def test_who_read_what_others_said_meanwhile_hears_that(self, judging, ann, bob):
        seat = acting.expire(lease(ann, judging))
        witnesses.read(matter=seat.matter, by=ann)

        with pytest.raises(LeaseLost, match="read what others said"):
            acting.judge(ann, seat, "good")

    def test_nobody_submits_on_the_seat_of_another(self, judging, ann, bob):
        seat = lease(ann, judging)

        with pytest.raises(LeaseLost):
            acting.judge(bob, seat, "good")

        assert Judgement.objects.count() == 0
        assert not WorkDraft.objects.filter(worker=bob).exists()

    def test_nobody_takes_an_open_seat_by_guessing_its_token(self, judging, ann, bob):
        seat = lease(ann, judging)
        leases.give_back(grant=acting.grant_of(seat), worker=ann)

        with pytest.raises(LeaseLost):
            acting.judge(bob, seat, "good")

    def test_nobody_repeats_the_submit_of_another(self, judging, ann, bob):
        seat = lease(ann, judging)
        acting.judge(ann, seat, "good")

        with pytest.raises(LeaseLost):
            acting.judge(bob, seat, "good")

    def test_a_seat_that_is_not_there_is_lost(self, judging, ann):
        submission = Submission(grant=Grant(0, 1), guideline=judging.guideline_id)

        with pytest.raises(LeaseLost):
            judgements.submit_answer(submission=submission, worker=ann, outcome="good")

    def test_late_work_on_one_seat_is_refused_once_the_worker_holds_another_of_the_answer(
        self, judging, ann
    ):
        first, second = judging.seats.order_by("number")[:2]
        held = lease(ann, judging)
        Assignment.objects.filter(pk=held.pk).update(
            status="open", owner=None, lease_expires_at=None
        )
        Assignment.objects.filter(pk=second.pk).update(
            status="leased",
            owner=ann,
            token=1,
            leased_at=held.leased_at,
            lease_expires_at=held.lease_expires_at,
        )
        assert held == first

        with pytest.raises(LeaseLost):
            acting.judge(ann, held, "good")

    def test_a_taken_submit_leaves_no_draft_behind(self, judging, ann):
        seat = lease(ann, judging)
        work_drafts.save(grant=acting.grant_of(seat), worker=ann, payload={"reason": "So"})

        acting.judge(ann, seat, "good")

        assert not WorkDraft.objects.exists()


class TestChangedMeanwhile:
    def test_options_that_changed_refuse_the_submit_and_keep_the_text(self, review, item, ann):
        seat = lease(ann, review)
        submission = acting.submission_of(seat, typed={"note": "mine"})
        acts = acting.accept_all(item)
        options.rewrite(
            option=item.options.get(polarity="positive"),
            text="Something newer.",
            author_ref="system",
            origin=Option.Origin.REVIEWER,
            decision_ref="test",
        )

        with pytest.raises(Changed):
            acting.review(ann, seat, submission=submission, acts=acts)

        seat.refresh_from_db()
        assert (seat.status, seat.owner) == ("leased", ann)
        assert work_drafts.of(seat=seat.pk, worker=ann).payload == {"note": "mine"}

    def test_an_option_that_came_meanwhile_refuses_it_too(self, review, item, ann):
        seat = lease(ann, review)
        submission, acts = acting.submission_of(seat), acting.accept_all(item)
        factories.make_option(item, "negative")

        with pytest.raises(Changed):
            acting.review(ann, seat, submission=submission, acts=acts)

    def test_a_question_that_was_replaced_refuses_it(self, project, judging, answer, ann):
        seat = lease(ann, judging)
        new = factories.make_item(project)
        Item.objects.filter(pk=answer.item_id).update(superseded_by=new)

        with pytest.raises(Changed):
            acting.judge(ann, seat, "good")

    def test_a_newer_guideline_refuses_it(self, judging, ann):
        seat = lease(ann, judging)
        submission = Submission(grant=acting.grant_of(seat), guideline=0)

        with pytest.raises(Changed):
            judgements.submit_answer(submission=submission, worker=ann, outcome="good")


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def run(self, *calls):
        start = threading.Barrier(len(calls))

        def one(call):
            try:
                start.wait()
                return call()
            except Refused as refused:
                return refused
            finally:
                connection.close()

        with ThreadPoolExecutor(len(calls)) as pool:
            return [future.result() for future in [pool.submit(one, call) for call in calls]]

    def test_five_submits_at_once_are_one_judgement(self, project):
        ann = acting.make_worker(project)
        acting.make_answers(project)
        seat = lease(ann, acting.open_answers(project))

        made = self.run(*[lambda: acting.judge(ann, seat, "good")] * 5)

        assert len({judgement.pk for judgement in made}) == 1
        assert Judgement.objects.count() == 1

    def test_three_workers_at_once_settle_an_answer_once(self, project):
        people = [acting.make_worker(project) for _number in range(3)]
        [answer] = acting.make_answers(project)
        campaign = acting.open_answers(project)
        held = [(worker, lease(worker, campaign)) for worker in people]

        made = self.run(*(lambda w=w, s=s: acting.judge(w, s, "good") for w, s in held))

        assert len({judgement.pk for judgement in made}) == 3
        verdict = Verdict.objects.get(answer=answer)
        assert verdict.distribution == {"good": 2}
        assert Matter.objects.get().status == "settled"

    def test_a_late_submit_and_a_new_claim_at_once_have_one_winner(self, project):
        ann, bob = acting.make_worker(project), acting.make_worker(project)
        acting.drafted_item(project)
        campaign = acting.open_review(project)
        seat = acting.expire(lease(ann, campaign))
        submission, acts = acting.submission_of(seat), acting.accept_all(seat.matter.item)

        late, claimed = self.run(
            lambda: acting.review(ann, seat, submission=submission, acts=acts),
            lambda: lease(bob, campaign),
        )

        seat.refresh_from_db()
        if isinstance(late, Judgement):
            assert (seat.status, seat.owner) == ("done", ann)
        else:
            assert isinstance(late, LeaseLost)
            assert (claimed.pk, seat.owner) == (seat.pk, bob)
