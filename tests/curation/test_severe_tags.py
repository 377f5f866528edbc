import pytest

from curation import severe_tags
from curation.models import AuditEvent, Item, SevereSwitch
from curation.refusals import Refused
from tests import factories


@pytest.fixture
def law(project):
    """The tag of severity 4."""
    return project.taxonomy.tags.get(code="law")


def test_only_severe_tags_of_the_taxonomy_have_a_switch(project, law):
    other = factories.make_taxonomy().tags.get(code="law")
    mild = project.taxonomy.tags.get(code="care")

    for tag in (other, mild):
        with pytest.raises(Refused, match="severity 4"):
            severe_tags.switch(project=project, tag=tag, on=True, by=None)

    assert [tag.code for tag in severe_tags.of(project)] == ["law"]
    assert not SevereSwitch.objects.exists()


def test_every_change_of_a_switch_is_written_down_once(project, curator, law):
    for on in (True, True, False, False):
        severe_tags.switch(project=project, tag=law, on=on, by=curator)

    events = AuditEvent.objects.filter(action__startswith="severe.")
    assert [e.action for e in events.order_by("pk")] == ["severe.on", "severe.off"]
    assert {(e.actor_ref, e.detail["tag"]) for e in events} == {(f"user:{curator.pk}", "law")}


def test_a_switch_is_for_its_project_alone(project, law):
    other = factories.make_project(taxonomy=project.taxonomy)
    severe_tags.switch(project=other, tag=law, on=True, by=None)

    assert list(severe_tags.closed(project)) == [law]
    assert list(severe_tags.closed(other)) == []
    assert [tag.on for tag in severe_tags.of(project)] == [False]
    assert [tag.on for tag in severe_tags.of(other)] == [True]


def test_an_item_is_closed_by_its_main_tag_or_any_other_that_is_not_switched_on(project, law):
    too = factories.make_tag(project.taxonomy, "war", severity=4)
    mild, by_main = factories.make_item(project), factories.make_item(project, main_tag=law)
    proposed, both = factories.make_item(project), factories.make_item(project, main_tag=law)
    factories.make_item_tag(proposed, law)
    factories.make_item_tag(both, too)
    ids = [item.pk for item in (mild, by_main, proposed, both)]

    before = severe_tags.closing(ids)
    severe_tags.switch(project=project, tag=law, on=True, by=None)

    assert before == {by_main.pk, proposed.pk, both.pk}
    assert severe_tags.closing(ids) == {both.pk}


def test_items_under_a_tag_are_counted_once(project, law):
    item = factories.make_item(project, main_tag=law)
    factories.make_item_tag(item, law)
    newer = factories.make_item(project, main_tag=law)
    Item.objects.filter(pk=newer.pk).update(superseded_by=item)

    assert severe_tags.items_under(project, law) == 1
