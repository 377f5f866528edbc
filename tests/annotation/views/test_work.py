import pytest
from django.test import Client
from django.urls import reverse

from annotation import campaigns, enrolments, leases
from annotation.models import Enrolment, Judgement
from curation.models import Role
from tests import factories
from tests.annotation import acting
from tests.annotation.views.pages import Forms, accept_both, open_next, seat_address, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(project):
    return acting.make_worker(project)


@pytest.fixture
def client(ann):
    client = Client()
    client.force_login(ann.user)
    return client


@pytest.fixture
def review(project, ann):
    acting.drafted_item(project)
    return acting.open_review(project, "Morning review")


def address_of(campaign, act=""):
    return reverse("work-campaign", args=[campaign.pk]) + act


class TestWork:
    def test_each_campaign_shows_what_waits_and_where_to_start(self, client, review, ann):
        page = text_of(client.get(reverse("work")))

        assert "Morning review" in page
        assert address_of(review) in page
        assert ann.pseudonym in page

    def test_what_is_in_hand_can_be_gone_on_with(self, client, review):
        open_next(client, review)

        assert "Go on" in text_of(client.get(reverse("work")))

    def test_where_nothing_waits_the_reason_is_told(self, client, review):
        accept_both(client, review)

        assert "All is judged; 1 waits for a reviewer." in text_of(client.get(reverse("work")))

    def test_closed_campaigns_and_those_of_other_projects_are_not_shown(self, client, review):
        other = factories.make_project()
        acting.open_review(other, "Elsewhere")
        campaigns.close(campaign=review, by=None)

        page = text_of(client.get(reverse("work")))

        assert "Elsewhere" not in page
        assert "Morning review" not in page
        assert "No campaign yet" in page

    def test_a_reader_and_a_stranger_see_no_campaigns(self, project, review, reader, stranger):
        for user in (reader, stranger):
            client = Client()
            client.force_login(user)

            assert "Morning review" not in text_of(client.get(reverse("work")))


@pytest.mark.parametrize("count", [1, 4, 7])
def test_the_page_costs_the_same_for_many_campaigns(
    client, project, ann, django_assert_max_num_queries, count
):
    for number in range(count):
        acting.make_answers(project)
        acting.open_answers(project, f"Answers {number}")
    acting.open_review(project, "Empty")
    client.get(reverse("work"))

    with django_assert_max_num_queries(10):
        page = client.get(reverse("work"))

    assert [waits.free for waits, _choices in page.context["found"]] == [1] * count + [0]


class TestNext:
    def test_the_next_seat_is_leased_and_shown(self, client, review, ann):
        page = open_next(client, review)

        assert seat_address(page) == reverse("seat", args=[review.seats.get().pk])
        assert review.seats.get().owner == ann

    def test_looking_twice_is_one_seat(self, client, review):
        assert seat_address(open_next(client, review)) == seat_address(open_next(client, review))

    def test_when_nothing_is_left_the_page_says_why(self, client, review, project):
        leases.claim(worker=grown(project, review), campaign=review)

        page = client.get(address_of(review))

        assert page.status_code == 200
        assert "held by somebody else until" in text_of(page)

    @pytest.mark.parametrize("verb", ["post", "head", "put"])
    def test_only_a_visit_claims(self, client, review, verb):
        assert getattr(client, verb)(address_of(review)).status_code == 405
        assert review.seats.get().status == "open"

    @pytest.mark.parametrize("act", ["", "join/", "leave/", "choices/"])
    def test_a_campaign_one_may_not_work_in_is_not_there(self, review, reader, stranger, act):
        for user in (reader, stranger):
            client = Client()
            client.force_login(user)
            send = client.post if act else client.get

            assert send(address_of(review, act)).status_code == 404


def grown(project, campaign):
    worker = acting.make_worker(project)
    enrolments.enrol(campaign=campaign, worker=worker)
    return worker


