"""Many rows at once: python -m benchmarks.intake

Imports questions of our own format with two options each, then opens three seats for each of as
many answers; says rows per second and what the process had to keep in memory. The floor of the
import is a bare COPY of the same number of rows into the table of items.
"""

import argparse
import json
import resource
import sys
import tempfile
import time
import uuid

from benchmarks import ground


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=(10_000, 100_000))
    args = parser.parse_args()
    ground.stand()
    for rows in args.rows:
        print(_import(rows), flush=True)
    for rows in args.rows:
        print(_open(rows), flush=True)
    return 0


def _memory() -> int:
    """Return the most memory this process ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1_024


def _import(rows: int) -> str:
    from curation.importing.questions import import_questions
    from curation.sources import Provenance
    from tests import factories

    project = factories.make_project()
    with tempfile.TemporaryFile() as file:
        for number in range(rows):
            file.write(_row(number) + b"\n")
        file.seek(0)
        before, begun = _memory(), time.perf_counter()
        import_questions(
            project=project,
            file=file,
            name="rows.jsonl",
            by=None,
            provenance=Provenance(name="own"),
        )
        took = time.perf_counter() - begun
    copied = _copy(project, rows)
    return (
        f"import of {rows:,} rows: {took:.1f} s, {rows / took:,.0f} rows/s (4 tables);"
        f" bare COPY of the items {copied:.1f} s, {rows / copied:,.0f} rows/s;"
        f" ratio {copied / took:.2f}; memory {before} to {_memory()} MB"
    )


def _row(number: int) -> bytes:
    text = f"What should somebody do who has found {number} keys in the street? " * 4
    options = [
        {"polarity": "positive", "text": f"Hand all {number} keys in at the lost property office."},
        {"polarity": "negative", "text": f"Keep the {number} keys and say nothing to anybody."},
    ]
    row = {"id": f"q{number}", "question": text, "language": "en", "tags": ["care"]}
    return json.dumps(row | {"options": options}).encode()


def _copy(project, rows: int) -> float:
    """Copy as many rows into the table of items by hand, roll them back, and say how long."""
    from django.db import connection, transaction

    from curation.models import Item

    pattern = Item.objects.filter(project=project)[0]
    fields = [f for f in Item._meta.concrete_fields if not f.primary_key]
    columns = ", ".join(f.column for f in fields)
    always = [getattr(pattern, f.attname) for f in fields]
    places = [[f.attname for f in fields].index(name) for name in ("uid", "external_id")]
    begun = time.perf_counter()
    with transaction.atomic():
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY curation_item ({columns}) FROM STDIN") as copy,
        ):
            for number in range(rows):
                always[places[0]], always[places[1]] = uuid.uuid4(), f"copy-{number}"
                copy.write_row(always)
        transaction.set_rollback(True)
    return time.perf_counter() - begun


def _open(rows: int) -> str:
    from benchmarks import answers

    site = answers.make(1)
    before = _memory()
    took, seats = answers.grow(site, rows * site.campaign.overlap)
    return (
        f"opening of {seats:,} seats for {rows:,} answers: {took:.1f} s,"
        f" {seats / took:,.0f} seats/s; memory {before} to {_memory()} MB"
    )


if __name__ == "__main__":
    sys.exit(main())
