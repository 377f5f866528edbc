import re
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from annotation import adjudication, campaigns, guidelines, leases, work_drafts
from annotation.models import Assignment, Campaign, Decline, Judgement, WorkDraft
from curation import options
from curation.models import Attempt, Call, Draft, ItemTag, Option, Role
from curation.text import without_unstorable
from tests import factories
from tests.annotation import acting
from tests.annotation.views.pages import (
    accept_both,
    main_form,
    open_next,
    seat_address,
    submit,
    text_of,
)

pytestmark = pytest.mark.django_db


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def ann(project):
    return acting.make_worker(project)


@pytest.fixture
def bob(project):
    return acting.make_worker(project)


@pytest.fixture
def client(ann):
    return signed_in(ann.user)


@pytest.fixture
def item(project):
    return acting.drafted_item(project)


@pytest.fixture
def review(project, item, ann, bob):
    return acting.open_review(project)


@pytest.fixture
def judging(project, ann, bob):
    acting.make_answers(project)
    return acting.open_answers(project)


def held(worker, campaign):
    return leases.claim(worker=worker, campaign=campaign)


class TestReviewPage:
    def test_the_page_shows_the_question_both_options_and_the_guideline(self, client, review, item):
        page = text_of(open_next(client, review))

        assert item.question in page
        for option in item.options.all():
            assert f">{option.text}<" in page or option.text in page
        assert "Positive option" in page
        assert "The negative option" in page

    def test_accepting_both_is_a_judgement_and_leads_to_the_next(self, client, review, ann):
        answer = accept_both(client, review)

        assert answer.url == reverse("work-campaign", args=[review.pk])
        judgement = Judgement.objects.get()
        assert (judgement.worker, judgement.tags) == (ann, ["care.body"])
        assert {act.act for act in judgement.acts.all()} == {"accept"}

    def test_a_rewrite_and_a_rejection_are_taken_from_their_fields(self, client, review, item):
        page = open_next(client, review)

        submit(
            client,
            page,
            o1__act="rewrite",
            o1__text="Ask first.\r\nThen borrow.",
            o2__act="reject",
            o2__reason="operational",
            o2__note="Too much.",
            main_tag="law",
            tags=["care", "law"],
        )

        judgement = Judgement.objects.get()
        positive, negative = judgement.acts.order_by("id")
        assert positive.made.text == "Ask first.\nThen borrow."
        assert (negative.reason, negative.written_text.text) == ("operational", "Too much.")
        assert judgement.tags == ["law", "care"]

    def test_the_text_in_the_field_counts_only_for_a_rewrite(self, client, review, item):
        page = open_next(client, review)

        submit(
            client, page, o1__act="accept", o1__text="Changed.", o2__act="accept", main_tag="law"
        )

        assert item.options.count() == 2

    def test_a_missing_option_is_written_on_the_page(self, client, project, ann):
        item = factories.make_item(project, status="drafted")
        factories.make_option(item)
        page = open_next(client, acting.open_review(project))
        assert main_form(page)["o2-act"] == ["write"]

        submit(client, page, o1__act="accept", o2__text="I just take it.", main_tag="law")

        assert item.options.get(polarity="negative").author_ref == ann.pseudonym

    def test_an_unfit_question_is_reported_without_acts(self, client, review):
        page = open_next(client, review)

        submit(client, page, unfit="unclear", note="Which ladder?")

        judgement = Judgement.objects.get()
        assert (judgement.unfit, judgement.written_texts.get().text) == (
            "unclear",
            "Which ladder?",
        )

    def test_what_is_missing_is_told_beside_its_field_and_nothing_typed_is_lost(
        self, client, review
    ):
        page = open_next(client, review)

        answer = submit(client, page, o1__act="rewrite", o1__text="Mine.", o2__act="reject")

        shown = text_of(answer)
        assert answer.status_code == 422
        assert "Say why you reject it." in shown or "Choose the main risk tag." in shown
        assert "Mine.</textarea>" in shown
        assert not Judgement.objects.exists()

    def test_a_rewrite_that_says_the_same_is_told_beside_its_text(self, client, review):
        page = open_next(client, review)

        answer = submit(client, page, o1__act="rewrite", o2__act="accept", main_tag="law")

        assert answer.status_code == 422
        assert "says the same as the old one" in text_of(answer)

    @pytest.mark.parametrize(
        "fields",
        [
            {"o1__act": "praise"},
            {"o1__polarity": "sideways"},
            {"o1__text": "x" * 4_001},
            {"main_tag": "nonsense"},
            {"tags": ["nonsense"]},
            {"unfit": "boring"},
            {"guideline": "first"},
            {"key": ""},
            {"o1__text": "a\0b", "o1__act": "rewrite"},
        ],
    )
    def test_nonsense_is_refused_on_the_page(self, client, review, fields):
        page = open_next(client, review)
        good = {"o1__act": "accept", "o2__act": "accept", "main_tag": "law"}

        assert submit(client, page, **good | fields).status_code == 422
        assert not Judgement.objects.exists()

    def test_a_form_of_another_seat_is_refused(self, client, review, judging):
        page, other = open_next(client, review), open_next(client, judging)

        answer = client.post(
            seat_address(page),
            main_form(page)
            | {"key": main_form(other)["key"][0], "main_tag": "law"}
            | {"o1-act": "accept", "o2-act": "accept"},
        )

        assert answer.status_code == 422
        assert not Judgement.objects.exists()

    def test_a_change_of_the_review_is_shown_to_who_signs_it(self, client, review, ann, bob):
        acting.claim_and_review(bob, review, positive=acting.rewrite("Ask first."))

        page = text_of(open_next(client, review))

        assert "Changed during this review" in page
        assert "<ins>" in page

    def test_the_note_of_a_reviewer_is_shown_with_what_was_sent_back(
        self, client, project, review, bob
    ):
        acting.claim_and_review(bob, review, negative=acting.reject())
        adjudication.send_back(
            matter=review.matters.get(), by=acting.make_reviewer(project), note="It is short, yes."
        )

        assert "It is short, yes." in text_of(open_next(client, review))

    def test_severe_texts_stay_covered(self, client, project, ann):
        acting.drafted_item(project, main_tag=project.taxonomy.tags.get(code="law"))

        page = text_of(open_next(client, acting.open_review(project)))

        assert page.count('<details class="veil">') == 3

    def test_suggested_tags_are_labelled_and_never_chosen_beforehand(self, client, project, ann):
        item = acting.drafted_item(project)
        law = project.taxonomy.tags.get(code="law")
        propose_by_model(item, law, factories.make_endpoint(project))

        page = open_next(client, acting.open_review(project))

        assert "Suggested, not checked" in text_of(page)
        assert main_form(page)["main_tag"] == [""]

    def test_a_tag_that_came_with_the_question_stands_on_top_and_is_chosen(
        self, client, project, ann
    ):
        item = acting.drafted_item(project)
        factories.make_item_tag(item)

        page = open_next(client, acting.open_review(project))

        assert main_form(page)["main_tag"] == ["care.body"]
        assert "Care</span>" in text_of(page)
        assert "Body</span>" in text_of(page)

    def test_a_seat_costs_few_queries(self, client, review, django_assert_max_num_queries):
        address = seat_address(open_next(client, review))

        with django_assert_max_num_queries(9):
            client.get(address)


