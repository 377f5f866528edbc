"""The list of items."""

import pytest

from tests import factories

ADDRESS = "/projects/everyday/items/"


@pytest.fixture
def signed_in(client, curator):
    client.force_login(curator)
    return client


def test_a_curator_sees_the_items_with_their_language(signed_in, project):
    item = factories.make_item(project, question="可以借梯子吗？", language="zh", external_id="z-1")
    factories.make_options(item)

    page = signed_in.get(ADDRESS).text

    assert '<div class="text clamp" lang="zh">' in page
    assert "可以借梯子吗？" in page
    assert f"{ADDRESS}{item.uid}/" in page
    assert "1 item" in page


@pytest.mark.parametrize("person", ["reviewer", "worker", "reader", "stranger"])
def test_for_others_the_list_is_not_there(client, project, request, person):
    client.force_login(request.getfixturevalue(person))

    assert client.get(ADDRESS).status_code == 404


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=BORROW", ["a"]),
        ("q=b-2", ["b-2"]),
        ("q=%25", []),
        ("status=gold", ["c"]),
        ("language=zh", ["b-2"]),
        ("kind=benign", ["a"]),
        ("dimension=law", ["c"]),
        ("dimension=care", ["a", "b-2"]),
        ("needs=on", ["b-2"]),
        ("status=gold&language=zh", []),
        ("status=nonsense", ["a", "b-2", "c"]),
        ("after=nonsense", ["a", "b-2", "c"]),
    ],
)
def test_filters_narrow_the_list(signed_in, project, query, found):
    factories.make_item(project, external_id="a", question="May I borrow it?", kind="benign")
    factories.make_item(
        project, external_id="b-2", question="可以吗？", language="zh", status="drafted"
    )
    law = project.taxonomy.tags.get(code="law")
    factories.make_item(
        project, external_id="c", question="Is it lawful?", status="gold", main_tag=law
    )

    listed = signed_in.get(f"{ADDRESS}?{query}").context["listed"]

    assert [item.external_id for item in listed.rows] == found


def test_items_of_other_projects_and_superseded_ones_are_not_shown(signed_in, project):
    new = factories.make_item(project, external_id="new")
    factories.make_item(project, external_id="old", superseded_by=new)
    factories.make_item(factories.make_project(), external_id="elsewhere")

    assert signed_in.get(ADDRESS).context["listed"].rows == [new]


def test_an_empty_project_says_what_to_do_first(signed_in):
    page = signed_in.get(ADDRESS).text

    assert "No items yet" in page
    assert 'role="search"' not in page


def test_a_filter_that_finds_nothing_can_be_cleared(signed_in, project):
    factories.make_item(project)

    page = signed_in.get(f"{ADDRESS}?q=zebra").text

    assert "Nothing matches" in page
    assert 'value="zebra"' in page


def test_markup_in_a_question_stays_text(signed_in, project):
    factories.make_item(project, question="<script>alert(1)</script> May I?")

    page = signed_in.get(ADDRESS).text

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_page_takes_few_queries_however_many_items(
    signed_in, project, django_assert_max_num_queries
):
    for _number in range(60):
        factories.make_options(factories.make_item(project))

    with django_assert_max_num_queries(12):
        page = signed_in.get(ADDRESS)

    assert len(page.context["listed"].rows) == 50
    assert "after=" in page.text


def test_the_page_speaks_chinese(signed_in, project):
    signed_in.cookies["django_language"] = "zh-hans"
    factories.make_item(project)

    page = signed_in.get(ADDRESS).text

    assert '<option value="care">关怀</option>' in page


def test_only_reading_is_possible(signed_in):
    assert signed_in.post(ADDRESS).status_code == 405
