import uuid

import pytest
from django.urls import reverse

from tests import factories

pytestmark = pytest.mark.django_db


def test_the_overview_says_what_to_do_next(client, project, curator):
    client.force_login(curator)
    factories.make_item(project)

    page = client.get(reverse("overview", args=[project.slug]))

    assert page.status_code == 200
    assert reverse("drafting", args=[project.slug]) in page.text
    assert "New items wait for options" in page.text


def test_the_overview_of_a_rehearsal_says_so(client, project, curator):
    project.rehearsal = True
    project.save()
    client.force_login(curator)

    page = client.get(reverse("overview", args=[project.slug]))

    assert "Rehearsal: made by scripts, not by people" in page.text


def test_an_item_page_shows_question_options_tags_and_history(client, project, curator):
    client.force_login(curator)
    item = factories.make_item(project, question="Is <b>this</b> mine?")
    positive, negative = factories.make_options(item)
    factories.make_item_tag(item)

    page = client.get(reverse("item", args=[project.slug, item.uid]))

    assert "Is &lt;b&gt;this&lt;/b&gt; mine?" in page.text
    assert "<b>this</b>" not in page.text
    for text in (positive.text, negative.text, "Body", "Imported"):
        assert text in page.text


def test_an_item_page_links_its_twin(client, project, curator):
    client.force_login(curator)
    item = factories.make_item(project, twin_group="t1")
    twin = factories.make_item(project, twin_group="t1", language="zh")

    page = client.get(reverse("item", args=[project.slug, item.uid]))

    assert reverse("item", args=[project.slug, twin.uid]) in page.text


def test_an_item_of_another_project_does_not_exist_here(client, project, curator):
    client.force_login(curator)
    elsewhere = factories.make_item()

    for uid in (elsewhere.uid, uuid.uuid4()):
        assert client.get(reverse("item", args=[project.slug, uid])).status_code == 404


def test_pages_speak_chinese_when_asked(client, project, curator):
    client.force_login(curator)
    client.cookies["django_language"] = "zh-hans"

    page = client.get(reverse("overview", args=[project.slug]))

    assert '<html lang="zh-Hans"' in page.text
    assert "概览" in page.text
