import hashlib
import json
import threading

import pytest
from django.db import OperationalError, connection, transaction

from curation import endpoints
from curation.drafting import batch_ids, batches, engine, moving, plan, runs
from curation.models import BatchFile, Budget, Call, Endpoint
from curation.refusals import Refused
from tests import factories
from tests.curation.drafting.batching import exported, key_of, requests_in


@pytest.fixture
def run(project, drafter):
    for _ in range(3):
        factories.make_item(project)
    return plan.plan(project=project, by=None).run


def statuses():
    return set(Call.objects.values_list("status", flat=True))


def test_a_file_holds_one_request_a_line_under_the_key_of_its_call(run, server, tmp_path):
    requests = exported(run, tmp_path)

    file = BatchFile.objects.get()
    assert [batch_ids.read(request["custom_id"]) for request in requests] == [
        (key, file.pk) for key in Call.objects.order_by("pk").values_list("key", flat=True)
    ]
    first = requests[0]
    assert (first["method"], first["url"]) == ("POST", "/v1/chat/completions")
    assert first["body"]["model"] == "quiet-model"
    assert first["body"]["response_format"]["type"] == "json_schema"
    assert key_of(first)[:12] in first["body"]["messages"][-1]["content"]
    assert server.log == []


def test_a_file_is_known_by_its_hash_and_its_lines(run, tmp_path):
    [file] = batches.export(run=run, folder=tmp_path, by=None)

    written = (tmp_path / file.name).read_bytes()
    assert file.sha256 == hashlib.sha256(written).hexdigest()
    assert (file.lines, file.size, file.number) == (9, len(written), 1)
    assert file.name == f"everyday-run-{run.pk}-quiet-1.jsonl"
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_what_is_asked_in_a_file_is_what_would_be_asked_over_the_wire(run, server, tmp_path):
    requests = exported(run, tmp_path)
    batches.give_back(run=run, by=None)

    engine.work(run_id=run.pk)

    live = {asked.key: asked.body for asked in server.log}
    assert {key_of(request): request["body"] for request in requests} == live


def test_no_worker_asks_what_is_in_a_file(run, server, tmp_path):
    exported(run, tmp_path)

    engine.work(run_id=run.pk)

    assert server.log == []
    assert statuses() == {"batched"}
    run.refresh_from_db()
    assert run.status == "running"


@pytest.fixture
def other(project, drafter):
    """Another endpoint, which fills the role of the risk tagger."""
    endpoint = factories.make_endpoint(project, name="other")
    endpoints.assign(endpoint=endpoint, roles=["risk_tags"], by=None)
    return endpoint


def test_one_endpoint_has_its_own_file(other, run, drafter, tmp_path):
    made = batches.export(run=run, folder=tmp_path, by=None)

    assert [(file.endpoint, file.lines) for file in made] == [(drafter, 6), (other, 3)]


def test_only_the_endpoint_that_is_named_gets_a_file(other, run, tmp_path):
    [file] = batches.export(run=run, folder=tmp_path, by=None, endpoint=other)

    assert (file.endpoint, file.lines) == (other, 3)
    assert Call.objects.filter(status="planned").count() == 6


def test_many_calls_need_several_files(run, tmp_path, monkeypatch):
    monkeypatch.setattr(batches, "PIECE", 2)

    made = batches.export(run=run, folder=tmp_path, by=None, most_lines=4)

    assert [(file.number, file.lines) for file in made] == [(1, 4), (2, 4), (3, 1)]
    assert len({request["custom_id"] for request in requests_in(tmp_path)}) == 9


def test_no_file_is_larger_than_may_be(run, tmp_path, monkeypatch):
    exported(run, tmp_path)
    largest = max(len(json.dumps(request)) for request in requests_in(tmp_path)) * 2
    batches.give_back(run=run, by=None)
    monkeypatch.setattr(batches, "LARGEST_FILE", largest)

    made = batches.export(run=run, folder=tmp_path / "again", by=None)

    assert len(made) > 3
    assert all((tmp_path / "again" / file.name).stat().st_size <= largest for file in made)
    assert sum(file.lines for file in made) == 9


def test_the_worst_case_is_held_at_the_price_of_batches(run, project, drafter, tmp_path):
    factories.make_price(drafter, 1_000_000, 1_000_000)
    Budget.objects.create(project=project, cap=10**9)

    batches.export(run=run, folder=tmp_path, by=None)
    whole = Budget.objects.get().reserved
    batches.give_back(run=run, by=None)
    freed = Budget.objects.get().reserved
    batches.export(run=run, folder=tmp_path, by=None, price_percent=50)

    assert whole == pytest.approx(2 * Budget.objects.get().reserved, abs=18)
    assert whole > 9_000
    assert freed == 0


