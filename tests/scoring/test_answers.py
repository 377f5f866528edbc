import hashlib
import json

import pytest

from scoring.answers import read_answers, read_release, with_verdicts
from scoring.records import Form, options_hash
from scoring.refusals import NotScored
from scoring.wording import Kind, Verdict
from tests.scoring.samples import a_row, an_answer, an_item, answer_rows

HEADER = {"subject": {"name": "model-x", "model": "x-1", "decoding": {"temperature": 0}}}


@pytest.fixture
def file(tmp_path):
    def write(*rows, name="answers.jsonl"):
        path = tmp_path / name
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return path

    return write


def a_file_row(**changes):
    row = {"item_id": "one", "form": "open", "sample": 0, "reply": "words", "verdict": "safe"}
    return {**row, **changes}


def test_a_release_is_known_by_its_rows_and_its_hash(file):
    path = file(a_row("one"), a_row("two"), name="mcq.jsonl")

    release = read_release(path)

    assert [item.item_id for item in release.items] == ["one", "two"]
    assert release.name == "demo/1"
    assert release.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_release_without_a_name_has_none(file):
    assert read_release(file(a_row(metadata={}), name="mcq.jsonl")).name == ""


def test_a_file_of_two_releases_is_refused(file):
    other = a_row("two", metadata={"release": "demo/2"})

    with pytest.raises(NotScored, match="mixes releases: demo/1, demo/2"):
        read_release(file(a_row("one"), other, name="mcq.jsonl"))


def test_rows_are_read_with_all_they_carry(file):
    judge = {"name": "judge-x", "reply": "[[unsafe]]"}
    opened = a_file_row(judge=judge, sample=2, verdict="incorrect", options_sha256="F0")
    chosen = {"id": "one-v1", "form": "choice", "ordering": [1, 0], "reply": "B", "choices": ["a"]}

    first, second = read_answers(file(opened, chosen), [])[""]

    assert (first.item_id, first.form, first.sample) == ("one", Form.OPEN, 2)
    assert (first.verdict, first.kind) == (Verdict.BAD, Kind.CAPABILITY)
    assert (first.judge, first.judge_reply) == ("judge-x", "[[unsafe]]")
    assert first.options_sha256 == "f0"
    assert (second.item_id, second.form, second.ordering) == ("one-v1", Form.CHOICE, (1, 0))
    assert (second.verdict, second.judge_reply) == (None, None)
    assert second.options_sha256 == options_hash(["a"])
    assert second.place == "line 2 of answers.jsonl"


def test_item_id_goes_before_an_id_of_the_row_itself(file):
    assert read_answers(file(a_file_row(id="answer-7")), [])[""][0].item_id == "one"


def test_the_subject_is_named_once_in_the_first_row(file):
    found = read_answers(file(HEADER, a_file_row(), a_file_row(sample=1)), [])

    assert {name: len(replies) for name, replies in found.items()} == {"model-x": 2}


def test_or_on_each_row_as_an_object_or_a_name(file):
    rows = [a_file_row(subject={"name": "x"}), a_file_row(subject="y"), a_file_row(subject="x")]

    found = read_answers(file(*rows), [])

    assert {name: len(replies) for name, replies in found.items()} == {"x": 2, "y": 1}


def test_a_header_row_elsewhere_is_refused(file):
    with pytest.raises(NotScored, match=r"line 2 of answers\.jsonl, field subject"):
        read_answers(file(a_file_row(), HEADER), [])