class TestCost:
    """What a browser asks for at each answer: queries, with those of session and account."""

    def test_the_way_to_the_next_seat(self, client, judging, django_assert_max_num_queries):
        open_next(client, judging)

        with django_assert_max_num_queries(7):
            client.get(reverse("work-campaign", args=[judging.pk]))

    def test_the_page_of_an_answer(self, client, judging, django_assert_max_num_queries):
        address = seat_address(open_next(client, judging))

        with django_assert_max_num_queries(8):
            client.get(address)

    def test_a_submit(self, client, judging, django_assert_max_num_queries):
        page = open_next(client, judging)

        with django_assert_max_num_queries(10):
            submit(client, page, outcome="good")


def propose_by_model(item, tag, endpoint):
    call = Call.objects.create(
        endpoint=endpoint,
        model="m",
        purpose="risk_tags",
        target=f"item:{item.uid}",
        item=item,
        messages=[],
        key=uuid4().hex * 2,
    )
    attempt = Attempt.objects.create(
        call=call,
        number=1,
        outcome="replied",
        milliseconds=5,
        raw=b"{}",
        started_at="2026-01-01T00:00Z",
    )
    draft = Draft.objects.create(
        item=item, attempt=attempt, purpose="risk_tags", parser="p", parsed={"tags": []}
    )
    ItemTag.objects.create(
        item=item, tag=tag, origin="model", score=0.8, explanation="a secret thought", draft=draft
    )
    item.main_tag = tag
    item.save()


