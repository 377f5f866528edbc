"""The last step: leave the site in mid-life, with work for whoever looks at it."""

from rehearsal import making, samples
from rehearsal.browser import Browser, Trouble
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
    card = browser.get("/work/").element(aria_labelledby=f"campaign-{campaign}")
    for term, number in zip(card.all("dt"), card.all("dd"), strict=True):
        if term.text == "Judged by you":
            return int(number.text)
    raise Trouble(f"/work/ does not say how much was judged in campaign {campaign}")
