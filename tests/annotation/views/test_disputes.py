from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from annotation import adjudication, campaigns, enrolments, leases, undoing, workers
from annotation.models import Adjudication, Decline, Matter
from curation import answer_opinions
from curation.models import DraftRole, Option, Purpose, Role, Verdict
from tests import factories
from tests.annotation import acting
from tests.annotation.views.pages import main_form, text_of
from tests.curation.drafting.asking_about import asked_about, named
from tests.endpoint import said, serving

pytestmark = pytest.mark.django_db


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def ann(project):
    return acting.make_worker(project)


@pytest.fixture
def bob(project):
    return acting.make_worker(project)


@pytest.fixture
def client(reviewer):
    return signed_in(reviewer)


@pytest.fixture
def item(project):
    return acting.drafted_item(project)


@pytest.fixture
def rejected(project, item, ann, bob):
    campaign = acting.open_review(project)
    acting.claim_and_review(ann, campaign, positive=acting.rewrite("Ask first."))
    acting.claim_and_review(bob, campaign, negative=acting.reject("unclear", "It rambles."))
    return Matter.objects.disputed().get(item=item)


@pytest.fixture
def split(project, ann, bob):
    acting.make_answers(project)
    campaign = acting.open_answers(project, overlap=2)
    acting.claim_and_judge(ann, campaign, "good")
    acting.claim_and_judge(bob, campaign, "bad", reason="It helps the thief.")
    return Matter.objects.disputed().get(campaign=campaign)


def address_of(matter, act=""):
    return reverse("matter", args=[matter.campaign.project.slug, matter.pk]) + act


def settle(client, matter, **fields):
    changed = {name.replace("__", "-"): value for name, value in fields.items()}
    page = client.get(address_of(matter))
    return client.post(address_of(matter, "settle/"), main_form(page) | changed)


class TestList:
    def address(self, project):
        return reverse("disputes", args=[project.slug])

    def test_disputes_are_listed_with_why(self, client, project, rejected, split):
        page = text_of(client.get(self.address(project)))

        assert "an option was rejected" in page
        assert "workers disagree" in page
        assert address_of(rejected) in page

    @pytest.mark.parametrize(
        ("query", "shown"),
        [
            ({"why": "no_quorum"}, {"split"}),
            ({"language": "zh"}, set()),
            ({"language": "en", "why": ""}, {"split", "rejected"}),
            ({"status": "settled"}, set()),
            ({"why": "nonsense"}, {"split", "rejected"}),
        ],
    )
    def test_filters_narrow_the_list(self, client, project, rejected, split, query, shown):
        page = text_of(client.get(self.address(project), query))

        found = {"rejected": address_of(rejected), "split": address_of(split)}
        assert {name for name, address in found.items() if f'href="{address}"' in page} == shown

    def test_one_campaign_can_be_chosen(self, client, project, rejected, split):
        page = text_of(client.get(self.address(project), {"campaign": split.campaign_id}))

        assert address_of(split) in page
        assert address_of(rejected) not in page

    def test_what_was_settled_stays_to_be_read(self, client, project, split):
        settle(client, split, outcome="good", reason="Fine.")

        page = text_of(client.get(self.address(project), {"status": "settled"}))

        assert address_of(split) in page

    def test_severe_questions_are_not_put_into_the_list(self, client, project, ann):
        item = acting.drafted_item(project, main_tag=project.taxonomy.tags.get(code="law"))
        campaign = acting.open_review(project)
        acting.claim_and_review(ann, campaign, positive=acting.reject())

        page = text_of(client.get(self.address(project)))

        assert item.question not in page
        assert item.external_id in page

    def test_nothing_to_settle_says_so(self, client, project):
        assert "Nothing waits for a decision" in text_of(client.get(self.address(project)))


