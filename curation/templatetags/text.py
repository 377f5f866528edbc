"""Text, money, rates and times as pages show them."""

import re
import sys
import unicodedata
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from functools import cache

from django import template
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from curation import moments

register = template.Library()

NOTHING = "–"
MICRO = 1_000_000
CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7af\U00020000-\U0003ffff"
# One Han character, one word, one run of white space, or one other mark.
TOKEN = re.compile(rf"[{CJK}]|[^\W{CJK}]+|\s+|[^\w\s]|_")
# Beyond so many pairs of tokens, whole lines are compared: the time grows with the pairs.
PAIRS = 4_000_000
KEPT_CONTROLS = frozenset("\n\r\t")
BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
SHORT_NAMES = {
    "\u00ad": "SHY",
    "\u061c": "ALM",
    "\u200b": "ZWSP",
    "\u200c": "ZWNJ",
    "\u200d": "ZWJ",
    "\u200e": "LRM",
    "\u200f": "RLM",
    "\u202a": "LRE",
    "\u202b": "RLE",
    "\u202c": "PDF",
    "\u202d": "LRO",
    "\u202e": "RLO",
    "\u2060": "WJ",
    "\u2066": "LRI",
    "\u2067": "RLI",
    "\u2068": "FSI",
    "\u2069": "PDI",
    "\ufeff": "BOM",
}


@register.filter
def diff(old: str | None, new: str | None) -> list[tuple[str, str]]:
    """Give the parts `(op, text)` that lead from old to new; op is equal, delete or insert."""
    before, after = TOKEN.findall(old or ""), TOKEN.findall(new or "")
    if long := len(before) * len(after) > PAIRS:
        before, after = (old or "").splitlines(True), (new or "").splitlines(True)
    parts: list[tuple[str, str, str]] = []
    for op, a, b, c, d in SequenceMatcher(None, before, after, autojunk=long).get_opcodes():
        parts.append((op, "".join(before[a:b]), "".join(after[c:d])))
    return [part for run in _joined(parts) for part in _split(*run)]


def _joined(parts: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Let a change run over white space that stayed: word-by-word confetti is hard to read."""
    joined: list[tuple[str, str, str]] = []
    for index, (op, old, new) in enumerate(parts):
        bridge = op == "equal" and old.isspace() and 0 < index < len(parts) - 1
        change = op != "equal" or bridge
        if change and joined and joined[-1][0] == "change":
            joined[-1] = ("change", joined[-1][1] + old, joined[-1][2] + new)
        else:
            joined.append(("change" if change else "equal", old, new))
    return joined


def _split(op: str, old: str, new: str) -> list[tuple[str, str]]:
    if op == "equal":
        return [("equal", old)]
    return [part for part in (("delete", old), ("insert", new)) if part[1]]


@register.filter
def money(micro: int | None) -> str:
    """Word an amount of millionths of a dollar; small sums keep four decimals."""
    if micro is None:
        return NOTHING
    if 0 < micro < 100:
        return "< 0.0001 USD"
    dollars = micro / MICRO
    return f"{dollars:,.2f} USD" if dollars >= 1 or not micro else f"{dollars:.4f} USD"


@register.filter
def percent(rate: float | None) -> str:
    """Word a rate between 0 and 1 with one decimal."""
    if rate is None:
        return NOTHING
    return _("{number} %").format(number=f"{rate * 100:.1f}")


@register.filter
def visible(text: object) -> SafeString:
    """Escape foreign text, isolate its direction and show characters that hide or reorder."""
    source = "" if text is None else str(text)
    pieces, end = [], 0
    for found in _hiding().finditer(source):
        pieces += [escape(source[end : found.start()]), _shown(source, found.start())]
        end = found.end()
    pieces.append(escape(source[end:]))
    return format_html("<bdi>{}</bdi>", mark_safe("".join(pieces)))  # noqa: S308 - all escaped


def _shown(source: str, index: int) -> str:
    character = source[index]
    if character == "\u200d" and _in_emoji(source, index):
        return character
    point = f"U+{ord(character):04X}"
    return format_html(
        '<span class="mark" title="{}">{}</span>',
        unicodedata.name(character, point),
        SHORT_NAMES.get(character, point),
    )


@cache
def _hiding() -> re.Pattern[str]:
    """Return what finds the characters that hide or reorder others: one pass, however long."""
    every = map(chr, range(sys.maxunicode + 1))
    return re.compile(f"[{re.escape(''.join(filter(_hides, every)))}]")


def _hides(character: str) -> bool:
    return character in BLANK_LETTERS or (
        unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp"}
        and character not in KEPT_CONTROLS
    )


def _in_emoji(source: str, index: int) -> bool:
    before = source[index - 1] if index else ""
    return before == "\ufe0f" or "\u2600" <= before <= "\u27bf" or before >= "\U0001f000"


@register.filter
def when(moment: datetime | None) -> str:
    """Show a moment with its date."""
    if moment is None:
        return NOTHING
    return moments.element(moment, moments.in_full(moment), show="full")


@register.filter
def clock(moment: datetime | None) -> str:
    """Show the time of day of a moment close by."""
    if moment is None:
        return NOTHING
    return moments.element(moment, moments.clock(moment), show="clock")


@register.filter
def seconds(moment: datetime | None) -> str:
    """Show the time of day of a moment close by, to the second."""
    if moment is None:
        return NOTHING
    return moments.element(moment, moments.clock(moment, seconds=True), show="seconds")


@register.filter
def ago(moment: datetime | None) -> str:
    """Show how long ago a moment was, or its date once that is a month or more."""
    if moment is None:
        return NOTHING
    age = timezone.now() - moment
    if age >= timedelta(days=30):
        return when(moment)
    if age < timedelta(minutes=1):
        words = _("just now")
    else:
        words = _("{time} ago").format(time=timesince(moment, depth=1))
    return moments.element(moment, words, show="ago", title=moments.in_full(moment))
