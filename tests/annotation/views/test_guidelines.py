import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from psycopg import errors

from annotation import guideline_drafts
from annotation.models import GuidelineDraft
from tests.annotation import acting
from tests.annotation.views.pages import Forms, main_form, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(curator):
    client = Client()
    client.force_login(curator)
    return client


@pytest.fixture
def campaign(project):
    return acting.open_review(project)


@pytest.fixture
def address(project, campaign):
    return reverse("campaign-draft", args=[project.slug, campaign.pk])


def post(client, address, act="save", **fields):
    return client.post(address, main_form(client.get(address)) | {act: ""} | fields)


def test_a_draft_is_begun_left_found_again_and_published(client, campaign, address):
    post(client, address, text_en="Be kind.\r\nBe quick.")
    found = main_form(client.get(address))

    answer = post(client, address, "publish")

    assert found["text_en"] == ["Be kind.\nBe quick."]
    assert answer.url == reverse("campaign", args=[campaign.project.slug, campaign.pk])
    campaign.refresh_from_db()
    assert (campaign.guideline.number, campaign.guideline.text_en) == (2, "Be kind.\nBe quick.")


def test_the_campaign_leads_to_the_draft(client, campaign, address):
    page = client.get(reverse("campaign", args=[campaign.project.slug, campaign.pk]))

    assert f'href="{address}"' in page.text


@pytest.mark.parametrize("act", ["save", "publish"])
def test_who_was_slower_sees_both_texts_and_can_go_on(client, campaign, address, act):
    slow = main_form(client.get(address)) | {"text_en": "The slower text.", act: ""}
    post(client, address, text_en="The faster text.")

    answer = client.post(address, slow)

    assert answer.status_code == 409
    assert main_form(answer)["text_en"] == ["The slower text."]
    assert "<del>faster</del><ins>slower</ins>" in text_of(answer)
    assert client.post(address, main_form(answer) | {"save": ""}).status_code == 302
    assert guideline_drafts.standing(campaign).text_en == "The slower text."


def test_a_draft_is_thrown_away(client, address):
    post(client, address, text_en="Not good.")
    forms = Forms(text_of(client.get(address))).forms
    [form] = [f for f in forms if "seen" in f["data"] and not f["main"]]

    answer = client.post(address, form["data"] | {"discard": ""}, follow=True)

    assert "The draft was thrown away." in text_of(answer)
    assert not GuidelineDraft.objects.exists()


def test_nobody_throws_away_what_they_have_not_seen(client, address):
    post(client, address, text_en="One.")
    old = {"seen": main_form(client.get(address))["seen"], "discard": ""}
    post(client, address, text_en="Two.")

    answer = client.post(address, old)

    assert answer.status_code == 409
    assert main_form(answer)["text_en"] == ["Two."]


@pytest.mark.parametrize(
    ("act", "fields"),
    [
        ("publish", {"text_en": ""}),
        ("save", {"text_zh": "x" * 20_001}),
        ("save", {"seen": "now"}),
        ("save", {"text_zh": "a\0b"}),
    ],
)
def test_what_is_refused_keeps_what_was_typed(client, address, act, fields):
    typed = {"text_en": "Typed at length."} | fields

    answer = post(client, address, act, **typed)

    assert answer.status_code == 422
    assert main_form(answer)["text_en"] == [typed["text_en"]]
    assert not GuidelineDraft.objects.exists()


def busy(**kw):
    raise OperationalError from errors.LockNotAvailable()


def test_a_text_that_met_a_lock_is_kept(client, address, monkeypatch):
    monkeypatch.setattr(guideline_drafts, "save", busy)

    answer = post(client, address, text_en="Typed at length.")

    assert answer.status_code == 422
    assert main_form(answer)["text_en"] == ["Typed at length."]
