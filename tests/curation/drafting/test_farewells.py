from datetime import UTC, datetime

import httpx2
import pytest

from curation.drafting import farewells

DATE = "Thu, 31 Dec 2026 23:59:59 GMT"


@pytest.mark.parametrize(
    ("headers", "notice"),
    [
        ({"Deprecation": "@1688169599"}, "deprecation: @1688169599"),
        ({"Sunset": DATE, "deprecation": "true"}, f"deprecation: true; sunset: {DATE}"),
        ({"Warning": '299 - "Ends soon"'}, 'warning: 299 - "Ends soon"'),
        ({"X-API-Warning": "use v2"}, "x-api-warning: use v2"),
        ({"x-model-deprecation-date": "2027-01-01"}, "x-model-deprecation-date: 2027-01-01"),
        ({"content-type": "text/plain", "x-request-id": "sunset", "sunset": ""}, ""),
        ({"x-retry-after": "3"}, ""),
    ],
)
def test_headers_that_warn_are_told(headers, notice):
    assert farewells.told(httpx2.Headers(headers)) == notice


def test_what_is_told_is_short_printable_and_without_keys():
    headers = httpx2.Headers({"warning": "sk-abcdefghijkl \tsoon " + "x" * 500})

    told = farewells.told(headers)

    assert told.startswith("warning: [key] soon x")
    assert len(told) == farewells.LENGTH


@pytest.mark.parametrize(
    ("notice", "at"),
    [
        (f"deprecation: true; sunset: {DATE}", datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (f"sunset: {DATE}; warning: soon", datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("sunset: Thu, 31 Dec 2026 23:59:59 -0000", datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("sunset: soon", None),
        ("sunset: Thu, 99 Dec 2026 23:59:59 GMT", None),
        ("deprecation: true", None),
        ("", None),
    ],
)
def test_the_day_is_read_where_it_is_one(notice, at):
    assert farewells.ends_at(notice) == at
