import pytest
from django.db import IntegrityError, transaction

from annotation import adjudication, campaigns, matters
from annotation.adjudication import AlreadySettled, NotYours, Take
from annotation.models import Adjudication, Campaign, Matter
from annotation.signoff import Why
from curation.models import Answer, AuditEvent, Option, Verdict
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
def rue(project):
    return acting.make_reviewer(project)


@pytest.fixture
def item(project):
    return acting.drafted_item(project)


@pytest.fixture
def rejected(project, item, ann, bob):
    """A matter whose positive option ann rewrote and whose negative one bob rejected."""
    campaign = acting.open_review(project)
    acting.claim_and_review(ann, campaign, positive=acting.rewrite("Ask first."))
    acting.claim_and_review(bob, campaign, negative=acting.reject())
    return Matter.objects.disputed().get(item=item)


@pytest.fixture
def split(project, ann, bob):
    """A disputed answer: one safe, one unsafe."""
    acting.make_answers(project)
    campaign = acting.open_answers(project, overlap=2)
    acting.claim_and_judge(ann, campaign, "good")
    acting.claim_and_judge(bob, campaign, "bad")
    return Matter.objects.disputed().get()


def live(item):
    return {option.polarity: option for option in item.options.live()}


def take_live(item, **instead):
    return {p: Take(option=o.pk) for p, o in live(item).items()} | instead


def settle(matter, by, takes=None, **kw):
    return adjudication.settle_review(
        matter=matter,
        by=by,
        takes=takes or take_live(matter.item),
        **{"tags": ["care.mind", "law"], "reason": "Both are sound."} | kw,
    )


def settle_answer(matter, by, outcome="good", reason="The warning is enough.", **kw):
    return adjudication.settle_answer(matter=matter, by=by, outcome=outcome, reason=reason, **kw)


class TestReview:
    def test_taking_what_is_there_makes_gold_with_the_reviewers_tags(self, rejected, item, rue):
        made = settle(rejected, rue)

        item.refresh_from_db()
        rejected.refresh_from_db()
        assert (item.status, item.main_tag.code, rejected.status) == (
            "gold",
            "care.mind",
            "settled",
        )
        assert {o.decision_ref for o in item.options.accepted()} == {f"adjudication:{made.pk}"}
        assert set(item.item_tags.filter(accepted=True).values_list("tag__code", "origin")) == {
            ("care.mind", "reviewer"),
            ("law", "reviewer"),
        }
        assert made.options == {p: o.pk for p, o in live(item).items()}
        assert AuditEvent.objects.get(action="item.gold").actor_ref == rue.pseudonym

    def test_an_earlier_text_is_brought_back_as_its_authors(self, rejected, item, rue):
        earlier = item.options.get(status="superseded")

        settle(rejected, rue, take_live(item, positive=Take(option=earlier.pk)))

        item.refresh_from_db()
        taken = live(item)["positive"]
        assert item.status == "gold"
        assert (taken.text, taken.author_ref) == (earlier.text, earlier.author_ref)

    def test_a_reviewers_own_text_opens_a_round_and_needs_one_foreign_acceptance(
        self, rejected, item, ann, rue
    ):
        settle(rejected, rue, take_live(item, negative=Take(text="I just take it, who cares.")))

        item.refresh_from_db()
        rejected.refresh_from_db()
        assert (item.status, rejected.status) == ("in_review", "settled")
        assert live(item)["negative"].origin == "reviewer"
        assert Matter.objects.open().get().round == 3

        cid = acting.make_worker(rejected.campaign.project)
        campaigns.top_up(campaign=rejected.campaign, by=None)
        acting.claim_and_review(cid, rejected.campaign, tags=["law"])

        item.refresh_from_db()
        assert (item.status, item.main_tag.code) == ("gold", "care.mind")

    def test_typing_a_text_that_is_there_is_taking_it(self, rejected, item, rue):
        settle(rejected, rue, take_live(item, positive=Take(text="ASK first.")))

        item.refresh_from_db()
        assert item.status == "gold"
        assert live(item)["positive"].text == "Ask first."

    def test_a_missing_option_is_written_by_the_reviewer(self, project, ann, bob, rue):
        item = factories.make_item(project, status="drafted")
        factories.make_option(item)
        campaign = acting.open_review(project)
        acting.claim_and_review(ann, campaign, acts=[], tags=[], unfit="unclear")
        matter = Matter.objects.disputed().get()

        settle(matter, rue, take_live(item, negative=Take(text="I just take it.")))

        assert live(item)["negative"].author_ref == rue.pseudonym
        assert Matter.objects.open().get().round == 2
        assert campaign.matters.count() == 2

    def test_other_live_options_of_a_polarity_are_left_behind(self, rejected, item, rue):
        other = factories.make_option(item, "negative")

        settle(rejected, rue, take_live(item, negative=Take(option=other.pk)))

        assert list(item.options.accepted().filter(polarity="negative")) == [other]

    def test_an_unfit_question_leaves_the_set(self, rejected, item, rue):
        made = adjudication.settle_unfit(
            matter=rejected, by=rue, unfit="duplicate", reason="The same as number 7."
        )

        item.refresh_from_db()
        assert (item.status, item.status_reason) == (
            "rejected",
            "duplicate: The same as number 7.",
        )
        assert made.unfit == "duplicate"

    @pytest.mark.parametrize(
        ("takes", "kw"),
        [
            ({}, {"reason": " "}),
            ({}, {"reason": "x" * 2_001}),
            ({}, {"tags": []}),
            ({}, {"tags": ["nonsense"]}),
            ({"positive": Take(option=0, text=" ")}, {}),
            ({"positive": Take(option=999_999)}, {}),
            ({"third": Take(text="More.")}, {}),
        ],
    )
    def test_what_does_not_fit_is_refused_and_nothing_is_written(
        self, rejected, item, rue, takes, kw
    ):
        with pytest.raises(Refused):
            settle(rejected, rue, take_live(item, **takes), **kw)

        rejected.refresh_from_db()
        assert rejected.status == "disputed"
        assert not Adjudication.objects.exists()

    def test_a_closed_campaign_takes_only_texts_that_are_there(self, rejected, item, rue):
        campaigns.close(campaign=rejected.campaign, by=None)

        with pytest.raises(Refused):
            settle(rejected, rue, take_live(item, positive=Take(text="Newer.")))
        settle(rejected, rue)

        item.refresh_from_db()
        assert item.status == "gold"

    def test_a_control_is_not_made_gold(self, rejected, item, rue):
        rejected.campaign.campaign_items.update(control=True, expected="good")

        settle(rejected, rue)

        item.refresh_from_db()
        rejected.refresh_from_db()
        assert (item.status, rejected.status) == ("in_review", "settled")


