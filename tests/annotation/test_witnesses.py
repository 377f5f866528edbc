import pytest
from django.test import Client
from django.urls import reverse

from annotation import adjudication, enrolments, leases, matters, progress, witnesses
from annotation.models import Decline, Matter
from curation.models import Role
from curation.refusals import Refused
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
def split(project, ann, bob):
    acting.make_answers(project)
    campaign = acting.open_answers(project, overlap=2)
    acting.claim_and_judge(ann, campaign, "good")
    acting.claim_and_judge(bob, campaign, "bad")
    return Matter.objects.disputed().get(campaign=campaign)


@pytest.fixture
def rejected(project, ann):
    item = acting.drafted_item(project)
    campaign = acting.open_review(project)
    acting.claim_and_review(ann, campaign, positive=acting.reject())
    return Matter.objects.disputed().get(item=item)


def assert_not_asked(worker, campaign):
    with pytest.raises(leases.NothingLeft):
        leases.claim(worker=worker, campaign=campaign)


def test_who_asks_for_one_more_opinion_is_not_that_one(split, project, rue):
    enrolments.enrol(campaign=split.campaign, worker=rue)
    cid = acting.make_worker(project)
    enrolments.enrol(campaign=split.campaign, worker=cid)

    adjudication.ask_another(matter=split, by=rue)

    assert_not_asked(rue, split.campaign)
    assert leases.claim(worker=cid, campaign=split.campaign).matter == split


def test_nobody_is_asked_when_only_who_asks_is_left(split, rue):
    enrolments.enrol(campaign=split.campaign, worker=rue)

    with pytest.raises(Refused, match="Nobody enrolled is left"):
        adjudication.ask_another(matter=split, by=rue)

    assert not Decline.objects.exists()


def test_who_sends_an_item_back_signs_no_later_round(rejected, project, bob, rue):
    for worker in (rue, bob):
        enrolments.enrol(campaign=rejected.campaign, worker=worker)

    adjudication.send_back(matter=rejected, by=rue, note="Look again.")

    assert_not_asked(rue, rejected.campaign)
    acting.claim_and_review(bob, rejected.campaign, negative=acting.rewrite("I just take it."))
    assert_not_asked(rue, rejected.campaign)


def test_who_wrote_a_text_in_settling_signs_nothing_that_follows_it(rejected, project, bob, rue):
    for worker in (rue, bob):
        enrolments.enrol(campaign=rejected.campaign, worker=worker)
    live = {option.polarity: option.pk for option in rejected.item.options.live()}
    adjudication.settle_review(
        matter=rejected,
        by=rue,
        takes={
            "positive": adjudication.Take(text="Ask the owner."),
            "negative": adjudication.Take(option=live["negative"]),
        },
        tags=["care.body"],
        reason="Shorter.",
    )

    acting.claim_and_review(bob, rejected.campaign, positive=acting.rewrite("Ask them first."))

    assert_not_asked(rue, rejected.campaign)


def test_what_nobody_is_asked_about_any_more_leaves_no_trace(split, rue):
    matters.move(split, to=Matter.Status.SETTLED)

    witnesses.read(matter=split, by=rue)

    assert not Decline.objects.exists()


def test_it_is_no_skip_of_theirs(split, rue):
    enrolments.enrol(campaign=split.campaign, worker=rue)

    witnesses.read(matter=split, by=rue)

    [row] = [row for row in progress.of(split.campaign).workers if row.worker == rue]
    assert row.skipped == 0


class TestItemPage:
    @pytest.fixture
    def cora(self, project):
        return acting.make_worker(project, Role.CURATOR)

    def page(self, item, worker):
        client = Client()
        client.force_login(worker.user)
        return client.get(reverse("item", args=[item.project.slug, item.uid])).text

    def test_who_reads_what_others_said_there_is_not_asked(self, project, ann, cora):
        acting.make_answers(project)
        campaign = acting.open_answers(project, overlap=3)
        said = acting.claim_and_judge(ann, campaign, "good", reason="It is kind.")

        assert "It is kind." in self.page(said.matter.item, cora)

        enrolments.enrol(campaign=campaign, worker=cora)
        assert_not_asked(cora, campaign)

    def test_who_is_judging_it_reads_what_others_said_later(self, project, ann, cora):
        acting.make_answers(project)
        campaign = acting.open_answers(project, overlap=3)
        enrolments.enrol(campaign=campaign, worker=cora)
        said = acting.claim_and_judge(ann, campaign, "good", reason="It is kind.")
        seat = leases.claim(worker=cora, campaign=campaign)

        assert "It is kind." not in self.page(said.matter.item, cora)

        acting.judge(cora, seat, "bad")
        assert "It is kind." in self.page(said.matter.item, cora)

    def test_where_nobody_has_said_anything_a_curator_may_judge(self, project, ann, cora):
        item = acting.drafted_item(project)
        campaign = acting.open_review(project)
        enrolments.enrol(campaign=campaign, worker=cora)

        self.page(item, cora)

        assert leases.claim(worker=cora, campaign=campaign).matter.item == item
