import json
import threading
from io import BytesIO

import pytest
from django.db import connection, transaction

from curation import endpoints
from curation.drafting import batch_results, batches, budget, engine, plan, runs
from curation.models import Attempt, Budget, Call, Draft, Endpoint, Item, Option
from curation.refusals import Refused
from tests import factories
from tests.curation.drafting.batching import (
    asked,
    expired,
    exported,
    file_of,
    key_of,
    requests_in,
    result,
    take,
)
from tests.endpoint import completion, said


@pytest.fixture
def run(project, drafter):
    for _ in range(2):
        factories.make_item(project)
    return plan.plan(project=project, by=None).run


@pytest.fixture
def requests(run, tmp_path):
    return exported(run, tmp_path)


def purpose(request):
    return asked(request).purpose


def of(requests, wanted):
    return next(request for request in requests if purpose(request) == wanted)


def call_of(request):
    return Call.objects.get(key=key_of(request))


def statuses():
    return set(Call.objects.values_list("status", flat=True))


def test_results_become_drafts_as_live_replies_do(project, run, requests, server):
    taken = take(project, *[result(request) for request in requests])

    assert (taken.lines, taken.replies, taken.not_taken_in_all) == (6, 6, 0)
    assert statuses() == {"done"}
    assert Option.objects.count() == 4
    assert set(Item.objects.values_list("status", flat=True)) == {"drafted"}
    run.refresh_from_db()
    assert run.status == "finished"
    assert server.log == []


def test_an_attempt_keeps_what_came(project, requests):
    line = result(requests[0], number=7)

    take(project, line)

    attempt = Attempt.objects.get()
    assert json.loads(bytes(attempt.raw)) == line["response"]["body"]
    assert (attempt.request_id, attempt.http_status, attempt.milliseconds) == ("req_7", 200, 0)
    assert (attempt.turn, attempt.structured) == ("first", "json_schema")
    assert (attempt.input_tokens, attempt.output_tokens) == (100, 20)


def test_the_same_file_twice_changes_nothing(project, requests):
    lines = [result(request, number=n) for n, request in enumerate(requests)]
    lines.append(expired(requests[0]))
    take(project, *lines[1:])
    before = list(Call.objects.order_by("pk").values()), Attempt.objects.count()

    taken = take(project, *lines[1:])

    assert (taken.replies, taken.repeated, taken.troubles) == (0, 6, 0)
    assert (list(Call.objects.order_by("pk").values()), Attempt.objects.count()) == before


def test_an_error_of_an_earlier_file_leaves_calls_that_are_out_in_a_later_one(
    project, run, requests, tmp_path
):
    batches.give_back(run=run, by=None)
    later = exported(run, tmp_path / "later")

    taken = take(project, *[expired(request) for request in requests])

    assert (taken.troubles, taken.repeated, statuses()) == (6, 0, {"batched"})
    take(project, *[result(request) for request in later])
    assert statuses() == {"done"}


def test_a_reply_of_an_earlier_file_answers_its_call_at_the_price_of_that_file(
    project, run, drafter, tmp_path
):
    factories.make_price(drafter, 1_000_000, 1_000_000)
    Budget.objects.create(project=project, cap=10**9)
    earlier = exported(run, tmp_path / "earlier", price_percent=10)
    batches.give_back(run=run, by=None)
    later = exported(run, tmp_path / "later", price_percent=50)

    take(project, *[result(request) for request in earlier])

    assert statuses() == {"done"}
    assert set(Attempt.objects.values_list("cost", flat=True)) == {12}
    assert Budget.objects.get().reserved == 0
    assert take(project, result(later[0])).late == 1
    assert Attempt.objects.last().cost == 60


def test_the_same_error_without_an_id_is_another_one_in_another_file(
    project, run, requests, tmp_path
):
    take(project, *[expired(request, name=None) for request in requests])
    later = exported(run, tmp_path / "later")
    assert statuses() == {"batched"}

    again = take(project, *[expired(request, name=None) for request in requests])
    assert (again.repeated, statuses()) == (6, {"batched"})

    taken = take(project, *[expired(request, name=None) for request in later])
    assert (taken.troubles, statuses()) == (6, {"planned"})


@pytest.mark.parametrize("pieces", [1, 200])
@pytest.mark.parametrize("reply_first", [True, False])
def test_a_reply_counts_more_than_trouble_in_the_same_file(
    project, requests, monkeypatch, reply_first, pieces
):
    monkeypatch.setattr(batch_results, "PIECE_LINES", pieces)
    wanted = of(requests, "positive_option")
    lines = [result(wanted), expired(wanted)]

    taken = take(project, *(lines if reply_first else lines[::-1]))

    assert call_of(wanted).status == "done"
    assert (taken.replies, dict(taken.not_taken)) == (1, {"duplicate": 1} if reply_first else {})


