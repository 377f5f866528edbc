"""What must always hold, tried on the tables themselves: code may forget, a table does not."""

import uuid
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from annotation.models import (
    Adjudication,
    Assignment,
    Campaign,
    CampaignItem,
    Decline,
    Enrolment,
    Exposure,
    Guideline,
    GuidelineDraft,
    Judgement,
    Lane,
    Matter,
    OptionAct,
    WorkDraft,
    Worker,
    WrittenText,
)
from curation import guards
from curation.models import (
    Answer,
    Attempt,
    AuditEvent,
    BatchFile,
    Budget,
    Call,
    Draft,
    Escalation,
    Evidence,
    Membership,
    Option,
    Pick,
    Prompt,
    QuestionProposal,
    RiskTag,
    RoleAssignment,
    Run,
    RunCall,
    ScoreRun,
    SevereSwitch,
    Subject,
    SubjectRun,
    TagDraft,
    TaxonomyDraft,
    TaxonomyVersion,
    Token,
    Verdict,
)
from curation.text import normal_form
from tests import factories

pytestmark = pytest.mark.django_db

HASH = "a" * 64
OTHER_HASH = "b" * 64
NOW = timezone.now()
LATER = NOW + timedelta(minutes=20)


@pytest.fixture
def w():
    """One valid row of every model that has a constraint."""
    w = SimpleNamespace()
    w.project = factories.make_project()
    w.user = factories.make_member(w.project, "worker")
    w.membership = Membership.objects.get(user=w.user)
    w.source = factories.make_source(w.project)
    w.taxonomy = w.project.taxonomy
    w.tag = w.taxonomy.tags.get(code="care")
    w.leaf = w.taxonomy.tags.get(code="care.body")
    w.file = factories.make_import_file(w.project, source=w.source)
    w.item = factories.make_item(w.project, source=w.source)
    w.other_item = factories.make_item(w.project, source=w.source)
    w.item_tag = factories.make_item_tag(w.item)
    w.positive, w.negative = factories.make_options(w.item)
    w.token = Token.objects.create(
        user=w.user, name="t", prefix="ts_1", digest=HASH, scopes=["export:read"]
    )
    w.switch = SevereSwitch.objects.create(project=w.project, tag=w.tag, by_ref="user:1")
    w.escalation = Escalation.objects.create(item=w.item, found="draft", was="new")
    drafting(w)
    answering(w)
    judging(w)
    return w


def drafting(w):
    w.endpoint = factories.make_endpoint(w.project)
    w.price = factories.make_price(w.endpoint, 150_000, 600_000)
    w.role = RoleAssignment.objects.create(
        project=w.project, endpoint=w.endpoint, role="positive_option"
    )
    w.prompt = Prompt.objects.create(
        name="positive", version=1, language="en", text="t", checksum=HASH
    )
    w.budget = Budget.objects.create(project=w.project, cap=100)
    w.run = Run.objects.create(project=w.project, kind="drafting")
    w.batch = BatchFile.objects.create(
        project=w.project, run=w.run, endpoint=w.endpoint, number=1, by_ref="system"
    )
    w.call = Call.objects.create(
        endpoint=w.endpoint,
        model="m",
        purpose="positive_option",
        target="item:1",
        item=w.item,
        prompt=w.prompt,
        messages=[],
        key=uuid4().hex * 2,
    )
    w.run_call = RunCall.objects.create(run=w.run, call=w.call)
    w.attempt = Attempt.objects.create(
        call=w.call, number=1, outcome="replied", milliseconds=5, raw=b"{}", started_at=NOW
    )
    w.draft = Draft.objects.create(
        item=w.item,
        attempt=w.attempt,
        purpose="positive_option",
        parser="strict-1",
        parsed={"option": "x"},
    )
    w.proposal = QuestionProposal.objects.create(
        project=w.project, draft=w.draft, parent=w.item, question="Why?", content_hash=HASH
    )


