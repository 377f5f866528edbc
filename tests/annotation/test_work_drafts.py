import pytest

from annotation import leases, work_drafts
from annotation.leases import LeaseLost
from annotation.models import WorkDraft
from curation.refusals import Refused
from tests.annotation import acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(project):
    return acting.make_worker(project)


@pytest.fixture
def seat(project, ann):
    acting.make_answers(project)
    return leases.claim(worker=ann, campaign=acting.open_answers(project))


def save(seat, worker, **payload):
    return work_drafts.save(grant=acting.grant_of(seat), worker=worker, payload=payload)


def test_the_last_draft_of_a_seat_stays(seat, ann):
    save(seat, ann, reason="one")
    save(seat, ann, reason="two")

    assert WorkDraft.objects.get().payload == {"reason": "two"}


def test_a_draft_outlives_the_lease(seat, ann):
    acting.expire(seat)

    save(seat, ann, reason="late")

    assert work_drafts.of(seat=seat.pk, worker=ann).payload == {"reason": "late"}


def test_nobody_keeps_drafts_on_a_seat_that_was_never_theirs(project, seat):
    with pytest.raises(LeaseLost):
        save(seat, acting.make_worker(project), reason="x")

    assert not WorkDraft.objects.exists()


def test_too_much_text_is_refused(seat, ann):
    with pytest.raises(Refused):
        save(seat, ann, reason="x" * work_drafts.LIMIT)


def test_what_is_judged_has_no_draft(seat, ann):
    acting.judge(ann, seat, "good")

    with pytest.raises(Refused):
        save(seat, ann, reason="after")
    work_drafts.keep(grant=acting.grant_of(seat), worker=ann, payload={"reason": "after"})

    assert not WorkDraft.objects.exists()


def test_a_draft_is_homeless_once_its_seat_is_not_the_workers(seat, ann):
    draft = save(seat, ann, reason="x")
    assert work_drafts.homeless(ann) == []

    leases.give_back(grant=acting.grant_of(seat), worker=ann)

    assert work_drafts.homeless(ann) == [draft]
