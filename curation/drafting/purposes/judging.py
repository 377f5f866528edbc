"""A judge's verdict on an answer: proposed to people, never settling anything alone."""

from collections.abc import Iterable
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from curation import verdicts
from curation.drafting.purposes.about_answer import AboutAnswer
from curation.drafting.reading import Reading, Unusable, shaped
from curation.drafting.requests import nonce_of
from curation.drafting.shapes import Marked, closed, text
from curation.models import Answer, Attempt, Call, Draft, DraftRole, Purpose, Verdict
from curation.models.answer import REPLY_LENGTH

LONGEST_REASON = 2_000  # characters
INJECTION = "injection"


class JudgeReply(Marked):
    verdict: Literal["good", "bad", "undecided"]
    reason: Annotated[str, Field(min_length=1, max_length=LONGEST_REASON)]


class Judging(AboutAnswer):
    purpose = Purpose.JUDGE
    role = DraftRole.JUDGE
    defaults: ClassVar[dict[str, Any]] = {"temperature": 0, "max_tokens": 1000, "seed": 0}
    schema: ClassVar[dict[str, Any]] = closed(
        verdict={"type": "string", "enum": Verdict.Outcome.values}, reason=text(LONGEST_REASON)
    )
    shape = JudgeReply

    def read(self, call: Call, attempt: Attempt) -> Reading:
        try:
            value, flags = shaped(
                attempt.content,
                self.shape,
                nonce=nonce_of(call.key),
            )
        except Unusable as reason:
            return Reading(reason=str(reason))
        return Reading(value, flags=flags + self.suspicions(call))

    def apply(self, drafts: Iterable[Draft]) -> dict[int, str]:
        """Record each verdict under the judge's name, but no "good" that may have been talked into.

        Said again it changes nothing, so applying a draft twice is no harm.
        """
        # In one order, as the verdicts of an answer wait for one another.
        wanted = sorted(drafts, key=lambda draft: int(draft.attempt.call.about["answer"]))
        answers = Answer.objects.in_bulk({draft.attempt.call.about["answer"] for draft in wanted})
        problems: dict[int, str] = {}
        for draft in wanted:
            said = draft.parsed or {}
            if said["verdict"] == Verdict.Outcome.GOOD and INJECTION in draft.flags:
                problems[draft.pk] = INJECTION
                continue
            call = draft.attempt.call
            verdicts.record(
                answer=answers[call.about["answer"]],
                outcome=said["verdict"],
                source=Verdict.Source.JUDGE,
                judge_name=call.endpoint.name,
                judge_reply=draft.attempt.content[:REPLY_LENGTH],
            )
        return problems
