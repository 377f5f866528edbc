"""The world that browser tests look at, and people who are signed in to it."""

import sys
from contextlib import closing

import pytest

from rehearsal.browser import Browser

MAKE_WORLD = """
import sys, django
django.setup()
from tests.browser import world
world.main(sys.argv[1])
"""


@pytest.fixture(scope="session")
def world(site):
    """Projects in mid-life on the site, as `tests.browser.world` tells them."""
    return site.tell(sys.executable, "-c", MAKE_WORLD, site.endpoint)


@pytest.fixture(scope="session")
def cookies_of(site, world):
    """Return the cookies of a person who has signed in; each signs in once."""
    known = {}

    def sign_in(name):
        if name not in known:
            with closing(Browser(site.url)) as browser:
                form = browser.get("/sign-in/").form(having="password")
                form.fill(username=name, password=world["password"])
                browser.submit(form)
                known[name] = [
                    {"name": key, "value": value, "url": site.url}
                    for key, value in browser.cookies.items()
                ]
        return known[name]

    return sign_in
