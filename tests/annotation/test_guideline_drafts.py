import pytest

from annotation import guideline_drafts, guidelines
from annotation.guideline_drafts import Overtaken, Seen, seen_in, seen_of, standing
from annotation.models import Guideline, GuidelineDraft
from curation.refusals import Refused
from tests.annotation import acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign(project):
    return acting.open_review(project)


def edit(campaign, text="Be kind.", *, seen=None, verb=guideline_drafts.save, by=None):
    seen = seen or seen_of(standing(campaign))
    return verb(campaign=campaign, seen=seen, text_en=text, text_zh="善待他人。", by=by)


def test_before_anything_is_saved_the_version_in_force_stands_there(campaign):
    now = standing(campaign)

    assert now.text_zh == campaign.guideline.text_zh
    assert seen_of(now) == (campaign.guideline_id, 0, 0)
    assert not GuidelineDraft.objects.exists()


def test_a_draft_is_saved_again_and_again_and_is_not_in_force(campaign, curator):
    first = edit(campaign, "", by=curator)
    second = edit(campaign, "Be quick.", by=curator)

    assert (first.pk, first.version, second.version) == (second.pk, 1, 2)
    assert (second.text_en, second.saved_by) == ("Be quick.", curator)
    campaign.refresh_from_db()
    assert campaign.guideline.number == 1


def test_who_saw_an_older_save_is_told_what_stands_and_nothing_is_written(campaign):
    seen = seen_of(edit(campaign))
    edit(campaign, "The faster text.", seen=seen)

    with pytest.raises(Overtaken) as overtaken:
        edit(campaign, "The slower text.", seen=seen)

    assert overtaken.value.now.text_en == "The faster text."
    assert edit(campaign, "The slower text.", seen=seen_of(overtaken.value.now)).version == 3


def test_two_who_begin_at_once_do_not_both_begin(campaign):
    nothing = seen_of(standing(campaign))
    edit(campaign, "First.", seen=nothing)

    with pytest.raises(Overtaken) as overtaken:
        edit(campaign, "Second.", seen=nothing)

    assert overtaken.value.now.text_en == "First."


def test_a_draft_that_was_thrown_away_is_not_taken_for_one_begun_later(campaign):
    old = seen_of(edit(campaign))
    guideline_drafts.discard(campaign=campaign, seen=old, by=None)
    edit(campaign, "Another.")

    with pytest.raises(Overtaken):
        edit(campaign, "Late.", seen=old)
    with pytest.raises(Overtaken):
        guideline_drafts.discard(campaign=campaign, seen=old, by=None)


def test_publishing_puts_the_text_in_force_and_ends_the_draft(campaign):
    edit(campaign, "Not yet.")

    made = edit(campaign, "Now.", verb=guideline_drafts.publish)

    campaign.refresh_from_db()
    assert (campaign.guideline, made.number, made.text_en) == (made, 2, "Now.")
    assert seen_of(standing(campaign)) == (made.pk, 0, 0)


def test_a_draft_that_cannot_be_published_stays_as_it_was(campaign):
    edit(campaign, "As it was.")

    with pytest.raises(Refused):
        edit(campaign, " ", verb=guideline_drafts.publish)

    assert (standing(campaign).text_en, standing(campaign).version) == ("As it was.", 1)


@pytest.mark.parametrize("verb", [guideline_drafts.save, guideline_drafts.publish])
def test_who_did_not_see_what_came_into_force_meanwhile_is_told_so(campaign, verb):
    seen = seen_of(edit(campaign))
    guidelines.publish(
        campaign=campaign, follows=seen.follows, text_en="In force.", text_zh="生效。", by=None
    )

    with pytest.raises(Overtaken):
        edit(campaign, "Late.", seen=seen, verb=verb)

    again = edit(campaign, "Late.", verb=guideline_drafts.publish)
    assert (again.number, Guideline.objects.get(number=2).text_en) == (3, "In force.")


def test_a_draft_of_another_campaign_is_not_saved_over(project, campaign):
    mine = edit(campaign)
    other = acting.open_review(project, "Other")

    with pytest.raises(Overtaken):
        edit(other, "Theirs.", seen=seen_of(mine))

    assert standing(campaign).text_en == "Be kind."


def test_a_draft_has_a_bounded_length(campaign):
    with pytest.raises(Refused):
        edit(campaign, "x" * 20_001)


@pytest.mark.parametrize(
    "words", ["", "1.2", "1.2.x", "1.2.3.4", "-1.2.3", "1.2.²", f"1.2.{10**18}", "1.\0.3"]
)
def test_only_what_was_given_out_is_read_as_seen(words):
    assert seen_in(str(Seen(7, 1, 3))) == Seen(7, 1, 3)
    assert seen_in(words) is None
