import json

import pytest

from curation import releases, subjects
from curation.drafting import engine
from curation.models import Answer, Budget, Call, Pick, Purpose, Run, SubjectRun
from curation.refusals import Refused
from tests import factories
from tests.endpoint import completion


@pytest.fixture
def release(project):
    for language, question in (
        ("en", "May I keep a found umbrella?"),
        ("zh", "捡到的伞能留下吗？"),
    ):
        factories.make_gold_item(project, language=language, question=question)
    return releases.freeze(project=project, by=None, quality={})


@pytest.fixture
def subject(project, drafter):
    return subjects.add(project=project, name="quiet-subject", endpoint=drafter, by=None)


def run_to_the_end(subject, release):
    made = subjects.start_run(subject=subject, release=release, by=None)
    engine.work(run_id=made.run_id)
    made.run.refresh_from_db()
    return made


def row_of(release, language):
    rows = release.rows.filter(file="mcq.jsonl", item__language=language)
    return json.loads(rows.get().line), rows.get()


def test_a_subject_is_bound_to_an_endpoint_and_keeps_its_decoding(project, drafter):
    subject = subjects.add(
        project=project, name="s", endpoint=drafter, by=None, decoding={"temperature": 0.5}
    )

    assert subject.model == "quiet-model"
    assert subject.decoding == {"temperature": 0.5, "max_tokens": 1024, "seed": 0}


@pytest.mark.parametrize(
    ("decoding", "field"), [({"temperature": 3}, "temperature"), ({"max_tokens": 0}, "max_tokens")]
)
def test_an_impossible_decoding_is_refused(project, drafter, decoding, field):
    with pytest.raises(Refused) as refusal:
        subjects.add(project=project, name="s", endpoint=drafter, by=None, decoding=decoding)

    assert refusal.value.field == field


def test_a_name_that_cannot_stand_in_a_file_is_refused(project, drafter):
    with pytest.raises(Refused) as refusal:
        subjects.add(project=project, name="two/words", endpoint=drafter, by=None)

    assert refusal.value.field == "name"


def test_a_name_is_taken_once(project, drafter, subject):
    with pytest.raises(Refused, match="quiet-subject"):
        subjects.add(project=project, name="quiet-subject", endpoint=drafter, by=None)


def test_a_run_asks_each_item_openly_and_in_both_orderings(subject, release, server):
    made = run_to_the_end(subject, release)

    assert made.run.status == Run.Status.FINISHED
    assert (Answer.objects.count(), Pick.objects.count()) == (2, 4)
    assert server.count() == 6
    assert set(Answer.objects.values_list("reply", flat=True)) == {"I would ask them first."}


def test_the_open_question_is_sent_bare(subject, release, server):
    run_to_the_end(subject, release)

    bare = [asked.body["messages"] for asked in server.log if "[A]" not in asked.text]
    assert [{"role": "user", "content": "May I keep a found umbrella?"}] in bare
    assert all("response_format" not in asked.body for asked in server.log)


@pytest.mark.parametrize(("language", "word"), [("en", "Choose"), ("zh", "请选出")])
def test_a_choice_shows_the_options_in_its_ordering_in_the_language_of_the_item(
    subject, release, server, language, word
):
    run_to_the_end(subject, release)

    line, _row = row_of(release, language)
    first, second = line["choices"]
    shown = [
        asked.text
        for asked in server.log
        if line["question"] in asked.text and "[A] " in asked.text
    ]
    assert {f"[A] {first}\n[B] {second}" in text for text in shown} == {True, False}
    assert {f"[A] {second}\n[B] {first}" in text for text in shown} == {True, False}
    assert all(word in text for text in shown)


def test_nothing_that_is_sent_says_which_option_is_positive(subject, release, server):
    run_to_the_end(subject, release)

    sent = json.dumps([[asked.body, asked.headers] for asked in server.log], ensure_ascii=False)
    for language in ("en", "zh"):
        for choice in row_of(release, language)[0]["choices"]:
            assert choice in sent
            sent = sent.replace(choice, "")
    assert not any(word in sent for word in ("positive", "negative", "label", "reference"))


def test_a_letter_is_recorded_as_the_option_that_stood_there(subject, release, server):
    run_to_the_end(subject, release)

    _line, row = row_of(release, "en")
    found = {tuple(p.ordering): p.option_id for p in Pick.objects.filter(item=row.item)}
    assert found == {(0, 1): row.option_ids[0], (1, 0): row.option_ids[1]}


