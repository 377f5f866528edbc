"""What can be asked of items."""

from uuid import uuid4

import pytest

from curation.models import Call, Item
from tests import factories


def test_an_item_drafted_without_both_options_needs_a_human(project):
    whole, half, bare = (factories.make_item(project, status="drafted") for _n in range(3))
    factories.make_options(whole)
    factories.make_option(half, "positive")
    factories.make_option(half, "negative", status="rejected", decision_ref="x:1", decided_at=now())

    assert set(Item.objects.needing_a_human()) == {half, bare}


def test_a_new_item_needs_a_human_once_a_call_has_failed(project):
    fine, failed = (factories.make_item(project) for _n in range(2))
    for item, status in ((fine, "planned"), (failed, "failed")):
        Call.objects.create(
            endpoint=factories.make_endpoint(project),
            model="quiet-model",
            purpose="positive_option",
            target=f"item:{item.uid}:v1",
            item=item,
            messages=[],
            key=uuid4().hex * 2,
            status=status,
        )

    assert list(Item.objects.needing_a_human()) == [failed]


def test_an_item_in_review_is_with_humans_already(project):
    factories.make_item(project, status="in_review")

    assert not Item.objects.needing_a_human()


@pytest.mark.parametrize("text", ["50%", "_", "\\", "LADDER", "q-42"])
def test_a_search_is_taken_literally(project, text):
    wanted = factories.make_item(
        project, question="Is 50% of a \\ladder_ enough?", external_id="q-42"
    )
    factories.make_item(project, question="Is 50 of them enough?", external_id="q-4")

    assert list(Item.objects.asking(text)) == [wanted]


def test_live_options_come_with_their_items_at_once(project, django_assert_num_queries):
    for _number in range(3):
        factories.make_options(factories.make_item(project))

    with django_assert_num_queries(2):
        counts = [len(item.live_options) for item in Item.objects.with_live_options()]

    assert counts == [2, 2, 2]


def now():
    from django.utils import timezone

    return timezone.now()
