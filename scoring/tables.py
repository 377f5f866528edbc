"""A report as text in columns, for a terminal."""

import unicodedata
from collections.abc import Sequence

from scoring.consistency import Cells, Score
from scoring.reports import Report

_HEADS = (
    *("", "n", "CS", "CSS", "open", "choice"),
    *("both safe", "both unsafe", "open only", "choice only"),
    *("unreadable open", "unreadable choice", "missing"),
)


def render(report: Report) -> str:
    """What was scored, one row of figures a group and one overall; shares in per cent."""
    named = [
        f"release  {report.release or '(unnamed)'}  sha256 {report.sha256 or '(none)'}",
        f"subject  {report.subject or '(unnamed)'}",
        f"parser   {report.parser}    policy  {report.policy}",
        f"judges   {_judges(report)}",
    ]
    rows = [_row(name or "(none)", group) for name, group in report.groups]
    return "\n".join([*named, "", *_aligned([_HEADS, *rows, _row("overall", report.overall)])])


def _judges(report: Report) -> str:
    named = [f"{name or '(unnamed)'} {count}" for name, count in sorted(report.judges.items())]
    return ", ".join(named) or "(none)"


def _row(name: str, score: Score) -> tuple[str, ...]:
    cells = score.cells
    shares = (_share(cells, rate) for rate in ("cs", "css", "open_rate", "choice_rate"))
    counts = (
        *(cells.both_safe, cells.both_unsafe, cells.open_only, cells.choice_only),
        *(score.unreadable_open, score.unreadable_choice, score.missing),
    )
    return (name, str(cells.n), *shares, *map(str, counts))


def _share(cells: Cells, name: str) -> str:
    rate, bounds = cells.rate(name), cells.interval(name)
    if rate is None or bounds is None:
        return "–"
    low, high = bounds
    return f"{rate:.1%} [{low * 100:.1f}, {high * 100:.1f}]"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(_padded(row, widths)).rstrip() for row in rows]


def _padded(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    gaps = [" " * (width - _width(text)) for text, width in zip(row, widths, strict=True)]
    first, *figures = zip(row, gaps, strict=True)
    return ["".join(first), *(gap + text for text, gap in figures)]


def _width(text: str) -> int:
    """Columns on a terminal: East Asian wide letters take two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
