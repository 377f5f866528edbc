"""The turns of one call, against a server that speaks HTTP."""

from curation.drafting import engine, plan
from curation.models import Attempt, Budget, Call, Endpoint, Option
from tests import factories
from tests.endpoint import Fault, completion


def positive_only(project):
    """Start a run of which only the positive options are asked for; return it."""
    factories.make_item(project)
    run = plan.plan(project=project, by=None).run
    Call.objects.exclude(purpose="positive_option").update(status="done")
    return run


def test_a_reply_that_is_no_json_is_asked_for_in_simpler_ways_and_then_with_its_fault_quoted(
    project, drafter, server
):
    run = positive_only(project)
    server.answers(*[Fault(body=completion("Sure, here you go!"))] * 3)

    engine.work(run_id=run.pk)

    assert [asked.mode for asked in server.log] == [
        "json_schema",
        "json_object",
        "prompt",
        "prompt",
    ]
    *_first, said, repair = server.log[-1].body["messages"]
    assert said == {"role": "assistant", "content": "Sure, here you go!"}
    assert "The reply is not JSON" in repair["content"]
    assert [len(asked.body["messages"]) for asked in server.log] == [2, 2, 2, 4]
    assert len(server.times_asked()) == 1
    call = Call.objects.get(purpose="positive_option")
    assert (call.status, call.problem) == ("done", "")
    turns = call.attempts.order_by("number").values_list("turn", "structured", "outcome")
    assert list(turns) == [
        ("first", "json_schema", "replied"),
        ("lower", "json_object", "replied"),
        ("lower", "prompt", "replied"),
        ("repair", "prompt", "replied"),
    ]
    assert Endpoint.objects.get().structured_found == ""


def test_a_reply_to_another_request_is_not_taken_for_this_one(project, drafter, server):
    run = positive_only(project)
    stray = completion('{"nonce": "0123456789ab", "option": "Of another question."}')
    server.answers(Fault(body=stray))

    engine.work(run_id=run.pk)

    assert server.count() == 2
    assert "does not carry the mark" in server.log[1].body["messages"][-1]["content"]
    assert Option.objects.get().text.startswith("A kind view on")


def test_a_reply_that_was_cut_off_is_asked_for_once_more_with_more_room(project, drafter, server):
    run = positive_only(project)
    server.answers(Fault(body=completion('{"nonce": "', finish_reason="length")))

    engine.work(run_id=run.pk)

    assert [asked.body["max_tokens"] for asked in server.log] == [1000, 4000]
    turns = Attempt.objects.order_by("number").values_list("turn", "outcome")
    assert list(turns) == [("first", "truncated"), ("longer", "replied")]
    assert Option.objects.count() == 1


def test_trouble_between_turns_does_not_begin_them_anew(project, drafter, server, impatient):
    run = positive_only(project)
    no_json = Fault(body=completion("Sure!"))
    server.answers(no_json, Fault(500), no_json, Fault(503), no_json, Fault(500))

    engine.work(run_id=run.pk)

    turns = Attempt.objects.order_by("number").values_list("turn", "outcome")
    assert list(turns) == [
        ("first", "replied"),
        ("lower", "server_error"),
        ("again", "replied"),
        ("lower", "server_error"),
        ("again", "replied"),
        ("repair", "server_error"),
        ("repair", "replied"),
    ]
    assert Call.objects.get(purpose="positive_option").status == "done"


def test_a_later_turn_is_paid_for_by_the_budget_too(project, drafter, server):
    factories.make_price(drafter, 1_000_000, 1_000_000)
    run = positive_only(project)
    budget = Budget.objects.create(project=project, cap=100_000)
    server.answers(Fault(body=completion("Sure!")))

    engine.work(run_id=run.pk)

    budget.refresh_from_db()
    assert (budget.spent, budget.reserved) == (240, 0)
