import random

import pytest

from curation import endpoints, items
from curation.drafting import asking, engine, plan, requests, runs
from curation.drafting.plan import RolesMissing
from curation.drafting.purposes import WORKS
from curation.models import Budget, Call, Endpoint, Item, Option, Purpose, Run
from curation.refusals import Refused
from tests import factories


def planned(project):
    return plan.plan(project=project, by=None)


def test_each_new_item_wants_two_options_and_tags(project, drafter, curator):
    factories.make_item(project, language="en")
    factories.make_item(project, language="zh", question="可以借邻居的梯子吗？")

    made = plan.plan(project=project, by=curator)

    assert made.planned == {"positive_option": 2, "negative_option": 2, "risk_tags": 2}
    assert made.run.by == curator
    assert made.run.calls.count() == 6
    assert set(Call.objects.values_list("prompt__language", flat=True)) == {"en", "zh"}


def test_the_calls_of_an_item_stand_together(project, drafter):
    first, _second = factories.make_item(project), factories.make_item(project)

    planned(project)

    assert set(Call.objects.order_by("pk")[:3].values_list("item", flat=True)) == {first.pk}


def test_the_plan_is_announced_to_the_workers(
    project, drafter, monkeypatch, django_capture_on_commit_callbacks
):
    sent = []
    monkeypatch.setattr("curation.hints._send", lambda name, ids: sent.append((name, ids)))
    factories.make_item(project)

    with django_capture_on_commit_callbacks(execute=True):
        made = planned(project)

    assert sent == [("curation.tasks.work", {"run_id": made.run.pk})]


def test_roles_that_nobody_fills_are_named(project, drafter):
    factories.make_item(project)
    endpoints.assign(endpoint=drafter, roles=["positive_option"], by=None)

    with pytest.raises(RolesMissing, match="negative drafter, risk tagger"):
        planned(project)


def test_nothing_to_draft_needs_no_roles(project):
    assert planned(project).run is None


def test_an_option_that_is_there_is_not_drafted(project, drafter):
    item = factories.make_item(project)
    factories.make_option(item, "positive")

    made = planned(project)

    assert made.planned == {"negative_option": 1, "risk_tags": 1}


@pytest.mark.parametrize("status", ["in_review", "gold", "rejected"])
def test_items_past_drafting_want_nothing(project, drafter, status):
    factories.make_item(project, status=status, status_reason="off topic")

    assert planned(project).run is None


def test_a_superseded_item_wants_nothing(project, drafter):
    new = factories.make_item(project, status=Item.Status.GOLD)
    factories.make_item(project, superseded_by=new)

    assert planned(project).run is None


def test_a_drafted_item_wants_only_what_it_lacks(project, drafter):
    whole = factories.make_item(project, status=Item.Status.DRAFTED)
    factories.make_options(whole)
    factories.make_item_tag(whole)
    half = factories.make_item(project, status=Item.Status.DRAFTED)
    factories.make_option(half, "positive")
    factories.make_item_tag(half)

    made = planned(project)

    assert made.planned == {"negative_option": 1}
    assert Call.objects.get().item == half


def test_items_of_severity_4_get_no_negative_draft_and_are_counted(project, drafter):
    severe = project.taxonomy.tags.get(severity=4)
    by_main = factories.make_item(project, main_tag=severe)
    by_tag = factories.make_item(project)
    factories.make_item_tag(by_tag, severe)
    factories.make_item(project)

    made = planned(project)

    assert made.severe == 2
    assert made.planned["negative_option"] == 1
    asked = Call.objects.filter(purpose=Purpose.NEGATIVE).values_list("item", flat=True)
    assert not {by_main.pk, by_tag.pk} & set(asked)


def test_the_same_plan_twice_wants_nothing_new(project, drafter):
    factories.make_item(project)
    planned(project)

    assert planned(project).run is None
    assert Run.objects.count() == 1


def test_what_a_cancelled_run_left_open_is_wanted_again_as_the_same_calls(project, drafter):
    factories.make_item(project)
    first = planned(project).run
    Run.objects.filter(pk=first.pk).update(status=Run.Status.CANCELLED)

    second = planned(project).run

    assert Call.objects.count() == 3
    assert set(second.calls.all()) == set(first.calls.all())


def test_a_failed_call_is_wanted_again(project, drafter):
    factories.make_item(project)
    planned(project)
    Call.objects.update(status=Call.Status.FAILED, tries=4, problem="timeout")
    Run.objects.update(status=Run.Status.FINISHED, finished_at="2026-01-01T00:00Z")

    made = planned(project)

    assert made.run.calls.count() == 3
    assert set(Call.objects.values_list("status", "tries", "problem")) == {("planned", 0, "")}


