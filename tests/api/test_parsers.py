"""JSON that two programs could read differently is refused, and nothing is a fault of ours."""

import json

import pytest
from rest_framework.decorators import api_view, authentication_classes, permission_classes
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory


@api_view(["POST"])
@authentication_classes([])
@permission_classes([])
def echo(request):
    return Response(request.data)


def post(body, content_type="application/json"):
    body = body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass")
    response = echo(APIRequestFactory().post("/api/v1/echo/", body, content_type=content_type))
    response.render() if hasattr(response, "render") else None
    return response


@pytest.mark.parametrize(
    "value", [{"name": "邻居"}, [1, 2.5, True, None], "text", {"a": {"b": [{}]}}]
)
def test_good_json_comes_through_as_it_is(value):
    response = post(json.dumps(value))

    assert response.status_code == 200
    assert json.loads(response.content) == value


@pytest.mark.parametrize(
    "body",
    [
        "[" * 50_000 + "]" * 50_000,
        "[" * 60 + "]" * 60,
        '{"a": 1, "a": 2}',
        '{"a": {"b": 1, "b": 1}}',
        "NaN",
        '{"rate": Infinity}',
        '{"rate": 1e400}',
        "9" * 5_000,
        '{"text": "a\\u0000b"}',
        '{"text": "half \\ud83d"}',
        '{"a\\u0000b": 1}',
        b"\xff\xfe{}",
        b'{"text": "\xed\xa0\x80"}',
        b'\xef\xbb\xbf{"bom": 1}',
        "{",
    ],
)
def test_what_cannot_be_trusted_is_refused(body):
    response = post(body)

    assert response.status_code == 400
    assert json.loads(response.content)["title"] == "Bad Request"


@pytest.mark.parametrize("charset", ["utf-7", "utf-16", "latin-1", "foo"])
def test_another_charset_is_not_supported(charset):
    response = post('{"text": "+ADw-script+AD4-"}', f"application/json; charset={charset}")

    assert response.status_code == 415


@pytest.mark.parametrize("charset", ["utf-8", "UTF8"])
def test_utf_8_may_be_said(charset):
    assert post('{"a": 1}', f"application/json; charset={charset}").status_code == 200


@pytest.mark.parametrize("content_type", ["text/plain", "multipart/form-data", "text/html"])
def test_another_type_is_not_supported(content_type):
    assert post('{"a": 1}', content_type).status_code == 415


def test_a_body_over_the_limit_is_too_large(settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100

    response = post(json.dumps("x" * 200))

    assert response.status_code == 413
    assert json.loads(response.content)["status"] == 413
