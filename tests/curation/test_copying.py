"""Rows come in by COPY with the defaults and constraints of any insert."""

import pytest
from django.db import IntegrityError

from curation import copying
from curation.models import Item, ItemTag, Option
from tests import factories


def test_columns_left_out_get_the_default_of_their_field(project):
    item = factories.make_item(project)
    text = 'Tab\tnew line\nback\\slash \\. "quote" \\N 你好'

    (id,) = copying.add(
        Option,
        [
            {
                "item_id": item.pk,
                "polarity": "positive",
                "text": text,
                "normal_form": "x",
                "origin": "import",
                "author_ref": "import:1",
            }
        ],
    )

    option = Option.objects.get(pk=id)
    assert (option.text, option.flags, option.status) == (text, [], "proposed")
    assert option.created_at is not None
    assert option.draft is None


def test_ids_come_back_in_the_order_of_the_rows(project):
    item, tags = factories.make_item(project), list(project.taxonomy.tags.all())

    ids = copying.add(
        ItemTag, [{"item_id": item.pk, "tag_id": tag.pk, "origin": "source"} for tag in tags]
    )

    assert [ItemTag.objects.get(pk=id).tag for id in ids] == tags


def test_constraints_hold(project):
    item = factories.make_item(project)
    tag = {"item_id": item.pk, "tag_id": item.main_tag_id, "origin": "guess"}

    with pytest.raises(IntegrityError, match="a_tag_origin_is_known"):
        copying.add(ItemTag, [tag])


def test_nothing_is_added_for_no_rows(db):
    assert copying.add(Item, []) == []
