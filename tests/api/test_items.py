"""Items over the API: filtered by name, in a known order, page by page."""

import base64
from urllib.parse import urlencode

import pytest

from tests import factories

URL = "/api/v1/projects/everyday/items/"


def ids(response):
    return [row["external_id"] for row in response.json()["results"]]


def test_an_item_is_shown_with_its_options_and_tags(asked, project):
    item = factories.make_gold_item(project, question="可以借梯子吗？", language="zh")

    row = asked.get(f"{URL}{item.uid}/").json()

    assert row["question"] == "可以借梯子吗？"
    assert (row["status"], row["dimension"], row["tags"]) == ("gold", "care", ["care.body"])
    assert {option["polarity"] for option in row["options"]} == {"positive", "negative"}


def test_an_item_of_another_project_is_not_there(asked, project):
    other = factories.make_item(factories.make_project("other"))

    assert asked.get(f"{URL}{other.uid}/").status_code == 404


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=gold", ["a"]),
        ("language=zh", ["b"]),
        ("kind=benign", ["c"]),
        ("dimension=law", ["c"]),
        ("dimension=care", ["a", "b"]),
        ("dimension=car", []),
        ("q=ladder", ["a"]),
        ("q=%25", []),
        ("status=new&language=en", ["c"]),
        ("ordering=-external_id", ["c", "b", "a"]),
        ("ordering=-id", ["c", "b", "a"]),
    ],
)
def test_the_list_is_narrowed_by_named_filters(asked, project, query, found):
    law = project.taxonomy.tags.get(code="law")
    factories.make_gold_item(project, external_id="a", question="May I borrow a ladder?")
    factories.make_item(project, external_id="b", question="可以吗？", language="zh")
    factories.make_item(project, external_id="c", question="May I?", kind="benign", main_tag=law)

    assert ids(asked.get(f"{URL}?{query}")) == found


@pytest.mark.parametrize(
    "query",
    [
        "filter=x",
        "project__owner__password__startswith=p",
        "status=shiny",
        "ordering=main_tag__position",
        "ordering=?",
        "status=new&status=gold",
        "page_size=0",
        "page_size=-1",
        "page_size=501",
        f"page_size={10**9}",
        "page_size=²",
        "q=" + "x" * 201,
    ],
)
def test_a_parameter_that_is_not_known_or_not_good_is_refused_by_name(asked, project, query):
    response = asked.get(f"{URL}?{query}")

    assert response.status_code == 400
    assert response.json()["errors"][0]["parameter"] == query.partition("=")[0]


def cursor(position):
    return base64.b64encode(urlencode({"p": position}).encode()).decode()


@pytest.mark.parametrize(
    "value",
    ["garbage", "%%%", cursor("abc"), cursor("a\0b"), cursor("9" * 400), cursor("1e5")],
)
@pytest.mark.parametrize("ordering", ["id", "external_id"])
def test_a_cursor_that_was_tampered_with_is_not_a_fault_of_ours(asked, project, ordering, value):
    factories.make_item(project)

    response = asked.get(URL, {"cursor": value, "ordering": ordering})

    assert response.status_code in {200, 404}


def test_pages_follow_one_another_without_gap_or_repeat(asked, project):
    for number in range(7):
        factories.make_item(project, external_id=f"q{number}")
    found, url = [], f"{URL}?page_size=3&ordering=external_id"

    while url:
        page = asked.get(url).json()
        found.append([row["external_id"] for row in page["results"]])
        url = page["next"]

    assert found == [["q0", "q1", "q2"], ["q3", "q4", "q5"], ["q6"]]


def test_the_list_takes_the_same_queries_for_one_item_and_for_many(
    asked, project, django_assert_max_num_queries
):
    for _ in range(5):
        factories.make_gold_item(project)

    with django_assert_max_num_queries(7):
        asked.get(URL)


def test_a_superseded_item_is_left_out_of_the_list(asked, project):
    old = factories.make_item(project, external_id="a")
    old.superseded_by = factories.make_item(project, external_id="b")
    old.save()

    assert ids(asked.get(URL)) == ["b"]
