from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from annotation import adjudication, corrections, history, leases, workers
from annotation.corrections import InHand, Overtaken
from annotation.models import Cursor
from curation.models import AuditEvent, Item, Option
from curation.refusals import Refused
from tests import factories
from tests.annotation import acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def item(project):
    return acting.drafted_item(project)


@pytest.fixture
def option(item):
    return item.options.get(polarity="positive")


def correct(option, by, text="Ask him first, and wait."):
    return corrections.correct(option=option, text=text, by=by)


def test_the_new_text_follows_the_old_one_as_the_curators(option, curator):
    made = correct(option, curator)

    option.refresh_from_db()
    assert (option.status, made.status, made.supersedes) == ("superseded", "proposed", option)
    assert (made.author_ref, made.origin) == (workers.of(curator).pseudonym, "reviewer")
    assert AuditEvent.objects.filter(action="option.correct").count() == 1


def test_the_history_of_the_item_tells_it(item, option, curator):
    made = correct(option, curator)

    [event] = [event for event in history.of_item(item) if event.title.startswith("Corrected")]

    assert (event.old, event.text, event.who) == (option.text, made.text, made.author_ref)


def test_who_corrects_a_text_that_another_one_followed_is_told_what_stands(option, curator):
    first = correct(option, curator, "One.")
    second = correct(first, curator, "Two.")

    with pytest.raises(Overtaken) as overtaken:
        correct(option, curator)

    assert overtaken.value.now == second


def test_who_corrects_what_was_rejected_is_told_so(option, curator):
    Option.objects.filter(pk=option.pk).update(
        status="rejected", decided_at="2026-01-01T00:00Z", decision_ref="judgement:1"
    )

    with pytest.raises(Overtaken) as overtaken:
        correct(option, curator)

    assert overtaken.value.now is None


@pytest.mark.parametrize("status", [Item.Status.GOLD, Item.Status.REJECTED])
def test_a_decided_item_keeps_its_texts(project, curator, status):
    item = factories.make_gold_item(project)
    Item.objects.filter(pk=item.pk).update(status=status, status_reason="unfit")

    with pytest.raises(Refused, match="decided"):
        correct(item.options.first(), curator)


def test_nobody_corrects_what_somebody_works_on(project, option, curator):
    worker = acting.make_worker(project)
    seat = leases.claim(worker=worker, campaign=acting.open_review(project))

    with pytest.raises(InHand):
        correct(option, curator)

    acting.expire(seat)
    assert correct(option, curator).status == "proposed"


@pytest.mark.django_db(transaction=True)
def test_nobody_begins_to_work_on_what_is_being_corrected(project, option, curator):
    worker = acting.make_worker(project)
    campaign = acting.open_review(project)

    with ThreadPoolExecutor(1) as beside, transaction.atomic():
        correct(option, curator)
        with pytest.raises(leases.NothingLeft):
            beside.submit(claim_alone, worker, campaign).result()

    Cursor.objects.update(empty_until=None)
    shown = acting.submission_of(leases.claim(worker=worker, campaign=campaign)).shown
    assert option.pk not in shown


def claim_alone(worker, campaign):
    try:
        return leases.claim(worker=worker, campaign=campaign)
    finally:
        connection.close()


def test_nobody_corrects_what_a_reviewer_has_to_decide(project, option, curator):
    worker = acting.make_worker(project)
    acting.claim_and_review(worker, acting.open_review(project), positive=acting.reject())

    with pytest.raises(InHand):
        correct(option, curator)


def test_a_corrected_text_is_signed_by_somebody_else_before_it_is_gold(
    project, item, option, curator
):
    ann, ben = acting.make_worker(project), acting.make_worker(project)
    campaign = acting.open_review(project, acceptances=1)
    acting.claim_and_review(ann, campaign, negative=acting.rewrite("Take it and say nothing."))
    made = correct(option, curator)

    acting.claim_and_review(ben, campaign)

    item.refresh_from_db()
    made.refresh_from_db()
    assert (item.status, made.status) == ("gold", "accepted")


def test_work_that_comes_late_sees_the_correction(project, option, curator):
    worker = acting.make_worker(project)
    seat = leases.claim(worker=worker, campaign=acting.open_review(project))
    shown = acting.submission_of(seat)
    acting.expire(seat)
    correct(option, curator)

    with pytest.raises(Refused):
        acting.review(worker, seat, submission=shown)


@pytest.mark.parametrize("text", ["", " ", "x" * 4_001, "a\0b"])
def test_a_corrected_text_is_one_that_can_stand(option, curator, text):
    with pytest.raises(Refused):
        correct(option, curator, text)


def test_what_says_the_same_is_no_correction(item, option, curator):
    for text in (option.text, option.text.upper(), item.options.get(polarity="negative").text):
        with pytest.raises(Refused):
            correct(option, curator, text)


def test_a_curator_who_corrected_does_not_adjudicate(project, item, option, curator):
    worker = acting.make_worker(project)
    campaign = acting.open_review(project)
    correct(option, curator)
    acting.claim_and_review(worker, campaign, positive=acting.reject())

    matter = campaign.matters.disputed().get()

    assert adjudication.why_not(matter=matter, by=workers.of(curator))
