"""Faults that a bar plants in its own clients, to show that it would see them.

Nothing of the product is touched: a client's statements are changed on their way to the database,
or a function is replaced in the client's process, or a constraint is taken from the test's
database for a while.
"""

import pkgutil
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection


@dataclass(frozen=True)
class Statement:
    """Every statement with this in it is sent with that in its place."""

    pattern: str
    instead: str


@dataclass(frozen=True)
class Function:
    """A function is replaced in the client's process; both are named as "module:name"."""

    name: str
    instead: str


Fault = Statement | Function


@contextmanager
def planted(faults: tuple[Fault, ...]) -> Iterator[Callable[[], int]]:
    """Plant faults in this thread; lend the count of statements that were changed."""
    changed = [0]
    with ExitStack() as stack:
        for fault in faults:
            if isinstance(fault, Statement):
                stack.enter_context(connection.execute_wrapper(_changing(fault, changed)))
            else:
                _replace(fault)
        yield lambda: changed[0]


def _changing(fault: Statement, changed: list[int]) -> Callable[..., Any]:
    pattern = re.compile(fault.pattern)

    def wrapper(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        sql, found = pattern.subn(fault.instead, sql)
        changed[0] += found
        return execute(sql, params, many, context)

    return wrapper


def _replace(fault: Function) -> None:
    """For good: the process is the bar's own and ends with it."""
    module, _colon, name = fault.name.partition(":")
    setattr(pkgutil.resolve_name(module), name, pkgutil.resolve_name(fault.instead))


@contextmanager
def without(*names: str) -> Iterator[None]:
    """Take constraints, indexes or triggers away, then empty the tables and put them back."""
    taken = [_taken(name) for name in names]
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            cursor.execute("TRUNCATE annotation_campaign CASCADE")
            cursor.execute("SET session_replication_role = origin")
            for restore in taken:
                cursor.execute(restore)


FOUND = {
    "constraint": """
        SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
               format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname,
                      pg_get_constraintdef(oid))
          FROM pg_constraint WHERE conname = %s""",
    "index": """
        SELECT format('DROP INDEX %%I', relname), pg_get_indexdef(oid)
          FROM pg_class WHERE relkind = 'i' AND relname = %s""",
    "trigger": """
        SELECT format('DROP TRIGGER %%I ON %%s', tgname, tgrelid::regclass),
               pg_get_triggerdef(oid)
          FROM pg_trigger WHERE NOT tgisinternal AND tgname = %s""",
}


def _taken(name: str) -> str:
    """Drop what is called so, and return the statement that brings it back."""
    with connection.cursor() as cursor:
        for look in FOUND.values():
            cursor.execute(look, [name])
            if row := cursor.fetchone():
                cursor.execute(row[0])
                return str(row[1])
    raise LookupError(f"the database has no {name}")
