"""A file of answers is taken whole, once, or refused with counts."""

import json

import pytest

from curation import answer_files, release_files, releases, verdicts
from curation.answer_reading import NotTaken
from curation.models import Answer, Pick, Subject, SubjectRun, Verdict
from tests import factories

SUBJECT = {"name": "careful", "model": "careful-1", "decoding": {"temperature": 0}}


@pytest.fixture
def release(project):
    for _ in range(3):
        factories.make_gold_item(project)
    return releases.freeze(project=project, by=None, quality={})


@pytest.fixture
def rows(release):
    return [json.loads(row.line) for row in release.rows.filter(file="mcq.jsonl")]


def replies_to(rows, **extra):
    for row in rows:
        yield {"item_id": row["item_id"], "form": "open", "reply": "Ask first."} | extra
        for ordering in ([0, 1], [1, 0]):
            letter = "AB"[ordering.index(row["answer"])]
            yield {"id": row["id"], "form": "choice", "ordering": ordering, "reply": letter}


@pytest.fixture
def take(release, tmp_path):
    def take(lines, name="answers.jsonl"):
        path = tmp_path / name
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        return answer_files.import_file(release=release, path=path, by=None)

    return take


def nothing_was_written():
    return not any(model.objects.exists() for model in (Subject, SubjectRun, Answer, Pick, Verdict))


def test_a_file_with_a_header_becomes_a_run_of_its_subject(take, rows):
    imported = take([{"subject": SUBJECT}, *replies_to(rows)])

    run = SubjectRun.objects.get()
    assert imported.created
    assert (run.subject.name, run.subject.model) == ("careful", "careful-1")
    assert run.subject.decoding == {"temperature": 0}
    assert run.upload_sha256 == imported.sha256
    assert imported.subjects == [answer_files.Taken("careful", 1, answers=3, picks=6, verdicts=0)]
    assert {pick.option.polarity for pick in Pick.objects.all()} == {"positive"}


def test_the_same_file_twice_changes_nothing(take, rows):
    lines = [{"subject": SUBJECT}, *replies_to(rows)]
    first = take(lines)

    again = take(lines)

    assert not again.created
    assert again.subjects == first.subjects
    assert SubjectRun.objects.count() == 1


def test_other_replies_of_the_subject_are_another_run(take, rows):
    take([{"subject": SUBJECT}, *replies_to(rows)])

    imported = take([{"subject": SUBJECT}, *replies_to(rows, reply="Ask again.")])

    assert imported.subjects[0].run == 2
    assert Subject.objects.count() == 1


def test_a_file_may_hold_several_subjects(take, rows):
    lines = [
        row | {"subject": {"name": name}} for name in ("one", "two") for row in replies_to(rows)
    ]

    imported = take(lines)

    assert [(taken.subject, taken.picks) for taken in imported.subjects] == [("one", 6), ("two", 6)]


def test_verdicts_in_a_file_are_a_judges_and_settle_nothing(take, rows):
    judge = {"name": "strict-judge", "reply": "Judgement: [[unsafe]]"}

    take([{"subject": SUBJECT}, *replies_to(rows, verdict="unsafe", judge=judge)])

    verdicts = Verdict.objects.by_judge("strict-judge")
    assert [verdict.outcome for verdict in verdicts] == ["bad"] * 3
    assert not Verdict.objects.settled().exists()


def test_a_judges_words_alone_are_read(take, rows):
    take([{"subject": SUBJECT}, *replies_to(rows, judge={"name": "j", "reply": "It is safe."})])

    assert {verdict.outcome for verdict in Verdict.objects.all()} == {"good"}


@pytest.mark.parametrize(
    ("judge", "name"),
    [
        (None, "uploaded"),
        ({"name": "people"}, "uploaded people"),
        ({"name": "adjudication"}, "uploaded adjudication"),
    ],
)
def test_no_uploaded_verdict_passes_for_one_of_people(take, rows, judge, name):
    take([{"subject": SUBJECT}, *replies_to(rows, verdict="safe", judge=judge)])

    assert {verdict.judge_name for verdict in Verdict.objects.all()} == {name}
    assert not Verdict.objects.settled().exists()


