"""What a web server hands over, Content-Type and all, is answered in words and never breaks off."""

import io

import pytest
from django.core.wsgi import get_wsgi_application
from django.test import RequestFactory

from config.wsgi import only_utf8

pytestmark = pytest.mark.django_db

FOREIGN = ["hex", "rot13", "idna", "punycode", "undefined", "utf-7", "unicode_escape", "latin-1"]
BROKEN = ["text/html; charset*=nope''%41", "text/html; charset=nope"]
FIELD = (
    b'--b\r\nContent-Disposition: form-data; name="username"\r\n\r\na\\ud800+2AA-\r\n--b\r\n'
    b'Content-Disposition: form-data; name="password"\r\n\r\nx\r\n--b--\r\n'
)


@pytest.fixture
def answered():
    """Return a function that asks the application itself, and returns status, headers and body."""
    application = only_utf8(get_wsgi_application())

    def ask(path, content_type, body=b"", query="x=1"):
        factory = RequestFactory()
        environ = factory._base_environ(
            PATH_INFO=path,
            QUERY_STRING=query,
            REQUEST_METHOD="POST" if body else "GET",
            CONTENT_TYPE=content_type,
            CONTENT_LENGTH=str(len(body)),
            HTTP_HOST="testserver",
        )
        environ["wsgi.input"] = io.BytesIO(body)
        said = {}

        def start(status, headers, exc_info=None):
            said.update(status=int(status[:3]), headers=dict(headers))

        text = b"".join(application(environ, start)).decode()
        return said["status"], said["headers"], text

    return ask


@pytest.mark.parametrize(
    "content_type", [f"text/html; charset={name}" for name in FOREIGN] + BROKEN
)
@pytest.mark.parametrize("path", ["/healthz", "/sign-in/", "/api/v1/projects/", "/nowhere/"])
def test_nobody_breaks_an_address_off_with_another_charset(answered, path, content_type):
    status, headers, _text = answered(path, content_type)

    assert status == 415
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("charset", FOREIGN)
def test_a_form_in_another_charset_is_not_read(answered, charset):
    status, _headers, _text = answered(
        "/sign-in/", f"multipart/form-data; boundary=b; charset={charset}", FIELD
    )

    assert status == 415


def test_a_program_is_told_in_a_problem_document(answered):
    _status, headers, text = answered("/api/v1/projects/", "application/json; charset=hex")

    assert headers["Content-Type"] == "application/problem+json"
    assert "UTF-8" in text


@pytest.mark.parametrize("content_type", ["", "text/html", "text/html; charset=UTF8"])
def test_utf_8_is_read_whether_said_or_not(answered, content_type):
    assert answered("/healthz", content_type)[0] == 200
