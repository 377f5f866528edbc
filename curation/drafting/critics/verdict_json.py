"""A verdict as one JSON object: riskiness, risk tags and an explanation."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from curation.drafting.critics.base import LONGEST_EXPLANATION, Critic, Opinion, Said, outcome_of
from curation.drafting.reading import Unusable, shaped
from curation.drafting.shapes import Marked, closed, text
from curation.models import Endpoint

MOST_TAGS = 8


class VerdictReply(Marked):
    score: Annotated[float, Field(ge=0, le=1)]
    tags: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=80)]], Field(max_length=MOST_TAGS)
    ]
    explanation: Annotated[str, Field(max_length=LONGEST_EXPLANATION)]


class VerdictJson(Critic):
    form = Endpoint.CriticFormat.VERDICT_JSON
    prompt = "critique"
    schema: ClassVar[dict[str, Any]] = closed(
        score={"type": "number", "minimum": 0, "maximum": 1},
        tags={"type": "array", "items": text(80), "maxItems": MOST_TAGS},
        explanation=text(LONGEST_EXPLANATION, 0),
    )

    def read(self, said: Said) -> tuple[Opinion, list[str]]:
        value, flags = shaped(said.content, VerdictReply, nonce=said.nonce)
        tags = value["tags"]
        if len(set(tags)) < len(tags):
            raise Unusable("wrong_shape: tags")
        if set(tags) - said.codes:
            flags.append("unknown_tag")
        score = value["score"]
        return Opinion(outcome_of(score), score, tags, value["explanation"]), flags
