"""Working through a campaign as a person does: claim, look, decide, submit, next."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from rehearsal import people
from rehearsal.browser import Browser, Page, Trouble
from rehearsal.fillable import Form
from rehearsal.people import POLARITIES

UNPROCESSABLE = 422
PATIENCE = 20  # times that a seat may be lost to somebody else, one after the other


@dataclass
class Shift:
    """What one worker did in a campaign."""

    judged: int = 0
    acts: list[str] = field(default_factory=list)


def work(browser: Browser, who: str, campaign: int, *, at_most: int = 10**6) -> Shift:
    """Judge one seat after the other until nothing waits for this worker."""
    shift, lost = Shift(), 0
    page = browser.get(f"/work/{campaign}/")
    while shift.judged < at_most and (form := form_of(page)):
        acts = fill_in(page, form, who)
        page = browser.submit(form, anyhow=True)
        if page.status == UNPROCESSABLE:
            raise Trouble(f"{who} at {page.path}: {page.said}")
        if page.complaints:
            lost += 1
            if lost > PATIENCE:
                raise Trouble(f"{who} at {page.path}: {page.said}")
            page = browser.get(f"/work/{campaign}/")
            continue
        lost = 0
        shift.judged += 1
        shift.acts += acts
    return shift


def form_of(page: Page) -> Form | None:
    """The form of a seat, if the page is one."""
    found = (form for form in page.forms() if {"main_tag", "outcome"} & set(form.names))
    return next(found, None)


def fill_in(page: Page, form: Form, who: str) -> list[str]:
    """Fill in what this person thinks of it; return the acts in words."""
    question = page.element(cls="work-question").all(cls="text")[0].raw_text
    if "outcome" in form.names:
        answer = page.element(cls="card option").all(cls="text")[0].raw_text
        outcome = people.judge(who, question, answer)
        form.fill(outcome=outcome)
        return [outcome]
    return _review(form, who, question)


def _review(form: Form, who: str, question: str) -> list[str]:
    cards: dict[str, str] = {side: name for side in POLARITIES for name in _cards(form, side)}
    texts = {
        side: form.values[f"{name}-text"][0]
        for side, name in cards.items()
        if form.values[f"{name}-id"] != [""]
    }
    given, suggested, offered = tags_on(form)
    review = people.review(who, question, texts, [*given, *suggested], offered)
    form.fill(main_tag=review.tags[0], tags=review.tags[1:])
    if review.unfit:
        form.fill(unfit="unclear", note="I am not sure what is meant here.")
        return ["unfit"]
    for side, name in cards.items():
        act = review.acts[side]
        said = {"act": act.what}
        if act.text:
            said["text"] = act.text
        if act.what == "reject":
            said |= {"reason": "unclear", "note": "This is badly put."}
        form.fill_in({f"{name}-{field_}": value for field_, value in said.items()})
    return [review.acts[side].what for side in cards]


def _cards(form: Form, side: str) -> list[str]:
    names = [name.removesuffix("-polarity") for name in form.names if name.endswith("-polarity")]
    return [name for name in names if form.values[f"{name}-polarity"] == [side]]


def tags_on(form: Form) -> tuple[list[str], list[str], list[str]]:
    """The tag given with the question, those a model suggested (offered twice), and all."""
    choices = [code for code in form.choices("main_tag") if code]
    suggested = [code for code in dict.fromkeys(choices) if choices.count(code) > 1]
    given = [code for code in form.values["main_tag"] if code]
    return given, suggested, list(dict.fromkeys(choices))


def all_work(browsers: dict[str, Browser], campaign: int) -> dict[str, Shift]:
    """Let everybody work at the same time, each in a browser of their own."""
    with ThreadPoolExecutor(len(browsers)) as pool:
        shifts = {who: pool.submit(work, b, who, campaign) for who, b in browsers.items()}
        return {who: shift.result() for who, shift in shifts.items()}
