import pytest
from django.utils import timezone

from curation import escalations, proposals
from curation.models import (
    Attempt,
    AuditEvent,
    Draft,
    Escalation,
    Item,
    QuestionProposal,
    Role,
)
from curation.refusals import Refused
from tests import factories
from tests.annotation import acting

QUESTION = Escalation.Found.QUESTION
FALSE_ALARM, CONFIRMED = Escalation.Decision.FALSE_ALARM, Escalation.Decision.CONFIRMED


def locked(project, status=Item.Status.NEW):
    item = factories.make_item(project, status=status)
    escalations.lock([item.pk], found=QUESTION)
    item.refresh_from_db()
    return item


@pytest.mark.parametrize("status", escalations.LOCKABLE)
def test_a_suspected_item_is_locked_and_escalated(project, status):
    item = locked(project, status)

    escalation = Escalation.objects.get()
    assert item.status == Item.Status.LOCKED
    assert (escalation.item, escalation.was, escalation.decision) == (item, status, "")
    event = AuditEvent.objects.get(action="item.lock")
    assert (event.actor_ref, event.detail) == ("system", {"found": "question"})


def test_what_is_gold_rejected_or_locked_is_left_as_it_is(project):
    gold = factories.make_gold_item(project)
    rejected = factories.make_item(project, status="rejected", status_reason="x")
    there = locked(project)

    assert escalations.lock([gold.pk, rejected.pk, there.pk], found=QUESTION) == []
    assert Escalation.objects.count() == 1


@pytest.mark.parametrize(
    ("was", "now"), [("new", "new"), ("drafted", "drafted"), ("in_review", "drafted")]
)
def test_a_false_alarm_lets_the_item_go_on(project, curator, was, now):
    item = locked(project, was)

    escalations.decide(escalation=item.escalations.get(), decision=FALSE_ALARM, by=curator)

    item.refresh_from_db()
    assert item.status == now
    assert AuditEvent.objects.get(action="item.unlock").actor_ref == f"user:{curator.pk}"


def test_what_was_called_a_false_alarm_is_not_locked_again(project, curator):
    item = locked(project)
    escalations.decide(escalation=item.escalations.get(), decision=FALSE_ALARM, by=curator)

    assert escalations.lock([item.pk], found=QUESTION) == []


def test_what_is_confirmed_stays_locked_for_good(project, curator):
    item = locked(project)
    escalation = item.escalations.get()
    escalations.decide(escalation=escalation, decision=CONFIRMED, by=curator)

    with pytest.raises(Refused, match="decided already"):
        escalations.decide(escalation=escalation, decision=FALSE_ALARM, by=curator)

    item.refresh_from_db()
    assert item.status == Item.Status.LOCKED


def test_where_nobody_is_named_the_curators_decide(project, curator, reviewer):
    escalation = locked(project).escalations.get()

    assert escalations.may_decide(curator, project)
    with pytest.raises(Refused, match="escalation contact"):
        escalations.decide(escalation=escalation, decision=FALSE_ALARM, by=reviewer)


def test_a_named_contact_decides_alone(project, curator, reviewer):
    escalations.name_contact(project=project, user=reviewer, by=curator)
    escalation = locked(project).escalations.get()

    with pytest.raises(Refused, match="escalation contact"):
        escalations.decide(escalation=escalation, decision=FALSE_ALARM, by=curator)
    escalations.decide(escalation=escalation, decision=CONFIRMED, by=reviewer)

    assert Escalation.objects.get().decided_by == f"user:{reviewer.pk}"


def test_a_contact_who_left_hands_over_to_the_curators(project, curator, reviewer):
    escalations.name_contact(project=project, user=reviewer, by=curator)
    project.memberships.filter(user=reviewer).delete()

    assert escalations.may_decide(curator, project)
    assert not escalations.may_decide(reviewer, project)


def test_only_a_member_can_be_the_contact(project, stranger):
    with pytest.raises(Refused, match="must be a member"):
        escalations.name_contact(project=project, user=stranger, by=None)


def test_a_person_is_told_of_what_waits_for_them_alone(project, curator, reviewer):
    other = factories.make_project()
    factories.make_member(other, Role.CURATOR, curator)
    locked(project)
    locked(project)

    assert escalations.waiting_for(curator) == [(project, 2)]
    assert escalations.waiting_for(reviewer) == []


def test_a_proposed_question_that_a_curator_takes_is_looked_at_like_an_imported_one(
    project, curator
):
    parent = factories.make_item(project)
    call = acting.make_call(parent, "done", purpose="question_expansion")
    attempt = Attempt.objects.create(
        call=call, number=1, outcome="replied", milliseconds=1, raw=b"", started_at=timezone.now()
    )
    draft = Draft.objects.create(
        item=parent, attempt=attempt, purpose="question_expansion", parser="p", parsed={}
    )
    proposal = QuestionProposal.objects.create(
        project=project,
        draft=draft,
        parent=parent,
        question="Is a sexual picture of a child a crime?",
        content_hash=factories.sha256("x"),
    )

    taken = proposals.accept(project=project, ids=[proposal.pk], by=curator)

    assert Item.objects.get(pk=taken.items[0].pk).status == Item.Status.LOCKED
