import json
from io import BytesIO

import pytest

from curation.drafting import batch_results, batches, engine, plan, runs
from curation.models import Attempt, Budget, Call, Draft, Endpoint, Item, Option
from curation.refusals import Refused
from tests import factories
from tests.curation.drafting.batching import (
    asked,
    expired,
    exported,
    file_of,
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
    return Call.objects.get(key=request["custom_id"])


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


def test_what_a_subject_answers_in_a_file_is_its_answer(project, drafter, tmp_path):
    from curation import releases, subjects

    factories.make_gold_item(project)
    release = releases.freeze(project=project, by=None, quality={})
    subject = subjects.add(project=project, name="quiet-s", endpoint=drafter, by=None)
    made = subjects.start_run(subject=subject, release=release, by=None)
    batches.export(run=made.run, folder=tmp_path, by=None)

    take(project, *[result(request) for request in requests_in(tmp_path)])

    assert (made.answers.count(), made.picks.count()) == (1, 2)
