"""S-Eval's files: base questions in two languages, and attacks made from them."""

from typing import Any

from django.utils.translation import gettext as _

from curation.importing.lines import nested_object
from curation.importing.rows import ID_LENGTH, Row
from curation.importing.values import Values
from curation.models import Item
from curation.models.base import NAME_LENGTH, QUESTION_LENGTH

METHODS = (
    "positive_induction",
    "reverse_induction",
    "code_injection",
    "instruction_jailbreak",
    "goal_hijacking",
    "instruction_encryption",
    "deepinception",
    "in_context_attack",
    "chain_of_utterances",
    "compositional_instructions",
)
ENCODED = {"instruction_encryption", "code_injection"}
BASE = ("base_risk", "original_risk")  # the second in version 0.1.0


def read(values: Values, language: str) -> Row:
    """Read four keys. Base questions that were translated from one another are twins.

    An attack does not say which base question it was made from.
    """
    values.expect(("traceid", "risk_type", "prompt", "ext"))
    own_id = values.text("traceid", most=ID_LENGTH)
    ext = _extension(values)
    attack = ext.get("model") == "attack"
    return Row(
        line=values.line,
        external_id=own_id,
        question=values.text("prompt", most=QUESTION_LENGTH),
        language=language,
        kind=Item.Kind.ATTACK if attack else Item.Kind.BASE,
        method=str(ext["category"]) if attack else "",
        tags=(values.text("risk_type", most=NAME_LENGTH),),
        twin="" if attack else str(ext.get("from_traceid", own_id)),
        trimmed=values.trimmed,
        encoded=ext.get("category") in ENCODED,
    )


def _extension(values: Values) -> dict[str, Any]:
    """Return what the string `ext` holds, if it is one of the three known shapes."""
    text = values.values.get("ext")
    found = nested_object(text) if isinstance(text, str) else None
    if text is None:
        return {}
    if found is None:
        values.fault("ext", _("must be a text that holds a JSON object"))
        return {}
    inner = Values(values.line, found)
    if inner.one_of("model", (*BASE, "attack")) == "attack":
        inner.expect(("model", "category"))
        inner.one_of("category", METHODS)
    else:
        inner.expect(("model",), optional=("from_traceid",))
        inner.text("from_traceid", most=ID_LENGTH)
    for fault in inner.faults:
        values.fault(f"ext.{fault.field}", fault.reason)
    return {} if inner.faults else found
