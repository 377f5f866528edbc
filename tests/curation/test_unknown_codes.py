import pytest

from curation import unknown_codes
from curation.drafting import engine, plan
from curation.models import Item
from tests import factories
from tests.endpoint import good_reply, said

ADDRESS = "/projects/everyday/taxonomy/"


@pytest.fixture
def tagged(project, drafter, server):
    """Draft an item whose tagger names these codes."""

    def draft(*codes, **kw):
        tags = [{"code": code, "score": 0.9, "explanation": "So it seems."} for code in codes]
        server.reply = lambda asked: (
            said(asked, tags=tags) if asked.purpose == "risk_tags" else good_reply(asked)
        )
        item = factories.make_item(project, **kw)
        engine.work(run_id=plan.plan(project=project, by=None).run.pk)
        return item

    return draft


def found(project):
    return [(one.code, one.drafts) for one in unknown_codes.of_project(project)]


def test_codes_that_the_taxonomy_does_not_know_are_counted(project, tagged):
    tagged("care.body", "care.teeth")
    tagged("care.teeth", "care.hair")

    assert found(project) == [("care.teeth", 2), ("care.hair", 1)]


def test_a_code_names_a_few_items_as_examples(project, tagged):
    items = [tagged("care.teeth") for _ in range(4)]

    [one] = unknown_codes.of_project(project)

    assert one.drafts == 4
    assert one.examples == items[:0:-1]


def test_a_code_that_the_taxonomy_knows_by_now_is_none(project, tagged):
    tagged("care.teeth")

    care = project.taxonomy.tags.get(code="care")
    factories.make_tag(project.taxonomy, "care.teeth", level=2, parent=care)

    assert found(project) == []


def test_codes_of_other_projects_and_of_locked_items_are_left_out(project, tagged):
    tagged("care.teeth")
    assert found(factories.make_project()) == []

    Item.objects.update(status="locked")

    assert found(project) == []


def test_the_page_of_the_taxonomy_lists_them_harmlessly(client, curator, project, tagged):
    client.force_login(curator)
    assert "Codes that models proposed" not in client.get(ADDRESS).text

    item = tagged("care.<b>teeth</b>")

    text = client.get(ADDRESS).text
    assert "Codes that models proposed" in text
    assert "care.&lt;b&gt;teeth&lt;/b&gt;" in text
    assert f"/projects/everyday/items/{item.uid}/" in text
