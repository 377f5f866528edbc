from uuid import uuid4

import pytest

from annotation import overview
from curation.models import Attempt, Item, Run
from tests import factories

pytestmark = pytest.mark.django_db


def make_attempt(item, number, cost):
    from curation.models import Call

    endpoint = factories.make_endpoint(item.project)
    call = Call.objects.create(
        endpoint=endpoint,
        model="m",
        purpose="risk_tags",
        target=f"item:{number}",
        item=item,
        messages=[],
        key=uuid4().hex * 2,
    )
    return Attempt.objects.create(
        call=call,
        number=1,
        outcome="replied",
        milliseconds=5,
        raw=b"{}",
        cost=cost,
        started_at="2026-01-01T00:00Z",
    )


def test_an_empty_project_is_all_zeros_and_says_to_import(project):
    picture = overview.picture(project)

    assert (picture.items, picture.gold, picture.seats_left, picture.disputes) == (0, 0, 0, 0)
    assert overview.next_steps(project, picture)[0][0] == "import"


def test_items_are_counted_by_status_and_a_superseded_one_not_at_all(project):
    factories.make_item(project, status="gold")
    new = factories.make_item(project)
    factories.make_item(project, superseded_by=new)

    picture = overview.picture(project)

    assert {str(row["label"]): row["count"] for row in picture.statuses} == {
        "new": 1,
        "drafted": 0,
        "in review": 0,
        "gold": 1,
        "rejected": 0,
        "locked": 0,
    }
    assert (picture.items, picture.gold) == (2, 1)


def test_the_cost_of_another_project_does_not_count(project):
    make_attempt(factories.make_item(project), 1, 40)
    make_attempt(factories.make_item(project), 2, None)
    make_attempt(factories.make_item(), 3, 1_000)

    assert overview.cost_of(project) == overview.Cost(known=40, attempts=2, unpriced=1)


def test_gold_is_counted_by_dimension_and_language(project):
    factories.make_item(project, status="gold")
    factories.make_item(project)
    factories.make_item(project, language="zh", main_tag=None)

    cells = overview.cells_of(project, Item.objects.filter(project=project))

    assert cells == [
        overview.Cell("Care", "English", items=2, gold=1),
        overview.Cell("no tag yet", "Chinese", items=1, gold=0),
    ]


def test_the_picture_costs_the_same_queries_however_many_items(
    project, django_assert_max_num_queries
):
    for _ in range(30):
        factories.make_item(project)

    with django_assert_max_num_queries(9):
        picture = overview.picture(project)
        list(picture.campaigns), list(picture.runs), list(picture.releases)


@pytest.mark.parametrize(
    ("status", "step"), [("new", "drafting"), ("drafted", "campaigns"), ("gold", "releases")]
)
def test_the_next_step_follows_from_where_the_items_stand(project, status, step):
    factories.make_item(project, status=status)

    assert overview.next_steps(project, overview.picture(project))[0][0] == step


def test_while_a_run_drafts_the_page_says_so_and_offers_no_other(client, curator, project):
    factories.make_item(project)
    run = Run.objects.create(project=project, kind="drafting", status="paused")
    client.force_login(curator)

    text = client.get("/projects/everyday/").text

    assert f'<a href="/projects/everyday/runs/{run.pk}/">Run {run.pk}</a> drafting' in text
    assert "It waits until somebody lets it go on." in text
    assert "Draft options" not in text
    Run.objects.update(status="cancelled")
    assert "Draft options" in client.get("/projects/everyday/").text