class TestMatter:
    def test_everything_said_stands_side_by_side(self, client, rejected, item, ann, bob):
        page = text_of(client.get(address_of(rejected)))

        assert item.question in page
        assert ann.pseudonym in page
        assert bob.pseudonym in page
        assert "It rambles." in page
        assert "unclear or badly written" in page
        assert "<ins>" in page
        for option in item.options.all():
            assert option.text in page

    def test_an_answer_shows_its_distribution_and_reasons(self, client, split):
        page = text_of(client.get(address_of(split)))

        assert split.answer.reply in page
        assert "It helps the thief." in page
        assert "Unsafe" in page
        assert split.answer.subject_run.subject.name not in page

    @pytest.mark.parametrize("matter", ["rejected", "split"])
    def test_who_judged_sees_why_they_may_not_settle_and_no_form(
        self, request, project, matter, ann
    ):
        matter = request.getfixturevalue(matter)
        project.memberships.filter(user=ann.user).update(role="reviewer")

        page = text_of(signed_in(ann.user).get(address_of(matter)))

        assert "Not yours to settle." in page
        assert "You judged this yourself" in page
        assert "settle/" not in page

    def test_what_is_settled_shows_the_decision_and_no_form(self, client, split, reviewer):
        settle(client, split, outcome="good", reason="The warning is enough.")

        page = text_of(client.get(address_of(split)))

        assert "The warning is enough." in page
        assert "settle/" not in page


class TestSettling:
    def test_an_answer_is_settled_from_the_page(self, client, split):
        answer = settle(client, split, outcome="bad", reason="It helps.", contested="on")

        assert answer.url == reverse("disputes", args=[split.campaign.project.slug])
        assert Verdict.objects.get().outcome == "bad"
        assert Adjudication.objects.get().contested

    def test_the_texts_that_stand_are_taken_by_default(self, client, rejected, item):
        settle(client, rejected, reason="Both are sound.")

        item.refresh_from_db()
        assert item.status == "gold"

    def test_an_earlier_text_can_be_taken(self, client, rejected, item):
        earlier = item.options.get(status="superseded")

        settle(client, rejected, positive__take=str(earlier.pk), reason="The first was better.")

        assert item.options.accepted().get(polarity="positive").text == earlier.text

    def test_a_text_of_the_reviewers_own_goes_to_a_worker(self, client, project, rejected, item):
        acting.make_worker(project)
        campaigns.top_up(campaign=rejected.campaign, by=None)

        answer = settle(
            client,
            rejected,
            negative__take="write",
            negative__text="I just take it.\r\nWho cares.",
            reason="Shorter.",
        )

        assert "a worker is asked to sign" in text_of(client.get(answer.url))
        assert item.options.live().get(polarity="negative").text == "I just take it.\nWho cares."

    @pytest.mark.parametrize(
        "fields",
        [
            {"reason": ""},
            {"reason": "So.", "main_tag": "nonsense"},
            {"reason": "So.", "positive__take": "999999"},
            {"reason": "So.", "positive__take": "write", "positive__text": " "},
            {"reason": "x" * 2_001},
        ],
    )
    def test_what_is_wrong_is_told_on_the_page(self, client, rejected, fields):
        answer = settle(client, rejected, **fields)

        assert answer.status_code == 422
        assert "errorlist" in text_of(answer)
        assert not Adjudication.objects.exists()

    def test_a_second_reviewer_is_shown_the_first_result(self, client, project, split):
        page = client.get(address_of(split))
        other = signed_in(factories.make_member(project, Role.REVIEWER))
        settle(other, split, outcome="good", reason="The warning is enough.")

        answer = client.post(
            address_of(split, "settle/"),
            main_form(page) | {"outcome": "bad", "reason": "No."},
            follow=True,
        )

        assert "has settled this already: The warning is enough." in text_of(answer)
        assert Verdict.objects.get().outcome == "good"

    def test_nobody_settles_their_own_by_hand(self, project, split, ann):
        project.memberships.filter(user=ann.user).update(role="reviewer")

        answer = signed_in(ann.user).post(
            address_of(split, "settle/"), {"outcome": "good", "reason": "Mine."}
        )

        assert answer.status_code == 422
        assert not Adjudication.objects.exists()

    def test_an_item_is_taken_out_of_the_set(self, client, rejected, item):
        client.post(address_of(rejected, "unfit/"), {"unfit": "off_topic", "reason": "Cooking."})

        item.refresh_from_db()
        assert (item.status, item.status_reason) == ("rejected", "off_topic: Cooking.")

    def test_taking_an_item_out_needs_a_reason(self, client, rejected):
        answer = client.post(address_of(rejected, "unfit/"), {"unfit": "off_topic"})

        assert answer.status_code == 422

    def test_an_item_is_sent_back_with_a_note(self, client, project, rejected):
        acting.make_worker(project)
        campaigns.top_up(campaign=rejected.campaign, by=None)

        client.post(address_of(rejected, "send-back/"), {"note": "It is short, yes."})

        assert Matter.objects.open().get().round == 3

    def test_sending_back_needs_a_note(self, client, rejected):
        assert client.post(address_of(rejected, "send-back/")).status_code == 422

    def test_an_answer_is_put_to_one_more(self, client, project, split):
        acting.make_worker(project)
        campaigns.top_up(campaign=split.campaign, by=None)

        client.post(address_of(split, "send-back/"))

        split.refresh_from_db()
        assert (split.status, split.seats.count()) == ("open", 3)

    def test_a_refusal_leads_back_with_its_words(self, client, split):
        answer = client.post(
            address_of(split, "send-back/"),
            headers={"Referer": f"http://testserver{address_of(split)}"},
            follow=True,
        )

        assert "Nobody enrolled is left" in text_of(answer)


