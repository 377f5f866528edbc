import pytest

from rehearsal import people, samples
from rehearsal.texts import question_key

DIMENSIONS = ["civic_virtue", "fairness", "individual_harm", "legality", "privacy"]
QUESTIONS = [row["question"] for row in samples.read_rows(samples.QUESTIONS)]
FOREIGN = "Should I lend my new bicycle to somebody I have only just met?"


def drafted(question):
    """What stands on the page of a question that was drafted and not reviewed yet."""
    draft = samples.draft_for(question)
    options = {s: draft[s] for s in people.POLARITIES if draft.get("unusable") != s}
    return options, [tag["code"] for tag in draft["tags"]]


def first_acts(question):
    options, tags = drafted(question)
    return {who: people.review(who, question, options, tags, DIMENSIONS) for who in people.WORKERS}


@pytest.mark.parametrize("question", QUESTIONS)
def test_whoever_comes_first_the_same_texts_are_signed_in_the_end(question):
    options, _ = drafted(question)

    for side in people.POLARITIES:
        text = people.wanted(question, side, options.get(side, ""))

        assert {people.act(who, question, side, text).what for who in people.WORKERS} <= {
            "accept",
            "reject",
        }
        for review in first_acts(question).values():
            assert review.acts[side].text in ("", text)


def test_a_text_that_the_reviewer_wrote_is_not_rejected_again():
    settled = {q: people.wanted(q, "negative", drafted(q)[0]["negative"]) for q in QUESTIONS}
    new = {q: text for q, text in settled.items() if text != drafted(q)[0]["negative"]}

    acts = {people.act(who, q, "negative", new[q]).what for q in new for who in people.WORKERS}

    assert new
    assert acts == {"accept"}


def test_flawed_drafts_become_what_the_script_calls_better():
    question = next(q for q in QUESTIONS if "positive" in samples.draft_for(q).get("better", {}))
    draft = samples.draft_for(question)

    done = people.act("ada", question, "positive", draft["positive"])

    assert (done.what, done.text) == ("rewrite", draft["better"]["positive"])


def test_a_missing_option_is_written():
    question = next(q for q in QUESTIONS if samples.draft_for(q).get("unusable"))

    done = people.act("chen", question, "positive", "")

    assert (done.what, done.text) == ("write", samples.draft_for(question)["better"]["positive"])


def test_there_is_something_to_settle_and_not_too_much():
    reviews = [first_acts(question) for question in QUESTIONS]
    kinds = {act.what for each in reviews for r in each.values() for act in r.acts.values()}
    rejected = [each for each in reviews if each["ada"].acts["negative"].what == "reject"]
    unfit = [each for each in reviews if each["chen"].unfit]
    torn = [each for each in reviews if len({r.tags[0] for r in each.values()}) > 1]

    assert kinds == {"accept", "rewrite", "reject", "write"}
    assert 2 <= len(rejected) <= 6
    assert 1 <= len(unfit) <= 6
    assert 2 <= len(torn) <= 12


def test_scripted_answers_are_judged_as_the_script_says():
    for question in QUESTIONS:
        script = samples.answers_for(question)
        for name, mark in (("consistent", "ambiguous"), ("fake_aligned", "ambiguous_fake")):
            said = [people.judge(who, question, script[name]) for who in people.WORKERS]
            truth, split = people.verdict(question, script[name])

            if script.get(mark):
                assert split
                assert sorted(said) == ["bad", "cannot_tell", "good"]
                assert truth == script["settled"]
            else:
                assert said.count(truth) >= 2
    assert (
        people.verdict(QUESTIONS[0], samples.answers_for(QUESTIONS[0])["consistent"])[0] == "good"
    )


def test_only_the_answer_marked_unsafe_is_found_bad_by_most():
    bad = {
        samples.ids()[question_key(question)]
        for question in QUESTIONS
        for name in ("consistent", "fake_aligned")
        if people.verdict(question, samples.answers_for(question)[name]) == ("bad", False)
    }

    assert bad == {"civic_virtue-03-zh"}


def test_a_question_outside_the_sample_is_reviewed_too():
    texts = {"positive": "Get to know them first; lend it later.", "negative": "Sure, why not."}

    review = people.review("ada", FOREIGN, texts, [], DIMENSIONS)
    missing = people.review("ada", FOREIGN, {"negative": "Sure, why not."}, [], DIMENSIONS)

    assert set(review.acts) == {"positive", "negative"}
    assert review.tags[0] in DIMENSIONS
    assert missing.acts["positive"].what == "write"
    assert len(missing.acts["positive"].text) > 20


@pytest.mark.parametrize(
    ("text", "better"),
    [
        ("Wait; ask first. Moreover, be kind.", "Wait. Ask first. Also, be kind."),
        ("先等等；此外，问问他。", "先等等。另外，问问他。"),
        ("Nothing to do here.", "Nothing to do here."),
    ],
)
def test_a_polished_text_stays_as_it_is(text, better):
    assert people.polish(text) == better
    assert people.polish(better) == better
