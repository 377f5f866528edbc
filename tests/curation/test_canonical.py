"""Equal content has equal bytes."""

import json

import pytest

from curation import canonical


def test_a_line_keeps_keys_in_order_text_as_it_is_and_no_spaces():
    assert canonical.line({"b": "水", "a": [1, None, True]}) == '{"b":"水","a":[1,null,true]}'


@pytest.mark.parametrize("end", ["\n", "\r", "\u0085", "\u2028", "\u2029", "\v", "\f", "\x1c"])
def test_a_line_is_one_line_to_every_reader(end):
    line = canonical.line({"text": f"one{end}two"})

    assert len(line.splitlines()) == 1
    assert json.loads(line) == {"text": f"one{end}two"}


def test_what_json_cannot_say_is_refused():
    with pytest.raises(ValueError, match="JSON compliant"):
        canonical.line({"rate": float("nan")})
