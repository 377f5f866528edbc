"""The critique of an answer: how risky it is, by which tags, and why."""

from collections.abc import Iterable
from typing import Any, ClassVar

from curation import known_tags
from curation.drafting.critics import BY_PROMPT, CRITICS
from curation.drafting.critics.base import Critic, Said
from curation.drafting.critics.verdict_json import VerdictReply
from curation.drafting.purposes.about_answer import AboutAnswer
from curation.drafting.purposes.tags import taxonomy_block
from curation.drafting.reading import Reading, Unusable
from curation.drafting.requests import nonce_of
from curation.models import Attempt, Call, Draft, DraftRole, Endpoint, Purpose


class Critique(AboutAnswer):
    """The form of a call is the one its prompt asks for, whatever its endpoint speaks today."""

    purpose = Purpose.CRITIQUE
    role = DraftRole.CRITIC
    defaults: ClassVar[dict[str, Any]] = {"temperature": 0, "max_tokens": 1000, "seed": 0}
    schema: ClassVar[dict[str, Any] | None] = CRITICS[Endpoint.CriticFormat.VERDICT_JSON].schema
    shape = VerdictReply

    def schema_of(self, call: Call) -> dict[str, Any] | None:
        return critic_of(call).schema

    def slots(self, call: Call) -> dict[str, str]:
        slots = super().slots(call)
        if critic_of(call).told_tags:
            slots["taxonomy"] = taxonomy_block(call.about["taxonomy"], call.item.language)
        return slots

    def read(self, call: Call, attempt: Attempt) -> Reading:
        critic = critic_of(call)
        codes = {tag.code for tag in known_tags.of_version(call.about["taxonomy"])}
        said = Said(
            content=attempt.content,
            raw=bytes(attempt.raw) if critic.reads_raw else b"",
            nonce=nonce_of(call.key),
            codes=frozenset(codes),
        )
        try:
            opinion, flags = critic.read(said)
        except Unusable as reason:
            return Reading(reason=str(reason))
        return Reading(opinion.value(), flags=flags + self.suspicions(call))

    def apply(self, drafts: Iterable[Draft]) -> dict[int, str]:
        """Nothing is changed: the draft itself is what people read beside the answer."""
        return {}


def critic_of(call: Call) -> Critic:
    assert call.prompt is not None  # noqa: S101 - a critic is always asked in words of ours
    return BY_PROMPT[call.prompt.name]
