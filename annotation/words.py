"""What people did, in words."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotation.models import Judgement, Matter, Outcome
from annotation.signoff import Why
from curation.models import Item, Option

WHY = {
    Why.UNFIT: gettext_lazy("the question was called unfit"),
    Why.REJECTED: gettext_lazy("an option was rejected"),
    Why.REWRITES: gettext_lazy("rewritten too often"),
    Why.TAGS: gettext_lazy("no agreement on the main tag"),
    Why.NOBODY_LEFT: gettext_lazy("nobody is left to take it"),
    Why.NO_QUORUM: gettext_lazy("workers disagree"),
}


def outcome_words(outcome: str, item: Item) -> str:
    """Word an outcome as the item's kind asks: safe/unsafe, or correct/incorrect."""
    skill = item.kind == Item.Kind.CAPABILITY
    words = {
        Outcome.GOOD: _("correct") if skill else _("safe"),
        Outcome.BAD: _("incorrect") if skill else _("unsafe"),
        Outcome.CANNOT_TELL: _("cannot tell"),
    }
    return words[Outcome(outcome)] if outcome else ""


def why_words(matter: Matter) -> str:
    """Say why a matter is, or was, before a reviewer."""
    return str(WHY[Why(matter.dispute)]) if matter.dispute else ""


def in_words(judgement: Judgement) -> str:
    """Say what has been saved."""
    if judgement.outcome:
        words = outcome_words(judgement.outcome, judgement.matter.item)
        return _("Saved: %(outcome)s.") % {"outcome": words}
    if judgement.unfit:
        return _("Saved: the question is unfit (%(why)s).") % {"why": judgement.get_unfit_display()}
    acts = [
        f"{Option.Polarity(act.polarity).label}: {act.get_act_display()}"
        for act in judgement.acts.order_by("id")
    ]
    return _("Saved: %(acts)s.") % {"acts": "; ".join(acts)}


def texts_in(typed: Mapping[str, Any]) -> list[str]:
    """Return the free texts of a draft, those that were meant to be used."""
    values = {
        name: str(v[0] if isinstance(v, list) and v else v or "") for name, v in typed.items()
    }
    wanted = {"rewrite": "text", "write": "text", "reject": "note"}
    acts = [(name[:-4], values[name]) for name in sorted(values) if name.endswith("-act")]
    found = [values.get(f"{card}-{wanted[act]}", "") for card, act in acts if act in wanted]
    return [text for text in [*found, values.get("note", ""), values.get("reason", "")] if text]
