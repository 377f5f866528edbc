"""Settling over the API: one decision, once, by who neither judged nor wrote it."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from annotation import adjudication, enrolments
from annotation.models import Adjudication, Matter
from curation.models import Item, Role, Verdict
from tests.annotation import acting
from tests.api import crowd

pytestmark = pytest.mark.django_db
KEY = {"Idempotency-Key": "decision-1"}


@pytest.fixture
def rue(project):
    return acting.make_reviewer(project)


@pytest.fixture
def api(bearer, rue):
    return bearer(rue.user, "review")


@pytest.fixture
def disputed(project, ann):
    """A review in which an option was rejected."""
    acting.drafted_item(project)
    campaign = acting.open_review(project)
    acting.claim_and_review(ann, campaign, positive=acting.reject())
    return campaign.matters.get()


@pytest.fixture
def answer(project, ann):
    """An answer on which three workers disagree."""
    crew = [ann, *(acting.make_worker(project) for _ in range(2))]
    acting.make_answers(project)
    campaign = acting.open_answers(project)
    for worker, outcome in zip(crew, ("good", "bad", "cannot_tell"), strict=True):
        acting.claim_and_judge(worker, campaign, outcome)
    return campaign.matters.get()


def settle(client, matter, body, **kw):
    return crowd.post(client, f"matters/{matter.pk}/settle", body, **kw)


def live(matter):
    return {option.polarity: {"option": option.pk} for option in matter.item.options.live()}


def taking(matter, **instead):
    return {"takes": live(matter) | instead, "tags": ["care.body"], "reason": "Both will do."}


def test_an_answer_is_settled(api, rue, answer):
    body = {"outcome": "bad", "reason": "It names no owner.", "tags": ["law"], "contested": True}

    led_to = settle(api, answer, body).json()

    made = Adjudication.objects.get()
    assert (made.by, made.outcome, made.tags, made.contested) == (rue, "bad", ["law"], True)
    assert Verdict.objects.get(source="adjudication").outcome == "bad"
    assert led_to == {
        "matter": answer.pk,
        "status": "settled",
        "item_status": "gold",
        "adjudication": made.pk,
        "next": None,
    }


def test_options_that_are_there_become_gold_with_the_item(api, disputed):
    assert settle(api, disputed, taking(disputed)).json()["item_status"] == "gold"


def test_a_text_of_the_reviewers_own_asks_for_a_signature(api, project, disputed):
    enrolments.enrol(campaign=disputed.campaign, worker=acting.make_worker(project))

    led_to = settle(api, disputed, taking(disputed, negative={"text": "Take it."})).json()

    assert led_to["next"] == Matter.objects.get(round=2).pk
    assert Item.objects.get().options.live().get(polarity="negative").text == "Take it."


def test_an_unfit_question_leaves_the_set(api, disputed):
    led_to = settle(api, disputed, {"unfit": "unclear", "reason": "Which ladder?"}).json()

    assert led_to["item_status"] == "rejected"


def test_options_are_sent_back_with_a_note(api, project, disputed):
    enrolments.enrol(campaign=disputed.campaign, worker=acting.make_worker(project))

    led_to = settle(api, disputed, {"send_back": True, "note": "Mind the tone."}).json()

    assert Matter.objects.get(pk=led_to["next"]).status == "open"


def test_one_more_worker_is_asked_about_an_answer(api, project, answer):
    enrolments.enrol(campaign=answer.campaign, worker=acting.make_worker(project))

    led_to = settle(api, answer, {"ask_another": True}).json()

    assert (led_to["status"], led_to["adjudication"]) == ("open", None)
    assert answer.seats.count() == 4


def test_the_same_decision_under_the_same_key_is_made_once(api, project, rue, answer):
    enrolments.enrol(campaign=answer.campaign, worker=acting.make_worker(project))
    enrolments.enrol(campaign=answer.campaign, worker=rue)  # who might judge it, once it is open

    first, second = (settle(api, answer, {"ask_another": True}, headers=KEY) for _ in range(2))

    assert first.status_code == 200
    assert first.content == second.content
    assert answer.seats.count() == 4


def at_once(bearer, rue, matter, headers):
    """Send one decision five times at once; return the different answers."""
    tokens = bearer(rue.user, "review")

    def send(_number):
        try:
            response = settle(tokens, matter, {"ask_another": True}, headers=headers)
            return response.status_code, response.content
        finally:
            connections.close_all()

    with ThreadPoolExecutor(5) as crew:
        return set(crew.map(send, range(5)))


@pytest.mark.django_db(transaction=True)
def test_five_equal_decisions_at_once_under_one_key_are_one(bearer, project, rue, answer):
    enrolments.enrol(campaign=answer.campaign, worker=acting.make_worker(project))

    answers = at_once(bearer, rue, answer, KEY)

    assert [status for status, _content in answers] == [200]
    assert answer.seats.count() == 4


@pytest.mark.django_db(transaction=True)
def test_without_a_key_the_others_of_five_are_refused(bearer, project, rue, answer):
    enrolments.enrol(campaign=answer.campaign, worker=acting.make_worker(project))

    answers = at_once(bearer, rue, answer, {})

    assert {status for status, _content in answers} == {200, 409}
    assert answer.seats.count() == 4


def test_the_same_key_with_another_decision_is_refused(api, disputed):
    settle(api, disputed, {"unfit": "unclear", "reason": "Which ladder?"}, headers=KEY)

    other = settle(api, disputed, {"unfit": "off_topic", "reason": "No ladder."}, headers=KEY)

    assert (other.status_code, other.json()["type"]) == (409, "urn:touchstone:other-content")


def test_what_is_settled_is_told_with_who_settled_it(api, project, disputed):
    first = acting.make_reviewer(project)
    adjudication.settle_unfit(matter=disputed, by=first, unfit="unclear", reason="Which ladder?")

    response = settle(api, disputed, taking(disputed))

    said = response.json()
    assert (response.status_code, said["type"]) == (409, "urn:touchstone:already-settled")
    assert (said["first"]["by"], said["first"]["reason"]) == (first.pseudonym, "Which ladder?")


def test_nobody_settles_what_they_judged(bearer, ann, disputed):
    ann.user.memberships.update(role=Role.CURATOR)

    response = settle(bearer(ann.user, "review"), disputed, taking(disputed))

    assert (response.status_code, response.json()["type"]) == (409, "urn:touchstone:not-yours")
    assert not Adjudication.objects.exists()


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "#"),
        ({"outcome": "bad", "unfit": "unclear", "reason": "x"}, "#"),
        ({"outcome": "bad"}, "#/reason"),
        ({"outcome": "worse", "reason": "x"}, "#/outcome"),
        ({"unfit": "unclear", "reason": "x", "tags": ["law"]}, "#/tags"),
        ({"send_back": True}, "#/note"),
        ({"send_back": True, "note": "x", "reason": "x"}, "#/reason"),
        ({"ask_another": True, "contested": True}, "#/contested"),
        ({"ask_another": "yes"}, "#/ask_another"),
        ({"takes": {"positive": {"option": 1}}, "reason": "x"}, "#/takes/negative"),
        ({"takes": {"positive": {}, "negative": {"text": "x"}}, "reason": "x"}, "#/takes/positive"),
        ({"takes": {"good": {"option": 1}}, "reason": "x"}, "#/takes/good"),
        ({"takes": [], "reason": "x"}, "#/takes"),
        ({"decision": "x"}, "#/decision"),
    ],
    ids=lambda value: json.dumps(value)[:50],
)
def test_a_decision_that_is_not_one_is_refused_by_name(api, disputed, body, pointer):
    response = settle(api, disputed, body)

    assert (response.status_code, crowd.pointers(response)) == (400, [pointer])
    assert not Adjudication.objects.exists()


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"positive": {"option": 10**15}}, "#/takes/positive/option"),
        ({"negative": {"text": "\u200b"}}, "#/takes/negative/text"),
    ],
)
def test_a_text_that_cannot_be_taken_is_named(api, disputed, change, pointer):
    response = settle(api, disputed, taking(disputed, **change))

    assert (response.status_code, crowd.pointers(response)) == (409, [pointer])


def test_a_tag_that_is_not_there_is_named(api, disputed):
    response = settle(api, disputed, taking(disputed) | {"tags": ["no.such"]})

    assert (response.status_code, crowd.pointers(response)) == (409, ["#/tags"])


@pytest.mark.parametrize(
    "body",
    [
        {"outcome": "bad", "reason": "x"},
        {"ask_another": True},
    ],
)
def test_a_decision_on_an_answer_does_not_settle_options(api, disputed, body):
    assert settle(api, disputed, body).status_code == 409


@pytest.mark.parametrize(
    "body",
    [
        {"unfit": "unclear", "reason": "x"},
        {"send_back": True, "note": "x"},
        {
            "takes": {"positive": {"text": "x"}, "negative": {"text": "y"}},
            "tags": ["law"],
            "reason": "x",
        },
    ],
)
def test_a_decision_on_options_does_not_settle_an_answer(api, answer, body):
    response = settle(api, answer, body)

    assert response.status_code == 409
    assert not Adjudication.objects.exists()


def test_for_a_reviewer_who_may_yet_judge_it_there_is_nothing_to_settle(bearer, project):
    acting.drafted_item(project)
    campaign = acting.open_review(project)
    reviewer = acting.make_reviewer(project)
    enrolments.enrol(campaign=campaign, worker=reviewer)
    client = bearer(reviewer.user, "review")

    assert settle(client, campaign.matters.get(), {"ask_another": True}).status_code == 404
    assert settle(client, Matter(pk=10**9), {"ask_another": True}).status_code == 404


VALUES = [None, 0, -1, 10**40, 1.5, "", "x", [], [[]], {}, {"a": {}}, True]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: str(value)[:12])
@pytest.mark.parametrize(
    "name", ["outcome", "takes", "unfit", "send_back", "note", "reason", "tags", "contested"]
)
def test_no_odd_value_is_a_fault_of_ours(api, disputed, name, value):
    assert settle(api, disputed, taking(disputed) | {name: value}).status_code in {200, 400, 409}


@pytest.mark.parametrize("body", ["", "[" * 50_000, '{"reason": "a\\u0000"}', '"x"'])
def test_what_is_no_decision_is_refused(api, disputed, body):
    path = f"/api/v1/matters/{disputed.pk}/settle"

    assert api.post(path, body, content_type="application/json").status_code == 400
