"""The last step: leave the site in mid-life, with work for whoever looks at it."""

from rehearsal import making, samples
from rehearsal.browser import Browser
from rehearsal.markup import Element
from rehearsal.people import WORKERS
from rehearsal.settling import listed
from rehearsal.shell import Refused
from rehearsal.stage import Stage
from rehearsal.working import form_of, rejecting, take

CAMPAIGN = "Later questions"
LEFT_BY_ADA = 2  # one pair with a text that she rejects, for the reviewer, and one that she signs


def leave(stage: Stage) -> str:
    """Import and draft the later questions, and let ada begin with them; return figures."""
    if stage.script.later is None:
        return ""
    imported = making.import_(stage, stage.script.later)
    ids = {row["id"] for row in samples.read_rows(stage.script.later)}
    statuses = {i["status"] for i in stage.rows("items/") if i["external_id"] in ids}
    if "new" in statuses:
        making.draft(stage)
    try:
        campaign = making.open_campaign(stage, "review", CAMPAIGN)
    except Refused:
        if imported["created"]:
            raise
        return ""  # a visitor has closed it
    done = begin(stage.as_("ada"), campaign["campaign"])
    if not (imported["created"] or campaign["added"] or done):
        return ""
    return f"{len(ids)} items in a campaign with free seats, one of them disputed"


def begin(ada: Browser, campaign: int) -> int:
    """Judge two items unless that is done, the first one with a rejection; return how many."""
    done = judged(ada, campaign)
    for nth in range(done, LEFT_BY_ADA):
        page = ada.get(f"/work/{campaign}/")
        if form_of(page) is None:
            return nth - done  # visitors have left nothing
        take(ada, page, "ada", decide=rejecting if nth == 0 else lambda review: review)
    return max(LEFT_BY_ADA - done, 0)


def judged(browser: Browser, campaign: int) -> int:
    """How many judgements of a campaign the person's page counts."""
    return _fact(browser.get("/work/").element(aria_labelledby=f"campaign-{campaign}"), "Judged")


def waiting(stage: Stage) -> dict[str, str]:
    """What waits for each person of the story who finds work, in words."""
    found = {}
    for who in WORKERS:
        cards = stage.as_(who).get("/work/").tree.all("section", cls="card")
        found[who] = _some(sum(_fact(card, "Waits") for card in cards), "review")
    disputed = listed(stage.as_("rue").get(stage.path("disputes/")))
    return {**found, "rue": _some(len(disputed), "dispute")}


def _fact(card: Element, begins: str) -> int:
    """The number beside a term of a card, such as “Judged by you”; 0 without one."""
    terms = zip(card.all("dt"), card.all("dd"), strict=True)
    return next((int(number.text) for term, number in terms if term.text.startswith(begins)), 0)


def _some(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'} to do" if number else "nothing waits now"