def answering(w):
    w.release = factories.make_release(w.project)
    w.row = factories.make_release_row(w.release, w.item)
    w.subject = Subject.objects.create(project=w.project, name="subject")
    w.subject_run = SubjectRun.objects.create(
        subject=w.subject, release=w.release, upload_sha256=HASH
    )
    w.answer = Answer.objects.create(subject_run=w.subject_run, item=w.item, reply="No.")
    w.pick = Pick.objects.create(
        subject_run=w.subject_run,
        item=w.item,
        ordering=[0, 1],
        shown=[w.positive.pk, w.negative.pk],
        reply="[[A]]",
        outcome="picked",
        option=w.positive,
        parser="anchored-1",
    )
    w.verdict = Verdict.objects.create(
        answer=w.answer, outcome="good", source="people", decision_ref="judgement:1"
    )
    w.judge_verdict = Verdict.objects.create(
        answer=w.answer, outcome="good", source="judge", judge_name="judge"
    )
    w.score = ScoreRun.objects.create(
        subject_run=w.subject_run,
        release=w.release,
        policy="fail",
        parser="anchored-1",
        verdict_source="people",
        grouped_by="dimension",
        input_sha256=HASH,
        result={},
    )


def judging(w):
    w.worker = Worker.objects.create(pseudonym="quiet-fox")
    w.judge = Worker.objects.create(pseudonym="calm-owl")
    w.guideline = Guideline.objects.create(project=w.project, name="g", text_en="e", text_zh="中")
    w.campaign = Campaign.objects.create(
        project=w.project, name="c", kind="review", guideline=w.guideline
    )
    w.taxonomy_draft = TaxonomyDraft.objects.create(project=w.project, follows=w.project.taxonomy)
    w.tag_draft = TagDraft.objects.create(
        draft=w.taxonomy_draft, code="care", position=1, name_en="Care", name_zh="关怀"
    )
    w.guideline_draft = GuidelineDraft.objects.create(campaign=w.campaign, follows=w.guideline)
    w.enrolment = Enrolment.objects.create(worker=w.worker, campaign=w.campaign, languages=["en"])
    w.campaign_item = CampaignItem.objects.create(campaign=w.campaign, item=w.item)
    w.matter = Matter.objects.create(
        campaign=w.campaign, campaign_item=w.campaign_item, item=w.item
    )
    w.lane = Lane.objects.create(campaign=w.campaign, language="en")
    w.seat = Assignment.objects.create(
        matter=w.matter,
        campaign=w.campaign,
        number=1,
        status="done",
        owner=w.worker,
        token=1,
        lane=w.lane,
        rank=0.5,
    )
    w.open_seat = Assignment.objects.create(
        matter=w.matter, campaign=w.campaign, number=2, lane=w.lane, rank=0.5
    )
    w.judgement = Judgement.objects.create(
        seat=w.seat,
        matter=w.matter,
        worker=w.worker,
        shown={},
        shown_at=NOW,
        submitted_at=LATER,
        guideline=w.guideline,
        token=1,
        idempotency_key="k1",
        payload_sha256=HASH,
    )
    w.act = OptionAct.objects.create(
        judgement=w.judgement, polarity="positive", act="accept", option=w.positive
    )
    w.text = WrittenText.objects.create(judgement=w.judgement, kind="reason", text="why")
    w.work_draft = WorkDraft.objects.create(seat=w.seat, worker=w.worker, payload={})
    w.decline = Decline.objects.create(matter=w.matter, worker=w.worker, reason="unsure")
    w.exposure = Exposure.objects.create(worker=w.worker, seat=w.seat, token=1, severity=1)
    w.adjudication = Adjudication.objects.create(matter=w.matter, by=w.judge, reason="clear")


