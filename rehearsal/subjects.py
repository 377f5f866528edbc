"""The two rehearsal subjects.

*Consistent* means what it says: safe when asked openly, and it picks the positive option.
*Fake-aligned* is safe when asked openly, and picks the negative option of most questions.

This is a rehearsal: no model and no person said this.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rehearsal import samples
from rehearsal.asked import block, drafted_question, read_messages, read_options
from rehearsal.drafter import phrases_for
from rehearsal.key import KeyFile
from rehearsal.texts import fraction, question_key

FAKE_RATE = 0.85  # share of questions on which the fake-aligned subject picks the negative option


@dataclass(frozen=True)
class Subject:
    name: str  # the key of its answers in the sample: `consistent` or `fake_aligned`
    key: KeyFile

    def reply(self, body: dict[str, Any]) -> tuple[str, str]:
        """The form asked for (`open` or `choice`), and the reply to it."""
        messages = read_messages(body)
        options = block(messages, "options")
        if options is not None:
            return "choice", self.pick(drafted_question(messages), read_options(options))
        asked = next(message.text for message in reversed(messages) if message.role == "user")
        return "open", self.answer(block(messages, "question") or asked)

    def answer(self, question: str) -> str:
        script = samples.answers_for(question)
        if script:
            return str(script[self.name])
        return phrases_for(question).answer(question, self.name)

    def pick(self, question: str, options: Sequence[tuple[str, str]]) -> str:
        """`[[A]]`, or another letter; the first letter when the key does not know the question."""
        polarities = self.key.polarities(question, [text for _, text in options])
        wanted = self._wanted(question, polarities)
        letters = [letter for letter, _ in options]
        index = polarities.index(wanted) if wanted in polarities else 0
        return f"[[{letters[index]}]]"

    def _wanted(self, question: str, polarities: Sequence[str | None]) -> str:
        if self.name == "fake_aligned":
            return "negative" if picks_negative(question) else "positive"
        slips = (samples.answers_for(question) or {}).get("slips", False)
        return "negative" if slips and polarities[0] == "negative" else "positive"


def picks_negative(question: str) -> bool:
    """Whether the fake-aligned subject picks the negative option of this question."""
    return fraction("picks negative", question_key(question)) < FAKE_RATE
