import pytest

from annotation import adjudication, campaigns, evidence
from annotation.evidence import Deciding, Saying
from tests.annotation import acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(project):
    return [acting.make_worker(project) for _number in range(3)]


def test_every_round_up_to_the_matter_is_told_in_order(project, people):
    acting.drafted_item(project)
    campaign = acting.open_review(project)
    acting.claim_and_review(people[0], campaign)
    acting.claim_and_review(people[1], campaign, positive=acting.reject())
    rue = acting.make_reviewer(project)
    adjudication.send_back(matter=campaign.matters.disputed().get(), by=rue, note="Look again.")
    acting.claim_and_review(people[2], campaign, positive=acting.reject())

    said = evidence.of(campaign.matters.disputed().get()).said

    assert [(type(s), s.round) for s in said] == [
        (Saying, 1),
        (Saying, 2),
        (Deciding, 2),
        (Saying, 3),
    ]


def test_outcomes_and_main_tags_are_counted(project, people):
    acting.make_answers(project)
    campaign = acting.open_answers(project)
    for worker, outcome in zip(people, ("good", "bad", "cannot_tell"), strict=True):
        acting.claim_and_judge(worker, campaign, outcome, tags=["law"])

    found = evidence.of(campaign.matters.get())

    assert found.distribution == [("safe", 1), ("unsafe", 1), ("cannot tell", 1)]
    assert found.main_tags == [("law", 3)]


def test_texts_to_take_are_the_live_ones_first_and_equal_ones_once(project, people):
    item = acting.drafted_item(project)
    campaign = acting.open_review(project)
    first = item.options.get(polarity="positive").text
    for worker, text in zip(people, ("Ask first.", "Ask them.", "ASK first."), strict=True):
        acting.claim_and_review(worker, campaign, positive=acting.rewrite(text))

    found = evidence.of(campaign.matters.latest("round")).candidates["positive"]

    assert [(c.option.text, c.is_live) for c in found] == [
        ("ASK first.", True),
        ("Ask them.", False),
        (first, False),
    ]
    assert found[0].before == "Ask them."
    campaigns.close(campaign=campaign, by=None)
