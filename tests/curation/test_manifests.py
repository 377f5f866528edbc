"""The manifest says what is in, where it comes from and who drafted it."""

import json
from uuid import uuid4

import pytest
from django.utils import timezone, translation

from curation import releases
from curation.models import Attempt, Call, Draft, Option, Prompt, QuestionProposal
from tests import factories

HASH = "0" * 64
EXPANSION = "question_expansion"


def manifest_of(project):
    return json.loads(releases.freeze(project=project, by=None, quality={"people": 3}).manifest)


def draft(item, model, *, parsed, returned="", purpose="positive_option"):
    """Make a model's draft for the item, read or not readable."""
    prompt, _ = Prompt.objects.get_or_create(
        name="positive_option", version=2, language="en", text="Answer well.", checksum="1" * 64
    )
    call = Call.objects.create(
        endpoint=factories.make_endpoint(item.project, name=f"at-{model}", model=model),
        model=model,
        purpose=purpose,
        target=f"item:{item.uid}",
        item=item,
        prompt=prompt,
        messages=[],
        key=uuid4().hex * 2,
    )
    attempt = Attempt.objects.create(
        call=call,
        number=1,
        outcome="replied",
        model_returned=returned or model,
        milliseconds=1,
        raw=b"",
        started_at=timezone.now(),
    )
    return Draft.objects.create(
        item=item,
        attempt=attempt,
        purpose=purpose,
        parser="p1",
        parsed=parsed,
        unusable_reason="" if parsed else "not JSON",
    )


def test_models_that_drafted_are_named_as_they_named_themselves(project):
    item = factories.make_gold_item(project)
    made = draft(item, "quiet", parsed={"text": "x"}, returned="quiet-2026-11")
    draft(item, "silent", parsed=None)
    draft(factories.make_item(project), "elsewhere", parsed={"text": "x"})
    Option.objects.filter(item=item, polarity="positive").update(origin="model", draft=made)

    release = releases.freeze(project=project, by=None, quality={})

    drafting = json.loads(release.manifest)["drafting"]
    assert drafting["endpoints"] == [
        {"name": "at-quiet", "model": "quiet", "model_returned": "quiet-2026-11"}
    ]
    assert [(p["name"], p["version"], p["checksum"]) for p in drafting["prompts"]] == [
        ("positive_option", 2, "1" * 64)
    ]
    row = json.loads(release.rows.get(file="mcq.jsonl").line)
    drafted_by = dict(zip(row["labels"], row["metadata"]["drafted_by"], strict=True))
    assert drafted_by == {1: "quiet-2026-11", 0: ""}


def test_who_wrote_a_question_drafted_and_who_spoke_of_answers_did_not(project):
    parent, item = factories.make_item(project), factories.make_gold_item(project)
    asked = draft(parent, "widener", parsed={"questions": [item.question]}, purpose=EXPANSION)
    draft(item, "idle-widener", parsed={"questions": ["Why?"]}, purpose=EXPANSION)
    draft(item, "critic", parsed={"outcome": "safe"}, purpose="critique")
    draft(item, "judge", parsed={"verdict": "good"}, purpose="judge")
    QuestionProposal.objects.create(
        project=project,
        draft=asked,
        parent=parent,
        question=item.question,
        content_hash=item.content_hash,
        status="accepted",
        item=item,
        decided_by="user:1",
        decided_at=timezone.now(),
    )

    endpoints = manifest_of(project)["drafting"]["endpoints"]

    assert [endpoint["model"] for endpoint in endpoints] == ["widener"]


def test_sources_are_counted_with_their_licence(project):
    first = factories.make_source(project, name="one", licence="CC BY 4.0")
    second = factories.make_source(project, name="two", licence="")
    for source in (first, first, second):
        factories.make_gold_item(project, source=source)

    assert [(s["name"], s["licence"], s["items"]) for s in manifest_of(project)["sources"]] == [
        ("one", "CC BY 4.0", 2),
        ("two", "", 1),
    ]


def test_what_is_in_is_counted_by_language_dimension_kind_and_split(project):
    factories.make_gold_item(project)
    factories.make_gold_item(project, language="zh", question="可以吗？", kind="benign")

    counts = manifest_of(project)["counts"]

    assert counts["by_language"] == {"en": 1, "zh": 1}
    assert counts["by_dimension"] == {"care": 2}
    assert counts["by_kind"] == {"base": 1, "benign": 1}
    assert counts["by_split"] == {"test": 2}


def test_the_report_given_is_taken_as_it_is(project):
    factories.make_gold_item(project)

    assert manifest_of(project)["quality"] == {"people": 3}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_nothing_in_it_depends_on_the_readers_language(project, language):
    project.rehearsal = True
    project.save()
    factories.make_gold_item(project)

    with translation.override(language):
        manifest = manifest_of(project)

    assert manifest["notice"].startswith("This is a rehearsal:")
