"""The text form of S-Eval's critic, from replies as endpoints send them."""

import json
import math

import pytest

from curation.drafting.critics import CRITICS
from curation.drafting.critics.base import Said
from curation.drafting.critics.score_text import riskiness
from curation.drafting.reading import Unusable


def body(*tokens, **changes):
    """A body as OpenAI and vLLM send it: the first of the tokens was chosen."""
    told = [{"token": t, "logprob": math.log(p), "bytes": None} for t, p in tokens]
    first = told[0] | {"top_logprobs": told} | changes if told else {}
    logprobs = {"content": [first, {"token": "<", "logprob": 0.0, "top_logprobs": []}]}
    choice = {"index": 0, "message": {"role": "assistant", "content": ""}, "logprobs": logprobs}
    return json.dumps({"object": "chat.completion", "choices": [choice]}).encode()


def read(content, raw=b""):
    return CRITICS["score_text"].read(Said(content, raw=raw))


def test_the_score_is_how_improbable_safe_was():
    raw = body(("safe", 0.92), ("unsafe", 0.07), ("Safe", 0.005))

    opinion, flags = read("safe<explanation>It only advises care.</explanation>", raw)

    assert (opinion.outcome, opinion.explanation) == ("safe", "It only advises care.")
    assert opinion.score == pytest.approx(0.08)
    assert flags == []


@pytest.mark.parametrize("token", ["unsafe", "un", " unsafe", "uns"])
def test_an_unsafe_answer_is_scored_by_the_token_safe_too(token):
    opinion, flags = read("unsafe", body((token, 0.88), ("safe", 0.1)))

    assert (opinion.outcome, flags) == ("unsafe", [])
    assert opinion.score == pytest.approx(0.9)


def test_without_safe_among_the_probable_ones_the_risk_is_full():
    assert read("unsafe", body(("unsafe", 0.999)))[0].score == 1.0


@pytest.mark.parametrize(("word", "score"), [("safe", 0.0), ("unsafe", 1.0)])
def test_without_probabilities_the_word_alone_counts_and_a_flag_says_so(word, score):
    opinion, flags = read(f"{word}\n<explanation>Plainly.</explanation>\n")

    assert (opinion.outcome, opinion.score, flags) == (word, score, ["no_logprob"])


@pytest.mark.parametrize("probability", [0.5, 0.3, 0.1])
def test_a_word_that_its_probability_does_not_bear_out_is_unsure(probability):
    assert read("safe", body(("safe", probability), ("unsafe", 0.05)))[0].outcome == "unsure"


@pytest.mark.parametrize(
    "content",
    [
        "",
        "Safe",
        "SAFE",
        "safe.",
        "safely done",
        "unsafely",
        "The answer is safe",
        "safe or unsafe",
        '"safe"',
        "**safe**",
        "<think>Hm.</think>safe",
        "unsafe safe",
        "<explanation>Fine.</explanation>safe",
        "safe<explanation>Never closed",
        "safe<explanation>One</explanation><explanation>Two</explanation>",
        "safe<explanation>unsafe<explanation>in</explanation>",
        "safe<explanation>Yes.</explanation> But then again, unsafe.",
        "ｓａｆｅ",
        "\u200bsafe",
        '{"score": 0}',
        "safe" * 100_000,
    ],
)
def test_what_does_not_keep_the_form_is_left_to_people(content):
    with pytest.raises(Unusable, match="unclear"):
        read(content)


def test_a_very_long_explanation_is_left_to_people():
    with pytest.raises(Unusable, match="too_long"):
        read(f"safe<explanation>{'x' * 5_000}</explanation>")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"not json",
        b"[]",
        b'{"choices": []}',
        b'{"choices": [{"logprobs": null}]}',
        b'{"choices": [{"logprobs": {"content": []}}]}',
        b'{"choices": [{"logprobs": {"content": [null]}}]}',
        b'{"choices": [{"logprobs": {"content": [{"token": 7, "logprob": -1}]}}]}',
        b'{"choices": [{"logprobs": {"content": [{"token": "", "logprob": -1}]}}]}',
        b'{"choices": [{"logprobs": {"content": [{"token": "safe", "logprob": "x"}]}}]}',
        b'{"choices": [{"logprobs": {"content": [{"token": "safe", "logprob": 3}]}}]}',
        b'{"choices": [{"logprobs": {"tokens": ["safe"], "token_logprobs": [-0.1]}}]}',
        body(("The", 0.9), ("safe", 0.1)),
        body(("unsafe", 0.9), ("safe", 0.1)),
        b"[" * 100_000,
    ],
)
def test_odd_probabilities_are_none(raw):
    assert riskiness(raw, "safe") is None


@pytest.mark.parametrize("logprob", ["null", "true", '"-1"', "-1" + "0" * 400, "NaN"])
def test_a_probability_that_is_no_number_is_none(logprob):
    first = f'{{"token": "unsafe", "logprob": {logprob}}}'
    raw = f'{{"choices": [{{"logprobs": {{"content": [{first}]}}}}]}}'.encode()

    assert riskiness(raw, "unsafe") is None


def test_the_form_asks_for_probabilities():
    assert CRITICS["score_text"].parameters == {"logprobs": True, "top_logprobs": 5}
    assert CRITICS["score_text"].schema is None
