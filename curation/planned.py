"""Statements that the database plans once a connection, and then only runs.

For the few that run at every claim and submit: planning them takes longer than running them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, TypeVar, cast

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.utils import CursorWrapper
from django.db.models import JSONField, Model
from django.db.models.base import ModelState
from psycopg.types.json import Jsonb

Row = TypeVar("Row", bound=Model)


def one_line(statement: str) -> str:
    """Return the statement without its layout: the driver reads long ones anew at each run."""
    return " ".join(statement.split())


def cursor() -> CursorWrapper:
    """Return a cursor whose statements are prepared at their first run (settings.DATABASES).

    Their values stay apart from the text, so the text must be one of a few constants.
    """
    database = connections[DEFAULT_DB_ALIAS]  # asked once: the usual proxy asks at each attribute
    database.ensure_connection()
    bound = cast(Any, ServerBindingCursor)(database.connection)
    if database.queries_logged:
        return database.make_debug_cursor(bound)
    return database.make_cursor(bound)


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


@dataclass(frozen=True)
class Columns:
    """Columns of a model under a table's alias: how a statement names and a row gives them.

    What is left out is read when it is asked for, as after `defer`.
    """

    model: type[Model]
    alias: str
    names: tuple[str, ...] = ()

    @cached_property
    def fields(self) -> list[Any]:
        """The fields, in the order of the columns; the primary key comes first."""
        known = self.model._meta.concrete_fields
        return [f for f in known if not self.names or f.primary_key or f.attname in self.names]

    def __str__(self) -> str:
        return ", ".join(f"{self.alias}.{field.column}" for field in self.fields)

    @cached_property
    def _attributes(self) -> list[str]:
        return [field.attname for field in self.fields]

    @cached_property
    def _converters(self) -> list[tuple[str, Any]]:
        """What turns a stored value into one of Python, such as that of JSON."""
        return [(f.attname, f) for f in self.fields if f.get_db_converters(connection)]

    def row(self, values: Sequence[Any]) -> Any:
        """Return the row of the model whose columns these are, or None for one that is not there.

        As `Model.from_db` does, without signals and defaults: there are none for a row read.
        """
        if values[0] is None:
            return None
        made: Any = self.model.__new__(self.model)
        made._state = ModelState()
        made._state.adding, made._state.db = False, DEFAULT_DB_ALIAS
        made.__dict__.update(zip(self._attributes, values, strict=True))
        for name, field in self._converters:
            made.__dict__[name] = field.from_db_value(made.__dict__[name], None, connection)
        return made


def rows(values: Sequence[Any], *sides: Columns) -> list[Any]:
    """Return the rows of several models whose columns stand side by side."""
    found: list[Any] = []
    start = 0
    for side in sides:
        end = start + len(side.fields)
        found.append(side.row(values[start:end]))
        start = end
    return found


@cache
def insertion(model: type[Model]) -> str:
    """Return the statement that writes a row of the model."""
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


@cache
def _structures(model: type[Model]) -> list[str]:
    return [str(f.column) for f in _written(model) if isinstance(f, JSONField)]


def insert(row: Row) -> Row:
    """Write a new row and give it its number."""
    model = type(row)
    values = {field.column: getattr(row, field.attname) for field in _written(model)}
    for name in _structures(model):
        values[name] = Jsonb(values[name])
    found = first(insertion(model), values)
    row.pk = found[0] if found else None
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    return row
