"""Words and badges for runs and calls."""

from datetime import datetime

from django import template
from django.utils.translation import gettext as _

from curation.drafting import farewells, problems
from curation.models import Attempt, Call, Run

register = template.Library()

RUN_KINDS = {
    Run.Status.PLANNING: "info",
    Run.Status.RUNNING: "info",
    Run.Status.PAUSED: "warn",
    Run.Status.FINISHED: "good",
    Run.Status.CANCELLED: "neutral",
}
CALL_KINDS = {
    Call.Status.LEASED: "info",
    Call.Status.RESPONDED: "info",
    Call.Status.DONE: "good",
    Call.Status.REFUSED: "warn",
    Call.Status.UNUSABLE: "warn",
    Call.Status.FAILED: "bad",
}
ATTEMPT_KINDS = {
    Attempt.Outcome.REPLIED: "good",
    Attempt.Outcome.REFUSED: "warn",
    Attempt.Outcome.FILTERED: "warn",
    Attempt.Outcome.TRUNCATED: "warn",
}


@register.filter
def worded(problem: str) -> str:
    """Say a stored problem in words."""
    return problems.worded(problem)


@register.filter
def flagged(flags: list[str]) -> str:
    """Say in words what is doubtful about a text."""
    return problems.flags_worded(flags)


@register.filter
def ends_at(notice: str) -> datetime | None:
    """Return when a server says that its model goes away."""
    return farewells.ends_at(notice)


@register.filter
def run_kind(run: Run) -> str:
    return RUN_KINDS[Run.Status(run.status)]


@register.filter
def call_kind(call: Call) -> str:
    return CALL_KINDS.get(Call.Status(call.status), "neutral")


@register.filter
def call_status(status: str) -> str:
    return str(Call.Status(status).label)


@register.filter
def attempt_kind(attempt: Attempt) -> str:
    return ATTEMPT_KINDS.get(Attempt.Outcome(attempt.outcome), "bad")


@register.filter
def grouped(number: int) -> str:
    """Write a large number so that it can be read."""
    return f"{number:,}"


@register.filter
def duration(seconds: float | None) -> str:
    """Say about how long, in the largest fitting unit."""
    if seconds is None:
        return ""
    if seconds < 90:
        return _("{n} s").format(n=max(1, round(seconds)))
    if seconds < 5400:
        return _("{n} min").format(n=round(seconds / 60))
    return _("{n} h").format(n=round(seconds / 3600))
