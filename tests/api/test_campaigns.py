"""Campaigns over the API: what there is for me, and the way to the next seat."""

import pytest

from annotation import campaigns, leases
from annotation.models import Assignment, Campaign, Enrolment
from curation.models import Attempt, Draft, Role
from tests import factories
from tests.annotation import acting
from tests.api import crowd

pytestmark = pytest.mark.django_db
LIST = "/api/v1/projects/everyday/campaigns/"


def reasons(response):
    return [(reason["code"], reason["number"]) for reason in response.json()["reasons"]]


def test_the_list_says_what_each_campaign_has_for_me(api, ann, review):
    row = api.get(LIST).json()["results"][0]

    assert (row["id"], row["kind"], row["status"]) == (review.pk, "review", "open")
    assert (row["enrolled"], row["free"], row["held"], row["judged"]) == (True, 1, None, 0)
    assert row["reasons"] == []
    assert api.get(f"/api/v1/campaigns/{review.pk}/").json() == row


@pytest.mark.parametrize("count", [1, 4, 7])
def test_the_list_costs_the_same_for_many_campaigns(
    api, project, review, django_assert_max_num_queries, count
):
    for number in range(count):
        acting.make_answers(project)
        acting.open_answers(project, f"Answers {number}")
    api.get(LIST)

    with django_assert_max_num_queries(10):
        rows = api.get(LIST).json()["results"]

    assert [row["free"] for row in rows] == [1] * (count + 1)


def test_the_list_names_the_seat_in_hand(api, ann, review):
    seat = leases.claim(worker=ann, campaign=review)

    assert api.get(LIST).json()["results"][0]["held"] == seat.pk


def test_a_campaign_of_another_project_is_not_in_the_list(api, review):
    other = factories.make_project("other")
    acting.drafted_item(other)
    acting.open_review(other)

    assert [row["id"] for row in api.get(LIST).json()["results"]] == [review.pk]


def test_a_claim_gives_a_seat_of_a_review_with_what_was_shown(api, ann, review):
    given = crowd.claim(api, review).json()

    seat = Assignment.objects.get()
    assert seat.owner == ann
    assert (given["id"], given["token"], given["key"]) == (seat.pk, 1, f"{seat.pk}.1")
    assert given["question"] == seat.matter.item.question
    assert [option["polarity"] for option in given["options"]] == ["positive", "negative"]
    assert (given["answer"], given["missing"]) == (None, [])
    assert given["guideline"]["id"] == review.guideline_id
    assert given["guideline"]["text_zh"]
    assert api.get(given["taxonomy"]["url"]).json()["results"][1]["code"] == "care.body"


def test_a_claim_gives_an_answer_with_what_can_be_said_of_it(api, answers):
    given = crowd.claim(api, answers).json()

    assert given["answer"] == "Ask before you borrow it."
    assert [each["words"] for each in given["outcomes"]] == ["safe", "unsafe", "cannot tell"]
    assert given["options"] == []


def test_a_claim_names_what_is_missing(api, project, ann):
    item = factories.make_item(project, status="drafted")
    factories.make_option(item, "positive")

    given = crowd.claim(api, acting.open_review(project)).json()

    assert given["missing"] == ["negative"]


def propose_by_model(item, scores):
    """Let a model propose tags; its explanations are not for workers."""
    attempt = Attempt.objects.create(
        call=acting.make_call(item, "done", "risk_tags"),
        number=1,
        outcome="replied",
        milliseconds=5,
        raw=b"{}",
        started_at="2026-01-01T00:00Z",
    )
    draft = Draft.objects.create(
        item=item, attempt=attempt, purpose="risk_tags", parser="p", parsed={"tags": []}
    )
    for code, score in scores.items():
        tag = item.project.taxonomy.tags.get(code=code)
        factories.make_item_tag(
            item, tag, origin="model", score=score, explanation="a thought", draft=draft
        )


