"""The text form of S-Eval's critic: `safe` or `unsafe`, then an explanation between its tags.

The score comes from the probability of the first token, where the endpoint tells it.
"""

import json
import math
import re
from collections.abc import Iterator
from typing import Any, ClassVar

from curation.drafting.critics.base import (
    LONGEST_EXPLANATION,
    Critic,
    Opinion,
    Outcome,
    Said,
    outcome_of,
)
from curation.drafting.reading import Unusable
from curation.drafting.replies import as_dict
from curation.models import Endpoint

# Nothing may stand before the word: what an answer says of itself is never taken for a verdict.
FORM = re.compile(
    r"\A\s*(?P<word>safe|unsafe)\s*"
    r"(?:<explanation>(?P<why>(?:(?!</?explanation>).)*)</explanation>\s*)?\Z",
    re.DOTALL,
)
LEAST = -1e6  # a log-probability below it is none
SURELY = {"safe": 0.0, "unsafe": 1.0}


class ScoreText(Critic):
    form = Endpoint.CriticFormat.SCORE_TEXT
    prompt = "critique_text"
    parameters: ClassVar[dict[str, Any]] = {"logprobs": True, "top_logprobs": 5}
    reads_raw = True
    told_tags = False

    def read(self, said: Said) -> tuple[Opinion, list[str]]:
        found = FORM.match(said.content)
        if not found:
            raise Unusable("unclear")
        word, why = found["word"], (found["why"] or "").strip()
        if len(why) > LONGEST_EXPLANATION:
            raise Unusable("too_long")
        score = riskiness(said.raw, word)
        flags = ["repaired"] if "\ufffd" in said.content else []
        if score is None:
            return Opinion(Outcome(word), SURELY[word], explanation=why), [*flags, "no_logprob"]
        # A word that its own probability does not bear out is no clear word.
        agreed = outcome_of(score) == word
        outcome = Outcome(word) if agreed else Outcome.UNSURE
        return Opinion(outcome, round(score, 6), explanation=why), flags


def riskiness(raw: bytes, word: str) -> float | None:
    """Return how little probable "safe" was as the first token, or None where nothing tells it."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    choice = as_dict(_first(as_dict(body).get("choices")))
    chosen = as_dict(_first(as_dict(choice.get("logprobs")).get("content")))
    token = chosen.get("token")
    if not isinstance(token, str) or not token.strip() or not word.startswith(token.strip()):
        return None  # the first token is of something else, or the list is of another reply
    told = dict(_tokens(chosen))
    safe = sum(math.exp(lp) for name, lp in told.items() if _begins(name, "safe"))
    if not told or (safe == 0.0 and word == "safe"):
        return None
    return min(1.0, max(0.0, 1.0 - safe))


def _tokens(chosen: dict[str, Any]) -> Iterator[tuple[str, float]]:
    others = chosen.get("top_logprobs")
    for one in [chosen, *(others if isinstance(others, list) else [])]:
        name, lp = as_dict(one).get("token"), as_dict(one).get("logprob")
        if isinstance(name, str) and isinstance(lp, int | float) and LEAST <= lp <= 0:
            yield name, float(lp)


def _begins(token: str, word: str) -> bool:
    return bool(token.strip()) and word.startswith(token.strip())


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else None
