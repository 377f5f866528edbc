"""A seat is judged once over the API, nothing typed is lost, and every no says how to go on."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from annotation import enrolments
from annotation.models import Assignment, Campaign, Judgement
from tests import factories
from tests.annotation import acting
from tests.api import crowd

pytestmark = pytest.mark.django_db


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
    crowd.lose(seat, review)
    body = crowd.review_of(seat, positive={"act": "rewrite", "text": "Not lost."})

    response = crowd.submit(api, seat, body)

    assert (response.status_code, response.json()["type"]) == (409, "urn:touchstone:lease-lost")
    assert crowd.kept_texts(response) == ["Not lost.", ""]
    assert api.get(crowd.at(seat, "draft")).json() == response.json()["draft"]
    assert not Judgement.objects.exists()


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
    response = api.post(crowd.at(seat, "submit"), body, content_type="application/json")

    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert not Judgement.objects.exists()


def test_an_option_is_shown_once(api, seat):
    shown = [option["id"] for option in seat["options"]]

    response = crowd.submit(api, seat, crowd.review_of(seat) | {"shown": [*shown, shown[0]]})

    assert (response.status_code, crowd.pointers(response)) == (400, ["#/shown"])


@pytest.mark.parametrize("name", ["acts", "unfit", "note", "options", "key"])
def test_a_field_of_other_work_is_refused_by_name(api, judging, name):
    response = crowd.submit(api, judging, crowd.verdict_on(judging) | {name: "x"})

    assert crowd.pointers(response) == [f"#/{name}"]


def test_the_token_of_another_grant_counts_for_nothing(api, judging):
    response = crowd.submit(api, judging, crowd.verdict_on(judging, token=7))

    assert response.json()["type"] == "urn:touchstone:lease-lost"


def undo(client, seat, **kw):
    return crowd.post(client, f"assignments/{seat['id']}/undo", **kw)


def test_what_was_said_last_is_taken_back_and_may_be_said_again(api, judging):
    crowd.submit(api, judging, crowd.verdict_on(judging, "bad", reason="Careless."))

    granted = undo(api, judging).json()

    given = api.get(f"/api/v1/assignments/{granted['assignment']}/").json()
    assert given["token"] == granted["token"]
    assert given["question"] == judging["question"]
    assert given["draft"]["work"]["outcome"] == "bad"
    assert given["draft"]["work"]["reason"] == "Careless."
    assert not Judgement.objects.standing().exists()
    assert crowd.submit(api, given, crowd.verdict_on(given, "good")).status_code == 200
    assert Judgement.objects.standing().get().outcome == "good"


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "oops"}])
def test_the_same_undo_again_answers_the_same_again(api, judging, headers):
    crowd.submit(api, judging, crowd.verdict_on(judging, "bad"))

    first, second = (undo(api, judging, headers=headers) for _ in range(2))

    assert first.status_code == 200
    assert first.content == second.content
    assert Assignment.objects.filter(status="leased").count() == 1


def test_a_review_is_taken_back_with_the_text_it_wrote(api, review, seat):
    enrolments.enrol(campaign=review, worker=acting.make_worker(review.project))
    rewrite = {"act": "rewrite", "text": "A better text."}
    crowd.submit(api, seat, crowd.review_of(seat, positive=rewrite))

    granted = undo(api, seat).json()

    given = api.get(f"/api/v1/assignments/{granted['assignment']}/").json()
    assert [option["text"] for option in given["options"]] == [
        option["text"] for option in seat["options"]
    ]
    assert [act["text"] for act in given["draft"]["work"]["acts"] if act["act"] == "rewrite"] == [
        "A better text."
    ]


def test_what_is_too_late_to_take_back_is_told_as_such(api, answers, judging):
    crowd.submit(api, judging, crowd.verdict_on(judging))
    Campaign.objects.update(status="closed")

    response = undo(api, judging)

    assert (response.status_code, response.json()["type"]) == (409, "urn:touchstone:cannot-undo")
    assert response.json()["judged"] is True


def test_what_was_not_said_is_not_taken_back(api, judging):
    response = undo(api, judging)

    assert (response.status_code, response.json()["judged"]) == (409, False)
    assert api.get(f"/api/v1/assignments/{judging['id']}/").status_code == 200
