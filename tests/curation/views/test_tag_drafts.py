import pytest
from django.test import Client
from django.urls import reverse

from curation import taxonomy_drafts
from curation.taxonomy_drafts import seen_of, standing
from tests.annotation.views.pages import main_form, text_of
from tests.annotation.views.test_guidelines import busy
from tests.curation.test_taxonomy_drafts import add

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(curator):
    client = Client()
    client.force_login(curator)
    return client


@pytest.fixture
def law(project):
    return taxonomy_drafts.begin(project=project, by=None).tags.get(code="law")


@pytest.fixture
def page(project, law):
    return reverse("taxonomy-draft-tag", args=[project.slug, law.pk])


def form_at(client, page, act="save", **fields):
    return main_form(client.get(page)) | {act: ""} | fields


def test_a_tag_is_saved_and_its_changes_are_shown(client, page, law):
    changed = {"name_en": "Law and order", "aliases": "Legal\r\nRight", "severity": "0"}

    answer = client.post(page, form_at(client, page, **changed))

    assert answer.status_code == 302
    law.refresh_from_db()
    assert (law.name_en, law.aliases, law.severity) == ("Law and order", ["Legal", "Right"], 0)
    assert "<ins> and order</ins>" in text_of(client.get(page))


def test_who_was_slower_sees_both_texts_and_can_go_on(client, page, law):
    slow = form_at(client, page, definition_en="The slower text.", severity="2")
    client.post(page, form_at(client, page, definition_en="The faster text."))

    answer = client.post(page, slow)

    assert answer.status_code == 409
    assert main_form(answer)["definition_en"] == ["The slower text."]
    assert "<del>faster</del><ins>slower</ins>" in text_of(answer)
    assert client.post(page, main_form(answer) | {"save": ""}).status_code == 302
    law.refresh_from_db()
    assert (law.definition_en, law.severity) == ("The slower text.", 2)


def test_what_was_typed_is_shown_where_there_is_no_draft_any_more(client, project, page):
    typed = form_at(client, page, definition_en="Typed at length.")
    taxonomy_drafts.discard(project=project, seen=seen_of(standing(project)), by=None)

    answer = client.post(page, typed)

    assert answer.status_code == 409
    assert main_form(answer)["definition_en"] == ["Typed at length."]
    assert client.get(page).status_code == 404


def test_a_tag_that_was_added_is_taken_out_again(client, project, law):
    made = add(project)
    page = reverse("taxonomy-draft-tag", args=[project.slug, made.pk])

    assert client.post(page, form_at(client, page, "remove")).status_code == 302

    assert client.get(page).status_code == 404


def test_a_published_tag_is_not_taken_out(client, page, law):
    answer = client.post(page, form_at(client, page, "remove"))

    assert answer.status_code == 422
    assert client.get(page).status_code == 200


@pytest.mark.parametrize(
    "fields",
    [{"name_en": ""}, {"name_zh": "x" * 121}, {"definition_zh": "a\0b"}, {"version": "now"}],
)
def test_what_is_refused_keeps_what_was_typed(client, page, law, fields):
    answer = client.post(page, form_at(client, page, **{"definition_en": "At length."} | fields))

    assert answer.status_code == 422
    assert main_form(answer)["definition_en"] == ["At length."]
    law.refresh_from_db()
    assert law.version == 1


def test_a_text_that_met_a_lock_is_kept(client, page, monkeypatch):
    monkeypatch.setattr(taxonomy_drafts, "save", busy)

    answer = client.post(page, form_at(client, page, definition_en="Typed at length."))

    assert answer.status_code == 422
    assert main_form(answer)["definition_en"] == ["Typed at length."]
