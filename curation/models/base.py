"""What tables share: bounded text, rows that are evidence, pairs that belong together."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

QUESTION_LENGTH = 8_000  # characters; S-Eval's longest attack prompts stay below it
OPTION_LENGTH = 4_000
NOTE_LENGTH = 2_000
NAME_LENGTH = 120
REF_LENGTH = 80  # a plain reference to a row of a room above, such as "judgement:17"


def storable(text: str) -> None:
    """Refuse what PostgreSQL and UTF-8 cannot hold: NUL and lone surrogates."""
    if "\0" in text:
        raise ValidationError(_("A NUL character cannot be stored."))
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValidationError(_("Half a character (a lone surrogate) cannot be stored.")) from error


class BoundedText(models.TextField):
    """Text with a length that the database also enforces, and only characters it can hold."""

    default_validators = [storable]

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        return f"varchar({self.max_length})" if self.max_length else super().db_type(connection)


class Evidence(models.Model):
    """A row that is written once; a correction is a new row.

    Triggers made by `curation.guards` refuse UPDATE, DELETE and TRUNCATE, and the app role has no
    grant for them.
    """

    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        abstract = True


def one_of(field: str, values: Iterable[str], name: str) -> models.CheckConstraint:
    """Say in the table that the field holds one of the values."""
    return models.CheckConstraint(condition=Q(**{f"{field}__in": list(values)}), name=name)


def both_or_neither(first: str, second: str, name: str) -> models.CheckConstraint:
    """Say in the table that the two fields are set together or not at all."""
    return models.CheckConstraint(
        condition=Q(**{f"{first}__isnull": True, f"{second}__isnull": True})
        | Q(**{f"{first}__isnull": False, f"{second}__isnull": False}),
        name=name,
    )