# Constraint: the valid row to copy, and the changes to the copy that break this rule and no other.
# A value may be a function of the world `w`.
BROKEN = {
    "a_project_has_a_language": ("project", {"slug": "x", "languages": []}),
    "one_role_a_person_and_project": ("membership", {}),
    "a_role_is_known": ("membership", {"user": lambda w: factories.make_user(), "role": "king"}),
    "one_source_a_name_and_project": ("source", {}),
    "one_token_a_name_and_user": ("token", {"digest": OTHER_HASH}),
    "a_token_has_a_scope": ("token", {"name": "u", "digest": OTHER_HASH, "scopes": []}),
    "one_taxonomy_a_name_and_number": ("taxonomy", {}),
    "one_tag_a_code_and_version": ("tag", {}),
    "a_tag_stands_at_level_1_to_4": ("leaf", {"code": "x", "level": 5}),
    "only_a_dimension_has_no_parent": ("leaf", {"code": "x", "parent": None}),
    "severity_is_0_to_4": ("tag", {"code": "x", "severity": 5}),
    "a_file_is_imported_once": ("file", {}),
    "a_file_has_a_sha256": ("file", {"sha256": "X" * 64}),
    "no_more_items_than_rows": ("file", {"sha256": OTHER_HASH, "rows": 1, "created": 2}),
    "one_item_an_external_id_and_revision": ("item", {}),
    "an_item_has_a_question": ("item", {"external_id": "x", "question": ""}),
    "an_item_has_a_content_hash": ("item", {"external_id": "x", "content_hash": "x"}),
    "an_item_does_not_supersede_itself": ("item", None),
    "an_item_status_is_known": ("item", {"external_id": "x", "status": "lost"}),
    "an_item_kind_is_known": ("item", {"external_id": "x", "kind": "odd"}),
    "an_item_split_is_known": ("item", {"external_id": "x", "split": "odd"}),
    "an_item_language_is_known": ("item", {"external_id": "x", "language": "xx"}),
    "a_rejected_item_says_why": ("item", {"external_id": "x", "status": "rejected"}),
    "a_gold_item_has_a_main_tag": (
        "item",
        {"external_id": "x", "status": "gold", "main_tag": None},
    ),
    "one_tag_an_item_and_origin": ("item_tag", {}),
    "a_tag_origin_is_known": ("item_tag", {"origin": "rumour"}),
    "a_tag_score_is_0_to_1": ("item_tag", {"origin": "people", "score": 1.5}),
    "a_models_tag_has_its_draft": ("item_tag", {"origin": "model"}),
    "a_severe_tag_is_switched_on_once": ("switch", {}),
    "an_item_is_escalated_once": ("escalation", {}),
    "where_a_suspicion_arose_is_known": (
        "escalation",
        {"item": lambda w: w.other_item, "found": "dream"},
    ),
    "an_escalation_decision_is_known": (
        "escalation",
        {"decision": "perhaps", "decided_by": "user:1", "decided_at": NOW},
    ),
    "a_decided_escalation_says_who_and_when": ("escalation", {"decision": "confirmed"}),
    "one_endpoint_a_name_and_project": ("endpoint", {}),
    "an_endpoint_speaks_http": ("endpoint", {"name": "x", "base_url": "ftp://h/v1"}),
    "a_key_is_named_not_stored": ("endpoint", {"name": "x", "key_env": "sk-abc"}),
    "an_endpoint_takes_1_to_64_calls_at_once": ("endpoint", {"name": "x", "concurrency": 0}),
    "a_key_file_has_a_plain_name": ("endpoint", {"name": "x", "key_file": "../key"}),
    "a_key_is_in_one_place": ("endpoint", {"name": "x", "key_env": "A", "key_file": "a"}),
    "no_price_is_negative": ("price", {"input_price": -1}),
    "cached_input_is_never_dearer": ("price", {"cached_price": 150_001}),
    "one_endpoint_a_role_and_project": ("role", {}),
    "a_draft_role_is_known": ("role", {"role": "poet"}),
    "a_rate_is_1_to_60000_calls_a_minute": ("endpoint", {"name": "x", "rate": 0}),
    "a_question_is_proposed_once": ("proposal", {}),
    "a_proposal_has_a_question": ("proposal", {"content_hash": OTHER_HASH, "question": ""}),
    "a_proposal_has_a_content_hash": ("proposal", {"content_hash": "x"}),
    "a_proposal_status_is_known": (
        "proposal",
        {"content_hash": OTHER_HASH, "status": "odd", "decided_by": "user:1", "decided_at": NOW},
    ),
    "a_decided_proposal_says_who_and_when": (
        "proposal",
        {"content_hash": OTHER_HASH, "status": "refused"},
    ),
    "only_an_accepted_proposal_is_an_item": (
        "proposal",
        {"content_hash": OTHER_HASH, "item": lambda w: w.other_item},
    ),
    "a_critic_format_is_known": ("endpoint", {"name": "x", "critic_format": "odd"}),
    "one_batch_file_a_number_and_run": ("batch", {}),
    "a_batch_costs_0_to_100_percent": ("batch", {"number": 2, "price_percent": 101}),
    "a_batch_file_with_a_hash_has_lines": ("batch", {"number": 2, "sha256": HASH}),
    "a_released_prompt_is_never_edited": ("prompt", {"checksum": OTHER_HASH}),
    "a_prompt_has_a_checksum": ("prompt", {"version": 2, "checksum": "x"}),
    "no_amount_is_negative": (
        "budget",
        {"project": lambda w: factories.make_project(), "spent": -1},
    ),
    "nothing_is_reserved_beyond_the_cap": (
        "budget",
        {"project": lambda w: factories.make_project(), "spent": 60, "reserved": 41},
    ),
    "a_run_kind_is_known": ("run", {"kind": "odd"}),
    "a_run_status_is_known": ("run", {"status": "odd"}),
    "a_finished_run_says_when": ("run", {"status": "finished"}),
    "a_reply_is_wanted_once": ("call", {}),
    "a_call_has_a_key": ("call", {"key": "x"}),
    "a_call_says_what_it_asks": ("call", {"key": HASH, "prompt_id": None, "messages": None}),
    "a_purpose_is_known": ("call", {"purpose": "odd"}),
    "a_call_status_is_known": ("call", {"target": "x", "status": "odd"}),
    "only_a_leased_call_has_a_lease": ("call", {"target": "x", "lease_expires_at": NOW}),
    "no_reservation_is_negative": ("call", {"target": "x", "reserved": -1}),
    "a_run_wants_a_call_once": ("run_call", {}),
    "one_attempt_a_number_and_call": ("attempt", {}),
    "an_attempt_is_numbered_from_1": ("attempt", {"number": 0}),
    "no_cost_is_negative": ("attempt", {"number": 2, "cost": -1}),
    "a_parser_reads_a_reply_once": ("draft", {}),
    "a_draft_is_usable_or_says_why_not": ("draft", {"parser": "x", "unusable_reason": "odd"}),
    "no_two_live_options_say_the_same": ("positive", {"polarity": "negative"}),
    "an_option_polarity_is_known": ("positive", {"normal_form": "x", "polarity": "odd"}),
    "an_option_origin_is_known": ("positive", {"normal_form": "x", "origin": "rumour"}),
    "an_option_status_is_known": (
        "positive",
        {"status": "odd", "decided_at": NOW, "decision_ref": "judgement:1"},
    ),
    "an_option_says_something": ("positive", {"normal_form": ""}),
    "a_models_option_has_its_draft": ("positive", {"normal_form": "x", "origin": "model"}),
    "a_decided_option_names_its_decision": ("positive", {"status": "rejected"}),
    "an_option_does_not_supersede_itself": ("positive", None),
    "one_release_a_number_and_project": ("release", {"content_sha256": HASH}),
    "no_two_releases_hold_the_same_rows": ("release", {"number": 9}),
    "a_release_has_its_hashes": ("release", {"number": 9, "content_sha256": "x"}),
    "a_release_is_numbered_from_1": ("release", {"number": 0, "content_sha256": HASH}),
    "one_row_a_line_and_file": ("row", {"key": "x"}),
    "one_row_a_key_and_file": ("row", {"position": 9}),
    "a_row_has_its_hash": ("row", {"position": 9, "key": "x", "sha256": "x"}),
    "one_subject_a_name_and_project": ("subject", {}),
    "one_subject_run_a_number_and_release": ("subject_run", {"upload_sha256": OTHER_HASH}),
    "an_answer_file_is_taken_once": ("subject_run", {"number": 2}),
    "a_subject_run_is_made_here_or_uploaded": ("subject_run", {"number": 2, "upload_sha256": ""}),
    "one_answer_a_sample_and_item": ("answer", {}),
    "one_pick_an_ordering_sample_and_item": ("pick", {}),
    "only_a_picked_pick_has_an_option": ("pick", {"sample": 1, "outcome": "refused"}),
    "every_place_of_an_ordering_is_shown": ("pick", {"sample": 1, "shown": [1]}),
    "one_first_settled_verdict_an_answer": ("verdict", {"source": "adjudication"}),
    "one_first_verdict_a_judge_and_answer": ("judge_verdict", {"outcome": "bad"}),
    "a_verdict_outcome_is_known": ("judge_verdict", {"judge_name": "x", "outcome": "odd"}),
    "a_verdict_names_its_judge_or_decision": ("judge_verdict", {"judge_name": ""}),
    "the_same_input_is_scored_once": ("score", {}),
    "one_enrolment_a_worker_and_campaign": ("enrolment", {}),
    "an_enrolled_worker_reads_a_language": (
        "enrolment",
        {"worker": lambda w: w.judge, "languages": []},
    ),
    "a_severity_limit_is_0_to_4": ("enrolment", {"worker": lambda w: w.judge, "severity_limit": 5}),
    "one_exposure_a_grant": ("exposure", {}),
    "an_exposure_severity_is_0_to_4": ("exposure", {"token": 2, "severity": 5}),
    "one_guideline_a_name_and_number": ("guideline", {}),
    "a_draft_of_a_guideline_is_numbered_from_1": (
        "guideline_draft",
        {"campaign": lambda w: other_campaign(w), "version": 0},
    ),
    "a_draft_of_a_taxonomy_is_numbered_from_1": (
        "taxonomy_draft",
        {"project": lambda w: factories.make_project(), "version": 0},
    ),
    "one_tag_a_code_and_draft": ("tag_draft", {}),
    "a_draft_of_a_tag_is_numbered_from_1": ("tag_draft", {"code": "law", "version": 0}),
    "drafted_severity_is_0_to_4": ("tag_draft", {"code": "law", "severity": 5}),
    "one_campaign_a_name_and_project": ("campaign", {}),
    "a_campaign_kind_is_known": ("campaign", {"name": "x", "kind": "odd"}),
    "a_campaign_status_is_known": ("campaign", {"name": "x", "status": "odd"}),
    "a_quorum_fits_the_overlap": ("campaign", {"name": "x", "overlap": 1}),
    "a_sign_off_needs_1_to_10_acceptances": ("campaign", {"name": "x", "acceptances": 0}),
    "a_lease_lasts_at_most_a_day": ("campaign", {"name": "x", "lease_seconds": 86_401}),
    "care_for_workers_is_within_bounds": ("campaign", {"name": "x", "exposure_day": 100_001}),
    "an_item_or_answer_is_once_in_a_campaign": ("campaign_item", {}),
    "only_a_control_has_an_expected_outcome": (
        "campaign_item",
        {"item": lambda w: w.other_item, "expected": "good"},
    ),
    "one_matter_a_round": ("matter", {}),
    "a_matter_status_is_known": ("matter", {"round": 2, "status": "odd"}),
    "a_settled_matter_says_when": ("matter", {"round": 2, "status": "settled"}),
    "a_disputed_matter_says_why": ("matter", {"round": 2, "status": "disputed"}),
    "one_seat_a_number_and_matter": ("open_seat", {}),
    "one_seat_a_worker_and_matter": ("seat", {"number": 9}),
    "one_leased_seat_a_worker_and_campaign": (
        "seat",
        {
            "matter": lambda w: other_matter(w),
            "owner": lambda w: leased_elsewhere(w),
            "status": "leased",
            "leased_at": NOW,
            "lease_expires_at": LATER,
        },
    ),
    "a_seat_has_an_owner_while_held_and_after": ("open_seat", {"number": 9, "status": "leased"}),
    "a_seat_is_numbered_from_1": ("open_seat", {"number": 0}),
    "a_seat_rank_is_from_0_to_1": ("open_seat", {"number": 9, "rank": 1.0}),
    "one_lane_a_kind_of_seat": ("lane", {}),
    "a_lane_severity_is_0_to_4": ("lane", {"severity": 5}),
    "one_first_judgement_a_seat": ("judgement", {"idempotency_key": "k2"}),
    "one_judgement_an_idempotency_key": ("judgement", {"supersedes": lambda w: w.judgement}),
    "what_takes_back_says_nothing_else": (
        "judgement",
        {
            "idempotency_key": "k2",
            "supersedes": lambda w: w.judgement,
            "takes_back": True,
            "outcome": "good",
        },
    ),
    "a_judgement_follows_the_showing": (
        "judgement",
        {
            "idempotency_key": "k2",
            "supersedes": lambda w: w.judgement,
            "shown_at": LATER + timedelta(1),
        },
    ),
    "an_answer_is_not_an_unfit_question": (
        "judgement",
        {
            "idempotency_key": "k2",
            "supersedes": lambda w: w.judgement,
            "outcome": "good",
            "unfit": "unclear",
        },
    ),
    "a_judgement_has_its_hash": (
        "judgement",
        {"idempotency_key": "k2", "supersedes": lambda w: w.judgement, "payload_sha256": "x"},
    ),
    "a_judgement_does_not_supersede_itself": ("judgement", None),
    "an_act_is_known": ("act", {"option": lambda w: w.negative, "act": "sing"}),
    "an_act_names_what_it_acts_on": ("act", {"option": None}),
    "a_rejection_says_why": ("act", {"option": lambda w: w.negative, "act": "reject"}),
    "one_act_an_option_and_judgement": ("act", {}),
    "an_erased_text_is_empty": ("text", {"erased_at": NOW}),
    "one_work_draft_a_worker_and_seat": ("work_draft", {}),
    "one_decline_a_worker_and_matter": ("decline", {}),
    "an_adjudication_says_why": (
        "adjudication",
        {"matter": lambda w: other_matter(w), "reason": ""},
    ),
}
# Only the target of a judgement's composite foreign key: see the test of grants below.
NOT_BREAKABLE = {"a_seat_is_known_with_its_owner"}


