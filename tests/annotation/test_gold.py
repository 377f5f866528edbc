"""A release tells how it was made, and names nobody."""

import json

import pytest

from annotation import gold
from curation import releases
from tests import factories
from tests.annotation import acting


@pytest.fixture
def people(project):
    return [
        acting.make_worker(project, username=name)
        for name in ("ada-lark", "ben-finch", "cleo-wren")
    ]


@pytest.fixture
def signed(project, people):
    """An item that two workers signed."""
    item = acting.drafted_item(project)
    review = acting.open_review(project)
    for worker in people[:2]:
        acting.claim_and_review(worker, review)
    item.refresh_from_db()
    return item


def test_the_report_counts_judgements_and_people(project, signed):
    release = gold.freeze(project=project, by=None)

    quality = json.loads(release.manifest)["quality"]
    assert signed.status == "gold"
    assert quality["judgements"] == {"of_options": 2, "of_answers": 0}
    assert quality["people"] == {"workers": 2, "adjudicators": 0}
    assert quality["matters"]["adjudicated"] == 0


def test_a_row_says_how_many_signed_it_and_how(project, signed):
    release = gold.freeze(project=project, by=None)

    metadata = json.loads(release.rows.get(file="mcq.jsonl").line)["metadata"]
    assert (metadata["n_judgements"], metadata["decision"]) == (2, "signed")


def test_nobody_is_named(project, signed, people):
    release = gold.freeze(project=project, by=None)

    frozen = release.manifest + "".join(release.rows.values_list("line", flat=True))
    for worker in people:
        assert worker.pseudonym not in frozen
        assert worker.user.username not in frozen


def test_agreement_on_answers_is_told_by_kind(project, people):
    acting.make_answers(project, count=2)
    campaign = acting.open_answers(project)
    for worker, said in zip(people, (("good", "good"), ("good", "bad"), ("bad",)), strict=True):
        for outcome in said:
            acting.claim_and_judge(worker, campaign, outcome)

    agreement = gold.quality_report(project)["agreement_on_answers"]

    assert agreement == {
        "safety": {
            "alpha": "0.333",
            "alpha_undefined": "",
            "equal_pairs": "0.500",
            "answers": 2,
            "judgements": 5,
            "said": {"bad": 2, "good": 3},
        }
    }


def test_without_judgements_the_report_is_empty_and_still_there(project):
    factories.make_gold_item(project)

    release = gold.freeze(project=project, by=None)

    quality = json.loads(release.manifest)["quality"]
    assert quality["agreement_on_answers"] == {}
    assert quality["people"] == {"workers": 0, "adjudicators": 0}


def test_more_judgements_alone_are_no_new_content(project, signed):
    gold.freeze(project=project, by=None)

    with pytest.raises(releases.NothingNew):
        gold.freeze(project=project, by=None, note="once more")


def test_the_freezing_curator_is_kept_as_a_reference(project, signed, curator):
    release = gold.freeze(project=project, by=curator)

    assert release.by_ref == f"user:{curator.pk}"
    assert curator.username not in release.manifest