def test_a_reply_counts_after_its_trouble_was_brought(project, requests):
    take(project, expired(requests[0]))

    taken = take(project, expired(requests[0]), result(requests[0]))

    assert (taken.repeated, taken.replies, call_of(requests[0]).status) == (1, 1, "done")


def test_a_line_under_the_bare_key_of_its_call_is_taken(project, run, requests, tmp_path):
    old = [{**request, "custom_id": key_of(request)} for request in requests]
    lines = [expired(request) for request in old]
    take(project, *lines)
    exported(run, tmp_path / "later")

    again = take(project, *lines)

    assert (again.repeated, statuses()) == (6, {"batched"})
    take(project, *[result(request) for request in old])
    assert statuses() == {"done"}


def test_a_line_that_names_a_file_its_call_was_never_in_is_not_taken(project, requests):
    name, number = requests[0]["custom_id"].rsplit("-", 1)
    odd = [{**requests[0], "custom_id": f"{name}-{n}"} for n in (int(number) + 1, 10**17)]

    taken = take(project, *[result(request) for request in odd])

    assert dict(taken.not_taken) == {"not_batched": 2}


@pytest.mark.django_db(transaction=True)
def test_a_file_of_two_endpoints_never_holds_the_budget_while_it_waits_for_the_second(
    project, drafter, tmp_path, monkeypatch
):
    other = factories.make_endpoint(project, name="other", base_url=drafter.base_url)
    endpoints.assign(endpoint=other, roles=["risk_tags"], by=None)
    factories.make_item(project)
    for endpoint in (drafter, other):
        factories.make_price(endpoint, 1_000_000, 1_000_000)
    Budget.objects.create(project=project, cap=10**9)
    run = plan.plan(project=project, by=None).run
    requests = exported(run, tmp_path)
    dear = completion(said(asked(requests[0]))) | {
        "usage": {"prompt_tokens": 10**8, "completion_tokens": 1}
    }
    lines = [result(request, dear) for request in requests]
    holds, settled = threading.Event(), threading.Event()

    def claim():  # as workers do: the endpoint, then the budget
        with transaction.atomic():
            Endpoint.objects.select_for_update(no_key=True).get(pk=other.pk)
            holds.set()
            settled.wait(10)
            Budget.objects.select_for_update().get()
        connection.close()

    real = budget.settle

    def settle(*args, **kwargs):
        real(*args, **kwargs)
        settled.set()

    monkeypatch.setattr(budget, "settle", settle)
    claiming = threading.Thread(target=claim)
    claiming.start()
    holds.wait(10)
    taken = take(project, *lines)
    claiming.join()

    assert taken.replies == 3
    assert set(Endpoint.objects.values_list("paused_reason", flat=True)) == {"dearer"}


def test_results_come_in_any_order_and_in_parts(project, run, requests):
    lines = [result(request) for request in reversed(requests)]

    take(project, *lines[:2])
    assert Call.objects.filter(status="batched").count() == 4
    take(project, *lines[2:])

    assert statuses() == {"done"}


def test_lines_that_are_nobodys_are_counted_and_named(project, requests):
    elsewhere = plan_elsewhere()
    never = Call.objects.create(
        **{
            **{
                n: getattr(Call.objects.first(), n) for n in ("endpoint", "model", "item", "prompt")
            },
            "key": "0" * 64,
            "purpose": "risk_tags",
            "target": "item:x",
        }
    )
    lines = [
        result({**requests[0], "custom_id": "f" * 64}, completion("?")),
        result({**requests[0], "custom_id": "\ud800\0"}, completion("?")),
        result(elsewhere),
        result({**requests[0], "custom_id": never.key}, completion("?")),
        result(requests[0]),
        result(requests[0], number=2),
        {"hello": "there"},
    ]

    taken = take(project, *lines)

    assert taken.faults == [
        (1, "unknown"),
        (2, "unknown"),
        (3, "unknown"),
        (4, "not_batched"),
        (6, "duplicate"),
        (7, "not_a_result"),
    ]
    assert dict(taken.not_taken) == {
        "unknown": 3,
        "not_batched": 1,
        "duplicate": 1,
        "not_a_result": 1,
    }
    assert (taken.replies, Attempt.objects.count()) == (1, 1)


def plan_elsewhere():
    """Return a request of another project."""
    other = factories.make_project()
    endpoint = factories.make_endpoint(other)
    call = Call.objects.first()
    Call.objects.create(
        endpoint=endpoint,
        model="m",
        key="1" * 64,
        purpose=call.purpose,
        target="item:y",
        item=factories.make_item(other),
        prompt=call.prompt,
        batch=call.batch,
    )
    return {
        "custom_id": "1" * 64,
        "url": "",
        "body": {"messages": [{"role": "user", "content": ""}]},
    }