class TestSendBack:
    def test_an_item_sent_back_opens_a_round_with_the_note(self, rejected, item, rue):
        cid = acting.make_worker(rejected.campaign.project)
        campaigns.top_up(campaign=rejected.campaign, by=None)

        following = adjudication.send_back(matter=rejected, by=rue, note="The negative is fine.")

        rejected.refresh_from_db()
        assert (rejected.status, following.round, following.status) == ("settled", 3, "open")
        assert rejected.adjudication.reason == "The negative is fine."
        acting.claim_and_review(cid, rejected.campaign)

    def test_it_is_refused_when_nobody_could_take_it(self, rejected, rue):
        with pytest.raises(Refused):
            adjudication.send_back(matter=rejected, by=rue, note="Look again.")

        rejected.refresh_from_db()
        assert rejected.status == "disputed"

    def test_an_answer_is_put_to_one_more_worker(self, split, project, rue):
        cid = acting.make_worker(project)
        campaigns.top_up(campaign=split.campaign, by=None)

        seat = matters.ask_another(matter=split, by=rue)

        split.refresh_from_db()
        assert (seat.number, split.status) == (3, "open")
        acting.claim_and_judge(cid, split.campaign, "good")
        assert Verdict.objects.get().distribution == {"good": 2, "bad": 1}

    def test_who_judged_an_answer_cannot_put_it_to_ever_more_workers(self, split, project, ann):
        acting.make_worker(project)
        campaigns.top_up(campaign=split.campaign, by=None)

        with pytest.raises(adjudication.NotYours):
            adjudication.ask_another(matter=split, by=ann)

        split.refresh_from_db()
        assert split.status == "disputed"

    def test_one_more_seat_without_a_quorum_is_a_dispute_again(self, split, project, rue):
        cid = acting.make_worker(project)
        campaigns.top_up(campaign=split.campaign, by=None)
        matters.ask_another(matter=split, by=rue)

        acting.claim_and_judge(cid, split.campaign, "cannot_tell")

        split.refresh_from_db()
        assert split.status == "disputed"

    def test_an_answer_is_not_sent_back_when_nobody_is_left(self, split, rue):
        with pytest.raises(Refused):
            matters.ask_another(matter=split, by=rue)

        assert split.seats.count() == 2

    def test_only_a_disputed_answer_is_put_to_another(self, rejected, rue):
        with pytest.raises(Refused):
            matters.ask_another(matter=rejected, by=rue)
        with pytest.raises(Refused):
            matters.ask_another(matter=rejected.campaign.matters.get(round=1), by=rue)