class TestAnswerPage:
    def test_an_answer_is_judged_and_the_page_says_what_was_saved(self, client, judging):
        page = open_next(client, judging)

        answer = submit(client, page, outcome="bad", reason="It helps the thief.", tags=["law"])

        judgement = Judgement.objects.get()
        assert (judgement.outcome, judgement.tags) == ("bad", ["law"])
        assert "Saved: unsafe." in text_of(client.get(answer.url, follow=True))

    def test_an_outcome_is_needed(self, client, judging):
        answer = submit(client, open_next(client, judging), reason="Hm.")

        assert answer.status_code == 422
        assert "Hm.</textarea>" in text_of(answer)

    def test_a_skill_is_judged_as_correct_or_incorrect(self, client, project, ann):
        run = factories.make_subject_run(factories.make_release(project))
        item = factories.make_gold_item(project, kind="capability")
        item.answers.create(subject_run=run, reply="Four.")

        page = text_of(open_next(client, acting.open_answers(project)))

        assert "Incorrect" in page
        assert "Unsafe <kbd>" not in page


class TestBlindness:
    def test_nothing_of_others_is_on_an_answer_page(self, client, project, judging, bob):
        acting.claim_and_judge(bob, judging, "bad", reason="A telling reason.")
        page = text_of(open_next(client, judging))

        answer = judging.matters.get().answer
        assert answer.reply in page
        for secret in ("A telling reason.", bob.pseudonym, answer.subject_run.subject.name):
            assert secret not in page

    def test_nothing_of_others_or_of_drafting_is_on_a_review_page(
        self, client, project, review, item, ann, bob
    ):
        acting.claim_and_review(
            bob, review, positive=acting.rewrite("Ask first."), tags=["care.mind"]
        )
        Option.objects.filter(item=item, polarity="negative").update(
            author_ref="endpoint:quiet-drafter", flags=["telling-flag"]
        )
        propose_by_model(item, item.main_tag, factories.make_endpoint(project))

        page = text_of(open_next(client, review))

        assert "Ask first." in page
        for secret in (bob.pseudonym, "quiet-drafter", "telling-flag", "a secret thought", "0.8"):
            assert secret not in page

    def test_a_control_looks_like_anything_else(self, client, judging):
        plain = text_of(open_next(client, judging))
        judging.campaign_items.update(control=True, expected="bad")

        assert without_tokens(text_of(open_next(client, judging))) == without_tokens(plain)


def without_tokens(page):
    page = re.sub(r'x-csrftoken": "\w+"|value="(\w{64}|0-\w{16})"', "", page)
    return re.sub(r"Yours until <time.*?</time>", "", page)


