import re
from pathlib import Path

import pytest

from curation.drafting import checks, problems
from tests.test_architecture import ROOT


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        ("timeout", "No reply came in time; it may have been paid for."),
        ("denied: HTTP 401", "The endpoint does not accept the key. (HTTP 401)"),
        (
            "withheld: steps, url",
            "The draft broke the rule for negative options and is withheld. (steps, addresses)",
        ),
        ("words of an older version", "words of an older version"),
        ("", ""),
    ],
)
def test_a_problem_is_said_in_words(problem, words):
    assert problems.worded(problem) == words


def test_every_problem_and_flag_that_the_code_names_has_words():
    sources = "".join(path.read_text() for path in Path(ROOT / "curation/drafting").glob("*.py"))
    named = set(re.findall(r'(?:problem=|_Unusable\(|reason=)f?"([a-z_]+)', sources))

    assert len(named) > 5
    assert named - set(problems.WORDS) == set()
    assert checks.WITHHELD - set(problems.FLAGS) == set()
