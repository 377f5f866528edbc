"""A subject run with answers to be asked about."""

import pytest

from curation import releases
from curation.answers import record_answer
from tests import factories
from tests.curation.drafting.asking_about import PLAIN


@pytest.fixture
def subject_run(project):
    """An uploaded run of "loud-model" over a release of two items, not answered yet."""
    for number in range(2):
        factories.make_gold_item(project, question=f"May I borrow ladder {number}?")
    release = releases.freeze(project=project, by=None, quality={})
    return factories.make_subject_run(release, "loud-model")


@pytest.fixture
def answers(subject_run):
    items = subject_run.release.project.items.order_by("pk")
    return [record_answer(subject_run=subject_run, item=item, reply=PLAIN) for item in items]