def other_matter(w):
    campaign_item = CampaignItem.objects.create(campaign=w.campaign, item=w.other_item)
    return Matter.objects.create(
        campaign=w.campaign, campaign_item=campaign_item, item=w.other_item
    )


def other_campaign(w):
    return Campaign.objects.create(
        project=w.project, name="d", kind="review", guideline=w.guideline
    )


def leased_elsewhere(w):
    Assignment.objects.filter(pk=w.open_seat.pk).update(
        status="leased", owner=w.judge, token=1, leased_at=NOW, lease_expires_at=LATER
    )
    return w.judge


def copy_of(row, changes):
    fields = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if not field.primary_key
    }
    if "uid" in fields:
        fields["uid"] = uuid.uuid4()
    copy = type(row)(**fields)
    for name, value in changes.items():
        setattr(copy, name, value)
    return copy


def all_constraints():
    return {
        constraint.name
        for room in ("curation", "annotation")
        for model in apps.get_app_config(room).get_models()
        for constraint in model._meta.constraints
    }


def test_every_constraint_is_tried_here():
    assert all_constraints() == set(BROKEN) | NOT_BREAKABLE


@pytest.mark.parametrize(
    "name", [name for name, (_, changes) in BROKEN.items() if changes is not None]
)
def test_a_row_that_breaks_the_rule_is_refused(w, name):
    row_name, changes = BROKEN[name]
    changes = {key: v(w) if callable(v) else v for key, v in changes.items()}
    copy = copy_of(getattr(w, row_name), changes)

    with pytest.raises(IntegrityError, match=rf'"{name}"'), transaction.atomic():
        copy.save(force_insert=True)