def test_a_fault_of_the_server_lets_the_call_be_asked_again(project, run, requests, server):
    take(project, result(requests[0], {"error": {"message": "Oops"}}, status=500))

    call = call_of(requests[0])
    assert (call.status, call.tries, call.reserved) == ("planned", 1, 0)
    assert call.attempts.get().outcome == "server_error"
    assert Endpoint.objects.get().failures == 0  # the lane over the wire is another one
    Call.objects.update(not_before=None)
    engine.work(run_id=run.pk)
    assert server.count() == 1


def test_a_request_that_is_not_taken_fails_its_call_and_a_key_that_is_not_does_not(
    project, requests
):
    take(
        project,
        result(requests[0], {"error": {}}, status=400),
        result(requests[1], {"error": {}}, status=401),
    )

    assert call_of(requests[0]).status == "failed"
    assert call_of(requests[1]).status == "planned"
    assert Endpoint.objects.get().paused_reason == ""


def test_what_ran_out_of_time_can_go_into_the_next_file(project, run, requests, tmp_path):
    taken = take(project, *[expired(request) for request in requests])

    assert taken.troubles == 6
    assert set(Call.objects.values_list("status", "tries")) == {("planned", 0)}
    again = exported(run, tmp_path / "again")
    take(project, *[result(request) for request in again])
    assert statuses() == {"done"}


def test_a_reply_without_the_shape_goes_down_the_ladder_in_the_next_file(
    project, run, requests, tmp_path
):
    wanted = of(requests, "positive_option")
    take(project, result(wanted, completion("Sure!")))
    assert call_of(wanted).status == "planned"

    [again] = exported(run, tmp_path / "again")
    assert again["body"]["response_format"] == {"type": "json_object"}
    take(project, result(again))

    call = call_of(wanted)
    assert call.status == "done"
    assert list(call.attempts.order_by("number").values_list("turn", "structured")) == [
        ("first", "json_schema"),
        ("lower", "json_object"),
    ]


def test_a_refusal_is_a_result(project, requests):
    wanted = of(requests, "negative_option")

    take(project, result(wanted, completion(None, refusal="I would rather not.")))

    assert call_of(wanted).status == "refused"


def test_a_result_costs_its_share_of_the_price(project, run, drafter, tmp_path):
    factories.make_price(drafter, 1_000_000, 1_000_000)
    Budget.objects.create(project=project, cap=10**9)
    requests = exported(run, tmp_path, price_percent=50)

    take(project, *[result(request) for request in requests])

    budget = Budget.objects.get()
    assert set(Attempt.objects.values_list("cost", flat=True)) == {60}
    assert (budget.spent, budget.reserved) == (6 * 60, 0)


def test_a_result_without_believable_usage_costs_what_was_reserved(project, run, drafter, tmp_path):
    factories.make_price(drafter, 1_000_000, 1_000_000)
    Budget.objects.create(project=project, cap=10**9)
    requests = exported(run, tmp_path, price_percent=50)
    wanted = of(requests, "positive_option")
    reserved = call_of(wanted).reserved
    body = result(wanted)["response"]["body"] | {"usage": None}

    take(project, result(wanted, body))

    assert Attempt.objects.get().cost == Budget.objects.get().spent == reserved > 0


def test_without_a_price_a_result_has_no_cost(project, requests):
    take(project, result(requests[0]), result(requests[1], {"error": {}}, status=500))

    assert set(Attempt.objects.values_list("cost", flat=True)) == {None}


def test_a_result_after_its_call_was_given_back_still_answers_it(project, run, requests):
    batches.give_back(run=run, by=None)

    taken = take(project, result(requests[0]))

    assert taken.replies == 1
    assert call_of(requests[0]).status == "done"


def test_a_result_for_a_call_that_a_worker_holds_is_kept_and_leaves_it_to_the_worker(
    project, run, requests
):
    batches.give_back(run=run, by=None)
    call = call_of(requests[0])
    held = plan.calls.claim(run_id=run.pk, endpoint_id=call.endpoint_id, limit=1)
    assert [claimed.call.pk for claimed in held.claimed] == [call.pk]

    taken = take(project, result(requests[0]))

    call.refresh_from_db()
    assert (call.status, call.attempts.count(), taken.late) == ("leased", 1, 1)


