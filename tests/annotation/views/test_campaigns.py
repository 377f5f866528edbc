import pytest
from django.test import Client
from django.urls import reverse

from annotation import campaigns, enrolments, leases
from annotation.models import Campaign, Guideline
from tests.annotation import acting
from tests.annotation.views.pages import Forms, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(curator):
    client = Client()
    client.force_login(curator)
    return client


@pytest.fixture
def review(project):
    acting.drafted_item(project)
    return acting.open_review(project, "Morning review")


def list_of(project):
    return reverse("campaigns", args=[project.slug])


def address_of(campaign, act=""):
    return reverse("campaign", args=[campaign.project.slug, campaign.pk]) + act


def new_form(client, project):
    page = text_of(client.get(list_of(project)))
    [form] = [form for form in Forms(page).forms if "lease_minutes" in form["data"]]
    return form["data"]


class TestList:
    def test_campaigns_are_listed_with_what_still_waits(self, client, project, review):
        acting.make_answers(project)

        page = text_of(client.get(list_of(project)))

        assert "Morning review" in page
        assert "Answers that wait to be judged" in page

    def test_a_campaign_is_opened_from_the_form(self, client, project):
        acting.drafted_item(project)

        answer = client.post(
            list_of(project),
            new_form(client, project)
            | {"kind": "review", "name": "Evening", "acceptances": "3", "lease_minutes": "5"},
        )

        campaign = Campaign.objects.get()
        assert answer.url == address_of(campaign)
        assert (campaign.acceptances, campaign.lease_seconds) == (3, 300)
        assert campaign.matters.count() == 1

    def test_judging_of_answers_takes_its_own_numbers(self, client, project):
        client.post(
            list_of(project),
            new_form(client, project)
            | {"kind": "answers", "name": "A", "overlap": "5", "quorum": "3", "acceptances": "9"},
        )

        campaign = Campaign.objects.get()
        assert (campaign.overlap, campaign.quorum, campaign.acceptances) == (5, 3, 2)

    @pytest.mark.parametrize(
        "fields",
        [
            {"name": ""},
            {"name": "\u200b"},
            {"kind": "votes"},
            {"kind": "answers", "quorum": "9"},
            {"acceptances": "0"},
            {"lease_minutes": "0"},
            {"lease_minutes": "x"},
        ],
    )
    def test_what_is_wrong_is_told_on_the_page(self, client, project, fields):
        answer = client.post(list_of(project), new_form(client, project) | {"name": "N"} | fields)

        assert answer.status_code == 422
        assert not Campaign.objects.exists()

    def test_a_name_of_the_other_kind_is_told_beside_it(self, client, project, review):
        answer = client.post(
            list_of(project),
            new_form(client, project) | {"kind": "answers", "name": "Morning review"},
        )

        assert "another kind" in text_of(answer)


class TestCampaign:
    def test_progress_and_workers_are_shown_under_pseudonyms(self, client, project):
        ann, bob = acting.make_worker(project, username="annabel"), acting.make_worker(project)
        acting.make_answers(project, count=2)
        campaign = acting.open_answers(project)
        for worker, outcome in ((ann, "good"), (bob, "bad")):
            acting.claim_and_judge(worker, campaign, outcome)

        page = text_of(client.get(address_of(campaign)))

        assert ann.pseudonym in page
        assert "annabel" not in page
        assert "0.0 %" in page

    def test_what_waits_is_added(self, client, project, review):
        acting.drafted_item(project)

        answer = client.post(address_of(review, "top-up/"), follow=True)

        assert "1 was added." in text_of(answer)
        assert review.matters.count() == 2

    def test_a_campaign_is_paused_resumed_and_closed(self, client, review):
        seen = []
        for act in ("pause/", "resume/", "close/"):
            client.post(address_of(review, act))
            review.refresh_from_db()
            seen.append(review.status)

        assert seen == ["paused", "open", "closed"]

    def test_closing_while_somebody_works_leads_back_with_the_reason(self, client, project, review):
        ann = acting.make_worker(project)
        enrolments.enrol(campaign=review, worker=ann)
        leases.claim(worker=ann, campaign=review)

        answer = client.post(
            address_of(review, "close/"),
            headers={"Referer": f"http://testserver{address_of(review)}"},
            follow=True,
        )

        assert "1 seat is in hand until" in text_of(answer)

    def test_a_closed_campaign_offers_no_acts(self, client, review):
        campaigns.close(campaign=review, by=None)

        page = text_of(client.get(address_of(review)))

        assert "top-up/" not in page
        assert "guideline/" not in page

    def test_what_nobody_may_take_is_told_and_handed_over(self, client, project, review):
        assert "hand-over/" in text_of(client.get(address_of(review)))

        answer = client.post(address_of(review, "hand-over/"), follow=True)

        assert "1 is with the reviewers now." in text_of(answer)
        assert "hand-over/" not in text_of(answer)


