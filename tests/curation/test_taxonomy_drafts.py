import pytest

from curation import tag_words, taxonomies, taxonomy_drafts
from curation.models import AuditEvent, RiskTag, TagDraft, TaxonomyDraft, TaxonomyVersion
from curation.refusals import Refused
from curation.tag_words import TagWords
from curation.taxonomy_drafts import NoDraft, Overtaken, Seen, in_order, seen_in, seen_of, standing
from tests import factories

pytestmark = pytest.mark.django_db
PETS = TagWords(name_en="Pets", name_zh="宠物", severity=2)


@pytest.fixture
def draft(project):
    return taxonomy_drafts.begin(project=project, by=None)


def tag_of(draft, code):
    return draft.tags.get(code=code)


def edit(tag, by=None, *, seen=None, **changes):
    return taxonomy_drafts.save(
        project=tag.draft.project,
        seen=seen or seen_of(tag),
        words=tag_words.of(tag)._replace(**changes),
        by=by,
    )


def add(project, parent="care", name="pets", words=PETS):
    return taxonomy_drafts.add(project=project, parent=parent, name=name, words=words, by=None)


def publish(project, seen=None):
    seen = seen or seen_of(standing(project))
    return taxonomy_drafts.publish(project=project, seen=seen, by=None)


def test_a_draft_begins_as_a_copy_of_what_the_project_uses(project, curator):
    draft = taxonomy_drafts.begin(project=project, by=curator)

    used = project.taxonomy.tags.all()
    assert [(t.code, tag_words.of(t)) for t in in_order(draft)] == [
        (t.code, tag_words.of(t)) for t in used
    ]
    assert (draft.follows, draft.opened_by) == (project.taxonomy, curator)
    assert AuditEvent.objects.latest("pk").action == "taxonomy.draft"


def test_a_project_has_one_draft(project, draft):
    with pytest.raises(Refused):
        taxonomy_drafts.begin(project=project, by=None)


def test_a_save_changes_the_draft_and_not_what_is_published(project, draft, curator):
    saved = edit(tag_of(draft, "care.body"), curator, name_en=" Bodies ", aliases=("Limb",))

    assert (saved.version, saved.name_en, saved.aliases) == (2, "Bodies", ["Limb"])
    assert saved.saved_by == curator
    assert standing(project).version == draft.version + 1
    assert project.taxonomy.tags.get(code="care.body").name_en == "Body"


def test_who_saw_an_older_save_is_told_what_stands_and_nothing_is_written(draft):
    tag = tag_of(draft, "law")
    edit(tag, definition_en="The faster text.")

    with pytest.raises(Overtaken) as overtaken:
        edit(tag, definition_en="The slower text.")

    now = overtaken.value.now
    assert now.definition_en == "The faster text."
    assert edit(now, definition_en="The slower text.").version == 3


def test_two_who_edit_two_tags_do_not_meet(draft):
    body, mind = tag_of(draft, "care.body"), tag_of(draft, "care.mind")

    assert edit(body, severity=0).severity == 0
    assert edit(mind, severity=4).severity == 4


def test_a_tag_of_another_project_is_not_saved_over(draft):
    other = taxonomy_drafts.begin(project=factories.make_project(), by=None)

    with pytest.raises(Overtaken) as overtaken:
        taxonomy_drafts.save(
            project=draft.project, seen=seen_of(tag_of(other, "law")), words=PETS, by=None
        )

    assert overtaken.value.now is None
    assert tag_of(other, "law").name_en == "Law"


def test_a_tag_is_added_below_its_parent_and_taken_out_again(project, draft):
    made = add(project)
    below = add(project, "care.pets", "cats")

    order = [tag.code for tag in in_order(draft)]
    assert order == ["care", "care.body", "care.mind", "care.pets", "care.pets.cats", "law"]
    with pytest.raises(Refused, match="below"):
        taxonomy_drafts.remove(project=project, seen=seen_of(made), by=None)
    for tag in (below, made):
        taxonomy_drafts.remove(project=project, seen=seen_of(tag), by=None)
    assert not draft.tags.filter(fresh=True).exists()


def test_a_dimension_is_added_under_nothing(project, draft):
    assert add(project, "", "pets").code == "pets"


def test_a_published_tag_is_not_taken_out(project, draft):
    with pytest.raises(Refused, match="published"):
        taxonomy_drafts.remove(project=project, seen=seen_of(tag_of(draft, "law")), by=None)