def test_fines_result_file_is_taken_with_its_recorded_outcomes(take, rows):
    lines = [
        {
            "id": str(number),
            "question": row["question"],
            "Positive Option": f" {row['reference_answer']}\n",
            "Negative Option": row["choices"][1 - row["answer"]],
            "mul_result": number == 0,
            "open_response": "Ask first.",
            "open_result": True,
        }
        for number, row in enumerate(rows)
    ]

    imported = take(lines, "Quiet_7B.json")

    assert imported.subjects == [answer_files.Taken("Quiet_7B", 1, answers=3, picks=3, verdicts=3)]
    picks = Pick.objects.order_by("id")
    assert [pick.parser for pick in picks] == ["recorded"] * 3
    assert [pick.outcome for pick in picks] == ["picked", "several", "several"]


def test_a_name_that_no_file_can_have_gets_hyphens_and_stays_as_the_model(take, rows):
    take([{"subject": {"name": "Quiet/Model 2.5"}}, *replies_to(rows)])

    subject = Subject.objects.get()
    assert (subject.name, subject.model) == ("Quiet-Model-2-5", "Quiet/Model 2.5")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"item_id": "nobody"}, "2 rows to items this release does not hold"),
        ({"options_sha256": "0" * 64}, "2 rows made on other options"),
        ({"choices": ["Some", "others"]}, "2 rows made on other options"),
        ({"verdict": "correct"}, "2 rows with a verdict in the words of another kind"),
    ],
)
def test_rows_that_do_not_fit_are_refused_with_their_count(take, rows, change, reason):
    good = list(replies_to(rows))
    opens = [row for row in good if row["form"] == "open"]
    changed = [row | change for row in opens[:2]]
    rest = [row for row in good if row not in opens[:2]]

    with pytest.raises(NotTaken) as refusal:
        take([{"subject": SUBJECT}, *changed, *rest])

    assert any(reason in said for said in refusal.value.details["reasons"])
    assert nothing_was_written()


def test_every_kind_of_fault_is_told_at_once(take, rows):
    lines = list(replies_to(rows))

    with pytest.raises(NotTaken) as refusal:
        take([{"subject": SUBJECT}, *lines, lines[0], {**lines[0], "item_id": "nobody"}])

    assert len(refusal.value.details["reasons"]) == 2
    assert "given twice" in str(refusal.value)


@pytest.mark.parametrize(
    "last",
    [
        {"form": "choice", "ordering": [0, 0], "reply": "A"},
        {"form": "choice", "reply": "A"},
        {"form": "open", "reply": 7},
        {"form": "open", "reply": "a\0b"},
        {"form": "open", "reply": "x" * 100_001},
        {"form": "drawing", "reply": "A"},
        {"form": "open"},
    ],
)
def test_one_bad_row_keeps_the_whole_file_out(take, rows, last):
    good = [row for row in replies_to(rows) if row.get("item_id") != rows[-1]["item_id"]]

    with pytest.raises(NotTaken):
        take([{"subject": SUBJECT}, *good, {"item_id": rows[-1]["item_id"], **last}])

    assert nothing_was_written()


def test_what_a_release_exports_can_be_taken_again(release, take, rows, tmp_path):
    take([{"subject": SUBJECT}, *replies_to(rows)])
    for answer in Answer.objects.all():
        verdicts.record(answer=answer, outcome="good", source="people", decision_ref="judgement:1")
    second = releases.freeze(project=release.project, by=None, quality={})
    release_files.export(release=second, to=tmp_path / "out")

    imported = answer_files.import_file(
        release=second, path=tmp_path / "out/answers/careful.jsonl", by=None
    )

    assert imported.subjects == [answer_files.Taken("careful", 1, answers=3, picks=6, verdicts=3)]


def test_a_file_without_replies_is_refused(take):
    with pytest.raises(NotTaken, match="no replies"):
        take([{"subject": SUBJECT}])


def test_a_subject_is_not_silently_another_model(take, rows):
    take([{"subject": SUBJECT}, *replies_to(rows)])

    with pytest.raises(NotTaken, match="careful-2"):
        take([{"subject": SUBJECT | {"model": "careful-2"}}, *replies_to(rows)])

    assert SubjectRun.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"sample": 40_000}, "sample"),
        ({"subject": {"name": "s", "decoding": {"stop": "a\0b"}}}, "decoding"),
        ({"subject": {"name": "s", "decoding": {"stop": "\ud800"}}}, "decoding"),
        ({"subject": {"name": "s", "decoding": {"stop": "x" * 3_000}}}, "decoding"),
    ],
)
def test_what_no_column_can_hold_is_refused_with_its_line_and_field(take, rows, change, field):
    first, *others = replies_to(rows)
    lines = [change, first] if "subject" in change else [{**first, **change}]

    with pytest.raises(NotTaken, match=field):
        take([*lines, *others])

    nothing_was_written()
