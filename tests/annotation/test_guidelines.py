import pytest

from annotation import guidelines
from annotation.models import Guideline
from curation.refusals import Refused
from tests.annotation import acting

pytestmark = pytest.mark.django_db


def test_a_project_gets_default_guidelines_once_in_both_languages(project):
    first = acting.open_review(project, "One").guideline
    second = acting.open_review(project, "Two").guideline

    assert first == second
    assert (first.name, first.number) == ("review", 1)
    assert "positive option" in first.text_en
    assert "正向选项" in first.text_zh
    assert acting.open_answers(project).guideline.name == "answers"


def publish(campaign, text="Be kind.", follows=None):
    return guidelines.publish(
        campaign=campaign,
        follows=follows or campaign.guideline_id,
        text_en=text,
        text_zh="善待他人。",
        by=None,
    )


def test_a_new_version_follows_and_the_old_one_stays(project):
    campaign = acting.open_review(project)
    old = campaign.guideline

    new = publish(campaign)

    campaign.refresh_from_db()
    assert (new.number, campaign.guideline) == (2, new)
    assert Guideline.objects.get(pk=old.pk).text_en == old.text_en


def test_who_edited_an_older_version_is_told_so(project):
    campaign = acting.open_review(project)
    old = campaign.guideline_id
    publish(campaign)

    with pytest.raises(guidelines.NotLatest):
        publish(campaign, "Be quick.", follows=old)


@pytest.mark.parametrize("text", ["", "   ", "x" * 20_001])
def test_a_guideline_has_a_text_of_some_length(project, text):
    with pytest.raises(Refused):
        publish(acting.open_review(project), text)


def test_publishing_the_same_again_is_refused(project):
    campaign = acting.open_review(project)
    publish(campaign)
    campaign.refresh_from_db()

    with pytest.raises(Refused):
        publish(campaign)


def test_two_campaigns_may_stand_under_different_versions(project):
    one, two = acting.open_review(project, "One"), acting.open_review(project, "Two")
    publish(one, "First.")

    assert publish(two, "Second.").number == 3
    one.refresh_from_db()
    assert one.guideline.number == 2