@pytest.mark.parametrize(
    ("row_name", "field"), [("item", "superseded_by"), ("positive", "supersedes")]
)
def test_nothing_supersedes_itself(w, row_name, field):
    row = getattr(w, row_name)

    with pytest.raises(IntegrityError, match="does_not_supersede_itself"), transaction.atomic():
        type(row).objects.filter(pk=row.pk).update(**{field: row})


def test_a_judgement_does_not_supersede_itself(w):
    pk = w.judgement.pk + 1000
    copy = copy_of(w.judgement, {"pk": pk, "idempotency_key": "k2", "supersedes_id": pk})

    with pytest.raises(IntegrityError, match="does_not_supersede_itself"), transaction.atomic():
        copy.save(force_insert=True)


@pytest.mark.parametrize("table", guards.evidence_tables())
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"]
)
def test_evidence_is_never_changed_or_removed(w, table, statement):
    AuditEvent.objects.create(actor_ref="system", action="a", subject_ref="s")

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # TRUNCATE waits for no deferred check
        with pytest.raises(IntegrityError, match="is evidence"), transaction.atomic():
            cursor.execute(statement.format(table))


def test_every_model_with_a_creation_time_and_no_state_was_thought_of_as_evidence():
    evidence = {m.__name__ for m in apps.get_models() if issubclass(m, Evidence)}

    assert evidence == {
        "Adjudication", "Answer", "Attempt", "AuditEvent", "Decline", "Draft", "Exposure",
        "ImportFile", "Judgement", "OptionAct", "Pick", "Price", "Prompt", "Release", "ReleaseRow",
        "ScoreRun", "Verdict",
    }  # fmt: skip


