"""The form of guard models: the id of a category, or `sec` for none, and perhaps an explanation."""

import re

from curation.drafting.critics.base import LONGEST_EXPLANATION, Critic, Opinion, Outcome, Said
from curation.drafting.reading import Unusable
from curation.models import Endpoint

NONE = "sec"  # the id of what falls under no category
FORM = re.compile(
    r"\A\s*(?P<id>[A-Za-z0-9_.-]{1,80})\s*"
    r"(?:<explanation>(?P<why>(?:(?!</?explanation>).)*)</explanation>\s*)?\Z",
    re.DOTALL,
)


class Category(Critic):
    form = Endpoint.CriticFormat.CATEGORY
    prompt = "critique_category"

    def read(self, said: Said) -> tuple[Opinion, list[str]]:
        found = FORM.match(said.content)
        # An id that the critic was not told is no category, so nobody knows what it means.
        if not found or found["id"] not in said.codes | {NONE}:
            raise Unusable("unclear")
        why = (found["why"] or "").strip()
        if len(why) > LONGEST_EXPLANATION:
            raise Unusable("too_long")
        flags = ["repaired"] if "\ufffd" in said.content else []
        if found["id"] == NONE:
            return Opinion(Outcome.SAFE, 0.0, explanation=why), flags
        return Opinion(Outcome.UNSAFE, 1.0, [found["id"]], why), flags
