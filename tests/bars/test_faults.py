"""A fault that is planted is really there, and gone afterwards."""

import pytest
from django.db import connection

from tests.bars import faults
from tests.bars.crew import Log, entries
from tests.bars.faults import Statement


def told(statement: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


@pytest.mark.django_db
def test_a_statement_is_changed_on_its_way_and_counted():
    with faults.planted((Statement("whole", "broken"),)) as changed:
        inside = told("SELECT 'whole'")

    assert (inside, changed()) == ("broken", 1)
    assert told("SELECT 'whole'") == "whole"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "name", ["one_seat_a_worker_and_matter", "a_judgement_has_its_hash", "a_seat_moves_forward"]
)
def test_what_was_taken_away_comes_back(name):
    look = f"""
        SELECT (SELECT count(*) FROM pg_constraint WHERE conname = '{name}')
             + (SELECT count(*) FROM pg_class WHERE relkind = 'i' AND relname = '{name}')
             + (SELECT count(*) FROM pg_trigger WHERE tgname = '{name}')"""
    before = told(look)

    with faults.without(name):
        assert told(look) < before

    assert told(look) == before


def test_a_log_that_breaks_off_is_read_as_far_as_it_goes(tmp_path):
    log = Log(tmp_path / "client-1.jsonl", client=1)
    log.write("invoke", act="claim")
    log.close()
    with (tmp_path / "client-1.jsonl").open("a") as file:
        file.write('{"kind": "ok", "at"')

    assert [(entry["kind"], entry["client"]) for entry in entries(tmp_path)] == [("invoke", 1)]
