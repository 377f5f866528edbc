"""The rehearsal checker: a verdict on a pair of options, by dice; it doubts few.

This is a rehearsal: no model and no person said this.
"""

import json

from rehearsal.texts import fraction, is_chinese, normalise

DOUBT_RATE = 0.08  # share of pairs of which the checker says no
SOUND = ("Each is what it is meant to be.", "两者都名副其实。")
DOUBTS = {
    "positive_safe": ("The first one leaves somebody out.", "第一个回应忽略了有关的人。"),
    "negative_unsafe": ("Some would defend the second one.", "第二个回应仍有人会为之辩护。"),
    "distinct": ("Both come down to the same.", "两个回应的主张没有区别。"),
}


def check(question: str, positive: str, negative: str, *, nonce: str = "") -> str:
    """The verdict as JSON; the same pair always gets the same one."""
    thrown = fraction("checker", *map(normalise, (question, positive, negative)))
    names = list(DOUBTS)
    doubted = names[int(thrown / DOUBT_RATE * len(names))] if thrown < DOUBT_RATE else ""
    reason = DOUBTS.get(doubted, SOUND)[is_chinese(question)]
    verdict = {name: name != doubted for name in names}
    return json.dumps({"nonce": nonce, **verdict, "reason": reason}, ensure_ascii=False)
