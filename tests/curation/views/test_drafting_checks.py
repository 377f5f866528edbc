"""The drafting page, where another endpoint checks what models draft."""

import pytest

from curation import endpoints
from curation.models import DraftRole, Run
from tests import factories

ADDRESS = "/projects/everyday/drafting/"


@pytest.fixture
def signed_in(client, curator):
    client.force_login(curator)
    return client


def test_checks_are_part_of_what_the_page_says_it_will_take(signed_in, drafter, project):
    checker = factories.make_endpoint(project, name="second")
    endpoints.assign(endpoint=checker, roles=[DraftRole.CHECKER], by=None)
    factories.make_item(project)

    page = signed_in.get(ADDRESS).text

    assert "4 calls, about" in page
    assert "option check" in page
    assert "none: pairs go to people unchecked" not in page


def test_a_drafter_that_would_check_itself_is_refused_in_words(signed_in, drafter, project):
    endpoints.assign(
        endpoint=drafter,
        roles=[DraftRole.POSITIVE, DraftRole.NEGATIVE, DraftRole.TAGGER, DraftRole.CHECKER],
        by=None,
    )
    factories.make_item(project)
    words = "quiet drafts options, so it cannot check them"

    assert words in signed_in.get(ADDRESS).text
    assert words in signed_in.post(ADDRESS, follow=True).text
    assert not Run.objects.exists()
