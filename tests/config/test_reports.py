import logging

import pytest
from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.views import debug

from config import reports
from curation import redaction
from tests import spellings

SECRET = "ts-canary-of-a-report-0123"
TYPED = "typed-in-canary"


@pytest.fixture(autouse=True)
def remembered(monkeypatch):
    monkeypatch.setattr(redaction, "_remembered", {SECRET})


class Told:
    def __repr__(self):
        return f"<Told {SECRET} {'x' * 200}>"


class Broken:
    def __repr__(self):
        raise ValueError(f"no words for {SECRET}")


def page_of(**posted):
    """Return the page and the text of an exception that had a secret at hand in many places."""
    request = HttpRequest()
    request.method = "POST"
    request.POST = QueryDict("", mutable=True)
    request.POST.update(posted)
    request.META = {"SERVER_NAME": "localhost", "SERVER_PORT": "80", "WORDS": SECRET}
    told, broken, data = Told(), Broken(), {"fields": {"key": TYPED}}
    in_bytes = SECRET.encode() * 3
    try:
        raise RuntimeError(f"{SECRET} {len(in_bytes)} {bool(told)} {bool(broken)} {len(data)}")
    except RuntimeError as error:
        reporter = debug.get_exception_reporter_class(request)(
            request, type(error), error, error.__traceback__
        )
    return reporter.get_traceback_html() + reporter.get_traceback_text()


def test_the_page_of_an_error_hides_secrets_while_debugging(settings):
    settings.DEBUG = True

    page = page_of(name="quiet")

    assert "RuntimeError" in page
    assert "quiet" in page
    assert spellings.found(SECRET, page.encode()) == []
    assert TYPED not in page


def test_what_was_typed_into_a_field_for_a_key_is_not_on_the_page(settings):
    settings.DEBUG = True

    assert "unknown-to-all" not in page_of(key="unknown-to-all", password="unknown-to-all")


def test_the_secrets_of_the_installation_are_known_from_the_start():
    known = set(reports._configured())

    assert {settings.SECRET_KEY, *settings.MASTER_KEYS} <= known


def test_passwords_in_addresses_are_known_as_written_and_as_meant(settings):
    settings.DATABASE_URL = "postgresql://app:a%2Fcanary@db.example/touchstone"
    settings.CELERY_BROKER_URL = "redis://:broker-canary@redis.example/0"

    assert {"a%2Fcanary", "a/canary", "broker-canary"} <= set(reports._configured())


def test_every_record_of_this_process_is_one_without_secrets():
    assert logging.getLogRecordFactory() is redaction.Record
