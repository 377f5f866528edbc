"""What waits for a reviewer, over the API."""

import pytest

from annotation import adjudication
from curation.models import Role
from tests import factories
from tests.annotation import acting

pytestmark = pytest.mark.django_db
URL = "/api/v1/projects/everyday/disputes/"


@pytest.fixture
def rue(project):
    return acting.make_reviewer(project)


@pytest.fixture
def api(bearer, rue):
    return bearer(rue.user, "review")


@pytest.fixture
def disputed(project):
    """A review in which an option was rejected."""
    ann = acting.make_worker(project)
    item = acting.drafted_item(project, question="May I lend it on?")
    campaign = acting.open_review(project, items=project.items.filter(pk=item.pk))
    acting.claim_and_review(ann, campaign, positive=acting.reject())
    return campaign.matters.get()


def ids(response):
    return [row["id"] for row in response.json()["results"]]


def test_a_dispute_says_what_it_is_about_and_why(api, disputed):
    row = api.get(URL).json()["results"][0]

    assert (row["id"], row["kind"], row["status"]) == (disputed.pk, "review", "disputed")
    assert (row["dispute"], row["why"]) == ("rejected", "an option was rejected")
    assert (row["question"], row["severe"]) == ("May I lend it on?", False)


def test_what_is_open_waits_for_nobody(api, project, disputed):
    acting.make_answers(project)
    acting.open_answers(project)

    assert ids(api.get(URL)) == [disputed.pk]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("why=rejected", True),
        ("why=tags", False),
        ("language=en", True),
        ("language=zh", False),
        ("kind=review", True),
        ("kind=answers", False),
        ("status=waiting", True),
        ("status=settled", False),
        ("campaign=999999", False),
        ("ordering=-id", True),
    ],
)
def test_disputes_are_narrowed_by_name(api, disputed, query, found):
    assert ids(api.get(f"{URL}?{query}")) == ([disputed.pk] if found else [])


@pytest.mark.parametrize(
    "query", ["status=open", "why=x", "campaign=x", f"campaign={10**30}", "page_size=101", "q=x"]
)
def test_what_no_dispute_can_have_is_refused(api, disputed, query):
    assert api.get(f"{URL}?{query}").status_code == 400


def test_what_a_reviewer_settled_is_told_apart(api, rue, disputed):
    adjudication.settle_unfit(matter=disputed, by=rue, unfit="unclear", reason="Which one?")

    assert ids(api.get(URL)) == []
    assert ids(api.get(f"{URL}?status=settled")) == [disputed.pk]


def test_the_disputes_of_another_project_are_not_there(bearer, disputed):
    elsewhere = factories.make_member(factories.make_project("other"), Role.REVIEWER)

    assert bearer(elsewhere, "review").get(URL).status_code == 404
