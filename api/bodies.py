"""What a request may hold: exactly the fields it names, each of its own JSON type."""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

BIGGEST_ID = 2**62
TOLD = 20  # unknown fields named in one answer


class Text(serializers.CharField):
    """A JSON string, with the line ends that people mean, as the forms of the pages take it."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data.replace("\r\n", "\n").replace("\r", "\n"))


class Word(serializers.ChoiceField):
    """One of a few words, as a JSON string."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise ValidationError(_("A word is expected."))
        return str(super().to_internal_value(data))


class Number(serializers.IntegerField):
    """A whole JSON number; neither a string of digits, nor 1.0, nor true."""

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            self.fail("invalid")
        return super().to_internal_value(data)


class Flag(serializers.BooleanField):
    """true or false, and no other word for them."""

    def to_internal_value(self, data: Any) -> bool:
        if type(data) is not bool:
            self.fail("invalid", input=type(data).__name__)
        return data


def an_id(**kw: Any) -> Number:
    """Return a field for the id of a row."""
    return Number(min_value=1, max_value=BIGGEST_ID, **kw)


class Body(serializers.Serializer[Any]):
    """A JSON object with these fields and no others."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping) and (unknown := sorted(set(data) - set(self.fields))):
            raise ValidationError({name: [_("There is no such field.")] for name in unknown[:TOLD]})
        return super().to_internal_value(data)


class Nothing(Body):
    """An act that needs no words."""


def said(request: Request, kind: type[Body]) -> dict[str, Any]:
    """Return what the body of a request says, or refuse it naming each fault."""
    data = request.data
    body = kind(data={} if isinstance(data, QueryDict) else data)  # nothing was sent
    body.is_valid(raise_exception=True)
    found: dict[str, Any] = body.validated_data
    return found