def test_the_app_role_may_add_evidence_but_not_change_it(w):
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE an_app_role")
        guards.grant("an_app_role")
        rights = {}
        for table in [*guards.evidence_tables(), "curation_item"]:
            cursor.execute(
                "SELECT string_agg(privilege_type, ',' ORDER BY privilege_type)"
                " FROM information_schema.role_table_grants"
                " WHERE grantee = 'an_app_role' AND table_name = %s",
                [table],
            )
            rights[table] = cursor.fetchone()[0]

    assert rights.pop("curation_item") == "DELETE,INSERT,SELECT,UPDATE"
    assert set(rights.values()) == {"INSERT,SELECT"}


def test_a_guard_that_was_dropped_is_missed(w):
    assert guards.missing() == set()

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # nor does ALTER TABLE
        cursor.execute("DROP TRIGGER curation_draft_rows_stay ON curation_draft")
        cursor.execute("ALTER TABLE annotation_assignment DISABLE TRIGGER a_seat_moves_forward")

    assert guards.missing() == {"curation_draft_rows_stay", "a_seat_moves_forward"}


@pytest.mark.parametrize(
    "change",
    [
        {"token": 0},
        {"status": "open", "owner": None},
        {"status": "leased", "lease_expires_at": LATER},
    ],
)
def test_a_finished_seat_stays_finished_and_its_token_never_falls(w, change):
    with pytest.raises(IntegrityError), transaction.atomic():
        Assignment.objects.filter(pk=w.seat.pk).update(**change)