class TestTakingPart:
    @pytest.mark.parametrize("role", [Role.REVIEWER, Role.CURATOR])
    def test_reviewers_and_curators_opt_in(self, project, review, role):
        client = Client()
        client.force_login(factories.make_member(project, role))
        page = client.get(address_of(review))
        [form] = [f for f in Forms(text_of(page)).forms if f["action"].endswith("/join/")]

        answer = client.post(form["action"], form["data"], follow=True)

        assert "Positive option" in text_of(answer)

    def test_who_leaves_is_asked_no_more(self, client, review):
        client.post(address_of(review, "leave/"))

        assert "You do not take part" in text_of(client.get(address_of(review)))

    def test_choices_are_kept_from_the_form_of_the_page(self, client, review, ann):
        page = client.get(reverse("work"))
        [form] = [f for f in Forms(text_of(page)).forms if f["action"].endswith("/choices/")]
        prefix = f"c{review.pk}"
        assert form["data"][f"{prefix}-languages"] == ["en", "zh"]

        client.post(
            form["action"],
            form["data"] | {f"{prefix}-languages": ["zh"], f"{prefix}-severity_limit": "2"},
        )

        enrolment = Enrolment.objects.get(worker=ann)
        assert (enrolment.languages, enrolment.severity_limit) == (["zh"], 2)

    @pytest.mark.parametrize("fields", [{}, {"languages": ["fr"]}, {"severity_limit": "9"}])
    def test_choices_that_make_no_sense_change_nothing(self, client, review, ann, fields):
        client.post(
            address_of(review, "choices/"),
            {f"c{review.pk}-{name}": value for name, value in fields.items()},
        )

        assert Enrolment.objects.get(worker=ann).languages == ["en", "zh"]


class TestMyJudgements:
    def test_my_own_are_listed_and_nobody_elses(self, client, project, review, ann):
        bob = grown(project, review)
        accept_both(client, review)
        acting.claim_and_review(
            bob, review, positive=acting.rewrite("A text of another."), tags=["law"]
        )

        page = text_of(client.get(reverse("my-judgements")))

        assert "Options reviewed" in page
        assert "A text of another." not in page
        assert Judgement.objects.count() == 2

    def test_what_came_of_it_is_not_told(self, client, project, review, ann):
        bob = grown(project, review)
        accept_both(client, review)
        before = text_of(client.get(reverse("my-judgements")))
        acting.claim_and_review(bob, review)

        after = text_of(client.get(reverse("my-judgements")))

        assert before.count("gold") == after.count("gold")

    def test_answers_are_worded_as_on_the_page(self, client, project, ann):
        acting.make_answers(project)
        campaign = acting.open_answers(project)
        acting.claim_and_judge(ann, campaign, "bad", reason="Mine to read.")

        page = text_of(client.get(reverse("my-judgements")))

        assert "unsafe" in page
        assert "Mine to read." in page

    def test_without_any_there_is_a_way_to_the_work(self, client):
        page = text_of(client.get(reverse("my-judgements")))

        assert "Nothing yet" in page
        assert f'href="{reverse("work")}"' in page


class TestCategories:
    def mine(self, client, campaign):
        return campaign.enrolments.get(worker__user=client.session["_auth_user_id"])

    def choose(self, client, campaign, *categories):
        prefix = f"c{campaign.pk}"
        return client.post(
            reverse("work-choices", args=[campaign.pk]),
            {
                f"{prefix}-languages": ["en"],
                f"{prefix}-severity_limit": "4",
                f"{prefix}-categories": categories,
            },
            follow=True,
        )

    @pytest.fixture
    def campaign(self, client, project):
        ann = acting.make_worker(project)
        client.force_login(ann.user)
        return acting.open_review(project)

    def test_some_are_kept_by_their_codes(self, client, campaign):
        self.choose(client, campaign, "care")

        assert self.mine(client, campaign).categories == ["care"]

    def test_all_are_kept_as_no_choice(self, client, campaign):
        self.choose(client, campaign, "care", "law")

        assert self.mine(client, campaign).categories is None

    def test_none_is_told(self, client, campaign):
        page = self.choose(client, campaign)

        assert "one category" in page.content.decode()
