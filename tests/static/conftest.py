import pytest

from tests.static.seat import Site


@pytest.fixture
def site(browser):
    """The page of seat 7 with all its scripts, of somebody who is signed in."""
    context = browser.new_context()
    made = Site(context.new_page())
    made.open()
    yield made
    context.close()
    made.close()
