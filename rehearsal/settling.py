"""Settling disputes as a reviewer does: read what people said, decide, say why."""

import re
from collections.abc import Sequence

from rehearsal import people
from rehearsal.browser import Browser, Page, Trouble
from rehearsal.fillable import Form
from rehearsal.people import POLARITIES
from rehearsal.texts import normalise

MATTER = re.compile(r"/matters/\d+/$")
REASONS = {
    "good": "Looked at again: nothing in it would lead anybody into harm.",
    "bad": "Looked at again: it waves the risk away.",
}
CLEAR = "The question is clear enough: please sign its options, or rewrite them."
TAKEN = "These two texts say what they should."


def settle_all(reviewers: Sequence[Browser], disputes: str, campaign: int) -> int:
    """Decide on every dispute of a campaign; what is not for one reviewer is for the next.

    Return how many were decided.
    """
    settled = 0
    for why in ("unfit", ""):
        address = f"{disputes}?campaign={campaign}&why={why}"
        while matters := listed(reviewers[0].get(address)):
            for matter in matters:
                settled += any(settle(r, matter, unfit=why == "unfit") for r in reviewers)
            if left := set(matters) & set(listed(reviewers[0].get(address))):
                raise Trouble(f"Nobody of the story may settle {', '.join(sorted(left))}")
    return settled


def listed(page: Page) -> list[str]:
    """The addresses of the matters that a page lists."""
    return list(dict.fromkeys(path for path, _ in page.links() if MATTER.search(path)))


def settle(browser: Browser, matter: str, *, unfit: bool) -> bool:
    """Decide on a dispute, or return False where this reviewer may not."""
    page = browser.get(matter)
    if page.tree.first(id="not-yours"):
        return False
    if unfit:
        form = page.form(to="/send-back/").fill(note=CLEAR)
        if not browser.submit(form, anyhow=True).complaints:
            return True
        page = browser.get(matter)  # nobody is left to send it to
    question = page.element(cls="page-head").all(cls="text")[0].raw_text
    form = page.form(to="/settle/")
    if "outcome" in form.names:
        answer = page.element(aria_labelledby="answer").all(cls="text")[0].raw_text
        truth, split = people.verdict(question, answer)
        form.fill(outcome=truth, reason=REASONS[truth], contested=["on"] if split else [])
    else:
        _choose(form, question, _named(page, form))
    browser.submit(form)
    return True


def _choose(form: Form, question: str, named: list[str]) -> None:
    for side in POLARITIES:
        there = form.values[f"{side}-text"][0]
        wanted = people.wanted(question, side, there)
        if normalise(wanted) != normalise(there):
            form.fill_in({f"{side}-take": "write", f"{side}-text": wanted})
    offered = [code for code in form.choices("main_tag") if code]
    tags = people.right_tags(question, named, offered)
    form.fill(main_tag=tags[0], tags=tags[1:], reason=TAKEN)


def _named(page: Page, form: Form) -> list[str]:
    """The item's main tag, and those that workers named."""
    words = [word for term in page.tree.all("dt") for word in term.text.split()]
    offered = form.choices("main_tag")
    return [code for code in [*form.values["main_tag"], *words] if code and code in offered]
