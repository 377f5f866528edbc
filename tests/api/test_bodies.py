"""A body holds what it names and nothing else, each value of its own JSON type."""

import pytest
from rest_framework.exceptions import ValidationError

from api.bodies import Body, Flag, Number, Text, Word, an_id


class Parcel(Body):
    to = Text(max_length=5)
    size = Word(choices=["small", "large"])
    weight = Number(min_value=1, max_value=9)
    fragile = Flag(default=False)
    box = an_id(allow_null=True, default=None)


GOOD = {"to": "Ada", "size": "small", "weight": 2, "fragile": True, "box": 7}


def faults(data):
    body = Parcel(data=data)
    body.is_valid()
    return set(body.errors)


def test_a_good_body_is_taken_as_it_is():
    body = Parcel(data=GOOD)

    assert body.is_valid()
    assert dict(body.validated_data) == GOOD


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("to", 7),
        ("to", None),
        ("to", ["Ada"]),
        ("to", "too long"),
        ("to", ""),
        ("size", "medium"),
        ("size", {}),
        ("size", 1),
        ("weight", "2"),
        ("weight", 2.0),
        ("weight", True),
        ("weight", 10),
        ("weight", 10**40),
        ("fragile", "true"),
        ("fragile", 1),
        ("fragile", None),
        ("box", 0),
        ("box", 2**63),
        ("colour", "red"),
    ],
)
def test_another_type_or_an_unknown_field_is_refused_by_name(name, value):
    assert faults(GOOD | {name: value}) == {name}


@pytest.mark.parametrize("data", [[], "text", 7, None, [GOOD]])
def test_what_is_no_object_is_refused(data):
    with pytest.raises(ValidationError):
        Parcel(data=data).is_valid(raise_exception=True)


def test_line_ends_are_those_that_people_mean():
    body = Parcel(data=GOOD | {"to": "a\r\nb\rc"})

    assert body.is_valid()
    assert body.validated_data["to"] == "a\nb\nc"
