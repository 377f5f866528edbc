import pytest

from annotation import campaigns, leases
from annotation.models import Assignment, Campaign, Matter
from curation import verdicts
from curation.models import AuditEvent, Call, Item
from curation.refusals import Refused
from tests import factories
from tests.annotation import acting
from tests.annotation.acting import make_call

pytestmark = pytest.mark.django_db


class TestOpenReview:
    def test_drafted_items_are_put_in_review_with_one_seat_each(self, project):
        items = [acting.drafted_item(project) for _number in range(2)]

        campaign = acting.open_review(project)

        assert set(campaign.matters.values_list("item", flat=True)) == {i.pk for i in items}
        assert set(Item.objects.values_list("status", flat=True)) == {"in_review"}
        assert campaign.seats.count() == 2

    def test_a_seat_carries_what_a_claim_asks_for(self, project):
        acting.drafted_item(project, main_tag=project.taxonomy.tags.get(code="care.mind"))

        seat = acting.open_review(project).seats.get()

        assert (seat.lane.language, seat.lane.category, seat.lane.severity) == ("en", "care", 3)

    def test_an_untagged_item_is_as_severe_as_the_worst_tag_anybody_proposed(self, project):
        item = acting.drafted_item(project, main_tag=None)
        for code in ("law", "care"):
            factories.make_item_tag(item, project.taxonomy.tags.get(code=code))
        plain = acting.drafted_item(project, main_tag=None)

        campaign = acting.open_review(project)

        assert campaign.seats.get(matter__item=item).lane.severity == 4
        assert campaign.seats.get(matter__item=plain).lane.severity == 1

    def test_items_of_others_and_in_other_states_stay_out(self, project):
        acting.drafted_item(factories.make_project())
        factories.make_item(project)  # new, and never asked of a model
        new = acting.drafted_item(project)
        acting.drafted_item(project, superseded_by=new)

        assert acting.open_review(project).matters.get().item == new

    @pytest.mark.parametrize("status", ["unusable", "refused"])
    def test_a_new_item_no_model_could_draft_needs_people(self, project, status):
        item = factories.make_item(project)
        make_call(item, status)

        assert acting.open_review(project).matters.get().item == item

    @pytest.mark.parametrize("status", ["planned", "leased", "responded", "failed"])
    def test_a_new_item_whose_drafting_has_not_ended_waits(self, project, status):
        item = factories.make_item(project)
        make_call(item, "unusable" if status != "failed" else "failed")
        leased = {"lease_token": 1, "lease_expires_at": "2030-01-01T00:00Z"}
        if status != "failed":
            call = make_call(item, "planned", "negative_option")
            Call.objects.filter(pk=call.pk).update(
                status=status, **leased if status == "leased" else {}
            )

        assert not acting.open_review(project).matters.exists()

    def test_a_new_item_whose_options_came_with_its_file_needs_no_drafting(self, project):
        item = acting.drafted_item(project, status="new")

        assert acting.open_review(project).matters.get().item == item

    def test_chosen_items_are_opened_and_the_rest_left(self, project):
        chosen, other = acting.drafted_item(project), acting.drafted_item(project)

        acting.open_review(project, items=Item.objects.filter(pk=chosen.pk))

        other.refresh_from_db()
        assert Matter.objects.get().item == chosen
        assert other.status == "drafted"

    def test_gold_may_be_opened_for_another_round_of_review(self, project):
        item = factories.make_gold_item(project)

        acting.open_review(project, items=Item.objects.filter(pk=item.pk))

        item.refresh_from_db()
        assert item.status == "in_review"

    def test_opening_it_again_tops_it_up_and_changes_nothing_else(self, project):
        acting.drafted_item(project)
        first = acting.open_review(project)
        again = acting.open_review(project)
        assert (again, again.matters.count()) == (first, 1)

        acting.drafted_item(project)

        assert acting.open_review(project).matters.count() == 2

    def test_the_order_of_the_seats_follows_from_the_seed(self, project):
        for _number in range(5):
            acting.drafted_item(project)
        campaign = acting.open_review(project)
        ranks = list(campaign.seats.order_by("id").values_list("rank", flat=True))

        other = factories.make_project()
        for _number in range(5):
            acting.drafted_item(other)

        assert ranks == list(
            acting.open_review(other).seats.order_by("id").values_list("rank", flat=True)
        )
        assert ranks != sorted(ranks)

    def test_a_name_of_another_kind_is_refused(self, project):
        acting.open_review(project, "One")

        with pytest.raises(Refused):
            acting.open_answers(project, "One")

    @pytest.mark.parametrize(
        "numbers",
        [{"acceptances": 0}, {"acceptances": 11}, {"rewrites": 21}, {"lease_seconds": 0}],
    )
    def test_numbers_have_limits(self, project, numbers):
        with pytest.raises(Refused):
            acting.open_review(project, **numbers)

        assert not Campaign.objects.exists()

    def test_opening_and_adding_are_on_record(self, project):
        acting.drafted_item(project)

        acting.open_review(project)

        assert list(AuditEvent.objects.values_list("action", flat=True)) == [
            "campaign.open",
            "campaign.add",
        ]