@pytest.mark.parametrize("status", ["done", "refused", "unusable"])
def test_what_was_answered_is_never_wanted_again(project, drafter, status):
    factories.make_item(project)
    planned(project)
    Call.objects.update(status=status)
    Run.objects.update(status=Run.Status.FINISHED, finished_at="2026-01-01T00:00Z")

    assert planned(project).run is None


def test_another_model_is_asked_anew(project, drafter):
    factories.make_item(project)
    planned(project)
    Call.objects.update(status=Call.Status.UNUSABLE)
    drafter.model = "another-model"
    drafter.save()

    assert planned(project).planned.total() == 3
    assert Call.objects.count() == 6


def test_a_draft_that_came_too_late_is_proposed_when_the_item_comes_back(project, drafter, server):
    item = factories.make_item(project)
    run = planned(project).run
    items.move(item=item, to=Item.Status.IN_REVIEW)
    engine.work(run_id=run.pk)
    assert not Option.objects.exists()
    items.move(item=item, to=Item.Status.DRAFTED)

    made = planned(project)

    assert (made.run, made.left_over) == (None, 3)
    assert Option.objects.count() == 2
    assert planned(project).left_over == 0
    assert server.count() == 3


def test_a_budget_refuses_an_endpoint_without_a_price(project, drafter):
    factories.make_item(project)
    Budget.objects.create(project=project, cap=1_000_000)

    with pytest.raises(Refused, match="price of quiet"):
        planned(project)


def test_a_plan_larger_than_a_chunk_is_frozen_whole(project, drafter, monkeypatch):
    monkeypatch.setattr(plan, "CHUNK", 2)
    for _ in range(5):
        factories.make_item(project)

    made = planned(project)

    assert made.run.calls.count() == 15


ODD = [
    "Is $5 or ${this} or $nonce fair?",
    "可以借邻居的梯子吗？",
    "把邻居的“梯子”借走——可以吗？😀",
    "May I 🧑‍🚀 use \U0001f9d1\u200d\U0001f680 and 𝒳?",
    "A 'quote', a \"quote\" and a back\\slash \\n \\x41 E'\\041'?",
    "One line\nand another\r\nwith a\ttab?",
    "100 % sure: %s %(key)s %% {0} {name}?",
    "Zero\u200bwidth, e\u0301 and é, \u2028 and \u00a0?",
    "taxonomy:0123 or question:0123?",
    "  Spaces around  ",
    "\x01\x1f\x7f control\x85?",
    "?",
]


def asked_again(call):
    """Make the key anew from what would be asked, without the database."""
    slots = WORKS[call.purpose].slots(call)
    return asking.key_of(call, requests.filled_hash(call.prompt.checksum, slots))