class TestOnce:
    def test_sending_a_page_twice_is_one_judgement_and_the_same_answer(self, client, judging):
        page = open_next(client, judging)

        first, second = (submit(client, page, outcome="good") for _time in range(2))

        assert (first.status_code, first.url) == (second.status_code, second.url)
        assert Judgement.objects.count() == 1

    def test_other_content_under_the_same_key_changes_nothing(self, client, judging):
        page = open_next(client, judging)
        submit(client, page, outcome="good")

        answer = client.post(seat_address(page), main_form(page) | {"outcome": "bad"}, follow=True)

        assert "That one stands" in text_of(answer)
        assert "You have judged this" in text_of(answer)
        assert Judgement.objects.get().outcome == "good"

    def test_a_lost_seat_keeps_and_shows_what_was_typed(self, client, review, ann, bob):
        page = open_next(client, review)
        acting.expire(Assignment.objects.get(owner=ann))
        held(bob, review)

        answer = client.post(
            seat_address(page),
            main_form(page)
            | {
                "o1-act": "rewrite",
                "o1-text": "My long work.",
                "o2-act": "accept",
                "main_tag": "law",
            },
            follow=True,
        )

        shown = text_of(answer)
        assert answer.status_code == 409
        assert "This is no longer yours" in shown
        assert "My long work." in shown
        assert not Judgement.objects.exists()
        assert "Text kept for you" in text_of(client.get(reverse("work")))

    def test_text_kept_is_there_again_when_the_seat_comes_back(self, client, review, ann, bob):
        page = open_next(client, review)
        acting.expire(Assignment.objects.get(owner=ann))
        other = held(bob, review)
        client.post(
            seat_address(page),
            main_form(page)
            | {"o1-act": "rewrite", "o1-text": "My long work.", "o2-act": "accept"}
            | {"main_tag": "law"},
        )
        leases.give_back(grant=acting.grant_of(other), worker=bob)

        form = main_form(open_next(client, review))

        assert form["o1-text"] == ["My long work."]
        assert (form["o1-act"], form["main_tag"]) == (["rewrite"], ["law"])

    def test_options_that_changed_are_shown_with_the_difference(self, client, review, item):
        page = open_next(client, review)
        options.rewrite(
            option=item.options.get(polarity="positive"),
            text="A newer text.",
            author_ref="system",
            origin=Option.Origin.REVIEWER,
            decision_ref="test",
        )

        answer = client.post(
            seat_address(page),
            main_form(page)
            | {"o1-act": "rewrite", "o1-text": "Mine.", "o2-act": "accept", "main_tag": "law"},
            follow=True,
        )

        shown = text_of(answer)
        assert answer.status_code == 409
        assert "The options have changed" in shown
        assert "This text has changed since you began" in shown
        assert "You had typed:" in shown
        assert "Mine." in shown
        assert main_form(answer)["o1-text"] == ["A newer text."]
        assert main_form(answer)["o2-act"] == ["accept"]

    def test_a_guideline_that_changed_is_shown_with_the_difference(self, client, judging):
        page = open_next(client, judging)
        guidelines.publish(
            campaign=judging,
            follows=judging.guideline_id,
            text_en="Quite another text.",
            text_zh="另一段文字。",
            by=None,
        )

        answer = client.post(seat_address(page), main_form(page) | {"outcome": "good"}, follow=True)

        shown = text_of(answer)
        assert answer.status_code == 409
        assert "The guideline has changed since you began" in shown
        assert main_form(answer)["outcome"] == ["good"]
        assert submit(client, answer).status_code == 302
        assert Judgement.objects.get().outcome == "good"

    def test_a_question_that_was_replaced_is_shown_with_the_difference(
        self, client, project, review, item
    ):
        page = open_next(client, review)
        item.superseded_by = factories.make_item(project, question=item.question + " At night?")
        item.save()

        answer = submit(
            client, page, o1__act="rewrite", o1__text="Mine.", o2__act="accept", main_tag="law"
        )

        shown = text_of(answer)
        assert answer.status_code == 409
        assert "The question has been replaced by a newer one." in shown
        assert "<ins> At night?</ins>" in shown
        assert main_form(answer)["o1-text"] == ["Mine."]

    def test_a_locked_question_is_not_shown_in_place_of_another(
        self, client, project, review, item
    ):
        address = seat_address(open_next(client, review))
        item.superseded_by = factories.make_item(project, question="A secret?", status="locked")
        item.save()

        assert "A secret?" not in text_of(client.get(address))