def test_a_second_reply_to_an_answered_call_is_kept_and_changes_nothing(project, requests):
    wanted = of(requests, "positive_option")
    take(project, result(wanted))
    other = said(asked(wanted), option="Something else.")

    taken = take(project, result(wanted, other, number=2))

    assert (taken.late, call_of(wanted).attempts.count()) == (1, 2)
    assert not Option.objects.filter(text="Something else.").exists()


def test_a_call_has_no_more_attempts_than_it_can_have(project, requests, monkeypatch):
    monkeypatch.setattr(batch_results.turns, "LAST_NUMBER", 2)
    for number in (1, 2):
        take(project, result(requests[0], number=number))

    taken = take(project, result(requests[0], number=3))

    assert dict(taken.not_taken) == {"too_often": 1}
    assert Attempt.objects.count() == 2


def test_a_paused_run_takes_results_and_stays_paused(project, run, requests):
    runs.pause(run=run, by=None)

    take(project, *[result(request) for request in requests])

    run.refresh_from_db()
    assert (run.status, statuses()) == ("paused", {"done"})


def test_an_import_that_is_cut_short_goes_on_with_the_same_file(project, requests, monkeypatch):
    lines = [result(request, number=n) for n, request in enumerate(requests)]
    monkeypatch.setattr(batch_results, "PIECE_LINES", 2)
    reads = iter([True, True, False])
    read = batch_results.applying.read

    def broken(ids):
        if not next(reads, True):
            raise KeyboardInterrupt
        read(ids)

    monkeypatch.setattr(batch_results.applying, "read", broken)
    with pytest.raises(KeyboardInterrupt):
        take(project, *lines)

    taken = take(project, *lines)

    assert (taken.repeated, Attempt.objects.count()) == (6, 6)
    runs.sweep()
    assert statuses() == {"done"}
    assert Draft.objects.count() == 6


@pytest.mark.parametrize("content", [b"", b"\n\n"])
def test_an_empty_file_is_refused(project, content):
    with pytest.raises(Refused, match="no line"):
        batch_results.take(project=project, file=BytesIO(content), by=None)


def test_a_thousand_odd_lines_are_counted_and_a_hundred_of_them_named(project, requests):
    taken = batch_results.take(project=project, file=file_of([{}] * 1_000), by=None)

    assert (taken.not_taken_in_all, len(taken.said()["faults"])) == (1_000, 100)


@pytest.mark.parametrize("line", [b"1\n", b"\n", b"{}\n", b'{"custom_id": "x"}\n'])
def test_a_file_that_is_no_file_of_results_is_given_up_soon_and_at_no_cost(
    project, requests, monkeypatch, django_assert_max_num_queries, line
):
    monkeypatch.setattr(batch_results, "PATIENCE", 400)
    good = file_of([result(requests[0])]).getvalue()
    read = BytesIO(good + line * 50_000)

    with (
        django_assert_max_num_queries(60),
        pytest.raises(Refused, match="of no use"),
    ):
        batch_results.take(project=project, file=read, by=None)

    assert Attempt.objects.count() == 1  # what came before it is kept
    assert read.read(1)  # and the rest was never read


def test_a_file_may_hold_two_useless_lines_for_each_that_was_written(
    project, requests, monkeypatch
):
    monkeypatch.setattr(batch_results, "PATIENCE", 0)

    taken = take(project, *([{}] * (2 * len(requests))), result(requests[0]))

    assert taken.replies == 1


@pytest.mark.django_db(transaction=True)
def test_one_file_of_a_project_is_read_at_a_time(project, requests):
    begun, goes_on = threading.Event(), threading.Event()

    class Slow(BytesIO):
        def readline(self, size=-1):
            begun.set()
            goes_on.wait(10)
            return super().readline(size)

    def first():
        taken.append(batch_results.take(project=project, file=Slow(lines), by=None))
        connection.close()

    lines, taken = file_of([result(requests[0])]).getvalue(), []
    thread = threading.Thread(target=first)
    thread.start()
    begun.wait(10)
    with pytest.raises(Refused, match="being read right now"):
        take(project, result(requests[0]))
    goes_on.set()
    thread.join()

    assert taken[0].replies == 1
    assert take(project, result(requests[0])).repeated == 1  # the lock is given back


def test_what_a_subject_answers_in_a_file_is_its_answer(project, drafter, tmp_path):
    from curation import releases, subjects

    factories.make_gold_item(project)
    release = releases.freeze(project=project, by=None, quality={})
    subject = subjects.add(project=project, name="quiet-s", endpoint=drafter, by=None)
    made = subjects.start_run(subject=subject, release=release, by=None)
    batches.export(run=made.run, folder=tmp_path, by=None)

    take(project, *[result(request) for request in requests_in(tmp_path)])

    assert (made.answers.count(), made.picks.count()) == (1, 2)