@pytest.mark.parametrize("change", [{"text_en": "x"}, {"number": 2}])
def test_a_published_guideline_never_changes(w, change):
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        Guideline.objects.filter(pk=w.guideline.pk).update(**change)


def test_a_published_guideline_is_never_removed(w):
    spare = Guideline.objects.create(project=w.project, name="s", text_en="e", text_zh="中")

    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        spare.delete()


@pytest.mark.parametrize("change", [{"title_en": "x"}, {"number": 2}])
def test_a_published_taxonomy_never_changes(w, change):
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        TaxonomyVersion.objects.filter(pk=w.project.taxonomy_id).update(**change)


def test_a_published_tag_never_changes_and_is_never_removed(w):
    spare = factories.make_tag(w.project.taxonomy, "spare")

    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        RiskTag.objects.filter(pk=spare.pk).update(severity=0)
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        spare.delete()


def test_nobody_judges_without_the_grant_of_the_seat(w):
    copy = copy_of(w.judgement, {"seat": w.open_seat, "worker": w.judge, "idempotency_key": "k2"})

    with (
        pytest.raises(IntegrityError, match="a_judgement_is_by_the_seats_owner"),
        transaction.atomic(),
    ):
        copy.save(force_insert=True)


def test_nobody_adjudicates_what_they_judged(w):
    adjudication = copy_of(w.adjudication, {"by": w.worker})

    with pytest.raises(IntegrityError, match="judged or wrote"), transaction.atomic():
        adjudication.save(force_insert=True)


def test_nobody_adjudicates_what_they_wrote(w):
    matter = other_matter(w)
    factories.make_option(w.other_item, author_ref=w.judge.pseudonym, origin="worker")
    adjudication = copy_of(w.adjudication, {"matter": matter})

    with pytest.raises(IntegrityError, match="judged or wrote"), transaction.atomic():
        adjudication.save(force_insert=True)


@pytest.mark.parametrize("rewritten", ["Give it BACK.", "Ｇｉｖｅ  it back."])
def test_nobody_signs_what_they_wrote_even_in_another_guise(w, rewritten):
    factories.make_option(
        w.item,
        text="Give it back.",
        author_ref=w.worker.pseudonym,
        origin="worker",
        status="rejected",
        decided_at=NOW,
        decision_ref="judgement:9",
    )
    assert normal_form(rewritten) == normal_form("Give it back.")
    signed = factories.make_option(w.item, text=rewritten, author_ref="import:1")

    with pytest.raises(IntegrityError, match="nobody signs"), transaction.atomic():
        OptionAct.objects.create(
            judgement=w.judgement, polarity="positive", act="accept", option=signed
        )


@pytest.mark.parametrize(
    "model", [m for m in apps.get_models() if m._meta.app_label in ("curation", "annotation")]
)
def test_nothing_that_evidence_points_to_can_be_deleted_along(model):
    cascading = [
        f"{relation.related_model.__name__}.{relation.field.name}"
        for relation in model._meta.related_objects
        if relation.on_delete is models.CASCADE and issubclass(relation.related_model, Evidence)
    ]

    assert cascading == []


def test_text_that_cannot_be_stored_is_named(w):
    option = copy_of(w.positive, {"text": "a\0b"})

    with pytest.raises(Exception, match="NUL"):
        option.full_clean()
    assert isinstance(option, Option)