class TestOverlap:
    @pytest.fixture
    def judging(self, project):
        acting.make_answers(project, count=2)
        return acting.open_answers(project)

    def form(self, client, campaign):
        page = text_of(client.get(address_of(campaign)))
        [form] = [f for f in Forms(page).forms if f["action"].endswith("/overlap/")]
        return form["data"]

    def change(self, client, campaign, data):
        referer = f"http://testserver{address_of(campaign)}"
        answer = client.post(
            address_of(campaign, "overlap/"), data, headers={"Referer": referer}, follow=True
        )
        return text_of(answer)

    def test_the_page_says_what_a_change_does(self, client, judging):
        page = text_of(client.get(address_of(judging)))

        assert "One more adds a seat to each of the 2 open answers." in page
        form = self.form(client, judging)
        assert (form["overlap"], form["seen"]) == (["3"], ["3"])

    def test_it_goes_up_and_down_and_says_what_was_done(self, client, judging):
        more = self.change(client, judging, self.form(client, judging) | {"overlap": "5"})
        fewer = self.change(client, judging, self.form(client, judging) | {"overlap": "4"})

        assert "4 seats were added." in more
        assert "2 seats were cancelled." in fewer
        assert judging.seats.open().count() == 8

    def test_answers_that_become_disputed_are_told(self, client, project, judging):
        ann, bob = (acting.make_worker(project) for _number in range(2))
        for worker, outcome in ((ann, "good"), (bob, "bad")):
            enrolments.enrol(campaign=judging, worker=worker)
            for _number in range(2):
                acting.claim_and_judge(worker, judging, outcome)

        page = self.change(client, judging, self.form(client, judging) | {"overlap": "2"})

        assert "2 seats were cancelled. 2 are with the reviewers now." in page

    def test_where_all_is_settled_that_is_said(self, client, judging):
        judging.matters.update(status="settled", settled_at="2020-01-01T00:00Z")

        page = self.change(client, judging, self.form(client, judging) | {"overlap": "4"})

        assert "No open answer needed a change." in page

    def test_who_was_slower_is_told_and_nothing_happens(self, client, judging):
        slow = self.form(client, judging) | {"overlap": "2"}
        self.change(client, judging, self.form(client, judging) | {"overlap": "5"})

        page = self.change(client, judging, slow)

        assert "Somebody else has just made it 5." in page
        assert judging.seats.open().count() == 10

    @pytest.mark.parametrize("number", ["0", "26", "", "x", "9" * 400])
    def test_what_is_no_such_number_is_refused(self, client, judging, number):
        page = self.change(client, judging, {"overlap": number, "seen": "3"})

        assert "Choose a number of workers from 1 to 25." in page
        assert judging.seats.count() == 6

    def test_a_number_below_the_quorum_is_refused_with_the_reason(self, client, judging):
        page = self.change(client, judging, self.form(client, judging) | {"overlap": "1"})

        assert "An answer is settled when 2 agree" in page

    def test_a_review_and_a_closed_campaign_have_no_such_form(self, client, review, judging):
        campaigns.close(campaign=judging, by=None)

        for campaign in (review, judging):
            assert "/overlap/" not in text_of(client.get(address_of(campaign)))


class TestGuideline:
    def form(self, client, campaign):
        page = text_of(client.get(address_of(campaign)))
        [form] = [f for f in Forms(page).forms if f["action"].endswith("/guideline/")]
        return form["data"]

    def publish(self, client, campaign, data, **kw):
        return client.post(address_of(campaign, "guideline/"), data, **kw)

    def test_the_next_version_is_published(self, client, review):
        data = self.form(client, review) | {"text_en": "Be kind.\r\nBe quick."}

        self.publish(client, review, data)

        review.refresh_from_db()
        assert (review.guideline.number, review.guideline.text_en) == (2, "Be kind.\nBe quick.")

    def test_who_was_slower_sees_both_texts_and_can_go_on(self, client, review):
        slow = self.form(client, review) | {"text_en": "The slower text."}
        self.publish(client, review, self.form(client, review) | {"text_en": "The faster text."})

        answer = self.publish(client, review, slow)

        page = text_of(answer)
        assert answer.status_code == 409
        assert "The faster text." in page
        assert "The slower text.</textarea>" in page
        [form] = [f for f in Forms(page).forms if f["action"].endswith("/guideline/")]
        self.publish(client, review, form["data"])
        assert Guideline.objects.latest("number").text_en == "The slower text."

    @pytest.mark.parametrize(
        "fields", [{"text_en": ""}, {"text_zh": "x" * 20_001}, {"follows": ""}]
    )
    def test_what_is_wrong_is_told_on_the_page(self, client, review, fields):
        answer = self.publish(client, review, self.form(client, review) | fields)

        assert answer.status_code == 422
        assert Guideline.objects.count() == 1


class TestDoors:
    ACTS = ("top-up/", "pause/", "resume/", "close/", "hand-over/", "guideline/")

    @pytest.mark.parametrize("who", ["worker", "reviewer", "reader", "stranger"])
    def test_only_curators_run_campaigns(self, request, project, review, who):
        client = Client()
        client.force_login(request.getfixturevalue(who))

        assert client.get(list_of(project)).status_code == 404
        assert client.get(address_of(review)).status_code == 404
        assert {client.post(address_of(review, act)).status_code for act in self.ACTS} == {404}

    def test_a_campaign_of_another_project_is_not_there(self, client, project, review):
        from tests import factories

        other = acting.open_review(factories.make_project())

        assert client.get(reverse("campaign", args=[project.slug, other.pk])).status_code == 404