class TestKeys:
    def test_the_key_of_undo_means_nothing_else_on_the_next_page(self, client, project, review):
        acting.drafted_item(project)
        campaigns.top_up(campaign=review, by=None)

        page = text_of(client.get(accept_both(client, review).url, follow=True))

        undo = re.search(r'undo/".*?data-key="(\w)"', page)[1]
        assert re.findall(f'data-key="{undo}"', page) == [f'data-key="{undo}"']


class TestDrafts:
    def test_a_draft_is_saved_without_scripts_and_restored(self, client, review):
        page = open_next(client, review)

        answer = client.post(
            seat_address(page) + "draft/",
            main_form(page) | {"o1-act": "rewrite", "o1-text": "Half a sentence"},
            follow=True,
        )

        form = main_form(answer)
        assert (form["o1-act"], form["o1-text"]) == (["rewrite"], ["Half a sentence"])
        assert "Draft saved" in text_of(answer)
        assert "<ins>" in text_of(answer)

    def test_an_autosave_answers_with_the_time_and_the_change(self, client, review):
        page = open_next(client, review)

        answer = client.post(
            seat_address(page) + "draft/",
            main_form(page) | {"o1-act": "rewrite", "o1-text": "Half a sentence"},
            headers={"HX-Request": "true"},
        )

        shown = text_of(answer)
        assert 'id="save-state"' in shown
        assert 'id="o1-change"' in shown
        assert "Yours until" in shown
        assert "<html" not in shown

    def autosave(self, client, page, reason):
        return text_of(
            client.post(
                seat_address(page) + "draft/",
                main_form(page) | {"reason": reason},
                headers={"HX-Request": "true"},
            )
        )

    def test_of_two_tabs_the_later_one_hears_of_the_other_and_both_texts_are_shown(
        self, client, judging
    ):
        here, there = open_next(client, judging), open_next(client, judging)

        first, second = self.autosave(client, here, "Typed here"), self.autosave(client, there, "x")
        self.autosave(client, there, "Typed there")

        assert "Draft saved" in first
        assert 'name="version" value="1-' in first
        assert "Another tab has newer text" in second
        assert "version" not in second
        page = open_next(client, judging)
        assert main_form(page)["reason"] == ["Typed here"]
        assert "Typed there" in text_of(page)
        assert "You typed this in another tab" in text_of(page)

    def test_who_saves_on_purpose_in_the_later_tab_goes_on_with_that_and_keeps_the_other(
        self, client, judging
    ):
        here, there = open_next(client, judging), open_next(client, judging)
        self.autosave(client, here, "Typed here")

        page = client.post(
            seat_address(there) + "draft/",
            main_form(there) | {"reason": "Typed there"},
            follow=True,
        )

        assert main_form(page)["reason"] == ["Typed there"]
        assert "Typed here" in text_of(page)

    def test_a_version_that_is_none_loses_nothing(self, client, judging):
        page = open_next(client, judging)
        self.autosave(client, page, "Typed here")

        for version in ("-1", "x", "9" * 30 + "-" + "a" * 16, "1-\0"):
            told = client.post(
                seat_address(page) + "draft/",
                main_form(page) | {"reason": version, "version": version},
                headers={"HX-Request": "true"},
            )
            assert told.status_code == 200
            assert WorkDraft.objects.get().payload["reason"] == [without_unstorable(version)]

    def test_an_autosave_tells_at_once_that_the_lease_is_lost(self, client, review, ann, bob):
        page = open_next(client, review)
        acting.expire(Assignment.objects.get(owner=ann))
        held(bob, review)

        answer = client.post(
            seat_address(page) + "draft/",
            main_form(page) | {"o1-act": "rewrite", "o1-text": "Half a sentence"},
            headers={"HX-Request": "true"},
        )

        assert "This is no longer yours." in text_of(answer)
        assert "Draft saved" in text_of(answer)
        assert "hx-post" not in text_of(answer)

    def test_only_fields_of_the_form_are_kept(self, client, judging):
        page = open_next(client, judging)

        client.post(seat_address(page) + "draft/", main_form(page) | {"evil": "x", "reason": "y"})

        assert set(WorkDraft.objects.get().payload) == {"guideline", "pasted", "reason"}

    def test_too_much_is_refused(self, client, judging):
        page = open_next(client, judging)

        answer = client.post(
            seat_address(page) + "draft/",
            main_form(page) | {"reason": "x" * 100_001},
            headers={"HX-Request": "true"},
        )

        assert answer.status_code == 422
        assert not WorkDraft.objects.exists()

    def test_no_draft_is_kept_of_what_is_judged(self, client, judging):
        page = open_next(client, judging)
        submit(client, page, outcome="good")

        client.post(seat_address(page) + "draft/", main_form(page) | {"reason": "late"})

        assert not WorkDraft.objects.exists()


