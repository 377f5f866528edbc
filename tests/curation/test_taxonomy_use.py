import json

import pytest

from curation import releases, taxonomy_drafts, taxonomy_use
from curation.models import AuditEvent, Item, ItemTag
from curation.refusals import Refused
from curation.tag_words import TagWords
from tests import factories

pytestmark = pytest.mark.django_db


def published(project, name="pets"):
    """Publish a version with one tag more."""
    draft = taxonomy_drafts.begin(project=project, by=None)
    words = TagWords(name_en="Pets", name_zh="宠物")
    taxonomy_drafts.add(project=project, parent="care", name=name, words=words, by=None)
    draft.refresh_from_db()
    seen = taxonomy_drafts.seen_of(draft)
    return taxonomy_drafts.publish(project=project, seen=seen, by=None)


def use(project, number, by=None):
    return taxonomy_use.use(project=project, number=number, by=by)


def tagged(project, code="care.body", origin="source", **kw):
    tag = project.taxonomy.tags.get(code=code)
    item = factories.make_item(project, main_tag=tag)
    return ItemTag.objects.create(item=item, tag=tag, origin=origin, **kw)


def test_items_follow_by_the_codes_of_their_tags(project, curator):
    mark = tagged(project)
    version = published(project)

    use(project, 2, curator)

    new = version.tags.get(code="care.body")
    mark.refresh_from_db()
    assert (mark.tag, mark.item.main_tag) == (new, new)
    project.refresh_from_db()
    assert project.taxonomy == version
    event = AuditEvent.objects.latest("pk")
    assert (event.action, event.detail) == ("taxonomy.use", {"number": 2, "items": 1})


def test_an_accepted_tag_stays_what_people_signed(project):
    mark = tagged(project, accepted=True)
    old = mark.tag
    published(project)

    use(project, 2)

    mark.refresh_from_db()
    assert mark.tag == old
    assert mark.item.main_tag.code == old.code


def test_other_projects_stay_with_what_they_use(project):
    other = factories.make_project(taxonomy=project.taxonomy)
    mark = tagged(other)
    published(project)

    use(project, 2)

    mark.refresh_from_db()
    other.refresh_from_db()
    assert mark.tag.version == mark.item.main_tag.version == other.taxonomy
    assert other.taxonomy.number == 1


def test_a_frozen_release_does_not_change(project):
    factories.make_gold_item(project)
    release = releases.freeze(project=project, by=None, quality={})
    frozen = release.manifest, list(release.rows.values_list("line", flat=True))
    published(project)

    use(project, 2)

    release.refresh_from_db()
    assert (release.manifest, list(release.rows.values_list("line", flat=True))) == frozen
    assert json.loads(release.manifest)["taxonomy"]["number"] == 1


def test_a_project_goes_back_unless_a_live_item_has_a_tag_that_would_be_gone(project):
    published(project)
    use(project, 2)
    mark = tagged(project, "care.pets")

    with pytest.raises(Refused, match=r"care\.pets"):
        use(project, 1)
    Item.objects.filter(pk=mark.item_id).update(status="rejected", status_reason="off topic")
    use(project, 1)

    project.refresh_from_db()
    assert project.taxonomy.number == 1


def test_of_marks_of_several_versions_the_latest_comes_along(project):
    first = tagged(project)
    second = published(project).tags.get(code="care.body")
    latest = ItemTag.objects.create(item=first.item, tag=second, origin="source")
    third = published(project, "plants")

    use(project, third.number)

    first.refresh_from_db()
    latest.refresh_from_db()
    assert (first.tag.version.number, latest.tag.version) == (1, third)
    use(project, third.number)
    assert ItemTag.objects.filter(tag__version=third).count() == 1


@pytest.mark.parametrize("number", [0, 7])
def test_a_version_that_is_not_there_is_refused(project, number):
    with pytest.raises(Refused):
        use(project, number)


def test_what_another_project_published_cannot_be_used(project):
    other = factories.make_project(taxonomy=project.taxonomy)
    published(other)

    with pytest.raises(Refused):
        use(project, 2)


def test_while_a_draft_is_open_the_version_below_it_stays(project):
    published(project)
    taxonomy_drafts.begin(project=project, by=None)

    with pytest.raises(Refused, match="open"):
        use(project, 2)
