"""Questions that models proposed: a curator takes or refuses each."""

from collections.abc import Collection
from dataclasses import dataclass, field

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from curation import audit, escalations, sources, suspicion
from curation.drafting.expanding import METHOD
from curation.models import Escalation, Item, Project, QuestionProposal, Source
from curation.models.base import NAME_LENGTH
from curation.refusals import Refused

Status = QuestionProposal.Status


@dataclass(frozen=True)
class Taken:
    """The items that were made, and how many of the questions the project had meanwhile."""

    items: list[Item] = field(default_factory=list)
    there_already: int = 0


class NothingTicked(Refused):
    """No question was named that waits for a decision."""


@transaction.atomic
def accept(*, project: Project, ids: Collection[int], by: User) -> Taken:
    """Make items of the proposals; a question that the project got meanwhile is put away."""
    wanted = _locked(project, ids)
    marks = [proposal.content_hash for proposal in wanted]
    there = set(
        Item.objects.filter(project=project, content_hash__in=marks).values_list(
            "content_hash", flat=True
        )
    )
    new = [proposal for proposal in wanted if proposal.content_hash not in there]
    made = _items(project, new)
    suspected = [item.pk for item in made if suspicion.in_text(item.question)]
    escalations.lock(suspected, found=Escalation.Found.QUESTION)
    for proposal, item in zip(new, made, strict=True):
        proposal.status, proposal.item = Status.ACCEPTED, item
    QuestionProposal.objects.bulk_update(_decided(new, by), ["status", "item", *DECIDED])
    _refuse([proposal for proposal in wanted if proposal.content_hash in there], by)
    _record(project, "accept", by, number=len(new))
    return Taken(made, len(wanted) - len(new))


@transaction.atomic
def refuse(*, project: Project, ids: Collection[int], by: User) -> int:
    """Put the proposals away for good: the same question is not proposed again."""
    wanted = _locked(project, ids)
    _refuse(wanted, by)
    _record(project, "refuse", by, number=len(wanted))
    return len(wanted)


DECIDED = ("decided_by", "decided_at")


def _locked(project: Project, ids: Collection[int]) -> list[QuestionProposal]:
    rows = QuestionProposal.objects.undecided().filter(project=project, pk__in=ids)
    # The parents first, as whoever locks an item does: one that is locked now hides its questions.
    parents = Item.objects.filter(pk__in=rows.values("parent")).order_by("pk")
    held = parents.select_for_update(no_key=True).values_list("pk", "status")
    shown = [pk for pk, status in held if status != Item.Status.LOCKED]
    found = list(
        rows.filter(parent__in=shown)
        .select_for_update(of=("self",))
        .select_related("parent", "draft__attempt__call__endpoint")
        .order_by("pk")
    )
    if not found:
        raise NothingTicked(
            _("None of these questions waits for a decision. Tick some, or load the page again.")
        )
    return found


def _items(project: Project, proposals: list[QuestionProposal]) -> list[Item]:
    names = {proposal.draft.attempt.call.endpoint.name for proposal in proposals}
    kept = {
        name: sources.keep(Source(project=project, name=f"expanded by {name}")) for name in names
    }
    return Item.objects.bulk_create(
        [
            Item(
                project=project,
                source=kept[proposal.draft.attempt.call.endpoint.name],
                external_id=_external_id(proposal),
                question=proposal.question,
                content_hash=proposal.content_hash,
                language=proposal.parent.language,
                kind=proposal.parent.kind,
                split=proposal.parent.split,
                method=METHOD,
                parent=proposal.parent,
            )
            for proposal in proposals
        ]
    )


def _external_id(proposal: QuestionProposal) -> str:
    """Return the parent's id and the number of the proposal, which nothing else has."""
    ending = f"-x{proposal.pk}"
    return proposal.parent.external_id[: NAME_LENGTH - len(ending)] + ending


def _refuse(proposals: list[QuestionProposal], by: User) -> None:
    for proposal in proposals:
        proposal.status = Status.REFUSED
    QuestionProposal.objects.bulk_update(_decided(proposals, by), ["status", *DECIDED])


def _decided(proposals: list[QuestionProposal], by: User) -> list[QuestionProposal]:
    for proposal in proposals:
        proposal.decided_by, proposal.decided_at = audit.ref(by), Now()
    return proposals


def _record(project: Project, act: str, by: User, *, number: int) -> None:
    audit.record(
        project=project,
        by=audit.ref(by),
        action=f"expansion.{act}",
        subject=f"project:{project.slug}",
        questions=number,
    )


def waiting(project: Project) -> QuerySet[QuestionProposal]:
    """Return what waits for a curator. Beside a locked item nothing is shown."""
    found = QuestionProposal.objects.undecided().filter(project=project)
    return found.exclude(parent__status=Item.Status.LOCKED).select_related(
        "parent__main_tag", "draft__attempt__call__endpoint"
    )