class TestGivingBackAndSkipping:
    def test_a_seat_given_back_keeps_what_was_typed(self, client, review, ann):
        page = open_next(client, review)

        answer = client.post(
            seat_address(page) + "give-back/",
            main_form(page) | {"o1-act": "rewrite", "o1-text": "Half"},
        )

        seat = Assignment.objects.get()
        assert answer.url == reverse("work")
        assert seat.status == "open"
        assert work_drafts.of(seat=seat.pk, worker=ann).payload["o1-text"] == ["Half"]

    def test_a_skip_needs_no_script_and_leads_on(self, client, review):
        page = open_next(client, review)
        seat = Assignment.objects.get()

        answer = client.post(
            seat_address(page) + "skip/", {"key": f"{seat.pk}.{seat.token}", "reason": "unsure"}
        )

        assert answer.url == reverse("work-campaign", args=[review.pk])
        assert Decline.objects.get().reason == "unsure"

    def test_after_a_harm_nothing_is_put_before_the_person(self, client, review):
        page = open_next(client, review)
        seat = Assignment.objects.get()

        answer = client.post(
            seat_address(page) + "skip/", {"key": f"{seat.pk}.{seat.token}", "reason": "harms_me"}
        )

        assert answer.url == reverse("work")

    @pytest.mark.parametrize("fields", [{"reason": "lazy"}, {"reason": "unsure", "key": "x"}, {}])
    def test_a_skip_that_makes_no_sense_is_refused(self, client, review, fields):
        page = open_next(client, review)

        answer = client.post(
            seat_address(page) + "skip/", {"key": "", **fields}, headers={"HX-Request": "true"}
        )

        assert answer.status_code == 422
        assert not Decline.objects.exists()


class TestHeartbeat:
    def test_a_heartbeat_tells_until_when_and_goes_on(self, client, review):
        page = open_next(client, review)
        seat = Assignment.objects.get()

        answer = client.post(seat_address(page) + "heartbeat/", {"key": f"{seat.pk}.{seat.token}"})

        assert "Yours until" in text_of(answer)
        assert "hx-trigger" in text_of(answer)

    def test_when_its_time_is_over_no_time_of_the_past_is_told(self, client, review):
        page = open_next(client, review)
        seat = acting.expire(Assignment.objects.get())

        answer = client.post(seat_address(page) + "heartbeat/", {"key": f"{seat.pk}.{seat.token}"})

        for told in (answer, client.get(seat_address(page))):
            assert "Your time is over; you can still submit" in text_of(told)
            assert "Yours until" not in text_of(told)

    @pytest.mark.parametrize(("lease", "beat"), [(60, 20), (1_200, 60), (2, 1)])
    def test_a_lease_is_renewed_well_before_it_ends(self, client, review, lease, beat):
        Campaign.objects.update(lease_seconds=lease)

        assert f'hx-trigger="every {beat}s"' in text_of(open_next(client, review))

    def test_a_lost_lease_is_told_and_the_beating_stops(self, client, review, ann, bob):
        page = open_next(client, review)
        seat = acting.expire(Assignment.objects.get())
        held(bob, review)

        answer = client.post(seat_address(page) + "heartbeat/", {"key": f"{seat.pk}.{seat.token}"})

        assert "no longer yours" in text_of(answer)
        assert "hx-trigger" not in text_of(answer)


