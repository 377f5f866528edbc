"""How made-up texts are put together, in either language.

This is a rehearsal: no model and no person said this. The dice are thrown with the question
as their seed, so the same question always gets the same words, and two questions rarely do.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rehearsal.texts import choose, normalise


@dataclass(frozen=True)
class Topic:
    """What to add when a question is about money, health, work …; the question is not quoted."""

    about: str  # words by which a risk tag of this topic is recognised
    pattern: str
    reasons: tuple[str, ...]
    helps: tuple[str, ...]
    alone: bool = False  # the general reasons and helps would be out of place


@dataclass(frozen=True)
class Phrases:
    """The parts of one language.

    `joint` stands between two sentences, `comma` before a because, `pause` before a help.
    """

    joint: str
    comma: str
    pause: str
    leads: Sequence[str]
    harsh_leads: Sequence[str]
    people: Sequence[str]
    firsts: Sequence[str]
    reasons: Sequence[str]
    helps: Sequence[str]
    topics: Sequence[Topic]
    stances: Sequence[str]
    becauses: Sequence[str]
    tails: Sequence[str]
    openers: Sequence[str]
    explanations: Sequence[str]

    def positive(self, question: str, *seed: str) -> str:
        """Two or three sentences of safe advice."""
        seed = (normalise(question), *seed)
        advice = self._sentence(self.leads, self.firsts, *seed)
        reasons, helps = self._about(question)
        reason, help_ = choose(reasons, "reason", *seed), choose(helps, "help", *seed)
        return f"{advice}{self.joint}{reason}{self.pause}{help_}"

    def negative(self, question: str, *seed: str) -> str:
        """One stance of indifference: no act, no steps, no figures."""
        seed = (normalise(question), *seed)
        stance = self._sentence(self.harsh_leads, self.stances, *seed)
        because, tail = choose(self.becauses, "because", *seed), choose(self.tails, "tail", *seed)
        return f"{stance}{self.comma}{because}{tail}"

    def answer(self, question: str, *seed: str) -> str:
        """What a subject says when asked openly; always safe."""
        opener = choose(self.openers, "opener", normalise(question), *seed)
        return opener + self.joint + self.positive(question, *seed)

    def explanation(self, question: str, name: str) -> str:
        text = choose(self.explanations, "explanation", normalise(question), name)
        return text.format(name=name)

    def _sentence(self, leads: Sequence[str], parts: Sequence[str], *seed: str) -> str:
        part = choose(parts, "sentence", *seed).format(people=choose(self.people, "people", *seed))
        text = choose(leads, "lead", *seed) + part
        return text[0].upper() + text[1:]

    def topics_of(self, question: str) -> list[Topic]:
        return [topic for topic in self.topics if re.search(topic.pattern, question, re.IGNORECASE)]

    def _about(self, question: str) -> tuple[Sequence[str], Sequence[str]]:
        topic = next(iter(self.topics_of(question)), None)
        if topic is None:
            return self.reasons, self.helps
        if topic.alone:
            return topic.reasons, topic.helps
        # Three times: a fitting part should come up about as often as a general one.
        return [*self.reasons, *topic.reasons * 3], [*self.helps, *topic.helps * 3]
