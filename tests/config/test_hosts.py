from urllib.parse import urlsplit

import pytest

from config import hosts


@pytest.mark.parametrize("site", ["http://127.0.0.1:8000", "http://localhost"])
def test_on_ones_own_machine_models_of_this_machine_may_be_called(site):
    assert "127.0.0.1" in hosts.allowed_by_default(urlsplit(site))


def test_a_public_site_calls_nothing_on_its_own_machine_unless_told_so():
    assert hosts.allowed_by_default(urlsplit("https://touchstone.example")) == []
