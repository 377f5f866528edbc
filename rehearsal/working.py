"""Working through a campaign as a person does: claim, look, decide, submit, next."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from rehearsal import people
from rehearsal.browser import Browser, Page, Trouble
from rehearsal.fillable import Form
from rehearsal.people import POLARITIES, Act, Review

UNPROCESSABLE = 422
PATIENCE = 20  # times that a seat may be lost to somebody else, one after the other

Decide = Callable[[Review], Review]


def work(browser: Browser, who: str, campaign: int, each: Callable[[], None] = lambda: None) -> int:
    """Judge one seat after the other until nothing waits for this worker; return how many."""
    judged = lost = 0
    page = browser.get(f"/work/{campaign}/")
    while form_of(page):
        page = take(browser, page, who)
        if page.complaints:
            lost += 1
            if lost > PATIENCE:
                raise Trouble(f"{who} at {page.path}: {page.said}")
            page = browser.get(f"/work/{campaign}/")
            continue
        lost = 0
        judged += 1
        each()
    return judged


def all_work(browsers: Mapping[str, Browser], campaign: int, each: Callable[[], None]) -> int:
    """Let everybody work at the same time, each in a browser of their own."""
    with ThreadPoolExecutor(len(browsers)) as pool:
        shifts = [pool.submit(work, b, who, campaign, each) for who, b in browsers.items()]
        return sum(shift.result() for shift in shifts)


def take(browser: Browser, page: Page, who: str, decide: Decide = lambda review: review) -> Page:
    """Judge the seat that is open; return the page that follows, with its complaints if any."""
    form = form_of(page)
    if form is None:
        raise Trouble(f"{page.path} is no seat: {page.said}")
    question = text_in(page, "work-question")
    if "outcome" in form.names:
        answer = text_in(page, "card option")
        form.fill(outcome=people.judge(who, question, answer))
    else:
        fill_in(form, decide(review_of(form, who, question)))
    following = browser.submit(form, anyhow=True)
    if following.status == UNPROCESSABLE:
        raise Trouble(f"{who} at {following.path}: {following.said}")
    return following


def form_of(page: Page) -> Form | None:
    """The form of a seat, if the page is one."""
    found = (form for form in page.forms() if {"main_tag", "outcome"} & set(form.names))
    return next(found, None)


def text_in(page: Page, cls: str) -> str:
    return page.element(cls=cls).all(cls="text")[0].raw_text


def review_of(form: Form, who: str, question: str) -> Review:
    """What this person makes of the options and tags on the page."""
    texts = {
        side: form.values[f"{name}-text"][0]
        for side, name in cards(form).items()
        if form.values[f"{name}-id"] != [""]
    }
    given, suggested, offered = tags_on(form)
    return people.review(who, question, texts, [*given, *suggested], offered)


def fill_in(form: Form, review: Review) -> None:
    form.fill(main_tag=review.tags[0], tags=review.tags[1:])
    if review.unfit:
        form.fill(unfit="unclear", note="I am not sure what is meant here.")
        return
    for side, name in cards(form).items():
        said = {"act": review.acts[side].what}
        if review.acts[side].text:
            said["text"] = review.acts[side].text
        if review.acts[side].what == "reject":
            said |= {"reason": "unclear", "note": "This is badly put."}
        form.fill_in({f"{name}-{part}": value for part, value in said.items()})


def cards(form: Form) -> dict[str, str]:
    """The prefix of the fields about each option, by polarity."""
    names = [name.removesuffix("-polarity") for name in form.names if name.endswith("-polarity")]
    return {form.values[f"{name}-polarity"][0]: name for name in names}


def tags_on(form: Form) -> tuple[list[str], list[str], list[str]]:
    """The tag given with the question, those a model suggested (offered twice), and all."""
    choices = [code for code in form.choices("main_tag") if code]
    suggested = [code for code in dict.fromkeys(choices) if choices.count(code) > 1]
    given = [code for code in form.values["main_tag"] if code]
    return given, suggested, list(dict.fromkeys(choices))


def rejecting(review: Review) -> Review:
    """The same, with the negative option rejected."""
    acts = {side: Act("accept") for side in POLARITIES} | {"negative": Act("reject")}
    return Review(acts, review.tags)
