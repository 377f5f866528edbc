"""A token opens what its scope names, and its user sees what their role shows."""

import pytest

from curation.models import Scope

ROUTES = {
    "/api/v1/projects/": None,
    "/api/v1/projects/everyday/items/": Scope.CURATE,
    "/api/v1/projects/everyday/items/{uid}/": Scope.CURATE,
    "/api/v1/projects/everyday/releases/": Scope.EXPORT_READ,
    "/api/v1/projects/everyday/releases/1/": Scope.EXPORT_READ,
    "/api/v1/projects/everyday/releases/1/rows/": Scope.EXPORT_READ,
    "/api/v1/projects/everyday/releases/1/mcq.jsonl": Scope.EXPORT_READ,
    "/api/v1/projects/everyday/releases/1/manifest.json": Scope.EXPORT_READ,
    "/api/v1/projects/everyday/scores/": Scope.SCORES_READ,
    "/api/v1/projects/everyday/tags/": None,
    "/api/v1/projects/everyday/campaigns/": Scope.WORK,
    "/api/v1/projects/everyday/disputes/": Scope.REVIEW,
}
SEES = {
    Scope.WORK: {"curator", "reviewer", "worker"},
    Scope.REVIEW: {"curator", "reviewer"},
    Scope.CURATE: {"curator"},
    Scope.EXPORT_READ: {"curator", "reader"},
    Scope.SCORES_READ: {"curator", "reader"},
}


def addressed(route, release):
    return route.format(uid=release.project.items.first().uid)


# What is edited: its own tests tell who may.
EDITED = {
    "api-option",
    "api-guideline-draft",
    "api-taxonomy-use",
    "api-taxonomy-draft",
    "api-taxonomy-draft-publish",
    "api-tag-drafts",
    "api-tag-draft",
}


def test_every_route_of_the_api_stands_in_the_table():
    from api.urls import of_project

    read = [route for route in of_project if route.name not in EDITED]
    assert len(ROUTES) == len(read) + 1 + 1  # the project list; one file route twice


@pytest.mark.parametrize("scope", Scope.values)
@pytest.mark.parametrize(("route", "wanted"), ROUTES.items())
def test_a_scope_opens_its_own_routes(bearer, curator, release, route, wanted, scope):
    response = bearer(curator, scope).get(addressed(route, release))

    assert response.status_code == (200 if wanted in (None, scope) else 403)


@pytest.mark.parametrize("role", ["curator", "reviewer", "worker", "reader", "stranger"])
@pytest.mark.parametrize(
    ("route", "scope"), [(route, scope) for route, scope in ROUTES.items() if scope]
)
def test_what_a_role_does_not_show_is_not_there(bearer, release, request, route, scope, role):
    user = request.getfixturevalue(role)

    response = bearer(user, *Scope.values).get(addressed(route, release))

    assert response.status_code == (200 if role in SEES[scope] else 404)


@pytest.mark.parametrize("route", [route for route, scope in ROUTES.items() if scope])
def test_a_hidden_project_answers_like_none_at_all(bearer, stranger, release, route):
    client = bearer(stranger, *Scope.values)
    here = addressed(route, release)
    hidden, absent = client.get(here), client.get(here.replace("everyday", "nowhere"))

    assert hidden.status_code == absent.status_code == 404
    assert {**hidden.json(), "instance": ""} == {**absent.json(), "instance": ""}


def test_the_list_of_projects_holds_only_ones_own(bearer, stranger, reader, project):
    assert bearer(stranger, "curate").get("/api/v1/projects/").json()["results"] == []
    assert [
        row["slug"] for row in bearer(reader, "curate").get("/api/v1/projects/").json()["results"]
    ] == ["everyday"]
