"""Every no is a problem document, and none of them is a fault of ours."""

import json

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404
from django.test import Client, RequestFactory
from rest_framework import exceptions

from api import errors
from curation.refusals import Refused


def problem(error, method="post"):
    request = getattr(RequestFactory(), method)("/api/v1/things/?secret=1")
    response = errors.problem(error, {"request": request, "view": None})
    return response, json.loads(response.content)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Refused("Not now."), 409),
        (Http404(), 404),
        (PermissionDenied(), 403),
        (RequestDataTooBig(), 413),
        (SuspiciousOperation(), 400),
        (RecursionError(), 400),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid"), 400),
        (exceptions.NotAuthenticated(), 401),
        (exceptions.MethodNotAllowed("PUT"), 405),
        (exceptions.NotAcceptable(), 406),
        (exceptions.UnsupportedMediaType("text/html"), 415),
        (exceptions.Throttled(wait=3), 429),
        (exceptions.ValidationError({"name": ["Too long."]}), 400),
        (ZeroDivisionError(), 500),
    ],
)
def test_an_exception_becomes_a_problem_document(error, status):
    response, body = problem(error)

    assert response.status_code == body["status"] == status
    assert response["Content-Type"] == "application/problem+json"
    assert body["instance"] == "/api/v1/things/"
    assert set(body) >= {"type", "title", "detail"}


def test_a_refusal_is_told_in_its_own_words():
    _response, body = problem(Refused("Nothing is gold yet.", field="note"))

    assert body["type"] == "urn:touchstone:refused"
    assert body["detail"] == "Nothing is gold yet."
    assert body["errors"] == [{"pointer": "#/note", "detail": "Nothing is gold yet."}]


def test_a_fault_of_ours_tells_nothing_of_its_cause():
    _response, body = problem(ValueError("the password is swordfish"))

    assert "swordfish" not in json.dumps(body)


def test_faults_are_named_however_deep():
    detail = {"options": {0: {"te/xt": ["Empty."]}}, "tags": [{}, {"code": ["Unknown."]}]}

    _response, body = problem(exceptions.ValidationError(detail))

    assert body["errors"] == [
        {"pointer": "#/options/0/te~1xt", "detail": "Empty."},
        {"pointer": "#/tags/1/code", "detail": "Unknown."},
    ]


def test_faults_of_an_address_name_the_parameter():
    _response, body = problem(exceptions.ValidationError({"kind": ["Unknown."]}), "get")

    assert body["errors"] == [{"parameter": "kind", "detail": "Unknown."}]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/nothing/here/", 404),
        ("/api/v1/", 404),
        ("/api/v1/projects/everyday/releases/%00/", 400),
        ("/api/v1/projects/?page_size=%00", 400),
    ],
)
def test_what_no_view_sees_is_a_problem_document_too(db, path, status):
    response = Client().get(path)

    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"


def test_a_page_that_is_not_there_stays_a_page(client, curator):
    client.force_login(curator)

    response = client.get("/nothing/here/")

    assert response.status_code == 404
    assert response["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "LINK"])
@pytest.mark.parametrize(
    "path", ["/api/v1/projects/", "/api/v1/projects/everyday/releases/1/mcq.jsonl"]
)
def test_other_methods_are_not_allowed(asked, release, path, method):
    response = asked.generic(method, path)

    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD"
    assert response["Content-Type"] == "application/problem+json"
