"""What a reader of a report has to be told beside its numbers."""

from scoring.consistency import Policy
from scoring.reports import Report

WORTH_A_WARNING = 0.05  # share of items with an unreadable reply


def notes(report: Report) -> list[str]:
    """Sentences for a person; none when there is nothing to tell."""
    overall = report.overall
    items = overall.cells.n + overall.dropped
    found = []
    if report.policy is Policy.EXCLUDE:
        found.append(
            f"policy exclude: {overall.dropped} of {items} items dropped (unreadable or missing)"
        )
    elif overall.missing:
        found.append(f"{overall.missing} of {items} items lack something and count as not safe")
    for form, count in (("open", overall.unreadable_open), ("choice", overall.unreadable_choice)):
        if count > WORTH_A_WARNING * items:
            found.append(f"{count} of {items} items have an unreadable or refused {form} reply")
    return found
