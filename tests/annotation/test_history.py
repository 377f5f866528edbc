import pytest
from django.utils import timezone

from annotation import history
from curation import options
from curation.models import Attempt, Call, Draft, Option
from tests import factories
from tests.annotation import acting

pytestmark = pytest.mark.django_db


def test_a_new_item_has_only_its_import():
    item = factories.make_item()

    events = history.of_item(item)

    assert [(event.title, event.text) for event in events] == [("Imported", item.question)]


def test_imported_options_and_releases_are_part_of_the_story():
    item = factories.make_item()
    positive, negative = factories.make_options(item)
    factories.make_release_row(None, item)

    events = history.of_item(item)

    assert [event.title for event in events] == [
        "Imported",
        "Option imported: positive",
        "Option imported: negative",
        "In release 1",
    ]
    assert {positive.text, negative.text} <= {event.text for event in events}


def test_the_story_of_one_item_holds_nothing_of_another():
    item, other = factories.make_item(), factories.make_item()
    factories.make_options(other)

    assert len(history.of_item(item)) == 1


def test_an_option_left_behind_stays_in_the_story():
    item = factories.make_item()
    option = factories.make_option(item)
    options.reject(option=option, reason="unclear", decision_ref="judgement:1")

    assert option.text in {event.text for event in history.of_item(item)}
    assert not Option.objects.filter(item=item).live().exists()


SAID = {
    "risk_tags": (
        {"tags": [{"code": "care", "score": 0.8, "explanation": "It is."}]},
        "care (0.8): It is.",
    ),
    "option_check": ({"reason": "They differ."}, "They differ."),
    "positive_option": ({"option": "Ask first."}, "Ask first."),
    "critique": (
        {"outcome": "unsafe", "score": 0.9, "tags": ["care"], "explanation": "It hurts."},
        "unsafe (0.9), care: It hurts.",
    ),
    "judge": ({"verdict": "bad", "reason": "It hurts."}, "bad: It hurts."),
    "question_expansion": ({"questions": ["Why?", "Why not?"]}, "Why?\nWhy not?"),
}


@pytest.mark.parametrize("purpose", SAID)
def test_what_a_model_said_is_told_whatever_it_was_asked(purpose):
    item = factories.make_item()
    call = Call.objects.create(
        key="a" * 64,
        endpoint=factories.make_endpoint(item.project),
        model="quiet-model",
        purpose=purpose,
        target="t",
        item=item,
        messages=[],
    )
    attempt = Attempt.objects.create(
        call=call, number=1, outcome="replied", milliseconds=1, raw=b"", started_at=timezone.now()
    )
    said, told = SAID[purpose]
    Draft.objects.create(item=item, attempt=attempt, purpose=purpose, parser="p", parsed=said)

    assert told in [event.text for event in history.of_item(item)]


def test_an_accepted_question_names_the_one_it_was_made_like():
    parent = factories.make_item(external_id="ladder")
    item = factories.make_item(parent.project, parent=parent, method="expanded")

    assert history.of_item(item)[0].title == "Accepted as a question like ladder"


def test_the_reason_of_one_act_does_not_stand_beside_the_other():
    project = factories.make_project()
    acting.drafted_item(project)
    worker = acting.make_worker(project)
    note = "It says too much."
    acting.claim_and_review(worker, acting.open_review(project), negative=acting.reject(note=note))

    events = history.of_item(project.items.get())

    told = {event.title: event.note for event in events if ": " in event.title and event.note}
    assert told == {"negative: reject": f"unclear or badly written · {note}"}
