"""Statements that the database plans once a connection, and then only runs.

For the few that run at every claim and submit: planning them takes longer than running them.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeVar, cast

from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.utils import CursorWrapper
from django.db.models import Model

Row = TypeVar("Row", bound=Model)


def cursor() -> CursorWrapper:
    """Return a cursor whose statements are prepared at their first run (settings.DATABASES).

    Their values stay apart from the text, so the text must be one of a few constants.
    """
    connection.ensure_connection()
    bound = cast(Any, ServerBindingCursor)(connection.connection)
    if connection.queries_logged:
        return connection.make_debug_cursor(bound)
    return connection.make_cursor(bound)


def first(statement: str, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """Run a statement and return its first row, if it has one."""
    with cursor() as running:
        running.execute(statement, values)
        return cast(tuple[Any, ...] | None, running.fetchone())


def every(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Run a statement and return all of its rows."""
    with cursor() as running:
        running.execute(statement, values)
        return running.fetchall()


def run(statement: str, values: Mapping[str, Any]) -> int:
    """Run a statement that returns nothing, and return how many rows it changed."""
    with cursor() as running:
        running.execute(statement, values)
        return running.rowcount


@cache
def columns(model: type[Model], alias: str) -> str:
    """Return the columns of a model under a table's alias, in the order `instance` reads them."""
    return ", ".join(f"{alias}.{field.column}" for field in model._meta.concrete_fields)


@cache
def _attributes(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


@cache
def _converters(model: type[Model]) -> list[tuple[int, Any]]:
    """Return by place what turns a stored value into one of Python, such as that of JSON."""
    fields = enumerate(model._meta.concrete_fields)
    return [(place, f) for place, f in fields if f.get_db_converters(connection)]


def instance(model: type[Row], values: Sequence[Any]) -> Row:
    """Return the row of a model whose columns these are."""
    read = list(values)
    for place, field in _converters(model):
        read[place] = field.from_db_value(read[place], None, connection)
    return model.from_db(connection.alias, _attributes(model), read)


def instances(row: Sequence[Any], *models: type[Model]) -> list[Any]:
    """Return the rows of several models whose columns stand side by side; None for an outer one."""
    found: list[Any] = []
    start = 0
    for model in models:
        end = start + len(_attributes(model))
        values = row[start:end]
        found.append(None if values[0] is None else instance(model, values))
        start = end
    return found


@cache
def _insertion(model: type[Model]) -> str:
    names = [field.column for field in _written(model)]
    marks = ", ".join(f"%({name})s" for name in names)
    return (
        f"INSERT INTO {model._meta.db_table} ({', '.join(names)})"  # noqa: S608 - names of ours
        f" VALUES ({marks}) RETURNING id"
    )


@cache
def _written(model: type[Model]) -> list[Any]:
    """Return the fields with a value from here; the database knows those of the others."""
    fields: Sequence[Any] = model._meta.concrete_fields
    return [f for f in fields if not f.primary_key and not f.has_db_default()]


def insert(row: Row) -> Row:
    """Write a new row and give it its number."""
    model = type(row)
    values = {
        field.column: field.get_db_prep_save(getattr(row, field.attname), connection)
        for field in _written(model)
    }
    found = first(_insertion(model), values)
    row.pk = found[0] if found else None
    row._state.adding, row._state.db = False, connection.alias
    return row
