import pytest

from annotation import campaigns, enrolments, leases, workers
from annotation.leases import NothingLeft
from annotation.models import Enrolment
from curation.models import AuditEvent, Role
from curation.refusals import Refused
from tests import factories
from tests.annotation import acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(project):
    return acting.make_worker(project)


def test_workers_are_enrolled_at_once_and_others_choose_to(project):
    ann, rue = acting.make_worker(project), acting.make_reviewer(project)
    factories.make_member(project, Role.READER)

    campaign = acting.open_review(project)

    assert [e.worker for e in campaign.enrolments.all()] == [ann]
    enrolments.enrol(campaign=campaign, worker=rue)
    assert campaign.enrolments.count() == 2


def test_who_joins_later_is_enrolled_by_a_top_up(project):
    campaign = acting.open_review(project)
    ann = acting.make_worker(project)

    campaigns.top_up(campaign=campaign, by=None)

    assert campaign.enrolments.get().worker == ann


def test_who_left_stays_away_at_a_top_up_and_may_come_back(project):
    ann = acting.make_worker(project)
    campaign = acting.open_review(project)
    enrolments.choose(campaign=campaign, worker=ann, languages=["zh"], severity_limit=2)
    enrolments.leave(campaign=campaign, worker=ann)

    campaigns.top_up(campaign=campaign, by=None)
    assert campaign.enrolments.get().status == "ended"

    again = enrolments.enrol(campaign=campaign, worker=ann)
    assert (again.status, again.languages, again.severity_limit) == ("active", ["zh"], 2)


@pytest.mark.parametrize(("languages", "limit"), [([], 4), (["fr"], 4), (["en"], 5), (["en"], -1)])
def test_choices_outside_the_lists_are_refused(project, languages, limit):
    ann = acting.make_worker(project)
    campaign = acting.open_review(project)

    with pytest.raises(Refused):
        enrolments.choose(campaign=campaign, worker=ann, languages=languages, severity_limit=limit)

    assert Enrolment.objects.get().severity_limit == 4


def test_nobody_joins_a_closed_campaign(project):
    campaign = acting.open_review(project)
    campaigns.close(campaign=campaign, by=None)

    with pytest.raises(Refused):
        enrolments.enrol(campaign=campaign, worker=workers.of(factories.make_user()))


class TestWhoIsLeft:
    def test_what_only_they_could_take_goes_to_the_reviewers_when_somebody_leaves(self, project):
        ann = acting.make_worker(project)
        acting.drafted_item(project)
        campaign = acting.open_review(project)
        leases.claim(worker=ann, campaign=campaign)

        enrolments.leave(campaign=campaign, worker=ann)

        assert campaign.matters.get().dispute == "nobody_left"
        assert campaign.seats.get().status == "cancelled"

    def test_and_when_somebody_agrees_to_see_less(self, project):
        ann = acting.make_worker(project)
        acting.drafted_item(project)
        campaign = acting.open_review(project)

        enrolments.choose(campaign=campaign, worker=ann, languages=["zh"], severity_limit=4)

        assert campaign.matters.get().status == "disputed"

    def test_and_when_something_new_fits_nobody(self, project):
        ann = acting.make_worker(project)
        campaign = acting.open_review(project)
        enrolments.choose(campaign=campaign, worker=ann, languages=["zh"], severity_limit=4)
        acting.drafted_item(project)

        campaigns.top_up(campaign=campaign, by=None)

        assert campaign.matters.get().status == "disputed"

    def test_a_campaign_nobody_was_ever_in_waits_for_its_first_workers(self, project):
        acting.drafted_item(project)

        campaign = acting.open_review(project)

        assert campaign.matters.get().status == "open"

    def test_a_seat_of_a_settled_answer_is_not_put_out_again(self, project):
        ann, bob, cid = (acting.make_worker(project) for _number in range(3))
        acting.make_answers(project)
        campaign = acting.open_answers(project)
        held = leases.claim(worker=ann, campaign=campaign)
        acting.claim_and_judge(bob, campaign, "good")
        acting.claim_and_judge(cid, campaign, "good")

        enrolments.leave(campaign=campaign, worker=ann)

        held.refresh_from_db()
        assert (campaign.matters.get().status, held.status) == ("settled", "cancelled")


class TestQualify:
    @pytest.fixture
    def for_some(self, project, ann):
        acting.drafted_item(project)
        campaign = acting.open_review(project)
        campaign.qualified_only = True
        campaign.save()
        return campaign

    def test_a_curator_says_who_is_qualified(self, for_some, ann):
        with pytest.raises(NothingLeft):
            leases.claim(worker=ann, campaign=for_some)

        enrolments.qualify(campaign=for_some, worker=ann, qualified=True, by=None)

        assert leases.claim(worker=ann, campaign=for_some)
        event = AuditEvent.objects.get(action="worker.qualify")
        assert event.subject_ref == f"worker:{ann.pseudonym}"

    def test_what_is_taken_back_from_the_last_one_goes_to_the_reviewers(self, for_some, ann):
        enrolments.qualify(campaign=for_some, worker=ann, qualified=True, by=None)

        enrolments.qualify(campaign=for_some, worker=ann, qualified=False, by=None)

        assert for_some.matters.disputed().count() == 1

    def test_who_does_not_take_part_is_not_qualified(self, project, for_some):
        with pytest.raises(Refused, match="does not take part"):
            enrolments.qualify(
                campaign=for_some, worker=acting.make_worker(project), qualified=True, by=None
            )


class TestCategories:
    def test_a_worker_opts_in_to_categories(self, project, ann):
        campaign = acting.open_review(project)

        kept = enrolments.choose(
            campaign=campaign,
            worker=ann,
            languages=["en"],
            severity_limit=4,
            categories=["law", "care"],
        )

        assert kept.categories == ["care", "law"]

    def test_without_one_they_are_asked_again(self, project, ann):
        campaign = acting.open_review(project)

        with pytest.raises(Refused, match="category"):
            enrolments.choose(
                campaign=campaign, worker=ann, languages=["en"], severity_limit=4, categories=[]
            )
