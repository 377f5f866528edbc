"""The ground that benchmarks stand on: a database of their own, with as many rows as asked for."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parent.parent


def stand() -> str:
    """Set up Django as the owner of a fresh database; return its folder, which may be deleted."""
    folder = tempfile.mkdtemp(prefix="touchstone-benchmark-")
    os.environ["TOUCHSTONE_DATA"] = folder
    print(f"# data in {folder}", file=sys.stderr)
    os.environ["TOUCHSTONE_AS_OWNER"] = "1"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    sys.path.insert(0, str(CHECKOUT))
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=CHECKOUT, check=True
    )
    import django

    django.setup()
    return folder


def copies(row: Any, count: int, changes: str, *, first: int = 1) -> None:
    """Copy a row `count` times in the database; `changes` is SQL by column, with `n` the number.

    As "external_id = 'x' || n, item_id = other.id".
    """
    from django.db import connection

    table = row._meta.db_table
    changed = dict(part.split(" = ", 1) for part in changes.split("; "))
    columns = [f.column for f in row._meta.concrete_fields if not f.primary_key]
    values = [changed.get(column, f"t.{column}") for column in columns]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)}"  # noqa: S608
            f"  FROM {table} t, generate_series(%s::bigint, %s::bigint) n WHERE t.id = %s",
            [first, first + count - 1, row.pk],
        )