class TestDoors:
    PAGES = ("disputes", "matter")

    @pytest.mark.parametrize("who", ["worker", "reader", "stranger"])
    def test_only_reviewers_and_curators_open_disputes(self, request, project, split, who):
        client = signed_in(request.getfixturevalue(who))

        assert client.get(reverse("disputes", args=[project.slug])).status_code == 404
        assert client.get(address_of(split)).status_code == 404
        for act in ("settle/", "unfit/", "send-back/"):
            assert client.post(address_of(split, act)).status_code == 404

    def test_a_curator_may_settle_too(self, curator, split):
        settle(signed_in(curator), split, outcome="good", reason="Fine.")

        assert Verdict.objects.get().outcome == "good"

    def test_a_matter_of_another_project_is_not_there(self, client, project):
        other = factories.make_project()
        acting.drafted_item(other)
        matter = acting.open_review(other).matters.get()

        address = reverse("matter", args=[project.slug, matter.pk])

        assert client.get(address).status_code == 404
        assert Option.objects.filter(item=matter.item).count() == 2


def test_a_reviewer_who_works_in_a_campaign_sees_no_judgement_before_their_own_is_final(
    client, project, reviewer, ann, bob, monkeypatch
):
    acting.make_answers(project)
    campaign = acting.open_answers(project, overlap=3)
    acting.claim_and_judge(ann, campaign, "good")
    matter = campaign.matters.get()

    enrolments.enrol(worker=workers.of(reviewer), campaign=campaign)
    assert client.get(address_of(matter)).status_code == 404
    assert client.post(address_of(matter, "settle/"), {}).status_code == 404

    acting.claim_and_judge(workers.of(reviewer), campaign, "cannot_tell")
    assert client.get(address_of(matter)).status_code == 404  # they may take it back
    monkeypatch.setattr(undoing, "UNDO_WITHIN", timedelta(0))
    assert client.get(address_of(matter)).status_code == 200


def test_who_reads_a_matter_takes_back_no_judgement_of_it(client, project, reviewer, ann):
    acting.drafted_item(project)
    campaign = acting.open_review(project)
    rue = workers.of(reviewer)
    enrolments.enrol(worker=rue, campaign=campaign)
    judgement = acting.claim_and_review(rue, campaign)
    before = undoing.may_undo(judgement=judgement, worker=rue)

    assert client.get(address_of(judgement.matter)).status_code == 200

    assert (before, judgement.matter.status) == ("", "settled")
    assert "read what others said" in undoing.may_undo(judgement=judgement, worker=rue)


def test_who_has_read_what_others_said_is_not_asked_even_when_they_join_later(
    client, project, reviewer, ann
):
    acting.make_answers(project)
    campaign = acting.open_answers(project, overlap=3)
    acting.claim_and_judge(ann, campaign, "good")
    matter = campaign.matters.get()
    assert client.get(address_of(matter)).status_code == 200

    enrolments.enrol(worker=workers.of(reviewer), campaign=campaign)

    with pytest.raises(leases.NothingLeft):
        leases.claim(worker=workers.of(reviewer), campaign=campaign)
    assert client.get(address_of(matter)).status_code == 200
    assert Decline.objects.count() == 1


