"""More questions: asked for, checked, proposed."""

import pytest

from curation.drafting import applying, engine, expanding, plan, tallies
from curation.drafting.expanding import Choice
from curation.drafting.purposes import WORKS
from curation.models import Call, Draft, DraftRole, Item, Option, Purpose, QuestionProposal, Run
from curation.refusals import Refused
from tests import factories
from tests.curation.drafting.asking_about import named
from tests.endpoint import said

NEW = ["May I borrow a bicycle?", "May I borrow a boat?"]


@pytest.fixture
def expander(project, server):
    server.reply = lambda asked: said(asked, questions=NEW)
    return named(project, server, DraftRole.EXPANDER, name="widener")


@pytest.fixture
def item(project):
    return factories.make_item(project, question="May I borrow a ladder?")


def expanded(project, **choice):
    run = expanding.start(project=project, choice=Choice(**choice), by=None)
    if run:
        engine.work(run_id=run.pk)
        run.refresh_from_db()
    return run


def proposed():
    return list(QuestionProposal.objects.order_by("pk").values_list("question", flat=True))


def test_new_questions_wait_for_a_curator(project, item, expander, server):
    run = expanded(project, variants=2)

    assert (run.kind, run.status) == (Run.Kind.EXPANSION, Run.Status.FINISHED)
    assert tallies.counts(run.pk) == {(Purpose.EXPANSION, Call.Status.DONE): 1}
    assert proposed() == NEW
    assert set(QuestionProposal.objects.values_list("status", "parent")) == {("proposed", item.pk)}
    assert Item.objects.count() == 1
    assert "exactly 2 new questions" in server.log[0].body["messages"][0]["content"]


def test_an_item_that_waits_for_its_drafts_goes_on_waiting(project, item, expander):
    expanded(project)

    item.refresh_from_db()
    assert item.status == Item.Status.NEW
    assert not Option.objects.exists()


def test_the_number_belongs_to_the_key_and_is_no_field_of_the_request(
    project, item, expander, server
):
    expanded(project, variants=2)
    expanded(project, variants=3)

    assert Call.objects.count() == 2
    assert {len(asked.body["messages"]) for asked in server.log} == {2}
    assert not {"number", "variants"} & server.log[0].body.keys()


def test_what_was_asked_is_never_bought_again(project, item, expander, server):
    expanded(project)

    assert expanded(project) is None
    assert server.count() == 1


def test_a_question_that_is_there_already_is_not_proposed(project, item, expander, server):
    factories.make_item(project, question="may i  borrow a BICYCLE?", language="en")
    Item.objects.exclude(pk=item.pk).update(status=Item.Status.REJECTED, status_reason="odd")

    expanded(project)

    assert proposed() == NEW[1:]


def test_a_refused_question_does_not_come_back(project, item, expander):
    expanded(project)
    rows = QuestionProposal.objects.filter(question=NEW[0])
    rows.update(status="refused", decided_by="user:1", decided_at="2026-01-01T00:00Z")
    factories.make_item(project, question="May I borrow a tent?")

    run = expanded(project, variants=2)

    assert proposed() == NEW
    assert {call.problem for call in run.calls.all()} == {"nothing_new"}


def test_unusable_questions_are_left_out_with_a_flag(project, item, expander, server):
    odd = [NEW[0], NEW[0].upper(), "May I borrow a ladder?", "我可以借自行车吗？", " \u200b"]
    server.reply = lambda asked: said(asked, questions=odd)

    expanded(project, variants=5)

    assert proposed() == NEW[:1]
    assert Draft.objects.get().flags == ["left_out"]


def test_when_none_can_be_used_people_are_told(project, item, expander, server):
    server.reply = lambda asked: said(asked, questions=["我可以借自行车吗？"])

    run = expanded(project)

    assert [call.problem for call in run.calls.all()] == ["no_question"]
    assert proposed() == []


@pytest.mark.parametrize(
    "questions", [[], ["Why?"] * 4, [""], ["x" * 1_001], [7], "Why?", [["Why?"]]]
)
def test_a_reply_of_another_shape_is_asked_for_again_and_then_left(
    project, item, expander, server, questions
):
    server.reply = lambda asked: said(asked, questions=questions)

    run = expanded(project, variants=3)

    assert {call.status for call in run.calls.all()} == {"unusable"}
    assert proposed() == []


def test_applying_a_draft_again_changes_nothing(project, item, expander):
    expanded(project)
    draft = Draft.objects.get()

    assert WORKS[Purpose.EXPANSION].apply([draft]) == {}
    assert proposed() == NEW


def test_an_item_under_review_can_be_expanded_too(project, expander):
    factories.make_gold_item(project, question="May I borrow a ladder?")

    expanded(project, status="gold")

    assert proposed() == NEW


def test_items_are_chosen_by_status_language_tag_and_number(project, expander):
    care, law = project.taxonomy.tags.get(code="care.body"), project.taxonomy.tags.get(code="law")
    new = factories.make_item(project, main_tag=care)
    factories.make_item(project, main_tag=law)
    chinese = factories.make_item(project, language="zh", question="我可以借梯子吗？", main_tag=law)
    gold = factories.make_gold_item(project)
    factories.make_item(project, method="expanded", parent=new)
    factories.make_item(project, status=Item.Status.LOCKED)

    def chosen(**choice):
        choice = Choice(**choice)
        return list(expanding.chosen(project, choice, expanding.asks_of(project, choice)))

    assert chosen(language="zh") == [chinese]
    assert chosen(status="gold") == [gold]
    assert chosen(tag="care") == [new, gold]
    assert chosen(tag="care", number=1) == [new]
    assert len(chosen()) == 4


@pytest.mark.parametrize(
    "choice", [{"variants": 0}, {"variants": 11}, {"number": 0}, {"status": "locked"}]
)
def test_a_choice_that_makes_no_sense_is_refused(project, item, expander, choice):
    with pytest.raises(Refused):
        expanding.start(project=project, choice=Choice(**choice), by=None)


def test_without_an_expander_the_role_is_named(project, item):
    with pytest.raises(plan.RolesMissing, match="question expander"):
        expanding.estimate(project, Choice())


def test_the_estimate_says_calls_tokens_and_cost(project, item, expander):
    factories.make_price(expander, 1_000_000, 1_000_000)

    found = expanding.estimate(project, Choice(variants=4))

    assert found.calls == 1
    assert 200 < found.tokens < 1_500
    assert found.cost == found.tokens


def test_reading_a_reply_again_changes_nothing(project, item, expander):
    run = expanded(project)

    applying.read(run.calls.values_list("pk", flat=True))

    assert proposed() == NEW
