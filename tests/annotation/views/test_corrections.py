import pytest
from django.test import Client
from django.urls import reverse

from annotation import corrections, leases
from tests import factories
from tests.annotation import acting
from tests.annotation.views.pages import Forms, text_of
from tests.annotation.views.test_guidelines import busy

pytestmark = pytest.mark.django_db
TYPED = "Ask him first, and wait."


@pytest.fixture
def client(curator):
    client = Client()
    client.force_login(curator)
    return client


@pytest.fixture
def item(project):
    return acting.drafted_item(project)


def forms_in(answer):
    found = Forms(text_of(answer)).forms
    return {f["data"]["option"][0]: f["data"] for f in found if f["action"].endswith("/correct/")}


def at(item, name="item"):
    return reverse(name, args=[item.project.slug, item.uid])


def post(client, item, data):
    return client.post(at(item, "item-correct"), data)


@pytest.fixture
def form(client, item):
    """The form of the positive option, filled in."""
    option = item.options.get(polarity="positive")
    return forms_in(client.get(at(item)))[str(option.pk)] | {"text": TYPED}


def test_an_option_is_corrected_on_the_page_of_its_item(client, item, form):
    answer = post(client, item, form)

    assert answer.url == at(item)
    assert item.options.live().filter(text=TYPED, origin="reviewer").exists()


def test_who_was_slower_sees_both_texts_and_can_go_on(client, item, form, curator):
    option = item.options.get(polarity="positive")
    corrections.correct(option=option, text="Ask her first, and wait.", by=curator)

    answer = post(client, item, form)

    assert answer.status_code == 409
    assert "<del>her</del><ins>him</ins>" in text_of(answer)
    standing = item.options.live().get(polarity="positive")
    again = forms_in(answer)[str(standing.pk)]
    assert again["text"] == [TYPED]
    assert post(client, item, again).status_code == 302
    assert item.options.live().filter(text=TYPED).exists()


def test_what_is_in_hand_is_refused_and_the_text_kept(client, project, item, form):
    leases.claim(worker=acting.make_worker(project), campaign=acting.open_review(project))

    answer = post(client, item, form)

    assert answer.status_code == 409
    assert forms_in(answer)[form["option"][0]]["text"] == [TYPED]


def test_a_text_whose_option_is_gone_is_still_shown(client, item, form):
    item.options.update(
        status="rejected", decided_at="2026-01-01T00:00Z", decision_ref="judgement:1"
    )

    answer = post(client, item, form)

    assert answer.status_code == 409
    assert TYPED in text_of(answer)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"text": ""}, 422),
        ({"text": "x" * 4_001}, 422),
        ({"text": "a\0b"}, 422),
        ({"option": "x"}, 422),
        ({"option": "9" * 30}, 422),
        ({"option": "1000000007"}, 404),
    ],
)
def test_what_is_wrong_is_told(client, item, form, fields, status):
    answer = post(client, item, form | fields)

    assert answer.status_code == status
    assert item.options.live().count() == 2


def test_a_gold_item_offers_no_correction(client, project):
    item = factories.make_gold_item(project)

    assert forms_in(client.get(at(item))) == {}


def test_a_text_that_met_a_lock_is_kept(client, item, form, monkeypatch):
    monkeypatch.setattr(corrections, "correct", busy)

    answer = post(client, item, form)

    assert answer.status_code == 409
    assert forms_in(answer)[form["option"][0]]["text"] == [TYPED]
