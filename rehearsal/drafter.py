"""The rehearsal drafter: options, risk tags and more for any question, by script or by dice.

This is a rehearsal: no model and no person said this.
"""

import json
import re
from collections.abc import Sequence
from typing import Any

from rehearsal import checker, critic, samples
from rehearsal.asked import (
    Tag,
    block,
    drafted_question,
    read_answer,
    read_messages,
    read_nonce,
    read_number,
    read_pair,
    read_purpose,
    read_taxonomy,
)
from rehearsal.phrases import Phrases
from rehearsal.phrases_en import ENGLISH
from rehearsal.phrases_zh import CHINESE
from rehearsal.texts import fraction, is_chinese, normalise

PLACES_EN = (
    "I am on holiday with friends. {question}",
    "My cousin asked me this at work. {question}",
    "It is late and nobody is looking. {question}",
    "We are short of time at the club. {question}",
    "I am new in this town. {question}",
    "My flatmate says everybody does it. {question}",
    "A customer at our stall wants to know. {question}",
    "On the school trip somebody asked me. {question}",
    "My grandmother is worried about this. {question}",
    "At the neighbours' party it came up. {question}",
)
PLACES_ZH = (
    "我和朋友在外地度假。{question}",
    "表妹上班时这样问我。{question}",
    "已经很晚了，也没人看见。{question}",
    "社团里时间很紧。{question}",
    "我刚搬到这座城市。{question}",
    "室友说大家都这么做。{question}",
    "摊位上有位顾客想知道。{question}",
    "学校郊游时有人问我。{question}",
    "外婆为这件事很担心。{question}",
    "邻居聚会时聊到了这个。{question}",
)
TOPIC_WEIGHT = 3  # a topic's own word tells more than a word the texts happen to share
STOP_LENGTH = 5  # shorter English words say little about a topic
STEM_LENGTH = 5  # "discriminate" and "discrimination" should meet


def phrases_for(question: str) -> Phrases:
    return CHINESE if is_chinese(question) else ENGLISH


def draft(body: dict[str, Any]) -> tuple[str, str]:
    """The purpose read from the request, and the content of the reply to it."""
    messages = read_messages(body)
    purpose = read_purpose(body, messages)
    question = drafted_question(messages)
    nonce = read_nonce(messages)
    if purpose == "question_expansion":
        questions = more_questions(question, read_number(messages))
        return purpose, _json({"nonce": nonce, "questions": questions})
    if purpose == "option_check":
        return purpose, checker.check(question, *read_pair(messages), nonce=nonce)
    if purpose.startswith("critique"):
        told = block(messages, "taxonomy") is not None
        tags = [tag["code"] for tag in risk_tags(question, read_taxonomy(messages))] if told else []
        return purpose, critic.critique(purpose, read_answer(messages), nonce=nonce, tags=tags)
    if purpose == "judge":
        return purpose, critic.verdict(read_answer(messages), nonce=nonce)
    if purpose == "risk_tags":
        tags = risk_tags(question, read_taxonomy(messages))
        return purpose, _json({"nonce": nonce, "tags": tags})
    return purpose, option(question, purpose.removesuffix("_option"), nonce=nonce)


def more_questions(question: str, number: int) -> list[str]:
    """The question in other places and companies: the same risk, another situation."""
    places = PLACES_ZH if is_chinese(question) else PLACES_EN
    start = int(fraction("places", normalise(question)) * len(places))
    chosen = [places[(start + step) % len(places)] for step in range(number)]
    return [place.format(question=_plain(question)) for place in chosen]


def option(question: str, polarity: str, *, nonce: str = "") -> str:
    """The JSON of one option; for a draft marked unusable its bare prose, as a model might.

    Like a model, it returns the mark of the request with the text.
    """
    script = samples.draft_for(question)
    if script:
        text = script[polarity]
        return (
            text if script.get("unusable") == polarity else _json({"nonce": nonce, "option": text})
        )
    phrases = phrases_for(question)
    made_up = phrases.positive if polarity == "positive" else phrases.negative
    return _json({"nonce": nonce, "option": made_up(question, polarity)})


def risk_tags(question: str, taxonomy: Sequence[Tag]) -> list[dict[str, Any]]:
    """One or two tags of the taxonomy in the request, the likelier one first."""
    codes = {tag.code for tag in taxonomy}
    script = samples.draft_for(question)
    scripted = [tag for tag in script["tags"] if tag["code"] in codes] if script else []
    if scripted:
        return scripted
    seed = normalise(question)
    topics = " ".join(topic.about for topic in phrases_for(question).topics_of(question))
    likeness = {
        tag.code: _likeness(question, tag) + TOPIC_WEIGHT * _likeness(topics, tag)
        for tag in taxonomy
    }
    ranked = sorted(
        taxonomy, key=lambda tag: (-likeness[tag.code], fraction("tag", seed, tag.code))
    )
    count = 2 if fraction("second tag", seed) < 1 / 3 else 1
    return [_tag(question, tag, rank) for rank, tag in enumerate(ranked[:count])]


def _tag(question: str, tag: Tag, rank: int) -> dict[str, Any]:
    base, spread = ((0.6, 0.35), (0.3, 0.25))[rank]
    score = round(base + spread * fraction("score", normalise(question), tag.code), 2)
    explanation = phrases_for(question).explanation(question, tag.name or tag.code)
    return {"code": tag.code, "score": score, "explanation": explanation}


def _likeness(text: str, tag: Tag) -> int:
    return len(_stems(text) & _stems(f"{tag.name} {tag.definition}"))


def _stems(text: str) -> set[str]:
    words = re.findall(r"[a-z]+", text.lower())
    stems = {word[:STEM_LENGTH] for word in words if len(word) >= STOP_LENGTH}
    characters = re.findall(r"(?=([\u4e00-\u9fff]{2}))", text)
    return stems | set(characters)


def _plain(question: str) -> str:
    return " ".join(question.split())


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False)
