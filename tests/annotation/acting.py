"""Workers who claim and submit through the verbs, for tests that need work to be done."""

from uuid import uuid4

from django.utils import timezone

from annotation import campaigns, judgements, leases, workers
from annotation.acts import ActOn
from annotation.leases import Grant
from annotation.models import Assignment, Campaign, Cursor, Exposure, Lane
from annotation.taking import Submission
from curation.answers import record_answer
from curation.models import Attempt, Call, Draft, Option, Purpose, Role
from tests import factories

CHECKERS_REASON = "Both of them shrug at the neighbour."


def make_worker(project, role=Role.WORKER, username=""):
    user = factories.make_member(project, role, factories.make_user(username))
    return workers.of(user)


def make_reviewer(project):
    return make_worker(project, Role.REVIEWER)


def drafted_item(project, **kw):
    """An item with its two options, waiting for people."""
    item = factories.make_item(project, **{"status": "drafted"} | kw)
    factories.make_options(item)
    return item


def open_review(project, name="Review", **kw):
    return campaigns.open_review(project=project, name=name, by=None, seed=1, **_with_numbers(kw))


def make_answers(project, count=1, reply="Ask before you borrow it."):
    run = factories.make_subject_run(factories.make_release(project))
    items = [factories.make_gold_item(project) for _number in range(count)]
    return [record_answer(subject_run=run, item=item, reply=reply) for item in items]


def make_call(item, status, purpose="positive_option"):
    return Call.objects.create(
        endpoint=factories.make_endpoint(item.project),
        model="m",
        purpose=purpose,
        target=f"item:{item.uid}",
        item=item,
        messages=[],
        key=uuid4().hex * 2,
        status=status,
    )


def checked(item, **said):
    """Let an endpoint have said this of the item's pair."""
    pair = {option.polarity: option.pk for option in item.options.live()}
    call = make_call(item, "done", purpose=Purpose.CHECK)
    Call.objects.filter(pk=call.pk).update(about=pair)
    attempt = Attempt.objects.create(
        call=call, number=1, outcome="replied", milliseconds=5, raw=b"{}", started_at=timezone.now()
    )
    verdict = {
        "positive_safe": True,
        "negative_unsafe": True,
        "distinct": True,
        "reason": CHECKERS_REASON,
    }
    Draft.objects.create(
        item=item,
        attempt=attempt,
        purpose=Purpose.CHECK,
        parser="strict-3",
        parsed=verdict | said,
        flags=["checker_doubts"],
    )
    Option.objects.filter(item=item).update(flags=["checker_doubts"])
    return call


def answer_of(call):
    """The reply of a call, in a run of its own."""
    run = factories.make_subject_run(factories.make_release(call.item.project))
    return record_answer(subject_run=run, item=call.item, reply="Ask them.", call=call)


def open_answers(project, name="Answers", **kw):
    return campaigns.open_answers(project=project, name=name, by=None, seed=1, **_with_numbers(kw))


def _with_numbers(kw):
    rest = {name: value for name, value in kw.items() if name in {"items", "answers"}}
    return {**rest, "numbers": {name: kw[name] for name in kw if name not in rest}}


def grant_of(seat):
    return Grant(seat.pk, seat.token)


def submission_of(seat, **kw):
    live = seat.matter.item.options.live() if not seat.matter.answer_id else []
    return Submission(
        grant=grant_of(seat),
        guideline=Campaign.objects.get(pk=seat.campaign_id).guideline_id,
        **{"shown": tuple(option.pk for option in live)} | kw,
    )


def accept_all(item, **instead):
    """Acts that accept each option, but for the polarities told otherwise."""
    acts = []
    for option in item.options.live():
        change = instead.get(option.polarity, {"act": "accept"})
        acts.append(ActOn(polarity=option.polarity, option=option.pk, **change))
    return acts


def review(worker, seat, *, tags=("care.body",), submission=None, acts=None, **kw):
    item = seat.matter.item
    changes = {
        polarity: kw.pop(polarity) for polarity in ("positive", "negative") if polarity in kw
    }
    return judgements.submit_review(
        submission=submission or submission_of(seat),
        worker=worker,
        acts=accept_all(item, **changes) if acts is None else acts,
        tags=tags,
        **kw,
    )


def claim_and_review(worker, campaign, **kw):
    return review(worker, leases.claim(worker=worker, campaign=campaign), **kw)


def judge(worker, seat, outcome, **kw):
    return judgements.submit_answer(
        submission=submission_of(seat), worker=worker, outcome=outcome, **kw
    )


def claim_and_judge(worker, campaign, outcome, **kw):
    return judge(worker, leases.claim(worker=worker, campaign=campaign), outcome, **kw)


def expire(seat):
    """Let the lease of a seat be over; what was found empty is looked at again by then."""
    Assignment.objects.filter(pk=seat.pk).update(
        leased_at="2020-01-01T00:00Z", lease_expires_at="2020-01-01T00:20Z"
    )
    Cursor.objects.update(empty_until=None)
    seat.refresh_from_db()
    return seat


def move_to_lane(seat, **changes):
    """Let a seat stand in another lane of its campaign."""
    lane = {name: getattr(seat.lane, name) for name in ("language", "category", "severity")}
    other, _made = Lane.objects.get_or_create(campaign=seat.campaign, **lane | changes)
    Assignment.objects.filter(pk=seat.pk).update(lane=other)


def granted(seat, worker):
    return Exposure.objects.filter(seat=seat, worker=worker).count()


def rewrite(text):
    return {"act": "rewrite", "text": text}


def reject(reason="unclear", note=""):
    return {"act": "reject", "reason": reason, "note": note}