class TestAnswer:
    def test_a_settled_answer_has_a_verdict_that_keeps_what_people_said(self, split, rue):
        made = settle_answer(split, rue, contested=True)

        verdict = Verdict.objects.get()
        split.refresh_from_db()
        assert (verdict.outcome, verdict.source, split.status) == (
            "good",
            "adjudication",
            "settled",
        )
        assert verdict.distribution == {"good": 1, "bad": 1}
        assert (verdict.decision_ref, made.contested) == (f"adjudication:{made.pk}", True)

    def test_an_answer_nobody_can_tell_is_undecided(self, split, rue):
        settle_answer(split, rue, "cannot_tell")

        assert Verdict.objects.get().outcome == "undecided"

    def test_a_tag_the_taxonomy_does_not_have_is_refused(self, split, rue):
        with pytest.raises(Refused):
            settle_answer(split, rue, tags=["nonsense"])

        assert not Adjudication.objects.exists()

    @pytest.mark.parametrize(("outcome", "reason"), [("", "So"), ("fine", "So"), ("good", "")])
    def test_an_outcome_and_a_reason_are_needed(self, split, rue, outcome, reason):
        with pytest.raises(Refused):
            settle_answer(split, rue, outcome, reason)

        assert not Verdict.objects.exists()

    def test_an_answer_is_not_settled_as_options_nor_the_other_way(self, split, rejected, rue):
        with pytest.raises(Refused):
            settle_answer(rejected, rue)
        with pytest.raises(Refused):
            adjudication.settle_unfit(matter=split, by=rue, unfit="unclear", reason="So.")


class TestRefusals:
    def test_nobody_settles_what_they_judged(self, split, ann):
        with pytest.raises(NotYours):
            settle_answer(split, ann)

        assert "judged" in adjudication.why_not(matter=split, by=ann)

    def test_nobody_settles_an_item_they_wrote_a_text_of_in_any_round(self, rejected, item, rue):
        Option.objects.filter(item=item, status="superseded").update(author_ref=rue.pseudonym)

        with pytest.raises(NotYours):
            settle(rejected, rue)
        assert "wrote" in adjudication.why_not(matter=rejected, by=rue)

    def test_a_judgement_of_another_round_bars_too(self, rejected, ann):
        assert not rejected.judgements.filter(worker=ann).exists()

        with pytest.raises(NotYours):
            settle(rejected, ann)

    @pytest.mark.parametrize("matter", ["split", "rejected"])
    def test_the_database_refuses_it_as_well(self, request, matter, ann):
        matter = request.getfixturevalue(matter)

        with pytest.raises(IntegrityError, match="nobody adjudicates"), transaction.atomic():
            Adjudication.objects.create(matter=matter, by=ann, outcome="good", reason="Mine.")

    def test_the_refusal_of_the_database_is_told_in_words(self, split, ann, monkeypatch):
        monkeypatch.setattr(adjudication, "why_not", lambda **kw: "")

        with pytest.raises(NotYours):
            settle_answer(split, ann)

    def test_a_judgement_of_another_answer_of_the_item_does_not_bar(self, project, split, ann):
        item = split.item
        run = factories.make_subject_run(split.answer.subject_run.release)
        other = item.answers.create(subject_run=run, reply="Another.")
        dan, eve = acting.make_worker(project), acting.make_worker(project)
        campaign = acting.open_answers(project, "Second", overlap=2)
        acting.claim_and_judge(dan, campaign, "good")
        acting.claim_and_judge(eve, campaign, "bad")

        settle_answer(campaign.matters.get(answer=other), ann)

        assert Verdict.objects.get().answer == other

    def test_a_judgement_of_the_same_reply_in_another_run_bars(self, project, ann, bob, rue):
        item = factories.make_gold_item(project)
        call = acting.make_call(item, "done", "open_answer")
        first, again = acting.answer_of(call), acting.answer_of(call)
        acting.open_answers(project, answers=Answer.objects.filter(pk=first.pk))
        acting.claim_and_judge(ann, Campaign.objects.get(), "good")
        later = acting.open_answers(project, "Later", answers=Answer.objects.filter(pk=again.pk))
        [matter] = later.matters.all()
        matters.move(matter, to=Matter.Status.DISPUTED, why=Why.NO_QUORUM)

        assert "judged" in adjudication.why_not(matter=matter, by=ann)
        assert not adjudication.why_not(matter=matter, by=rue)
        with pytest.raises(IntegrityError, match="nobody adjudicates"), transaction.atomic():
            Adjudication.objects.create(matter=matter, by=ann, outcome="good", reason="Mine.")

    def test_a_matter_is_settled_once_and_the_first_result_is_shown(self, split, project, rue):
        first = settle_answer(split, rue)
        rex = acting.make_reviewer(project)

        with pytest.raises(AlreadySettled) as refused:
            settle_answer(split, rex, "bad")

        assert refused.value.first == first
        assert "The warning is enough." in str(refused.value)
        assert Verdict.objects.get().outcome == "good"

    def test_only_a_disputed_matter_is_settled(self, project, item, ann, rue):
        acting.open_review(project)

        with pytest.raises(Refused):
            settle(Matter.objects.get(), rue)
