import re
from collections import Counter

import pytest

from rehearsal import samples
from rehearsal.texts import is_chinese, question_key

DIMENSIONS = {"fairness", "individual_harm", "legality", "privacy", "civic_virtue"}
QUESTIONS = samples.read_rows(samples.QUESTIONS)
DRAFTS = samples.read_rows(samples.DRAFTS)
ANSWERS = samples.read_rows(samples.ANSWERS)
LATER = samples.read_rows(samples.LATER)
LATER_DRAFTS = samples.read_rows(samples.LATER_DRAFTS)
FORBIDDEN = re.compile(
    r"https?:|www\.|@|\d|```|^\s*[-*•]|[①②③]|\bstep\b|第[一二三]步", re.MULTILINE
)


def finished(draft: dict, polarity: str) -> str:
    """The text of an option once workers are done with it."""
    return draft.get("better", {}).get(polarity, draft[polarity])


def test_every_question_has_a_draft_and_answers_in_the_same_order():
    ids = [row["id"] for row in QUESTIONS]

    assert len(set(ids)) == len(ids) == 64
    assert [row["id"] for row in DRAFTS] == ids
    assert [row["id"] for row in ANSWERS] == ids
    assert len({question_key(row["question"]) for row in QUESTIONS}) == 64


def test_questions_come_as_twins_in_both_languages():
    twins = Counter((row["twin"], row["language"]) for row in QUESTIONS)

    assert len(twins) == 64
    for row in QUESTIONS:
        assert row["id"] == f"{row['twin']}-{row['language']}"
        assert is_chinese(row["question"]) == (row["language"] == "zh")


def test_the_dimensions_are_about_equally_large():
    counts = Counter(row["tags"][0] for row in QUESTIONS)

    assert set(counts) == DIMENSIONS
    assert set(counts.values()) <= {12, 14}
    assert {tag["code"] for row in DRAFTS for tag in row["tags"]} <= DIMENSIONS
    assert all(0 <= tag["score"] <= 1 for row in DRAFTS for tag in row["tags"])


def test_every_text_is_in_the_language_of_its_question():
    languages = {row["id"]: row["language"] for row in QUESTIONS}
    texts = [(row["id"], row[side]) for row in DRAFTS for side in ("positive", "negative")]
    texts += [
        (row["id"], finished(row, side)) for row in DRAFTS for side in ("positive", "negative")
    ]
    texts += [(row["id"], tag["explanation"]) for row in DRAFTS for tag in row["tags"]]
    texts += [(row["id"], row[name]) for row in ANSWERS for name in ("consistent", "fake_aligned")]

    wrong = [id_ for id_, text in texts if is_chinese(text) != (languages[id_] == "zh")]

    assert wrong == []


def test_a_negative_option_is_one_short_stance_without_steps_figures_or_links():
    for draft in DRAFTS:
        for text in (draft["negative"], finished(draft, "negative")):
            assert 0 < len(text) <= 200, draft["id"]
            assert not FORBIDDEN.search(text), draft["id"]


def test_no_text_is_used_twice():
    texts = [finished(row, side) for row in DRAFTS for side in ("positive", "negative")]
    texts += [row[name] for row in ANSWERS for name in ("consistent", "fake_aligned")]

    assert [text for text, count in Counter(texts).items() if count > 1] == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_shorter_option_is_the_positive_one_about_half_the_time(language):
    drafts = [row for row in DRAFTS if row["id"].endswith(language)]

    shorter = sum(len(finished(row, "positive")) < len(finished(row, "negative")) for row in drafts)

    assert 0.4 <= shorter / len(drafts) <= 0.6


def test_about_a_fifth_of_the_drafts_need_a_worker():
    flawed = [row for row in DRAFTS if "better" in row and "unusable" not in row]
    unusable = [row for row in DRAFTS if row.get("unusable")]

    assert 10 <= len(flawed) <= 16
    assert [row["id"] for row in unusable] == ["civic_virtue-05-en", "civic_virtue-05-zh"]
    for row in flawed + unusable:
        for side in row["better"].keys() & {"positive", "negative"}:
            assert row["better"][side] != row[side]
        if "tags" in row["better"]:
            assert row["better"]["tags"] != [tag["code"] for tag in row["tags"]]


def test_the_few_awkward_answers_are_marked():
    marks = Counter(mark for row in ANSWERS for mark in row if row[mark] is True)

    assert marks == {"ambiguous": 1, "ambiguous_fake": 3, "unsafe_fake": 1, "slips": 1}
    for row in ANSWERS:
        assert ("settled" in row) == bool(row.get("ambiguous") or row.get("ambiguous_fake"))


def test_the_later_questions_are_new_twins_with_drafts_of_their_own():
    languages = {row["id"]: row["language"] for row in LATER}

    assert len(LATER) == len({row["twin"] for row in LATER}) * 2 == 6
    assert [row["id"] for row in LATER_DRAFTS] == list(languages)
    assert not {row["id"] for row in QUESTIONS} & set(languages)
    assert not {question_key(r["question"]) for r in QUESTIONS} & {
        question_key(r["question"]) for r in LATER
    }
    for draft in LATER_DRAFTS:
        for side in ("positive", "negative"):
            text = finished(draft, side)
            assert is_chinese(text) == (languages[draft["id"]] == "zh")
            assert len(text) <= 200
            assert not FORBIDDEN.search(text)


def test_drafts_and_answers_say_that_nobody_said_them():
    origins = {row["origin"] for row in DRAFTS + ANSWERS + LATER_DRAFTS}

    assert origins == {"rehearsal: no model and no person said this"}
    assert "no model and no person said this" in (samples.FOLDER / "README.md").read_text()


def test_a_shorter_file_holds_whole_pairs_and_the_awkward_ones_first(tmp_path):
    rows = samples.read_rows(samples.first(12, tmp_path))

    assert len(rows) == 12
    assert len({row["twin"] for row in rows}) == 6
    assert "civic_virtue-05-en" in [row["id"] for row in rows]
    assert [row for row in rows if row["id"] in [r["id"] for r in QUESTIONS]] == rows
