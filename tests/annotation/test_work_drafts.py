from dataclasses import replace

import pytest

from annotation import judgements, leases, work_drafts
from annotation.leases import LeaseLost
from annotation.models import WorkDraft
from annotation.taking import Changed
from annotation.work_drafts import Basis
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


class TestTwoTabs:
    def save(self, seat, worker, version, reason, **how):
        return work_drafts.save(
            grant=acting.grant_of(seat),
            worker=worker,
            payload={"reason": reason},
            basis=Basis(version, how.pop("page", "")),
            **how,
        )

    def kept(self):
        draft = WorkDraft.objects.get()
        return draft.payload["reason"], draft.aside and draft.aside["reason"]

    def test_one_tab_goes_on_from_its_own_draft(self, seat, ann):
        first = self.save(seat, ann, 0, "one", first=False)
        second = self.save(seat, ann, first.version, "one two", first=False)

        assert (first.version, second.version) == (1, 2)
        assert self.kept() == ("one two", None)

    def test_what_is_saved_by_itself_from_an_older_one_is_kept_aside(self, seat, ann):
        self.save(seat, ann, 0, "here", first=False)

        late = self.save(seat, ann, 0, "there", first=False)
        self.save(seat, ann, 0, "there too", first=False)

        assert (late.payload, late.aside) == ({"reason": "here"}, {"reason": "there"})
        assert self.kept() == ("here", "there too")
        assert self.save(seat, ann, 1, "here still", first=False).version == 2
        assert self.kept() == ("here still", "there too")

    def test_what_is_saved_on_purpose_takes_the_first_place_and_keeps_the_other(self, seat, ann):
        self.save(seat, ann, 0, "here", first=False)

        draft = self.save(seat, ann, 0, "there")

        assert draft.version == 2
        assert self.kept() == ("there", "here")

    def test_a_page_that_did_not_hear_that_it_was_saved_goes_on_all_the_same(self, seat, ann):
        self.save(seat, ann, 0, "one", first=False, page="a1")

        self.save(seat, ann, 0, "one two", first=False, page="a1")
        self.save(seat, ann, 0, "there", first=False, page="b2")

        assert self.kept() == ("one two", "there")

    def test_the_same_text_in_both_tabs_is_no_conflict(self, seat, ann):
        self.save(seat, ann, 0, "here", first=False)

        assert self.save(seat, ann, 0, "here", first=False).version == 1
        assert self.kept() == ("here", None)

    def test_what_is_taken_over_from_the_other_tab_does_not_lie_aside_any_more(self, seat, ann):
        self.save(seat, ann, 0, "here", first=False)
        self.save(seat, ann, 0, "there", first=False)

        self.save(seat, ann, 1, "there", first=False)

        assert self.kept() == ("there", None)

    def test_a_refused_submit_keeps_its_text_and_that_of_the_other_tab(self, seat, ann):
        self.save(seat, ann, 0, "here", first=False)
        typed = {"reason": "submitted"}
        submission = replace(
            acting.submission_of(seat), typed=typed, basis=Basis(0, ""), guideline=0
        )

        with pytest.raises(Changed):
            judgements.submit_answer(submission=submission, worker=ann, outcome="good")

        assert self.kept() == ("submitted", "here")


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