class TestOpenAnswers:
    def test_each_answer_gets_as_many_seats_as_the_overlap_under_one_rank(self, project):
        acting.make_answers(project, count=2)

        campaign = acting.open_answers(project, overlap=4)

        assert campaign.seats.count() == 8
        for matter in campaign.matters.all():
            assert list(matter.seats.order_by("number").values_list("number", flat=True)) == [
                1,
                2,
                3,
                4,
            ]
            assert len(set(matter.seats.values_list("rank", flat=True))) == 1

    def test_answers_with_a_settled_verdict_are_left_out_but_a_judge_settles_nothing(self, project):
        settled, judged, open_one = acting.make_answers(project, count=3)
        verdicts.record(answer=settled, outcome="good", source="people", decision_ref="x:1")
        verdicts.record(answer=judged, outcome="good", source="judge", judge_name="model")

        campaign = acting.open_answers(project)

        assert {m.answer for m in campaign.matters.all()} == {judged, open_one}

    def test_an_answer_is_not_put_into_two_campaigns(self, project):
        acting.make_answers(project)
        acting.open_answers(project, "One")

        assert not acting.open_answers(project, "Two").matters.exists()

    def test_a_reply_in_two_runs_is_put_to_people_once(self, project):
        ann = acting.make_worker(project)
        item = factories.make_gold_item(project)
        call = make_call(item, "done", "open_answer")
        first, again = acting.answer_of(call), acting.answer_of(call)
        campaign = acting.open_answers(project, overlap=1, quorum=1)
        assert campaign.matters.get().answer == first
        assert campaigns.top_up(campaign=campaign, by=None) == 0

        acting.claim_and_judge(ann, campaign, "good")

        assert campaigns.top_up(campaign=campaign, by=None) == 0
        assert again.verdicts.get().outcome == "good"

    def test_an_answer_of_another_project_stays_out(self, project):
        acting.make_answers(factories.make_project())

        assert not acting.open_answers(project).matters.exists()

    @pytest.mark.parametrize("numbers", [{"overlap": 1}, {"quorum": 4}, {"overlap": 26}])
    def test_a_quorum_fits_the_overlap(self, project, numbers):
        with pytest.raises(Refused):
            acting.open_answers(project, **numbers)

    def test_one_judgement_may_be_enough(self, project):
        ann = acting.make_worker(project)
        acting.make_answers(project)

        acting.claim_and_judge(ann, acting.open_answers(project, overlap=1, quorum=1), "bad")

        assert Matter.objects.get().status == "settled"


class TestLife:
    def test_a_campaign_is_paused_and_goes_on(self, project):
        campaign = acting.open_review(project)

        assert campaigns.pause(campaign=campaign, by=None).status == "paused"
        assert campaigns.resume(campaign=campaign, by=None).status == "open"

    def test_closing_gives_what_is_open_back_and_keeps_disputes(self, project):
        ann = acting.make_worker(project)
        acting.drafted_item(project)
        waiting = acting.drafted_item(project)
        campaign = acting.open_review(project)
        Assignment.objects.filter(matter__item=waiting).update(rank=0.999)
        acting.claim_and_review(ann, campaign, positive=acting.reject())

        campaigns.close(campaign=campaign, by=None)

        waiting.refresh_from_db()
        assert waiting.status == "drafted"
        assert set(campaign.matters.values_list("status", flat=True)) == {
            "disputed",
            "withdrawn",
        }
        assert not campaign.seats.free().exists()
        assert acting.open_review(project, "Next").matters.get().item == waiting

    def test_closing_waits_for_work_in_hand_and_not_for_a_lease_that_is_over(self, project):
        ann = acting.make_worker(project)
        acting.drafted_item(project)
        campaign = acting.open_review(project)
        seat = leases.claim(worker=ann, campaign=campaign)
        with pytest.raises(Refused):
            campaigns.close(campaign=campaign, by=None)
        assert Campaign.objects.get().status == "open"

        acting.expire(seat)
        campaign.refresh_from_db()
        campaigns.close(campaign=campaign, by=None)

        seat.refresh_from_db()
        assert seat.status == "cancelled"

    def test_who_read_a_campaign_before_it_was_closed_adds_nothing_to_it(self, project):
        campaign = acting.open_review(project)
        campaigns.close(campaign=Campaign.objects.get(), by=None)
        acting.drafted_item(project)

        with pytest.raises(Refused):
            campaigns.top_up(campaign=campaign, by=None)

        assert not campaign.matters.exists()

    def test_a_closed_campaign_opens_no_further_round(self, project):
        ann = acting.make_worker(project)
        item = acting.drafted_item(project)
        campaign = acting.open_review(project)
        seat = leases.claim(worker=ann, campaign=campaign)
        Campaign.objects.update(status="closed")

        acting.review(ann, seat)

        item.refresh_from_db()
        assert (campaign.matters.get().status, item.status) == ("withdrawn", "drafted")

    def test_a_closed_campaign_stays_closed(self, project):
        campaign = acting.open_review(project)
        campaigns.close(campaign=campaign, by=None)

        for verb in (campaigns.resume, campaigns.pause, campaigns.close, campaigns.top_up):
            with pytest.raises(Refused):
                verb(campaign=campaign, by=None)
        with pytest.raises(Refused):
            acting.open_review(project)