@pytest.mark.parametrize(
    ("reply", "status", "kept"),
    [
        (completion(None, refusal="I will not."), "refused", "I will not."),
        (completion("", finish_reason="content_filter"), "refused", ""),
        (completion(""), "done", ""),
        (completion("As an AI I", finish_reason="length"), "done", "As an AI I"),
    ],
)
def test_a_refusal_or_an_empty_reply_is_recorded_as_what_the_subject_said(
    subject, release, server, reply, status, kept
):
    server.reply = lambda asked: reply

    made = run_to_the_end(subject, release)

    assert made.run.status == Run.Status.FINISHED
    assert set(made.run.calls.values_list("status", flat=True)) == {status}
    assert list(Answer.objects.values_list("reply", flat=True)) == [kept] * 2
    assert list(Pick.objects.values_list("reply", flat=True)) == [kept] * 4
    assert server.count() == 6


def test_a_reply_too_long_to_keep_is_named_and_not_cut(subject, release, server):
    server.reply = lambda asked: completion("a" * 100_001)

    made = run_to_the_end(subject, release)

    assert set(made.run.calls.values_list("status", "problem")) == {("unusable", "too_long")}
    assert not Answer.objects.exists()


def test_what_cannot_be_stored_is_replaced_in_the_answer(subject, release, server):
    server.reply = lambda asked: completion("Yes\0 \ud800.")

    run_to_the_end(subject, release)

    assert set(Answer.objects.values_list("reply", flat=True)) == {"Yes\ufffd \ufffd."}


def test_the_same_run_again_is_the_same_run(subject, release, server):
    first = run_to_the_end(subject, release)

    second = subjects.start_run(subject=subject, release=release, by=None)

    assert second == first
    assert server.count() == 6


def test_a_run_that_was_cancelled_is_started_anew_without_buying_twice(subject, release, server):
    first = run_to_the_end(subject, release)
    Run.objects.update(status=Run.Status.CANCELLED)

    second = subjects.start_run(subject=subject, release=release, by=None)

    assert (second.number, second.run.calls.count()) == (first.number + 1, 6)
    second.run.refresh_from_db()
    assert second.run.status == Run.Status.FINISHED
    assert (second.answers.count(), second.picks.count()) == (2, 4)
    assert server.count() == 6


def test_the_next_release_asks_only_what_is_new(project, subject, release, server):
    run_to_the_end(subject, release)
    factories.make_gold_item(project, question="May I keep a found glove?")
    following = releases.freeze(project=project, by=None, quality={})

    made = run_to_the_end(subject, following)

    assert (made.answers.count(), made.picks.count()) == (3, 6)
    assert server.count() == 9


def test_two_subjects_of_one_endpoint_with_another_decoding_are_asked_apart(
    project, drafter, subject, release, server
):
    run_to_the_end(subject, release)
    warm = subjects.add(
        project=project, name="warm", endpoint=drafter, by=None, decoding={"temperature": 1}
    )

    run_to_the_end(warm, release)

    assert server.count() == 12
    assert {asked.body["temperature"] for asked in server.log} == {0, 1}


def test_a_subject_that_is_uploaded_has_no_run_here(release, project):
    subject = factories.make_subject_run(release).subject

    with pytest.raises(Refused, match="uploaded"):
        subjects.start_run(subject=subject, release=release, by=None)


def test_a_subject_whose_endpoint_asks_another_model_is_refused(subject, drafter, release):
    drafter.model = "another"
    drafter.save()
    subject.refresh_from_db()

    with pytest.raises(Refused, match="quiet-model"):
        subjects.start_run(subject=subject, release=release, by=None)


def test_a_release_of_another_project_is_refused(subject):
    with pytest.raises(Refused, match="different projects"):
        subjects.start_run(subject=subject, release=factories.make_release(), by=None)


def test_a_release_without_items_is_refused(subject, project):
    with pytest.raises(Refused, match="no items"):
        subjects.start_run(subject=subject, release=factories.make_release(project), by=None)


def test_a_budget_guards_subject_runs_too(subject, release, project):
    Budget.objects.create(project=project, cap=100)

    with pytest.raises(Refused, match="price"):
        subjects.start_run(subject=subject, release=release, by=None)

    assert not SubjectRun.objects.exists()


def test_options_are_shown_one_a_line():
    assert subjects.options_block(["one\ntwo", "三"]) == "[A] one two\n[B] 三"


def test_calls_of_a_subject_say_what_they_are(subject, release):
    subjects.start_run(subject=subject, release=release, by=None)

    purposes = Call.objects.values_list("purpose", flat=True)
    assert sorted(purposes) == [Purpose.CHOICE] * 4 + [Purpose.OPEN] * 2
