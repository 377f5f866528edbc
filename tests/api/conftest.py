"""Somebody with a token, and a project with something in every room."""

import json

import pytest
from django.test import Client

from curation import answers, releases, scores, tokens, verdicts
from curation.models import Scope
from tests import factories
from tests.annotation import acting
from tests.api import crowd


@pytest.fixture
def bearer(db):
    """Give a client that carries a token of a user with some scopes."""

    def bearer(user, *scopes):
        _token, text = tokens.create(user=user, name=f"token {user.tokens.count()}", scopes=scopes)
        return Client(headers={"Authorization": f"Bearer {text}"})

    return bearer


@pytest.fixture
def asked(bearer, curator):
    """A client of a curator that may do everything."""
    return bearer(curator, *Scope.values)


@pytest.fixture
def release(project):
    """A release of two items, and a subject that answered it and was scored."""
    for _ in range(2):
        factories.make_gold_item(project)
    release = releases.freeze(project=project, by=None, quality={})
    run = factories.make_subject_run(release, "careful")
    for row in release.rows.filter(file="mcq.jsonl"):
        place = json.loads(row.line)["answer"]
        answer = answers.record_answer(subject_run=run, item=row.item, reply="Ask first.")
        verdicts.record(answer=answer, outcome="good", source="people", decision_ref="judgement:1")
        for ordering in ([0, 1], [1, 0]):
            answers.record_pick(
                subject_run=run, row=row, ordering=ordering, reply="AB"[ordering.index(place)]
            )
    scores.score(release=release, subject_run=run)
    return release


@pytest.fixture
def ann(project):
    return acting.make_worker(project)


@pytest.fixture
def api(bearer, ann):
    return bearer(ann.user, "work")


@pytest.fixture
def review(project, ann):
    acting.drafted_item(project)
    return acting.open_review(project)


@pytest.fixture(name="answers")
def campaign_of_answers(project, ann):
    acting.make_answers(project)
    return acting.open_answers(project)


@pytest.fixture
def seat(api, review):
    """A seat of a review, as the API gave it."""
    return crowd.claim(api, review).json()


@pytest.fixture
def judging(api, answers):
    """A seat of an answer, as the API gave it."""
    return crowd.claim(api, answers).json()