class TestDoors:
    ACTS = ("", "draft/", "give-back/", "skip/", "heartbeat/")

    def test_a_seat_of_another_is_not_there(self, review, ann, bob):
        address = reverse("seat", args=[held(ann, review).pk])
        other = signed_in(bob.user)

        assert other.get(address).status_code == 404
        assert {other.post(address + act).status_code for act in self.ACTS} == {404}

    def test_neither_a_stranger_nor_a_reader_nor_a_curator_opens_it(
        self, project, review, ann, stranger
    ):
        address = reverse("seat", args=[held(ann, review).pk])
        people = [stranger] + [
            factories.make_member(project, role) for role in (Role.READER, Role.CURATOR)
        ]

        assert {signed_in(user).get(address).status_code for user in people} == {404}

    def test_who_is_signed_out_is_asked_to_sign_in(self, review, ann):
        address = reverse("seat", args=[held(ann, review).pk])

        assert Client().get(address).url.startswith(reverse("sign-in"))

    def test_who_lost_their_role_loses_the_seat(self, client, project, review, ann):
        address = seat_address(open_next(client, review))
        project.memberships.filter(user=ann.user).update(role="reader")

        assert client.get(address).status_code == 404

    def test_htmx_is_told_where_to_go(self, client, judging):
        page = open_next(client, judging)

        answer = client.post(
            seat_address(page),
            main_form(page) | {"outcome": "good"},
            headers={"HX-Request": "true"},
        )

        assert answer.headers["HX-Redirect"] == reverse("work-campaign", args=[judging.pk])

    def test_a_seat_that_was_never_made_is_not_there(self, client):
        assert client.get(reverse("seat", args=[10**30])).status_code == 404


class TestOddInput:
    @pytest.mark.parametrize("text", ["a\0b", "9" * 5_000, "-1", "１２"])
    @pytest.mark.parametrize("field", ["o1-id", "note", "guideline", "o1-text"])
    def test_no_text_in_any_field_breaks_the_page_or_the_draft(self, client, review, field, text):
        page = open_next(client, review)
        address, form = seat_address(page), main_form(page)

        saved = client.post(reverse("seat-draft", args=[held_pk(review)]), form | {field: text})
        again = client.get(address)
        sent = client.post(address, form | {field: text, "o1-act": "accept"})

        assert {saved.status_code, again.status_code, sent.status_code} <= {200, 302, 409, 422}
        assert client.get(address).status_code == 200

    def test_a_second_click_on_a_rewrite_is_not_told_that_the_options_changed(self, client, review):
        page = open_next(client, review)
        address = seat_address(page)
        form = main_form(page) | {"o1-act": "rewrite", "o1-text": "Ask whose it is."}
        form |= {"o2-act": "accept", "main_tag": "law"}

        client.post(address, form)
        second = client.post(address, form, follow=True)

        assert Judgement.objects.count() == 1
        assert "You have judged this already" in text_of(second)
        assert "have changed while you worked" not in text_of(second)


def held_pk(campaign):
    return Assignment.objects.get(campaign=campaign, status="leased").pk


def test_a_text_that_is_refused_for_a_character_is_shown_again_without_it(client, review):
    page = open_next(client, review)

    answer = submit(client, page, o1__act="rewrite", o1__text="Ask\0 first.", o2__act="accept")

    assert "cannot be stored" in text_of(answer) or "not allowed" in text_of(answer)
    assert ">Ask first.</textarea>" in text_of(answer).replace(">\n", ">")
    assert "\0" not in text_of(answer)
