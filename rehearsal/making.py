"""The first half of the story: from questions to release 1."""

from pathlib import Path
from typing import Any

from rehearsal.browser import Trouble
from rehearsal.people import WORKERS
from rehearsal.settling import settle_all
from rehearsal.shell import manage
from rehearsal.stage import Stage
from rehearsal.telling import Teller
from rehearsal.working import all_work

ENDED = {"gold", "rejected"}


def import_(stage: Stage, file: Path) -> dict[str, Any]:
    script = stage.script
    report: dict[str, Any] = manage(
        *("import_questions", str(file), "--project", script.slug),
        *("--source", script.source, *script.extra),
    )
    return report


def draft(stage: Stage) -> str:
    """Have the worker processes draft what is missing; return figures, or nothing."""
    done = manage("draft", stage.slug, "--wait", hear=stage.hear)
    if done["run"] is None:
        return ""
    statuses = dict(done["by_status"])
    drafted = statuses.pop("done", 0)
    rest = ", ".join(f"{number} {status}" for status, number in statuses.items() if number)
    return f"{drafted} of {done['calls']} drafts can be used" + (f" ({rest})" if rest else "")


def open_campaign(stage: Stage, kind: str, name: str) -> dict[str, Any]:
    # Scripts need no care: they would wait for breaks that are made for people.
    careless = ("--exposure-day", "0", "--break-after", "0")
    opened: dict[str, Any] = manage(
        "open_campaign", stage.slug, "--kind", kind, "--name", name, *careless
    )
    return opened


def see_through(stage: Stage, campaign: int) -> str:
    """Let everybody work until nothing waits and nothing is disputed; return figures."""
    told = Count(stage.teller)
    judged = settled = 0
    workers = {who: stage.as_(who) for who in WORKERS}
    # What the reviewer wrote herself somebody else has to settle.
    reviewers = [stage.as_("rue"), stage.as_("cora")]
    while True:
        worked = all_work(workers, campaign, each=told.one)
        decided = settle_all(reviewers, stage.path("disputes/"), campaign)
        judged, settled = judged + worked, settled + decided
        if not worked and not decided:
            return f"{judged} judgements by {len(WORKERS)} workers, {settled} disputes settled"


class Count:
    """Counts judgements as they come in, and tells from time to time."""

    def __init__(self, teller: Teller) -> None:
        self.teller, self.number = teller, 0

    def one(self) -> None:
        self.number += 1
        self.teller.progress(f"judgements so far: {self.number}")


def all_signed(stage: Stage) -> str:
    """Count gold and rejected items; whoever still waits for somebody is a fault."""
    statuses = [item["status"] for item in stage.rows("items/")]
    if left := [status for status in statuses if status not in ENDED]:
        raise Trouble(f"{len(left)} items are still {', '.join(sorted(set(left)))}")
    return f"{statuses.count('gold')} items gold, {statuses.count('rejected')} rejected"


def freeze(stage: Stage, note: str) -> str:
    """Freeze on the page, as the curator; return what the release holds."""
    cora = stage.as_("cora")
    form = cora.get(stage.path("releases/")).form(to="/freeze/")
    cora.submit(form.fill(note=note))
    latest = stage.releases()[max(stage.releases())]
    return held(latest)


def held(release: dict[str, Any]) -> str:
    counts = release["counts"]
    return (
        f"release {release['number']}: {counts['items']} items, {counts['replies']} replies,"
        f" {counts['verdicts']} verdicts"
    )
