"""What clients do through the verbs, with what they are told written into their logs."""

from annotation import judgements, leases
from annotation.models import Assignment, Campaign, Worker
from annotation.taking import Submission
from tests.bars.crew import OK, Client, Entry


def claim(client: Client, worker: Worker, campaign: Campaign, **about: object) -> Entry:
    """Claim, and return what was heard: the seat, its token and the times of the database."""

    def call() -> Entry:
        seat = leases.claim(worker=worker, campaign=campaign)
        return {
            "seat": seat.pk,
            "token": seat.token,
            "matter": seat.matter_id,
            "leased": seat.leased_at.timestamp(),
        }

    return client.ask("claim", call, worker=worker.pk, **about)


def judge(
    client: Client,
    worker: Worker,
    campaign: Campaign,
    grant: Entry,
    *,
    outcome: str = "good",
    reason: str = "",
    **about: object,
) -> Entry:
    """Submit a judgement of an answer under a grant, and return what was heard."""

    def call() -> Entry:
        made = judgements.submit_answer(
            submission=Submission(
                grant=leases.Grant(grant["seat"], grant["token"]), guideline=campaign.guideline_id
            ),
            worker=worker,
            outcome=outcome,
            reason=reason,
        )
        return {"judgement": made.pk, "submitted": made.submitted_at.timestamp()}

    said = {"worker": worker.pk, "seat": grant["seat"], "token": grant["token"]}
    return client.ask("submit", call, **said, outcome=outcome, reason=reason, **about)


def granted(heard: Entry) -> bool:
    return bool(heard["kind"] == OK)


def first_free(worker: Worker, campaign: Campaign) -> int | None:
    """Return the seat that a claim which only looks would take next."""
    free = Assignment.objects.filter(campaign=campaign, status="open")
    mine = free.exclude(matter__judgements__worker=worker).order_by("rank", "number")
    return mine.values_list("pk", flat=True).first()
