import pytest

from curation.drafting import budget
from curation.drafting.replies import Usage
from curation.drafting.requests import Request
from curation.models import Budget, Endpoint, Price
from curation.refusals import Refused
from tests import factories


def costing(price):
    endpoint = Endpoint()
    endpoint.price = price
    return endpoint


PRICED = costing(Price(input_price=150_000, output_price=600_000))
UNPRICED = costing(None)


@pytest.mark.parametrize(
    ("tokens", "amount"), [((0, 0), 0), ((1, 0), 1), ((1000, 100), 210), ((7, 0), 2)]
)
def test_a_cost_is_rounded_up_to_whole_micro_units(tokens, amount):
    assert budget.cost(PRICED, input_tokens=tokens[0], output_tokens=tokens[1]) == amount


def test_without_a_price_no_cost_is_known():
    assert budget.cost(UNPRICED, input_tokens=1, output_tokens=1) is None
    assert budget.charged(UNPRICED, Usage(1, 1), at_worst=None) is None


@pytest.mark.parametrize(("cached_price", "amount"), [(None, 210), (0, 90), (50_000, 130)])
def test_what_the_endpoint_had_in_its_cache_costs_less_where_it_says_so(cached_price, amount):
    endpoint = costing(Price(input_price=150_000, output_price=600_000, cached_price=cached_price))

    usage = Usage(input_tokens=1000, output_tokens=100, cached_tokens=800)

    assert budget.charged(endpoint, usage, at_worst=None) == amount


def test_no_more_is_believed_to_be_cached_than_went_in():
    endpoint = costing(Price(input_price=1_000_000, output_price=0, cached_price=0))

    usage = Usage(input_tokens=10, output_tokens=1, cached_tokens=10_000)

    assert budget.charged(endpoint, usage, at_worst=None) == 0


def test_the_worst_case_is_a_token_a_byte_and_every_token_allowed():
    endpoint = costing(Price(input_price=1_000_000, output_price=2_000_000, cached_price=0))
    request = Request(key="k", model="m", messages=[{"字": "字"}], fields={"max_tokens": 1000})

    assert budget.worst_case(endpoint, request) == request.size() + 2 * 1000


@pytest.mark.parametrize(
    ("usage", "amount"), [(Usage(1000, 100), 210), (Usage(0, 5), 900), (Usage(5, None), 900)]
)
def test_usage_that_cannot_be_believed_costs_the_worst_case(usage, amount):
    assert budget.charged(PRICED, usage, at_worst=900) == amount


def test_a_cap_is_set_raised_and_taken_away(project, curator):
    budget.set_cap(project=project, cap=100, by=curator)
    budget.set_cap(project=project, cap=200, by=curator)
    assert Budget.objects.get().cap == 200

    budget.set_cap(project=project, cap=None, by=curator)
    assert not Budget.objects.exists()


def test_a_cap_below_what_is_spent_is_refused(project):
    Budget.objects.create(project=project, cap=100, spent=60, reserved=20)

    with pytest.raises(Refused, match="already"):
        budget.set_cap(project=project, cap=79, by=None)


@pytest.mark.parametrize("cap", [-1, 10**16])
def test_an_impossible_cap_is_refused(project, cap):
    with pytest.raises(Refused):
        budget.set_cap(project=project, cap=cap, by=None)


def test_settling_without_a_budget_does_nothing(project):
    budget.settle(project.pk, reserved=5, amount=5)

    assert not Budget.objects.exists()


def test_prices_are_needed_only_where_there_is_a_budget(project):
    endpoint = factories.make_endpoint(project)
    budget.check_prices(project, [endpoint])
    Budget.objects.create(project=project, cap=100)

    with pytest.raises(Refused, match=endpoint.name):
        budget.check_prices(project, [endpoint])
