import pytest

from curation import projects
from curation.importing.questions import import_questions


@pytest.fixture
def faef(db):
    """A project over FAEF's five dimensions."""
    return projects.create(
        slug="faef", name="Five", taxonomy="faef", languages=["en", "zh"], by=None
    )


@pytest.fixture
def seval(db):
    """A project over S-Eval's eight dimensions."""
    return projects.create(
        slug="seval", name="Eight", taxonomy="s-eval", languages=["en", "zh"], by=None
    )


@pytest.fixture
def take():
    """Import a file as the system would, under some name."""

    def take(project, file, **kw):
        return import_questions(
            project=project, file=file, **{"name": "questions.jsonl", "by": None} | kw
        )

    return take
