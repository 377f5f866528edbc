"""Every page as a browser shows it: in both languages, light and dark, on a desk and on a phone."""

from itertools import product
from pathlib import Path

import pytest
from django.urls import reverse

from tests import addresses
from tests.browser.world import PEOPLE

pytestmark = pytest.mark.browser
AUDIT = (Path(__file__).parent / "audit.js").read_text()
# What only takes a POST, answers with a file or only leads elsewhere is no page.
NO_PAGES = {
    "healthz", "readyz", "sign-out", "set_language", "release-file", "scores-file", "batch-file",
    "answers-ask", "expansion-decide",
    "endpoint-adopt", "endpoint-forget", "endpoint-price",
    "budget", "endpoint-pause", "endpoint-resume", "endpoint-test", "freeze", "member",
    "revoke-token", "subject-run",
    "taxonomy-use", "campaign-close", "campaign-guideline", "campaign-hand-over",
    "campaign-overlap", "campaign-pause", "campaign-resume", "campaign-top-up", "item-correct",
    "matter-send-back", "matter-settle", "matter-unfit",
    "seat-draft", "seat-give-back", "seat-heartbeat", "seat-skip", "work-choices", "work-join",
    "work-leave", "judgement-undo", "campaign-qualify", "work-ahead", "safety-switch",
    "safety-contact", "locked-decide",
}  # fmt: skip
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}
LOOKS = {
    "en": {"color_scheme": "light", "viewport": DESK},
    "en-phone": {"color_scheme": "dark", "viewport": PHONE},
    "zh": {"color_scheme": "light", "viewport": DESK},
    "zh-phone": {"color_scheme": "dark", "viewport": PHONE},
}
COMPLAINTS = {"error", "warning"}
# The same in every language: terms, and names of things and people in the world.
NAMES = [
    "API",
    "CS",
    "CSS",
    "English",
    "KB",
    "USD",
    "drafter",
    "laptop",
    "letter",
    "queue",
    *PEOPLE,
]


def at(*keys):
    """Return where a page of the project is: at the things that the world told under the keys."""
    return lambda world: [
        {"slug": "everyday"} | dict(zip(keys[::2], values, strict=True))
        for values in product(*(world[key] for key in keys[1::2]))
    ]


def of(key):
    return lambda world: [{"pk": value} for value in world[key]]


def alone(world):
    return [{}]


# Who looks at each page, and where it is.
LOOKED_AT = {
    "sign-in": (None, alone),
    "home": ("cora", alone),
    "tokens": ("rea", alone),
    "new-project": ("otto", alone),
    "overview": ("cora", at()),
    "items": ("cora", at()),
    "item": ("cora", at("uid", "items")),
    "import": ("cora", at()),
    "members": ("cora", at()),
    "drafting": ("cora", at()),
    "run": ("cora", at("pk", "runs")),
    "economics": ("cora", at()),
    "call": ("cora", at("pk", "calls")),
    "batches": ("cora", at("pk", "runs")),
    "safety": ("cora", at()),
    "locked": ("cora", at()),
    "endpoints": ("cora", at()),
    "endpoint": ("cora", at("pk", "endpoints")),
    "subjects": ("cora", at()),
    "answers": ("cora", at("pk", "subject_runs")),
    "expansion": ("cora", at()),
    "taxonomy": ("cora", at()),
    "taxonomy-draft": ("cora", at()),
    "taxonomy-draft-tag": ("cora", at("pk", "tags")),
    "releases": ("cora", at()),
    "release": ("cora", at("number", "releases")),
    "scores": ("cora", at()),
    "campaigns": ("cora", at()),
    "campaign": ("cora", at("pk", "campaigns")),
    "campaign-draft": ("cora", at("pk", "campaigns")),
    "disputes": ("rue", at()),
    "matter": ("rue", at("pk", "matters")),
    "work": ("ada", alone),
    "my-judgements": ("ben", alone),
    "work-campaign": ("cyd", of("emptied")),
    "seat": ("ada", of("seats")),
}


@pytest.fixture(scope="module")
def page_of(browser, site, cookies_of):
    """Return a page of a person with one of the looks, and what it says on the console."""
    pages = {}

    def page(person, look):
        if (person, look) not in pages:
            context = browser.new_context(base_url=site.url, **LOOKS[look])
            language = "zh-hans" if look.startswith("zh") else "en"
            context.add_cookies(
                [
                    {"name": "django_language", "value": language, "url": site.url},
                    *(cookies_of(person) if person else []),
                ]
            )
            page, said = context.new_page(), []
            page.on("console", lambda m: said.append(m.text) if m.type in COMPLAINTS else None)
            page.on("pageerror", lambda error: said.append(str(error)))
            pages[person, look] = page, said
        return pages[person, look]

    return page


def test_every_page_has_somebody_who_looks_at_it():
    assert addresses.pages().keys() - NO_PAGES == LOOKED_AT.keys()


def faults(page_of, person, look, addresses_there, status=200):
    """Return what is wrong with these pages, each with its address."""
    page, said = page_of(person, look)
    language = "zh-Hans" if look.startswith("zh") else "en"
    wanted = {"lang": language, "names": [*NAMES, *PEOPLE], "focus": look == "en"}
    found = []
    for address in addresses_there:
        answer = page.goto(address)
        page.keyboard.press("Tab")  # from here on the browser shows where the focus is
        found += [f"{address} answers {answer.status}"] if answer.status != status else []
        found += [f"{address}: {fault}" for fault in page.evaluate(AUDIT, wanted)]
        found += [f"{address}: {words}" for words in said if status == 200]
        said.clear()
    return found


@pytest.mark.parametrize("name", LOOKED_AT)
@pytest.mark.parametrize("look", LOOKS)
def test_a_page_is_whole_in_every_look(page_of, world, name, look):
    person, places = LOOKED_AT[name]
    there = [reverse(name, kwargs=place) for place in places(world["everyday"])]

    assert faults(page_of, person, look, there) == []


@pytest.mark.parametrize("look", ["en", "zh-phone"])
def test_pages_of_an_empty_project_are_whole(page_of, world, look):
    of_project = [name for name, of in addresses.pages().items() if of == ["slug"]]
    there = [reverse(name, args=["empty"]) for name in of_project if name not in NO_PAGES]

    assert len(there) > 10
    assert faults(page_of, "cora", look, there) == []


@pytest.mark.parametrize("look", ["en", "zh-phone"])
def test_the_page_of_what_is_not_there_is_whole(page_of, world, look):
    assert faults(page_of, "cora", look, ["/nowhere/", "/projects/nowhere/"], status=404) == []


def test_nothing_broke_on_the_server_meanwhile(site):
    assert "Traceback" not in site.log("web")
    assert "Traceback" not in site.log("worker")
