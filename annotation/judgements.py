"""Judgements: what workers say of answers and of options, and what that settles."""

from collections.abc import Sequence
from dataclasses import asdict

from django.utils.translation import gettext as _

from annotation import acts as option_acts
from annotation import quorum, rounds, shown
from annotation.acts import ActOn
from annotation.leases import LeaseLost
from annotation.models import Judgement, Matter, Outcome, Unfit, Worker
from annotation.taking import Submission, Taken, keep_judgement, keep_reason, once
from curation.models import Option
from curation.refusals import Refused


def submit_answer(
    *,
    submission: Submission,
    worker: Worker,
    outcome: Outcome | str,
    tags: Sequence[str] = (),
    reason: str = "",
) -> Judgement:
    """Take what the worker says of an answer, and settle the answer if that settles it.

    Raises what `annotation.taking.once` does; the same again returns the first judgement.
    """
    said: dict[str, object] = {"outcome": str(outcome), "tags": list(tags), "reason": reason}

    def judge(taken: Taken) -> Judgement:
        if taken.matter.answer_id is None or outcome not in Outcome.values:
            raise Refused(_("Say what you find of the answer."), field="outcome")
        judgement = keep_judgement(
            submission=submission,
            taken=taken,
            worker=worker,
            said=said,
            shown=shown.of_answer(taken.matter),
            tags=tuple(tags),
            outcome=str(outcome),
        )
        keep_reason(judgement, reason, field="reason")
        quorum.advance(matter=taken.matter, decision_ref=f"judgement:{judgement.pk}")
        return judgement

    return once(submission=submission, worker=worker, said=said, judge=judge)


def submit_review(
    *,
    submission: Submission,
    worker: Worker,
    acts: Sequence[ActOn] = (),
    tags: Sequence[str] = (),
    unfit: Unfit | str = "",
    note: str = "",
) -> Judgement:
    """Take what the worker does with an item's options, and move its sign-off along.

    The first tag is the main one. With `unfit` the question itself is reported, and `acts` and
    `tags` do not count. Raises what `annotation.taking.once` does, and `annotation.acts.OwnText`.
    """
    acts, tags = ([], []) if unfit else (list(acts), list(tags))
    said: dict[str, object] = {
        "acts": [asdict(act) for act in acts],
        "tags": tags,
        "unfit": str(unfit),
        "note": note,
    }
    distances = option_acts.distances(acts)

    def judge(taken: Taken) -> Judgement:
        _check(taken.matter, acts, tags, str(unfit))
        judgement = keep_judgement(
            submission=submission,
            taken=taken,
            worker=worker,
            said=said,
            shown=shown.of_review(taken.matter, _options(submission)),
            tags=tuple(tags),
            unfit=str(unfit),
        )
        for act in acts:
            option_acts.do(judgement, act, distance=distances.get(act.option or 0))
        keep_reason(judgement, note, field="note")
        rounds.advance(
            matter=taken.matter, decision_ref=f"judgement:{judgement.pk}", by=worker.pseudonym
        )
        return judgement

    return once(submission=submission, worker=worker, said=said, judge=judge)


def _check(matter: Matter, acts: Sequence[ActOn], tags: Sequence[str], unfit: str) -> None:
    if matter.answer_id is not None:
        raise Refused(_("Say what you find of the answer."))
    if matter.status != Matter.Status.OPEN:
        raise LeaseLost(_("A reviewer decides on this by now. What you typed is kept."))
    if unfit:
        if unfit not in Unfit.values:
            raise Refused(_("Say why the question is unfit."), field="unfit")
        return
    option_acts.check(acts, matter.item)
    if not tags:
        raise Refused(_("Choose the main risk tag."), field="main_tag")


def _options(submission: Submission) -> list[Option]:
    found = Option.objects.in_bulk(submission.shown)
    return [found[pk] for pk in submission.shown]
