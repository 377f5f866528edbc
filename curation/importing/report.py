"""What an import found: every fault with its line, field and reason."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from curation.refusals import Refused

LISTED = 1_000  # faults that are kept; the others are counted


def shown(text: str, most: int = 60) -> str:
    """Return the start of what a file holds, fit to be repeated in a message."""
    return "".join(c if c.isprintable() else "�" for c in text[:most])


class Fault(NamedTuple):
    """Something wrong at a line of the file."""

    line: int
    field: str
    reason: str


class Faults:
    """Keeps the first faults and counts the rest."""

    def __init__(self) -> None:
        self.listed: list[Fault] = []
        self.count = 0

    def add(self, faults: Iterable[Fault]) -> None:
        for fault in faults:
            self.count += 1
            if len(self.listed) < LISTED:
                self.listed.append(fault)

    def in_order(self) -> list[Fault]:
        return sorted(self.listed)


@dataclass(frozen=True, kw_only=True)
class Report:
    """The result of an import or of its dry run."""

    file: str
    format: str
    source: str
    dry_run: bool
    rows: int
    created: int = 0
    unchanged: int = 0
    already_imported: bool = False
    languages: dict[str, int] = field(default_factory=dict)
    error_count: int = 0
    errors: list[Fault] = field(default_factory=list)
    warning_count: int = 0
    warnings: list[Fault] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return it as it is printed by `--json`."""
        return asdict(self) | {
            "errors": [fault._asdict() for fault in self.errors],
            "warnings": [fault._asdict() for fault in self.warnings],
        }

    @property
    def summary(self) -> str:
        """What happened, in a sentence or two."""
        if self.error_count:
            return ngettext(
                "Nothing was imported: the file has %(count)s error.",
                "Nothing was imported: the file has %(count)s errors.",
                self.error_count,
            ) % {"count": self.error_count}
        if self.already_imported:
            return _("This file is imported already: nothing was changed.")
        words = (
            _("Dry run, nothing was written: %(created)s items would be new, %(same)s unchanged.")
            if self.dry_run
            else _("Imported: %(created)s items are new, %(same)s were there unchanged.")
        )
        return words % {"created": self.created, "same": self.unchanged}


class RowsRefused(Refused):
    """The file was refused whole; the report names every fault."""

    def __init__(self, report: Report) -> None:
        super().__init__(report.summary)
        self.report = report
        self.details = report.as_dict()