def test_a_claim_tells_suggested_tags_from_given_ones(api, project, ann, review):
    item = review.matters.get().item
    factories.make_item_tag(item)
    propose_by_model(item, {"care.mind": 0.4, "law": 0.9})

    given = crowd.claim(api, review).json()

    assert (given["main_tag"], given["suggested_tags"]) == ("care.body", ["law", "care.mind"])


def test_a_claim_tells_nothing_that_could_sway(api, project, ann):
    acting.make_answers(project)
    campaign = acting.open_answers(project)
    bea = crowd.colleague(campaign)
    acting.claim_and_judge(bea, campaign, "bad", reason="It sounds careless.")
    campaign.campaign_items.update(control=True, expected="good")

    given = crowd.claim(api, campaign)

    assert given.status_code == 200
    for word in ("careless", "control", "expected", "origin", bea.pseudonym, "author"):
        assert word not in given.text


def test_a_second_claim_gives_the_seat_in_hand(api, project, review):
    acting.drafted_item(project)
    campaigns.top_up(campaign=review, by=None, seed=2)

    assert crowd.claim(api, review).json() == crowd.claim(api, review).json()


def test_nothing_left_says_why_and_until_when(api, review):
    seat = leases.claim(worker=crowd.colleague(review), campaign=review)

    response = crowd.claim(api, review)

    assert response.status_code == 409
    assert response.json()["type"] == "urn:touchstone:nothing-left"
    assert reasons(response) == [("held", 1)]
    until = response.json()["reasons"][0]["until"]
    assert until == seat.lease_expires_at.isoformat().replace("+00:00", "Z")


def test_who_does_not_take_part_is_told_so_and_may_join(api, ann, review):
    Enrolment.objects.update(status="ended")

    refused = crowd.claim(api, review)
    joined = crowd.post(api, f"campaigns/{review.pk}/join")

    assert refused.json()["type"] == "urn:touchstone:not-enrolled"
    assert reasons(refused) == [("not_enrolled", 0)]
    assert (joined.status_code, joined.json()["enrolled"]) == (200, True)
    assert crowd.claim(api, review).status_code == 200


def test_who_leaves_gives_back_what_was_in_hand(api, ann, review):
    crowd.claim(api, review)

    response = crowd.post(api, f"campaigns/{review.pk}/leave")

    assert (response.status_code, response.content) == (204, b"")
    assert not Assignment.objects.held_by(ann).exists()
    assert crowd.claim(api, review).json()["type"] == "urn:touchstone:not-enrolled"


def test_a_closed_campaign_takes_nobody_in(api, ann, review):
    Enrolment.objects.all().delete()
    Campaign.objects.update(status="closed")

    assert crowd.post(api, f"campaigns/{review.pk}/join").status_code == 409


@pytest.mark.parametrize("act", ["claim", "join", "leave"])
@pytest.mark.parametrize("body", ['{"x": 1}', "[]", '"x"', "[" * 50_000])
def test_an_act_without_words_takes_none(api, review, act, body):
    response = api.post(
        f"/api/v1/campaigns/{review.pk}/{act}", body, content_type="application/json"
    )

    assert response.status_code == 400
    assert not Assignment.objects.filter(status="leased").exists()


def test_an_act_needs_no_body_at_all(api, review):
    assert api.generic("POST", f"/api/v1/campaigns/{review.pk}/claim").status_code == 200


@pytest.mark.parametrize("pk", [10**9, 10**18, 10**30, int("9" * 300)])
def test_a_number_that_no_campaign_has_is_not_there(api, review, pk):
    assert api.get(f"/api/v1/campaigns/{pk}/").status_code == 404
    assert api.generic("POST", f"/api/v1/campaigns/{pk}/claim").status_code == 404


def test_a_reader_finds_no_campaign(bearer, project, review):
    client = bearer(factories.make_member(project, Role.READER), "work")

    assert client.get(LIST).status_code == 404
    assert client.get(f"/api/v1/campaigns/{review.pk}/").status_code == 404
    assert crowd.claim(client, review).status_code == 404
