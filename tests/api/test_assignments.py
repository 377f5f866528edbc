"""Seats over the API: judged once, nothing typed is lost, and every no says how to go on."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connections
from psycopg import errors

from annotation import guidelines, leases, work_drafts
from annotation.models import Assignment, Campaign, Decline, Judgement, WorkDraft
from curation import options
from curation.models import Role
from tests import factories
from tests.annotation import acting
from tests.api import crowd

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(project):
    return acting.make_worker(project)


@pytest.fixture
def api(bearer, ann):
    return bearer(ann.user, "work")


@pytest.fixture
def review(project, ann):
    acting.drafted_item(project)
    return acting.open_review(project)


@pytest.fixture
def answers(project, ann):
    acting.make_answers(project)
    return acting.open_answers(project)


@pytest.fixture
def seat(api, review):
    """A seat of a review, as the API gave it."""
    return crowd.claim(api, review).json()


@pytest.fixture
def judging(api, answers):
    """A seat of an answer, as the API gave it."""
    return crowd.claim(api, answers).json()


def at(seat, act=""):
    return f"/api/v1/assignments/{seat['id']}/{act}"


def kept_texts(response):
    return [act["text"] for act in response.json()["draft"]["work"]["acts"]]


def lose(seat, campaign):
    """Let the lease end and somebody else take the seat."""
    acting.expire(Assignment.objects.get(pk=seat["id"]))
    return leases.claim(worker=crowd.colleague(campaign), campaign=campaign)


def test_a_seat_is_shown_as_long_as_it_is_held(api, review, seat):
    assert api.get(at(seat)).json() == seat

    lose(seat, review)
    response = api.get(at(seat))

    assert (response.status_code, response.json()["type"]) == (409, "urn:touchstone:lease-lost")
    assert "question" not in response.json()


def test_an_answer_is_judged(api, ann, judging):
    response = crowd.submit(api, judging, crowd.verdict_on(judging, "bad", reason="Careless."))

    made = Judgement.objects.get()
    assert response.status_code == 200
    assert (made.worker, made.outcome) == (ann, "bad")
    assert made.written_texts.get().text == "Careless."
    assert response.json()["id"] == made.pk
    assert response.json()["assignment"] == judging["id"]


def test_options_are_reviewed(api, seat):
    body = crowd.review_of(
        seat,
        positive={"act": "rewrite", "text": " Ask first,\r\nthen borrow. "},
        negative={"act": "reject", "reason": "unclear", "note": "Too short."},
    )

    receipt = crowd.submit(api, seat, body).json()

    rewrite, reject = Judgement.objects.get().acts.order_by("id")
    assert rewrite.made.text == "Ask first,\nthen borrow."
    assert (reject.reason, reject.written_text.text) == ("unclear", "Too short.")
    assert [act["made"] for act in receipt["acts"]] == [rewrite.made_id, None]


def test_a_missing_option_is_written(api, project, ann):
    item = factories.make_item(project, status="drafted")
    factories.make_option(item, "positive")
    seat = crowd.claim(api, acting.open_review(project)).json()

    assert crowd.submit(api, seat, crowd.review_of(seat)).status_code == 200
    assert item.options.get(polarity="negative").text == "A new negative text."


def test_a_question_is_reported(api, seat):
    body = crowd.granted(seat) | {"unfit": "unclear", "note": "Which ladder?"}

    assert crowd.submit(api, seat, body).json()["unfit"] == "unclear"


def test_a_receipt_holds_no_text_of_a_person(api, seat):
    body = crowd.review_of(seat, positive={"act": "rewrite", "text": "A quiet word."})

    assert "quiet" not in crowd.submit(api, seat, body).text


def test_the_same_again_answers_the_same_again(api, seat):
    body = crowd.review_of(seat, positive={"act": "rewrite", "text": "A better text."})

    answers = [crowd.submit(api, seat, body) for _ in range(5)]

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert Judgement.objects.count() == 1


def test_other_content_is_refused_and_the_first_stands(api, judging):
    first = crowd.submit(api, judging, crowd.verdict_on(judging, "good")).json()

    response = crowd.submit(api, judging, crowd.verdict_on(judging, "bad"))

    assert (response.status_code, response.json()["type"]) == (409, "urn:touchstone:other-content")
    assert response.json()["judgement"] == first
    assert Judgement.objects.get().outcome == "good"


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "one-click"}])
@pytest.mark.django_db(transaction=True)
def test_five_equal_submits_at_once_are_one_judgement_and_one_answer(api, seat, headers):
    body = crowd.review_of(seat, negative={"act": "rewrite", "text": "Somebody else's ladder."})

    def submit(_number):
        try:
            response = crowd.submit(api, seat, body, headers=headers)
            return response.status_code, response.content
        finally:
            connections.close_all()

    with ThreadPoolExecutor(5) as crew:
        answers = set(crew.map(submit, range(5)))

    assert {status for status, _content in answers} == {200}
    assert len(answers) == 1
    assert Judgement.objects.count() == 1


def test_late_work_is_taken_while_nobody_else_has_the_seat(api, seat):
    acting.expire(Assignment.objects.get(pk=seat["id"]))

    assert crowd.submit(api, seat, crowd.review_of(seat)).status_code == 200


def test_work_on_a_lost_seat_is_kept_and_told(api, review, seat):
    lose(seat, review)
    body = crowd.review_of(seat, positive={"act": "rewrite", "text": "Not lost."})

    response = crowd.submit(api, seat, body)

    assert (response.status_code, response.json()["type"]) == (409, "urn:touchstone:lease-lost")
    assert kept_texts(response) == ["Not lost.", ""]
    assert api.get(at(seat, "draft")).json() == response.json()["draft"]
    assert not Judgement.objects.exists()


def test_a_new_guideline_is_told_beside_the_old_one(api, review, seat):
    now = guidelines.publish(
        campaign=Campaign.objects.get(pk=review.pk),
        follows=review.guideline_id,
        text_en="Look twice.",
        text_zh="请看两遍。",
        by=None,
    )

    response = crowd.submit(api, seat, crowd.review_of(seat))

    said = response.json()
    assert (response.status_code, said["type"]) == (409, "urn:touchstone:changed")
    assert said["shown"]["guideline"] == seat["guideline"]
    assert (said["now"]["guideline"]["id"], said["now"]["guideline"]["text_en"]) == (
        now.pk,
        "Look twice.",
    )
    again = crowd.review_of(seat) | {"guideline": now.pk}
    assert crowd.submit(api, seat, again).status_code == 200


def test_new_options_are_told_beside_the_old_ones(api, seat):
    item = Assignment.objects.get(pk=seat["id"]).matter.item
    new = options.rewrite(
        option=item.options.get(polarity="positive"),
        text="Ask, then borrow.",
        author_ref="swift-fox-101",
        origin="worker",
        decision_ref="judgement:1",
    )
    body = crowd.review_of(seat, positive={"act": "rewrite", "text": "Typed meanwhile."})

    response = crowd.submit(api, seat, body)

    said = response.json()
    assert (response.status_code, said["type"]) == (409, "urn:touchstone:changed")
    assert [option["text"] for option in said["shown"]["options"]] == [
        option["text"] for option in seat["options"]
    ]
    assert new.pk in [option["id"] for option in said["now"]["options"]]
    assert kept_texts(response)[0] == "Typed meanwhile."


def test_a_new_question_is_told_beside_the_old_one(api, project, seat):
    item = Assignment.objects.get(pk=seat["id"]).matter.item
    item.superseded_by = factories.make_item(project, question="May I use the new ladder?")
    item.save()

    said = crowd.submit(api, seat, crowd.review_of(seat)).json()

    assert (said["type"], said["shown"]["question"]) == ("urn:touchstone:changed", seat["question"])
    assert said["now"]["question"] == "May I use the new ladder?"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"positive": {"act": "rewrite"}}, "#/acts/0/text"),
        ({"negative": {"act": "reject"}}, "#/acts/1/reason"),
        ({"tags": []}, "#/tags"),
        ({"tags": ["no.such"]}, "#/tags"),
    ],
)
def test_a_rule_that_says_no_names_the_field_and_keeps_the_work(api, seat, change, pointer):
    response = crowd.submit(api, seat, crowd.review_of(seat, **change))

    assert response.status_code == 409
    assert crowd.pointers(response) == [pointer]
    assert response.json()["draft"]["saved_at"]
    assert Assignment.objects.get(pk=seat["id"]).status == "leased"


def test_a_claim_and_a_judgement_cost_few_queries(
    api, answers, judging, django_assert_max_num_queries
):
    crowd.post(api, f"assignments/{judging['id']}/give-back", {"token": judging["token"]})

    with django_assert_max_num_queries(13):
        given = crowd.claim(api, answers).json()
    with django_assert_max_num_queries(12):
        crowd.submit(api, given, crowd.verdict_on(given))


ODD = [None, True, 0, -1, 2**63, 10**400, 1.5, "", "x", "9" * 5_000, [], [[]], {}, {"a": 1}]


@pytest.mark.parametrize("value", ODD, ids=lambda value: str(value)[:12])
@pytest.mark.parametrize(
    "name",
    ["token", "guideline", "shown", "tags", "pasted", "acts", "unfit", "note"],
)
def test_no_odd_value_is_a_fault_of_ours(api, seat, name, value):
    response = crowd.submit(api, seat, crowd.review_of(seat) | {name: value})

    assert response.status_code in {200, 400, 409}
    if response.status_code == 400:
        assert crowd.pointers(response)[0].startswith(f"#/{name}") or "JSON" in response.text


@pytest.mark.parametrize("value", ODD, ids=lambda value: str(value)[:12])
@pytest.mark.parametrize("name", ["option", "polarity", "act", "text", "reason", "note"])
def test_no_odd_value_in_an_act_is_a_fault_of_ours(api, seat, name, value):
    for act in ("rewrite", "write", "reject", "accept"):
        body = crowd.review_of(seat, positive={"act": act, "text": "x"} | {name: value})

        assert crowd.submit(api, seat, body).status_code in {200, 400, 409}


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{}",
        "[]",
        "[" * 50_000,
        '{"token": 1, "token": 1}',
        '{"note": "a\\u0000b"}',
        '{"note": "\\ud800"}',
        '{"token": 1, "guideline": 1, "judgement": 1}',
    ],
)
def test_a_body_that_says_nothing_good_is_refused(api, seat, body):
    response = api.post(at(seat, "submit"), body, content_type="application/json")

    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert not Judgement.objects.exists()


@pytest.mark.parametrize("name", ["acts", "unfit", "note", "options", "key"])
def test_a_field_of_other_work_is_refused_by_name(api, judging, name):
    response = crowd.submit(api, judging, crowd.verdict_on(judging) | {name: "x"})

    assert crowd.pointers(response) == [f"#/{name}"]


def test_the_token_of_another_grant_counts_for_nothing(api, judging):
    response = crowd.submit(api, judging, crowd.verdict_on(judging, token=7))

    assert response.json()["type"] == "urn:touchstone:lease-lost"


def test_a_draft_is_kept_and_given_back_as_it_was_typed(api, seat):
    body = crowd.review_of(
        seat,
        tags=["", "law"],
        positive={"act": "rewrite", "text": "half a sen"},
        negative={"act": ""},
    ) | {"unfit": "", "note": "  spaces stay "}

    saved = crowd.put(api, f"assignments/{seat['id']}/draft", body).json()

    assert saved["work"]["tags"] == ["", "law"]
    assert saved["work"]["note"] == "  spaces stay "
    assert [act["option"] for act in saved["work"]["acts"]] == body["shown"]
    assert [act["act"] for act in saved["work"]["acts"]] == ["rewrite", ""]
    assert api.get(at(seat, "draft")).json() == saved
    assert api.get(at(seat)).json()["draft"] == saved


def test_a_draft_of_the_api_shows_on_the_page(client, api, ann, seat):
    body = crowd.review_of(seat, negative={"act": "rewrite", "text": "half a sen"})
    crowd.put(api, f"assignments/{seat['id']}/draft", body)
    client.force_login(ann.user)

    page = client.get(f"/work/seats/{seat['id']}/").text

    assert "half a sen" in page
    assert page.count('value="rewrite" data-key="r" checked') == 1


def test_a_draft_of_the_page_is_given_by_the_api(client, api, ann, judging):
    client.force_login(ann.user)
    typed = {"key": judging["key"], "outcome": "bad", "reason": "Caref"}
    client.post(f"/work/seats/{judging['id']}/draft/", typed)

    work = api.get(at(judging, "draft")).json()["work"]

    assert (work["outcome"], work["reason"]) == ("bad", "Caref")


def test_without_a_draft_there_is_nothing_kept(api, seat):
    assert api.get(at(seat, "draft")).json() == {"saved_at": None, "work": None}


def test_a_draft_survives_the_loss_of_the_seat(api, review, seat):
    lose(seat, review)
    body = crowd.review_of(seat, positive={"act": "rewrite", "text": "Late words."})

    assert crowd.put(api, f"assignments/{seat['id']}/draft", body).status_code == 200
    assert api.get(at(seat, "draft")).json()["work"]["acts"][0]["text"] == "Late words."


def test_a_draft_of_what_is_judged_is_refused(api, judging):
    crowd.submit(api, judging, crowd.verdict_on(judging))

    response = crowd.put(api, f"assignments/{judging['id']}/draft", {"token": judging["token"]})

    assert (response.status_code, response.json()["judged"]) == (409, True)
    assert not WorkDraft.objects.exists()


def test_a_draft_too_long_to_keep_is_refused(api, seat):
    acts = (
        [{"option": pk, "act": "rewrite", "text": "梯" * 20_000} for pk in seat["shown"] or [1]]
        if "shown" in seat
        else []
    )
    acts = [
        {"option": option["id"], "act": "rewrite", "text": "梯" * 20_000}
        for option in seat["options"]
    ]

    response = crowd.put(
        api, f"assignments/{seat['id']}/draft", {"token": seat["token"], "acts": acts}
    )

    assert response.status_code == 409


def test_a_heartbeat_renews_the_lease_up_to_a_cap(api, seat):
    acting.expire(Assignment.objects.get(pk=seat["id"]))  # leased at midnight, for 20 minutes

    response = crowd.post(api, f"assignments/{seat['id']}/heartbeat", {"token": seat["token"]})

    assert response.json() == {"lease_expires_at": "2020-01-01T01:20:00Z"}


def test_a_heartbeat_tells_of_a_lost_seat_with_what_is_kept(api, review, seat):
    body = crowd.review_of(seat, positive={"act": "rewrite", "text": "Kept."})
    crowd.put(api, f"assignments/{seat['id']}/draft", body)
    lose(seat, review)

    response = crowd.post(api, f"assignments/{seat['id']}/heartbeat", {"token": seat["token"]})

    assert (response.status_code, response.json()["type"]) == (409, "urn:touchstone:lease-lost")
    assert kept_texts(response)[0] == "Kept."


def test_a_seat_is_given_back(api, seat):
    for _ in range(2):  # again changes nothing
        path = f"assignments/{seat['id']}/give-back"
        assert crowd.post(api, path, {"token": seat["token"]}).status_code == 204

    assert Assignment.objects.get().status == "open"
    assert api.get(at(seat)).status_code == 409


def test_a_seat_is_skipped_for_good(api, review, seat):
    body = {"token": seat["token"], "reason": "harms_me"}
    for _ in range(2):
        assert crowd.post(api, f"assignments/{seat['id']}/skip", body).status_code == 204

    assert Decline.objects.get().reason == "harms_me"
    assert crowd.submit(api, seat, crowd.review_of(seat)).json()["skipped"] is True
    assert crowd.claim(api, review).status_code == 409


@pytest.mark.parametrize("reason", ["", "bored", None, 7])
def test_a_skip_says_why(api, seat, reason):
    body = {"token": seat["token"], "reason": reason}

    response = crowd.post(api, f"assignments/{seat['id']}/skip", body)

    assert (response.status_code, crowd.pointers(response)) == (400, ["#/reason"])


ACTS = ["submit", "heartbeat", "give-back", "skip"]


@pytest.mark.parametrize("who", ["a colleague", "who left", "nobody"])
def test_the_seat_of_another_is_not_there(bearer, api, project, ann, seat, who):
    client, pk = api, seat["id"]
    if who == "a colleague":
        client = bearer(acting.make_worker(project, Role.CURATOR).user, "work")
    elif who == "who left":
        ann.user.memberships.all().delete()
    else:
        pk = 10**30
    places = [
        client.get(f"/api/v1/assignments/{pk}/"),
        client.get(f"/api/v1/assignments/{pk}/draft"),
    ]
    places += [crowd.post(client, f"assignments/{pk}/{act}", {"token": 1}) for act in ACTS]
    places += [crowd.put(client, f"assignments/{pk}/draft", {"token": 1})]

    assert {place.status_code for place in places} == {404}
    assert not WorkDraft.objects.exists()


def test_a_busy_table_is_told_as_such(api, seat, monkeypatch):
    def busy(**kw):
        raise OperationalError from errors.LockNotAvailable()

    monkeypatch.setattr(work_drafts, "save", busy)

    response = crowd.put(api, f"assignments/{seat['id']}/draft", {"token": 1})

    assert (response.status_code, response["Retry-After"]) == (503, "5")