class TestKeys:
    """Keys are made in the database when calls are planned, and here when they are asked."""

    @pytest.mark.parametrize("language", ["en", "zh"])
    def test_the_key_made_in_the_database_is_the_one_made_here(self, project, drafter, language):
        dice = random.Random(language)
        for _ in range(60):
            letters = [chr(dice.choice((0x20, 0x400, 0x4E00, 0x1F600)) + dice.randrange(90))]
            text = "".join(letters * dice.randint(1, 3)) + str(dice.random())
            factories.make_item(project, question=text, language=language)
        for question in ODD:
            factories.make_item(project, question=question, language=language)

        planned(project)

        calls = list(Call.objects.select_related("endpoint", "item", "prompt"))
        assert len(calls) == 72 * 3
        assert {call.key for call in calls} == {asked_again(call) for call in calls}
        assert all(call.key == asked_again(call) for call in calls)
        assert all(asking.built(call, call.endpoint).key == call.key for call in calls)

    def test_odd_names_and_fields_of_an_endpoint_make_no_difference(self, project, drafter):
        drafter.model = "模型/α:1 $x 'y' \\z"
        drafter.extra_body = {
            "名": "é😀$",
            "n": 1.0,
            "tiny": 1e-7,
            "large": 12345678901234567890,
            "none": None,
            "deep": {"b": [1, 2.5, False], "a": ""},
        }
        drafter.save()
        factories.make_item(project)

        planned(project)

        calls = Call.objects.select_related("endpoint", "item", "prompt")
        assert [call.key for call in calls] == [asked_again(call) for call in calls]
        assert all(call.model == drafter.model for call in calls)

    def test_a_changed_question_is_another_call(self, project, drafter):
        item = factories.make_item(project)
        planned(project)
        Item.objects.filter(pk=item.pk).update(question="May I not?", revision=2)

        made = planned(project)

        assert made.planned.total() == 3
        assert Call.objects.values("key").distinct().count() == 6

    def test_other_parameters_are_another_call(self, project, drafter):
        factories.make_item(project)
        planned(project)
        Run.objects.update(status=Run.Status.CANCELLED)
        drafter.takes_seed = False
        drafter.save()

        assert planned(project).planned.total() == 3
        assert Call.objects.count() == 6

    def test_two_who_plan_the_same_at_once_make_each_call_once(self, project, drafter):
        item = factories.make_item(project)
        run = planned(project).run
        call = run.calls.get(purpose=Purpose.POSITIVE)
        same = plan.new_call(
            endpoint=drafter,
            purpose=Purpose.POSITIVE,
            target=call.target,
            item=item,
            prompt=call.prompt,
            parameters=call.parameters,
        )
        assert same.key == call.key

        plan.attach(run, [same])

        assert (
            Call.objects.filter(key=call.key).count() == run.calls.filter(pk=call.pk).count() == 1
        )

    def test_free_messages_are_told_apart_by_every_character(self, project):
        endpoint = factories.make_endpoint(project)
        item = factories.make_item(project)

        def key(text, **kw):
            return plan.new_call(
                **{
                    "endpoint": endpoint,
                    "purpose": Purpose.OPEN,
                    "target": "item:x",
                    "item": item,
                    "prompt": None,
                    "messages": [{"role": "user", "content": text}],
                    "parameters": {"max_tokens": 10},
                }
                | kw
            ).key

        assert key("May I?") == key("May I?")
        assert len({key("May I?"), key("May I ?"), key("May I?", parameters={})}) == 3


class TestLater:
    """Where many items are open, a worker does the planning."""

    @pytest.fixture
    def waiting(self, project, drafter):
        for _ in range(3):
            factories.make_item(project)
        return plan.plan(project=project, by=None, at_most=2).run

    def test_a_run_for_many_items_waits_for_its_plan(self, waiting):
        assert waiting.calls.count() == 0
        assert Run.objects.get().status == Run.Status.PLANNING

    def test_few_items_are_planned_at_once(self, project, drafter):
        factories.make_item(project)

        run = plan.plan(project=project, by=None, at_most=2).run

        assert (run.status, run.calls.count()) == (Run.Status.RUNNING, 3)

    def test_the_plan_is_filled_once(self, waiting):
        assert plan.fill(waiting.pk)
        assert not plan.fill(waiting.pk)

        waiting.refresh_from_db()
        assert (waiting.status, waiting.calls.count()) == (Run.Status.RUNNING, 9)

    def test_a_plan_that_was_cut_off_goes_on_after_its_last_whole_piece(self, waiting, monkeypatch):
        attach, pieces = plan._attach, []
        monkeypatch.setattr(plan, "CHUNK", 1)

        def cut_off(run, asks, first, last):
            if len(pieces) == 2:
                pieces.append("cut")
                raise TimeoutError
            pieces.append(first)
            attach(run, asks, first, last)

        monkeypatch.setattr(plan, "_attach", cut_off)
        with pytest.raises(TimeoutError):
            plan.fill(waiting.pk)
        assert (Run.objects.get().status, waiting.calls.count()) == (Run.Status.PLANNING, 6)

        assert plan.fill(waiting.pk)

        assert pieces == [*pieces[:2], "cut", Item.objects.latest("pk").pk]
        assert (Run.objects.get().status, waiting.calls.count()) == (Run.Status.RUNNING, 9)

    def test_the_plan_stays_as_it_was_frozen(self, waiting):
        Endpoint.objects.update(model="another-model")

        plan.fill(waiting.pk)

        assert set(waiting.calls.values_list("model", flat=True)) == {"quiet-model"}

    def test_nobody_starts_another_meanwhile(self, project, waiting):
        with pytest.raises(Refused, match="just being planned"):
            plan.plan(project=project, by=None)

    def test_the_sweep_hints_to_a_run_that_waits_for_its_plan(self, waiting):
        assert runs.sweep() == [waiting.pk]

    def test_a_plan_that_is_no_longer_possible_is_given_up(self, project, waiting):
        Budget.objects.create(project=project, cap=1_000)  # and no price

        assert engine.work(run_id=waiting.pk) is False

        waiting.refresh_from_db()
        assert waiting.status == Run.Status.CANCELLED
