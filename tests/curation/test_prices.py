from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from curation import prices
from curation.drafting import budget
from curation.models import AuditEvent, Endpoint, Price
from curation.prices import Amounts, amounts, decimal, micro
from curation.refusals import Refused
from tests import factories


@pytest.mark.parametrize(
    ("amount", "kept"), [("0.15", 150_000), ("0", 0), ("12.000001", 12_000_001)]
)
def test_an_amount_is_kept_in_whole_micro_units(amount, kept):
    assert micro(Decimal(amount)) == kept
    assert decimal(kept) == Decimal(amount)


@pytest.mark.parametrize("amount", ["-1", "0.0000001", "NaN", "Infinity", "1e12"])
def test_an_amount_that_cannot_be_a_price_is_an_error(amount):
    with pytest.raises(ValueError, match=r"range|finer"):
        micro(Decimal(amount))


def test_an_unknown_price_stays_unknown():
    assert decimal(None) is None


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ((None, None, None), None),
        ((Decimal("0.15"), Decimal(1), None), Amounts(150_000, 1_000_000)),
        ((Decimal(1), Decimal(2), Decimal("0.1")), Amounts(1_000_000, 2_000_000, 100_000)),
    ],
)
def test_prices_are_given_together_or_not_at_all(given, kept):
    assert amounts(*given) == kept


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ((Decimal(1), None, None), "output_price"),
        ((None, Decimal(1), None), "input_price"),
        ((None, None, Decimal(1)), "input_price"),
        ((Decimal(1), Decimal(1), Decimal(2)), "cached_price"),
    ],
)
def test_half_a_price_or_a_cache_that_costs_more_is_refused_with_its_field(given, field):
    with pytest.raises(Refused) as refusal:
        amounts(*given)

    assert refusal.value.field == field


class TestTable:
    @pytest.fixture
    def endpoint(self, project):
        return factories.make_endpoint(project)

    def say(self, endpoint, amount, since=None):
        return prices.say(endpoint=endpoint, since=since, costs=Amounts(amount, amount), by=None)

    def on(self, endpoint, day):
        found = endpoint.prices.on(day).first()
        return found and found.input_price

    def test_the_price_of_a_day_is_the_newest_of_that_day_or_before(self, endpoint):
        self.say(endpoint, 100, date(2026, 1, 1))
        self.say(endpoint, 300, date(2026, 3, 1))
        self.say(endpoint, 200, date(2026, 2, 1))

        days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 2, 28), date(2026, 3, 9)]
        assert [self.on(endpoint, day) for day in days] == [None, 100, 200, 300]

    def test_a_correction_of_the_same_day_is_a_new_row_that_wins(self, endpoint):
        self.say(endpoint, 100, date(2026, 1, 1))
        self.say(endpoint, 90, date(2026, 1, 1))

        assert self.on(endpoint, date(2026, 1, 1)) == 90
        assert Price.objects.count() == 2

    def test_without_a_day_it_holds_from_today_and_the_same_again_is_no_news(self, endpoint):
        assert self.say(endpoint, 100)
        assert not self.say(endpoint, 100)

        assert Price.objects.get().since == timezone.localdate()
        assert AuditEvent.objects.filter(action="endpoint.price").count() == 1

    def test_what_comes_later_does_not_count_yet(self, endpoint):
        self.say(endpoint, 100, timezone.localdate() + timedelta(days=1))

        assert Endpoint.objects.get().price is None

    def test_a_new_price_counts_at_once_and_is_looked_up_once(
        self, endpoint, django_assert_num_queries
    ):
        assert budget.cost(endpoint, input_tokens=1, output_tokens=0) is None
        self.say(endpoint, 2_000_000)

        with django_assert_num_queries(1):
            for _ in range(3):
                assert budget.cost(endpoint, input_tokens=1, output_tokens=0) == 2

    @pytest.mark.parametrize("act", ["update", "delete"])
    def test_what_was_said_stays_said(self, endpoint, act):
        self.say(endpoint, 100)
        rows = Price.objects.all()

        with pytest.raises(IntegrityError, match="evidence"), transaction.atomic():
            rows.update(input_price=1) if act == "update" else rows.delete()
