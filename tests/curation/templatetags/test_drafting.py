import pytest

from curation.models import Call, Run
from curation.templatetags import drafting


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, ""), (0.2, "1 s"), (89, "89 s"), (90, "2 min"), (5399, "90 min"), (7300, "2 h")],
)
def test_a_duration_is_said_in_the_largest_fitting_unit(seconds, words):
    assert drafting.duration(seconds) == words


def test_every_status_has_a_badge():
    assert {drafting.run_kind(Run(status=status)) for status in Run.Status} <= {
        *("info", "warn", "good", "neutral"),
    }
    assert {drafting.call_kind(Call(status=status)) for status in Call.Status} <= {
        *("info", "warn", "good", "neutral", "bad"),
    }


def test_large_numbers_are_grouped():
    assert drafting.grouped(1234567) == "1,234,567"