def test_nobody_takes_out_what_they_have_not_seen(project, draft):
    made = add(project)
    edit(made, name_en="Animals")

    with pytest.raises(Overtaken) as overtaken:
        taxonomy_drafts.remove(project=project, seen=seen_of(made), by=None)

    assert overtaken.value.now.name_en == "Animals"


@pytest.mark.parametrize(
    ("place", "field"),
    [
        ({"parent": "love"}, "parent"),
        ({"name": "body"}, "code"),
        ({"name": "a b"}, "code"),
        ({"name": "a.b"}, "code"),
        ({"name": "a\0"}, "code"),
        ({"name": ""}, "code"),
        ({"name": "x" * 80}, "code"),
        ({"parent": "care.a.b.c"}, "parent"),
        ({"words": PETS._replace(severity=5)}, "severity"),
    ],
)
def test_what_cannot_be_added_is_refused_at_its_field(project, draft, place, field):
    with pytest.raises(Refused) as refused:
        add(project, **place)

    assert refused.value.field == field
    assert draft.tags.count() == 4


def test_a_draft_holds_a_bounded_number_of_tags(project, draft, monkeypatch):
    monkeypatch.setattr(tag_words, "MOST_TAGS", 4)

    with pytest.raises(Refused, match="at most 4"):
        add(project)


def test_publishing_makes_the_next_version_and_ends_the_draft(project, draft):
    edit(tag_of(draft, "care.body"), severity=0)
    add(project)

    made = publish(project)

    assert (made.name, made.number, made.project) == (project.taxonomy.name, 2, project)
    tags = [(t.code, t.level, t.position, t.parent and t.parent.code) for t in made.tags.all()]
    assert tags == [
        ("care", 1, 1, None),
        ("care.body", 2, 2, "care"),
        ("care.mind", 2, 3, "care"),
        ("care.pets", 2, 4, "care"),
        ("law", 1, 5, None),
    ]
    assert made.tags.get(code="care.body").severity == 0
    assert RiskTag.objects.filter(version=project.taxonomy).count() == 4
    assert not TaxonomyDraft.objects.exists()
    assert not TagDraft.objects.exists()
    project.refresh_from_db()
    assert project.taxonomy.number == 1


def test_nobody_publishes_or_throws_away_what_they_have_not_seen(project, draft):
    seen = seen_of(draft)
    edit(tag_of(draft, "law"), severity=0)

    for verb in (taxonomy_drafts.publish, taxonomy_drafts.discard):
        with pytest.raises(Overtaken):
            verb(project=project, seen=seen, by=None)

    assert TaxonomyVersion.objects.count() == 1
    assert standing(project)


def test_a_draft_that_changes_nothing_is_not_published(project, draft):
    with pytest.raises(Refused, match="nothing to publish"):
        publish(project)


def test_a_discarded_draft_is_not_taken_for_one_begun_later(project, draft):
    old, tag = seen_of(draft), tag_of(draft, "law")
    taxonomy_drafts.discard(project=project, seen=old, by=None)
    with pytest.raises(NoDraft):
        edit(tag)
    taxonomy_drafts.begin(project=project, by=None)

    with pytest.raises(Overtaken):
        taxonomy_drafts.discard(project=project, seen=old, by=None)
    with pytest.raises(Overtaken):
        edit(tag, seen=seen_of(tag), severity=0)


def test_what_a_project_publishes_stays_with_it_and_numbers_are_never_shared(project, draft):
    other = factories.make_project(taxonomy=project.taxonomy)
    taxonomy_drafts.begin(project=other, by=None)
    add(project)
    add(other, name="plants")

    mine, theirs = publish(project), publish(other)

    assert (mine.number, theirs.number) == (2, 3)
    assert [v.number for v in taxonomies.open_to(project)] == [2, 1]
    assert [v.number for v in taxonomies.open_to(other)] == [3, 1]
    assert taxonomies.latest(project.taxonomy.name) == project.taxonomy


@pytest.mark.parametrize("words", ["", "1", "1.x", "1.2.3", "-1.2", "1.²", f"1.{10**19}", "1.\0"])
def test_only_what_was_given_out_is_read_as_seen(words):
    assert seen_in(str(Seen(7, 3))) == Seen(7, 3)
    assert seen_in(words) is None
