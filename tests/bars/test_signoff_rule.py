"""Bar 7: the rule of sign-off against a second telling of it, and what gold must always have."""

import random
from collections import Counter

import pytest
from django.db import transaction

from annotation import signoff
from annotation.signoff import Decided, Gold, Said
from curation.models import Role
from tests.annotation import acting
from tests.bars import deeds, stories
from tests.bars.report import HANDFUL, SCALE, Finding, scaled, seed
from tests.bars.stories import Story

STORIES, DEEDS = 10_000, 300
KINDS = {"gold", "next", "unfit", "rejected", "rewrites", "tags"}


def hold(scale: float) -> Finding:
    found = Finding("signoff-rule", seed())
    ends: Counter[str] = Counter()

    def check_gold(story: Story, gold: Gold) -> None:
        found.blame("gold, but not backed", unbacked(story, gold))
        if gold.tags != story.ledger.tags:
            found.blame("another gold", [(gold, story.ledger.tags)])

    for number in range(scaled(STORIES, scale)):
        dice = random.Random(f"{found.seed}:{number}")
        booked, ruled, _story = stories.tell(dice, check_gold)
        ends.update(booked[1:])
        if booked != ruled:
            found.blame("another end", [(number, booked, ruled)])
    found.figures |= {"stories": number + 1, "acts": ends.total(), "outcomes": dict(ends)}
    return found.told()


def unbacked(story: Story, gold: Gold) -> list[tuple[int, str]]:
    """Return the gold texts with neither enough foreign acceptances nor a foreign adjudication.

    Read off what was told, not off the books.
    """
    ledger, wrong = story.ledger, []
    for number in gold.options:
        words = ledger.words[number]
        same = {n for n, other in ledger.words.items() if other == words}
        said = [act for act in story.told if isinstance(act, Said)]
        decided = [act for act in story.told if isinstance(act, Decided)]
        people = {act.worker for act in said if number in act.accepted} - ledger.wrote[words]
        judges = {act.by for act in decided if act.taken & same} - ledger.wrote[words]
        enough = 1 if number in ledger.of_reviewers else ledger.wanted
        if len(people) < enough and not judges:
            wrong.append((number, words))
    return wrong


def hold_in_tables(project, scale: float) -> Finding:
    """Tell stories through the verbs; each is rolled back, so that all begin alike."""
    found = Finding("signoff-tables", seed())
    people = [acting.make_worker(project) for _number in range(5)]
    reviewers = [acting.make_worker(project, Role.REVIEWER) for _number in range(4)]
    outcomes: Counter[str] = Counter()
    for number in range(scaled(DEEDS, scale)):
        with transaction.atomic():
            told = deeds.tell(random.Random(f"{found.seed}:{number}"), project, people, reviewers)
            transaction.set_rollback(True)
        outcomes.update(told.path)
        found.blame(
            "tables and ledger differ", [(number, told.path, told.wrong)] * bool(told.wrong)
        )
    found.figures |= {"stories": number + 1, "acts": outcomes.total(), "outcomes": dict(outcomes)}
    return found.told()


def test_a_handful_of_stories_ends_as_the_ledger_says():
    assert hold(HANDFUL).wrong == {}


@pytest.mark.slow
def test_ten_thousand_stories_end_as_the_ledger_says():
    found = hold(SCALE)

    assert found.wrong == {}
    assert found.figures["outcomes"].keys() == KINDS


@pytest.mark.slow
def test_a_rule_that_counts_the_authors_own_acceptance_is_seen(monkeypatch):
    def signers(text, acts):
        return {act.worker for act in acts if isinstance(act, Said) and text.id in act.accepted}

    monkeypatch.setattr(signoff, "signers", signers)

    found = hold(SCALE * 0.1)

    assert {"another end", "gold, but not backed"} <= found.wrong.keys()


@pytest.mark.slow
def test_a_rule_that_lets_reviewers_take_their_own_text_is_seen(monkeypatch):
    plain = signoff.backed

    def backed(text, history):
        decided = (act for act in history.acts if isinstance(act, Decided))
        return any(text.id in act.taken for act in decided) or plain(text, history)

    monkeypatch.setattr(signoff, "backed", backed)

    found = hold(SCALE * 0.1)

    assert {"another end", "gold, but not backed"} <= found.wrong.keys()


@pytest.mark.django_db
def test_a_handful_of_stories_through_the_verbs_ends_as_the_ledger_says(project):
    assert hold_in_tables(project, HANDFUL).wrong == {}


@pytest.mark.slow
@pytest.mark.django_db
def test_hundreds_of_stories_through_the_verbs_end_as_the_ledger_says(project):
    found = hold_in_tables(project, SCALE)

    assert found.wrong == {}
    assert found.figures["outcomes"].keys() == KINDS


@pytest.mark.slow
@pytest.mark.django_db
def test_a_rule_that_asks_one_acceptance_less_is_seen_in_the_tables(project, monkeypatch):
    plain = signoff.signers
    monkeypatch.setattr(signoff, "signers", lambda text, acts: plain(text, acts) | {"a ghost"})

    assert "tables and ledger differ" in hold_in_tables(project, SCALE * 0.1).wrong
