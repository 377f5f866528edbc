import re
from pathlib import Path

import pytest
from django.utils import translation

from curation.drafting import checks, problems
from tests.test_architecture import ROOT


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        ("timeout", "No reply came in time; it may have been paid for."),
        ("denied: HTTP 401", "The endpoint does not accept the key: HTTP 401."),
        (
            "withheld: steps, url",
            "The draft broke the rule for negative options and is withheld: steps, addresses.",
        ),
        ("words of an older version", "words of an older version"),
        ("", ""),
    ],
)
def test_a_problem_is_said_in_words(problem, words):
    assert problems.worded(problem) == words


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        ("not_json", "The reply is not JSON"),
        (
            "wrong_shape: tags.0.score",
            "The reply has not the shape that was asked for (tags.0.score)",
        ),
    ],
)
def test_a_model_is_told_in_english_whoever_looks(problem, words):
    with translation.override("zh-hans"):
        assert problems.in_english(problem) == words


def test_every_problem_and_flag_that_the_code_names_has_words():
    sources = "".join(path.read_text() for path in Path(ROOT / "curation/drafting").rglob("*.py"))
    before = (
        r'problem(?:: str)?(?: = |=|": )|Unusable\(|Changed\(|(?:reason|pause)='
        r"|(?:\(|return )\s*Outcome\.[A-Z_]+,\s*"
    )
    named = set(re.findall(rf'(?:{before})f?"([a-z_]+)', sources))

    assert {"wrong_nonce", "changed", "dearer", "rate_limited", "other_model"} <= named
    assert named - set(problems.WORDS) == set()
    assert checks.WITHHELD - set(problems.FLAGS) == set()


def test_a_field_too_many_is_called_that():
    assert problems.worded("wrong_shape: +") == (
        "The reply has not the shape that was asked for: an extra field."
    )