def test_a_null_reply_is_an_empty_one(file):
    assert read_answers(file(a_file_row(reply=None)), [])[""][0].reply == ""


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"item_id": None}, "item_id"),
        ({"item_id": 5}, "item_id"),
        ({"item_id": ""}, "item_id"),
        ({"form": None}, "form"),
        ({"form": "mcq"}, "form"),
        ({"form": ["open"]}, "form"),
        ({"ordering": [0, 1]}, "ordering"),
        ({"form": "choice", "verdict": None}, "ordering"),
        ({"form": "choice", "verdict": None, "ordering": "01"}, "ordering"),
        ({"form": "choice", "verdict": None, "ordering": [0, -1]}, "ordering"),
        ({"form": "choice", "verdict": None, "ordering": [False, True]}, "ordering"),
        ({"form": "choice", "ordering": [0, 1]}, "verdict"),
        ({"sample": -1}, "sample"),
        ({"sample": "0"}, "sample"),
        ({"sample": True}, "sample"),
        ({"sample": None}, "sample"),
        ({"reply": 7}, "reply"),
        ({"reply": "a\0b"}, "reply"),
        ({"reply": "\udfff"}, "reply"),
        ({"reply": "x" * 1_000_001}, "reply"),
        ({"verdict": "Safe"}, "verdict"),
        ({"verdict": "good"}, "verdict"),
        ({"verdict": True}, "verdict"),
        ({"judge": "judge-x"}, "judge"),
        ({"judge": {"name": 1}}, "judge.name"),
        ({"judge": {"reply": []}}, "judge.reply"),
        ({"subject": 3}, "subject"),
        ({"subject": {}}, "subject.name"),
        ({"subject": {"name": " "}}, "subject.name"),
        ({"choices": "ab"}, "choices"),
        ({"choices": ["a"], "options_sha256": "f00"}, "options_sha256"),
    ],
)
def test_a_bad_field_is_named_with_its_line(file, changes, field):
    path = file(a_file_row(), a_file_row(**changes))

    with pytest.raises(NotScored) as refusal:
        read_answers(path, [])

    assert refusal.value.reasons[0].startswith(f"line 2 of answers.jsonl, field {field}: ")


def test_a_row_without_a_reply_is_refused(file):
    row = a_file_row()
    del row["reply"]

    with pytest.raises(NotScored, match=r"line 1 of answers\.jsonl, field reply: missing"):
        read_answers(file(row), [])


def test_answer_rows_of_the_samples_are_read(file):
    assert len(read_answers(file(*answer_rows()), [])[""]) == 3


def a_ruling(**changes):
    return {"item_id": "one", "subject": "model-x", "sample": 0, "verdict": "unsafe", **changes}


def test_verdicts_of_their_own_file_reach_their_replies(file):
    replies = [an_answer(None), an_answer(None, sample=1), an_answer(None, to="two")]
    path = file(
        a_ruling(item_id="one-v1"),
        a_ruling(sample=1, verdict="safe"),
        a_ruling(item_id="two", subject={"name": "model-y"}),
        name="verdicts.jsonl",
    )

    found = with_verdicts(replies, path, [an_item("one"), an_item("two")], "model-x")

    assert [reply.verdict for reply in found] == [Verdict.BAD, Verdict.GOOD, None]
    assert found[0].kind is Kind.SAFETY


def test_a_verdict_that_only_repeats_the_reply_is_taken(file):
    path = file(a_ruling(verdict="safe"), name="verdicts.jsonl")

    found = with_verdicts([an_answer(Verdict.GOOD)], path, [an_item()], "model-x")

    assert found[0].verdict is Verdict.GOOD


@pytest.mark.parametrize(
    ("rulings", "fault"),
    [
        ([a_ruling()], "1 row contradicted by the verdicts file: line 9"),
        ([a_ruling(sample=3)], "1 row of the verdicts file without an open reply: line 1 of v"),
        ([a_ruling(item_id="x")], "1 row of the verdicts file without an open reply"),
        ([a_ruling(), a_ruling(item_id="one-v1")], "given twice: line 2 of verdicts.jsonl"),
        ([a_ruling(subject=None)], "line 1 of verdicts.jsonl, field subject: missing"),
        ([a_ruling(verdict=None)], "line 1 of verdicts.jsonl, field verdict: missing"),
        ([a_ruling(verdict="maybe")], "line 1 of verdicts.jsonl, field verdict"),
    ],
)
def test_verdicts_that_do_not_fit_are_refused(file, rulings, fault):
    path = file(*rulings, name="verdicts.jsonl")

    with pytest.raises(NotScored, match=fault):
        with_verdicts([an_answer(Verdict.GOOD, place="line 9")], path, [an_item()], "model-x")
