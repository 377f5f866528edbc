"""Whatever JSON is sent to whichever act, no answer is a fault of ours."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from curation import taxonomy_drafts
from tests.annotation import acting
from tests.api import crowd

pytestmark = pytest.mark.django_db
WORDS = some.sampled_from(
    """
    text_en text_zh name_en name_zh definition_en definition_zh aliases severity
    token guideline shown acts option polarity act text reason note tags unfit outcome pasted takes
    positive negative send_back ask_another contested accept rewrite reject write good unclear other
    harms_me care.body
    """.split()  # noqa: SIM905 - as words they are easier to read
)
SMALL = some.one_of(
    some.none(),
    some.booleans(),
    some.integers(),
    some.integers(0, 5),
    some.floats(),
    some.text(max_size=20),
    WORDS,
)
JSON = some.recursive(
    SMALL,
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(WORDS, inner, max_size=8),
    max_leaves=20,
)
BODIES = some.dictionaries(WORDS, JSON, max_size=8)
ACTS = ["submit", "heartbeat", "give-back", "skip", "draft"]


@pytest.fixture
def seat(bearer, project):
    ann = acting.make_worker(project)
    acting.drafted_item(project)
    api = bearer(ann.user, "work", "review")
    return api, crowd.claim(api, acting.open_review(project)).json()


@pytest.fixture
def disputed(bearer, project):
    ann = acting.make_worker(project)
    acting.drafted_item(project)
    campaign = acting.open_review(project)
    acting.claim_and_review(ann, campaign, positive=acting.reject())
    return bearer(acting.make_reviewer(project).user, "review"), campaign.matters.get()


def sent(client, method, path, body, **headers):
    text = json.dumps(body).encode("utf-8", "surrogatepass")
    place = f"/api/v1/{path}"
    return client.generic(method, place, text, content_type="application/json", headers=headers)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(body=BODIES | JSON, good=some.booleans())
def test_any_body_gets_an_answer(seat, body, good):
    api, assignment = seat
    if good and isinstance(body, dict):
        body = crowd.review_of(assignment) | body
    for act in ACTS:
        method = "PUT" if act == "draft" else "POST"

        response = sent(api, method, f"assignments/{assignment['id']}/{act}", body)

        assert response.status_code in {200, 204, 400, 409}, (act, body)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(body=BODIES | JSON)
def test_any_decision_gets_an_answer(disputed, body):
    response = sent(disputed[0], "POST", f"matters/{disputed[1].pk}/settle", body)

    assert response.status_code in {200, 400, 409}, body


@pytest.fixture
def edited(asked, project):
    item = acting.drafted_item(project)
    campaign = acting.open_review(project)
    option = item.options.first()
    taxonomy_drafts.begin(project=project, by=None)
    return asked, {
        f"projects/{project.slug}/items/{item.uid}/options/{option.pk}/": "PATCH",
        f"projects/{project.slug}/campaigns/{campaign.pk}/guideline-draft/": "PUT",
        f"projects/{project.slug}/taxonomy-draft/tags/law/": "PUT",
    }


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(body=BODIES | JSON, tag=some.text(some.characters(codec="ascii"), max_size=8) | some.none())
def test_any_edit_gets_an_answer(edited, body, tag):
    client, places = edited
    for place, method in places.items():
        seen = client.get(f"/api/v1/{place}").headers["ETag"] if tag is None else tag

        response = sent(client, method, place, body, **{"If-Match": seen})

        assert response.status_code in {200, 400, 409, 412}, (method, body, tag)
