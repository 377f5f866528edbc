"""Questions that models proposed: a curator takes or refuses each."""

import threading
import time

import pytest
from django.db import connection, transaction

from curation import escalations, proposals
from curation.models import (
    Attempt,
    AuditEvent,
    Call,
    Draft,
    Escalation,
    Item,
    Prompt,
    QuestionProposal,
)
from curation.text import content_hash
from tests import factories


@pytest.fixture
def draft(project):
    """A draft beside a Chinese item of the split "train"."""
    parent = factories.make_item(
        project, question="我可以借梯子吗？", language="zh", split="train", external_id="l" * 120
    )
    endpoint = factories.make_endpoint(project, name="widener")
    prompt = Prompt.objects.create(
        name="question_expansion", version=1, language="zh", text="t", checksum="a" * 64
    )
    call = Call.objects.create(
        key="b" * 64, endpoint=endpoint, model="m", purpose="question_expansion",
        target="t", item=parent, prompt=prompt,
    )  # fmt: skip
    attempt = Attempt.objects.create(
        call=call, number=1, outcome="replied", milliseconds=1, raw=b"",
        started_at="2026-01-01T00:00Z",
    )  # fmt: skip
    return Draft.objects.create(
        item=parent, attempt=attempt, purpose="question_expansion", parser="p", parsed={}
    )


@pytest.fixture
def waiting(project, draft):
    return [
        QuestionProposal.objects.create(
            project=project,
            draft=draft,
            parent=draft.item,
            question=question,
            content_hash=content_hash(question),
        )
        for question in ("我可以借船吗？", "我可以借车吗？", "我可以借伞吗？")
    ]


def ids(*rows):
    return [row.pk for row in rows]


def test_an_accepted_question_becomes_an_item_beside_its_parent(project, waiting, draft, curator):
    taken = proposals.accept(project=project, ids=ids(*waiting[:2]), by=curator)

    item = Item.objects.get(pk=taken.items[0].pk)
    assert (item.question, item.parent, item.method) == ("我可以借船吗？", draft.item, "expanded")
    assert (item.language, item.split, item.kind) == ("zh", "train", "base")
    assert (item.status, item.main_tag) == ("new", None)
    assert item.source.name == "expanded by widener"
    assert item.external_id == "l" * (120 - len(f"-x{waiting[0].pk}")) + f"-x{waiting[0].pk}"
    assert item.content_hash == content_hash(item.question)
    waiting[0].refresh_from_db()
    assert (waiting[0].status, waiting[0].item) == ("accepted", item)
    assert waiting[0].decided_by == f"user:{curator.pk}"
    assert list(proposals.waiting(project)) == waiting[2:]
    event = AuditEvent.objects.get(action="expansion.accept")
    assert event.detail == {"questions": 2}


def test_a_refused_question_makes_no_item_and_waits_no_more(project, waiting, curator):
    assert proposals.refuse(project=project, ids=ids(waiting[0]), by=curator) == 1

    assert Item.objects.count() == 1
    assert list(proposals.waiting(project)) == waiting[1:]


def test_a_question_that_came_in_meanwhile_is_put_away(project, waiting, curator):
    factories.make_item(project, question="我可以借船吗?", language="zh")

    taken = proposals.accept(project=project, ids=ids(*waiting[:2]), by=curator)

    assert (len(taken.items), taken.there_already) == (1, 1)
    waiting[0].refresh_from_db()
    assert waiting[0].status == "refused"


@pytest.mark.parametrize("verb", [proposals.accept, proposals.refuse])
def test_what_is_decided_or_of_another_project_cannot_be_decided(project, waiting, curator, verb):
    proposals.refuse(project=project, ids=ids(waiting[0]), by=curator)

    for where, rows in ((project, waiting[:1]), (factories.make_project(), waiting), (project, [])):
        with pytest.raises(proposals.NothingTicked):
            verb(project=where, ids=ids(*rows), by=curator)
    assert Item.objects.filter(method="expanded").count() == 0


def test_beside_a_locked_item_nothing_is_shown(project, waiting, draft):
    Item.objects.filter(pk=draft.item_id).update(status=Item.Status.LOCKED)

    assert not proposals.waiting(project).exists()


@pytest.mark.parametrize("act", [proposals.accept, proposals.refuse])
def test_a_question_beside_a_locked_item_is_hidden_and_nobody_decides_on_it(
    project, waiting, draft, curator, act
):
    escalations.lock([draft.item.pk], found=Escalation.Found.DRAFT)

    with pytest.raises(proposals.NothingTicked):
        act(project=project, ids=ids(*waiting), by=curator)

    assert Item.objects.count() == 1
    assert QuestionProposal.objects.undecided().count() == 3


@pytest.mark.django_db(transaction=True)
def test_an_item_that_is_being_locked_is_waited_for(project, waiting, draft, curator):
    locking, accepting = threading.Event(), threading.Event()

    def lock():
        with transaction.atomic():
            escalations.lock([draft.item.pk], found=Escalation.Found.DRAFT)
            locking.set()
            accepting.wait(10)
            time.sleep(0.3)  # until the other waits
        connection.close()

    thread = threading.Thread(target=lock)
    thread.start()
    locking.wait(10)
    accepting.set()
    with pytest.raises(proposals.NothingTicked):
        proposals.accept(project=project, ids=ids(*waiting), by=curator)
    thread.join()

    assert Item.objects.count() == 1
