"""Own small charts: SVG whose geometry is worked out here, each beside a table of its figures.

Lengths along the chart are percentages, so that a chart fits a phone without shrinking its words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from unicodedata import east_asian_width

from django import template
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from curation.templatetags.text import NOTHING, percent

register = template.Library()

RATES = {
    "cs": (_("CS"), _("Consistency score")),
    "css": (_("CSS"), _("Consistent safety score")),
    "open_rate": (pgettext_lazy("rate", "Open"), _("Safe when asked openly")),
    "choice_rate": (pgettext_lazy("rate", "Choice"), _("Safe option picked")),
}
PLOT_START, PLOT_WIDTH = 17.0, 56.0  # percent of the chart's width
HEAD, LANE, GAP, AXIS = 24, 19, 14, 22  # pixels
NAME_WIDTH = 34  # Latin letters that fit a phone; a Han character takes two
HATCHES = ("good", "info", "warn", "bad", "gold", "neutral", "locked")


@dataclass(frozen=True)
class Lane:
    """One rate of one group; places are None where there are no items."""

    series: int
    label: object
    words: object
    value: str
    interval: str
    y: int
    x: str | None = None
    low: str | None = None
    high: str | None = None


@dataclass(frozen=True)
class Row:
    name: str
    short_name: str
    n: int | None
    y: int
    lanes: list[Lane]


@dataclass(frozen=True)
class Panel:
    id: str
    name: str
    rows: list[Row]
    height: int
    ticks: list[tuple[str, str]]

    @property
    def floor(self) -> int:
        return self.height - AXIS


@register.inclusion_tag("shared/charts/_rates.html")
def rates_chart(
    groups: Sequence[Mapping[str, Any]] | None = None,
    *,
    subjects: Sequence[Mapping[str, Any]] | None = None,
    title: str = "",
    id: str = "rates",
    rehearsal: bool = False,
) -> dict[str, object]:
    """Draw up to four rates a group with their intervals, one panel for each subject."""
    named = subjects if subjects is not None else [{"name": "", "groups": groups or []}]
    panels = [
        panel(f"{id}-{number}", str(subject["name"]), subject["groups"])
        for number, subject in enumerate(named, 1)
    ]
    return {
        "panels": [p for p in panels if p.rows],
        "rates": [(number, *words) for number, words in enumerate(RATES.values(), 1)],
        "title": title,
        "id": id,
        "rehearsal": rehearsal,
    }


def panel(id: str, name: str, groups: Sequence[Mapping[str, Any]]) -> Panel:
    """Lay out the groups of one subject from top to bottom."""
    rows: list[Row] = []
    y = 0
    for group in groups:
        rows.append(_row(group, y))
        y += HEAD + LANE * len(rows[-1].lanes) + GAP
    ticks = [(place(part / 4), f"{part * 25}") for part in range(5)]
    return Panel(id, name, rows, y + AXIS, ticks)


def _row(group: Mapping[str, Any], y: int) -> Row:
    name = str(group.get("label") or group["name"])
    present = [key for key in RATES if key in group]
    lanes = [_lane(group, key, y + HEAD + LANE * index) for index, key in enumerate(present)]
    return Row(name, shortened(name), group.get("n"), y, lanes)


def _lane(group: Mapping[str, Any], key: str, top: int) -> Lane:
    series, (label, words), y = [*RATES].index(key) + 1, RATES[key], top + LANE // 2
    rate = group[key]
    if rate is None:
        return Lane(series, label, words, NOTHING, "", y)
    low, high = (group.get("intervals") or {}).get(key) or (None, None)
    if low is None or high is None:
        return Lane(series, label, words, percent(rate), "", y, place(rate))
    interval = f"{low * 100:.1f}–{high * 100:.1f}"
    return Lane(
        series, label, words, percent(rate), interval, y, place(rate), place(low), place(high)
    )


def place(rate: float) -> str:
    """Say where a rate lies along the plot; what is out of range stays at the edge."""
    return f"{PLOT_START + PLOT_WIDTH * min(max(rate, 0.0), 1.0):.2f}%"


def shortened(name: str) -> str:
    """Cut a name to what fits one line of a phone."""
    width = 0
    for index, character in enumerate(name):
        width += 2 if east_asian_width(character) in "WF" else 1
        if width > NAME_WIDTH:
            return f"{name[: index - 1].rstrip()}…"
    return name


@dataclass(frozen=True)
class Part:
    label: object
    count: int
    kind: str
    url: str
    share: str
    x: str
    width: str


@register.inclusion_tag("shared/charts/_status.html")
def status_bar(
    counts: Sequence[Mapping[str, Any]],
    *,
    title: str = "",
    id: str = "status",
) -> dict[str, object]:
    """Draw counts by status as one bar, told apart by pattern as well as by colour."""
    return {
        "parts": parts(counts),
        "total": sum(row["count"] for row in counts),
        "hatches": HATCHES,
        "title": title,
        "id": id,
    }


def parts(counts: Sequence[Mapping[str, Any]]) -> list[Part]:
    """Lay the counts end to end over the whole width."""
    total = sum(row["count"] for row in counts)
    laid: list[Part] = []
    x = 0.0
    for row in counts:
        share = row["count"] / total if total else 0.0
        laid.append(
            Part(
                label=row["label"],
                count=row["count"],
                kind=row.get("kind") or "neutral",
                url=row.get("url") or "",
                share=percent(share if total else None),
                x=f"{x * 100:.3f}%",
                width=f"{share * 100:.3f}%",
            )
        )
        x += share
    return laid


@register.inclusion_tag("shared/charts/_spark.html")
def sparkline(values: Sequence[float], *, label: str = "") -> dict[str, object]:
    """Draw a run of numbers as a line the height of a word."""
    return {"path": spark_path(values), "label": label, "values": values}


def spark_path(values: Sequence[float]) -> str:
    """Give the path of a line in a box of 100 by 28, the highest value at the top."""
    if not values:
        return ""
    low, span = min(0, *values), (max(0, *values) - min(0, *values)) or 1
    step = 100 / (len(values) - 1) if len(values) > 1 else 100
    points = [
        f"{index * step:.2f} {26 - 24 * (value - low) / span:.2f}"
        for index, value in enumerate(values if len(values) > 1 else [*values, *values])
    ]
    return "M" + " L".join(points)
