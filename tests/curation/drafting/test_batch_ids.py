import re

import pytest

from curation.drafting import batch_ids

KEY = "ab" * 31 + "fe"


@pytest.mark.parametrize("key", [KEY, "0" * 64, "f" * 64])
def test_an_id_names_a_call_and_a_file_in_characters_that_every_endpoint_takes(key):
    made = batch_ids.made(key, 10**18 - 1)

    assert re.fullmatch("[A-Za-z0-9_-]{1,64}", made)
    assert batch_ids.read(made) == (key, 10**18 - 1)


def test_a_bare_key_names_no_file():
    assert batch_ids.read(KEY) == (KEY, None)


def test_an_id_is_written_in_one_way_only():
    name, number = batch_ids.made(KEY, 7).rsplit("-", 1)
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    others = {f"{name[:-1]}{letter}-{number}" for letter in last} - {f"{name}-{number}"}

    read = [batch_ids.read(other) for other in others]

    assert KEY not in {found[0] for found in read if found}
    assert None in read


@pytest.mark.parametrize(
    "odd", ["", "x", KEY + "\n", KEY + "-7", "\ud800\0", "A" * 43 + "-0", "A" * 43 + "-" + "9" * 19]
)
def test_what_is_no_id_of_ours_names_nothing(odd):
    assert batch_ids.read(odd) is None