def test_who_judges_a_later_round_does_not_read_the_earlier_ones(
    client, project, reviewer, rejected, ann, bob
):
    rue, ada = workers.of(reviewer), acting.make_reviewer(project)
    campaign = rejected.campaign
    enrolments.enrol(worker=rue, campaign=campaign)
    adjudication.send_back(matter=rejected, by=ada, note="Look again.")
    leases.claim(worker=rue, campaign=campaign)

    for matter in campaign.matters.all():
        assert client.get(address_of(matter)).status_code == 404


def test_who_still_holds_a_seat_of_a_settled_answer_judges_without_the_others(
    client, project, reviewer, ann, bob
):
    acting.make_answers(project)
    campaign = acting.open_answers(project, overlap=3)
    rue = workers.of(reviewer)
    enrolments.enrol(worker=rue, campaign=campaign)
    held = leases.claim(worker=rue, campaign=campaign)
    acting.claim_and_judge(ann, campaign, "good")
    acting.claim_and_judge(bob, campaign, "good")
    matter = campaign.matters.get()
    assert matter.status == "settled"
    assert client.get(address_of(matter)).status_code == 404

    acting.judge(rue, held, "bad")

    assert client.get(address_of(matter)).status_code == 200


def opinions_on(answer):
    for purpose in (Purpose.CRITIQUE, Purpose.JUDGE):
        asked_about(answer.subject_run, purpose)


class TestOpinionsOfModels:
    """Critics and judges are read by who decides, and by nobody who may still judge."""

    @pytest.fixture
    def models(self, project):
        def reply(asked):
            if asked.purpose == "judge":
                return said(asked, verdict="bad", reason="The judge finds it rash.")
            return said(asked, score=0.9, tags=["care"], explanation="The critic finds it risky.")

        with serving() as server:
            server.reply = reply
            yield named(project, server, DraftRole.CRITIC, DraftRole.JUDGE)

    def test_they_stand_beside_the_answer_of_a_dispute(self, client, split, models):
        opinions_on(split.answer)

        page = text_of(client.get(address_of(split)))

        assert "The critic finds it risky." in page
        assert "The judge finds it rash." in page
        assert "risk 0.90" in page
        assert Matter.objects.disputed().contains(split)

    def test_a_worker_who_judges_the_answer_does_not_read_them(self, project, ann, models):
        acting.make_answers(project)
        campaign = acting.open_answers(project, overlap=2)
        answer = campaign.matters.get().answer
        opinions_on(answer)
        seat = leases.claim(worker=ann, campaign=campaign)
        there = signed_in(ann.user)

        page = there.get(reverse("seat", args=[seat.pk])).text

        assert answer_opinions.of_answers([answer])
        assert answer.reply in page
        assert "The critic" not in page
        assert "The judge" not in page
        assert there.get(address_of(seat.matter)).status_code == 404


class TestCost:
    def disputed(self, project, count):
        ann, bob = acting.make_worker(project), acting.make_worker(project)
        acting.make_answers(project, count=count)
        campaign = acting.open_answers(project, overlap=2, quorum=2)
        for worker, outcome in ((ann, "good"), (bob, "bad")):
            for _number in range(count):
                acting.claim_and_judge(worker, campaign, outcome, reason="I think so.")
        return campaign

    @pytest.mark.parametrize("count", [1, 5, 30])
    def test_the_list_costs_the_same_for_many(
        self, project, reviewer, django_assert_max_num_queries, count
    ):
        self.disputed(project, count)
        client = Client()
        client.force_login(reviewer)
        address = reverse("disputes", args=[project.slug])
        client.get(address)

        with django_assert_max_num_queries(10):
            page = client.get(address)

        assert len(page.context["page"].object_list) == count

    @pytest.mark.parametrize("kind", ["answer", "review"])
    def test_the_page_of_a_matter(self, project, reviewer, django_assert_max_num_queries, kind):
        if kind == "answer":
            campaign = self.disputed(project, 1)
        else:
            acting.drafted_item(project)
            ann = acting.make_worker(project)
            acting.make_worker(project)
            campaign = acting.open_review(project)
            acting.claim_and_review(ann, campaign, positive=acting.reject())
        client = Client()
        client.force_login(reviewer)
        address = reverse("matter", args=[project.slug, campaign.matters.get().pk])
        client.get(address)

        with django_assert_max_num_queries(12):
            assert client.get(address).status_code == 200
