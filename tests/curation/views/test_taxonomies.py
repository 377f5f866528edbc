import pytest
from django.test import Client
from django.urls import reverse

from curation import taxonomy_drafts
from curation.models import TaxonomyDraft, TaxonomyVersion
from tests.annotation.views.pages import Forms, main_form, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(curator):
    client = Client()
    client.force_login(curator)
    return client


@pytest.fixture
def page(project):
    return reverse("taxonomy-draft", args=[project.slug])


@pytest.fixture
def draft(project):
    return taxonomy_drafts.begin(project=project, by=None)


def typed(client, page, **fields):
    words = {"parent": "care", "code": "pets", "name_en": "Pets", "name_zh": "宠物"}
    return main_form(client.get(page)) | words | fields


def end(client, page, act):
    """Press the button that ends the draft, on the page as it is now."""
    forms = [f["data"] for f in Forms(text_of(client.get(page))).forms if "seen" in f["data"]]
    return {"seen": forms[0]["seen"], act: ""}


def test_a_draft_is_begun_added_to_published_and_used(client, project, page):
    taxonomy = reverse("taxonomy", args=[project.slug])
    assert client.get(page).url == taxonomy
    assert client.post(page, {"begin": ""}).url == page
    assert client.post(page, typed(client, page, aliases="Cat\r\n\r\nDog")).url == page

    assert client.post(page, end(client, page, "publish")).url == taxonomy

    made = TaxonomyVersion.objects.latest("number")
    assert made.tags.get(code="care.pets").aliases == ["Cat", "Dog"]
    assert "Use version 2" in text_of(client.get(taxonomy))
    client.post(reverse("taxonomy-use", args=[project.slug]), {"number": "2"})
    project.refresh_from_db()
    assert project.taxonomy == made


def test_a_draft_is_thrown_away(client, page, draft):
    client.post(page, end(client, page, "discard"))

    assert not TaxonomyDraft.objects.exists()


@pytest.mark.parametrize("act", ["publish", "discard"])
def test_who_ends_what_they_have_not_seen_is_shown_what_stands(client, page, draft, act):
    old = end(client, page, act)
    client.post(page, typed(client, page))

    answer = client.post(page, old)

    assert answer.status_code == 409
    assert "care.pets" in text_of(answer)
    assert TaxonomyDraft.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"code": "body"},
        {"code": "a.b"},
        {"code": "x" * 81},
        {"parent": "love"},
        {"severity": "5"},
        {"name_en": ""},
        {"definition_zh": "a\0b"},
        {"aliases": "x" * 121},
    ],
)
def test_what_is_refused_keeps_what_was_typed(client, page, draft, fields):
    answer = client.post(page, typed(client, page, **{"definition_en": "At length."} | fields))

    assert answer.status_code == 422
    kept = {"definition_en": "At length."} | {k: v for k, v in fields.items() if k == "aliases"}
    assert {name: main_form(answer)[name] for name in kept} == {k: [v] for k, v in kept.items()}
    assert draft.tags.count() == 4


def test_a_page_that_is_not_whole_ends_nothing(client, page, draft):
    assert client.post(page, {"publish": "", "seen": "now"}).status_code == 422
    assert TaxonomyDraft.objects.exists()


@pytest.mark.parametrize("number", ["", "x", "7", "²", "9" * 30])
def test_a_version_that_is_not_there_is_refused(client, project, number):
    answer = client.post(reverse("taxonomy-use", args=[project.slug]), {"number": number})

    assert answer.status_code == 409
    project.refresh_from_db()
    assert project.taxonomy.number == 1
