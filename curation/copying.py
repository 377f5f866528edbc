"""Adding many rows at once by PostgreSQL's COPY, many times as fast as by INSERT."""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Model
from django.db.models.fields import NOT_PROVIDED


def add(model: type[Model], rows: Sequence[dict[str, Any]]) -> list[int]:
    """Add rows, each a dictionary by column name with the same keys, and return their ids.

    Columns left out get the default of their field, the same for all rows. Constraints hold as
    for any insert; validators and signals do not run.
    """
    if not rows:
        return []
    values = _defaults(model) | rows[0]
    ids = _new_ids(model, len(rows))
    quoted = ", ".join(map(connection.ops.quote_name, ["id", *values]))
    table = connection.ops.quote_name(model._meta.db_table)
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({quoted}) FROM STDIN") as copy,
    ):
        for id, row in zip(ids, rows, strict=True):
            values.update(row)
            copy.write_row((id, *values.values()))
    return ids


def _defaults(model: type[Model]) -> dict[str, Any]:
    """Return the defaults that the database does not know of, by column."""
    return {
        str(field.column): field.get_db_prep_save(field.get_default(), connection)
        for field in model._meta.concrete_fields
        if not field.primary_key and field.db_default is NOT_PROVIDED
    }


def _new_ids(model: type[Model], count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [id for (id,) in cursor.fetchall()]
