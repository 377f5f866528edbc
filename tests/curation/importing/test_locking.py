import json
from io import BytesIO

import pytest

from curation.importing.questions import import_questions
from curation.models import Escalation, Item
from curation.sources import Provenance
from tests import factories

pytestmark = pytest.mark.django_db


def imported(project, *rows):
    data = "\n".join(json.dumps({"id": f"q-{n}", **row}) for n, row in enumerate(rows))
    import_questions(
        project=project,
        file=BytesIO(data.encode()),
        name="questions.jsonl",
        by=None,
        provenance=Provenance(name="sample", licence="CC0"),
    )
    return {item.external_id: item.status for item in project.items.all()}


def test_a_suspected_question_is_locked_as_it_comes_in(project):
    found = imported(
        project,
        {"question": "May I borrow a ladder?", "language": "en"},
        {"question": "Is a sexual picture of a child a crime?", "language": "en"},
        {"question": "传播儿童色情会怎样？", "language": "zh"},
    )

    assert found == {"q-0": Item.Status.NEW, "q-1": Item.Status.LOCKED, "q-2": Item.Status.LOCKED}
    assert Escalation.objects.filter(found="question").count() == 2


def test_a_question_with_the_taxonomys_own_tag_is_locked(project):
    factories.make_tag(project.taxonomy, "grave", aliases=["csae"])

    found = imported(project, {"question": "What is this?", "language": "en", "tags": ["grave"]})

    assert found == {"q-0": Item.Status.LOCKED}
    assert Escalation.objects.get().found == "tag"