@pytest.mark.django_db(transaction=True)
def test_nothing_is_reserved_for_a_file_while_somebody_holds_the_endpoint(run, drafter, tmp_path):
    done = threading.Event()

    def export():
        batches.export(run=run, folder=tmp_path, by=None)
        connection.close()
        done.set()

    exporting = threading.Thread(target=export)
    with transaction.atomic():
        Endpoint.objects.select_for_update(no_key=True).get()
        exporting.start()
        was_done = done.wait(0.5)
    exporting.join()

    assert (was_done, statuses()) == (False, {"batched"})


def test_no_call_goes_into_a_file_beyond_the_budget(run, project, drafter, tmp_path):
    factories.make_price(drafter, 1_000_000, 1_000_000)
    Budget.objects.create(project=project, cap=10_000)

    [file] = batches.export(run=run, folder=tmp_path, by=None)

    budget = Budget.objects.get()
    assert 0 < file.lines < 9
    assert 0 < budget.reserved <= 10_000
    assert Call.objects.filter(status="planned").count() == 9 - file.lines
    with pytest.raises(Refused, match="no room"):
        batches.export(run=run, folder=tmp_path, by=None)


def test_with_a_budget_a_price_has_to_be_known(run, project, tmp_path):
    Budget.objects.create(project=project, cap=10_000)

    with pytest.raises(Refused, match="price of quiet is not known"):
        batches.export(run=run, folder=tmp_path, by=None)
    assert statuses() == {"planned"}


def test_a_paused_run_and_a_paused_endpoint_can_be_taken_elsewhere(run, drafter, tmp_path):
    endpoints.pause(endpoint_id=drafter.pk, reason="unreachable")
    runs.pause(run=run, by=None)

    assert len(exported(run, tmp_path)) == 9


@pytest.mark.parametrize("status", ["cancelled", "finished"])
def test_a_run_that_is_over_has_nothing_to_write(run, tmp_path, status):
    run.status = status

    with pytest.raises(Refused, match="goes on"):
        batches.export(run=run, folder=tmp_path, by=None)


def test_where_nothing_waits_no_file_is_left(run, tmp_path):
    exported(run, tmp_path)

    with pytest.raises(Refused, match="No call"):
        batches.export(run=run, folder=tmp_path / "more", by=None)
    assert list((tmp_path / "more").glob("*")) == []
    assert BatchFile.objects.count() == 1


@pytest.mark.parametrize("percent", [-1, 101])
def test_a_price_beyond_the_whole_is_refused(run, tmp_path, percent):
    with pytest.raises(Refused, match="percent"):
        batches.export(run=run, folder=tmp_path, by=None, price_percent=percent)


def test_a_call_that_must_not_be_asked_any_more_is_in_no_file(run, tmp_path):
    item = Call.objects.first().item
    type(item).objects.filter(pk=item.pk).update(question="Another question?")

    requests = exported(run, tmp_path)

    assert len(requests) == 6
    assert set(item.calls.values_list("status", "problem")) == {("failed", "changed")}


def test_what_is_given_back_is_asked_by_workers(run, server, tmp_path):
    exported(run, tmp_path)

    assert batches.give_back(run=run, by=None) == 9

    engine.work(run_id=run.pk)
    assert server.count() == 9
    with pytest.raises(Refused, match="No call"):
        batches.give_back(run=run, by=None)


def test_an_export_that_was_cut_short_is_taken_back_by_the_next(run, tmp_path, monkeypatch):
    move, pieces = moving.move, iter([True, False])

    def cut(steps):
        into_file = any(step.status == "batched" for _call, step in steps)
        if into_file and not next(pieces):
            raise OperationalError("gone")
        return move(steps)

    monkeypatch.setattr(batches, "PIECE", 2)
    monkeypatch.setattr(moving, "move", cut)
    with pytest.raises(OperationalError):
        batches.export(run=run, folder=tmp_path, by=None)
    monkeypatch.undo()
    assert Call.objects.filter(status="batched").count() == 2
    assert list(tmp_path.glob("*.jsonl")) == []

    assert len(exported(run, tmp_path)) == 9
    assert statuses() == {"batched"}


def test_ways_to_ask_that_the_endpoint_takes_are_remembered_with_the_file(run, tmp_path):
    Endpoint.objects.update(structured="prompt")

    [file] = batches.export(run=run, folder=tmp_path, by=None)

    assert file.structured == "prompt"
    assert "response_format" not in requests_in(tmp_path)[0]["body"]
