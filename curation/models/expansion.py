"""Questions that models proposed beside an item, and what a curator decided on each."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .base import QUESTION_LENGTH, REF_LENGTH, BoundedText, one_of
from .drafting import Draft
from .item import Item
from .project import Project


class QuestionProposalQuerySet(models.QuerySet["QuestionProposal"]):
    def undecided(self) -> "QuestionProposalQuerySet":
        return self.filter(status=QuestionProposal.Status.PROPOSED)


class QuestionProposal(models.Model):
    """One question of a draft. It stays when it is refused, so that it does not come back."""

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        ACCEPTED = "accepted", _("accepted")
        REFUSED = "refused", _("refused")

    project = models.ForeignKey(Project, models.PROTECT, related_name="question_proposals")
    draft = models.ForeignKey(Draft, models.PROTECT, related_name="+")
    parent = models.ForeignKey(Item, models.PROTECT, related_name="question_proposals")
    question = BoundedText(max_length=QUESTION_LENGTH)
    content_hash = models.CharField(max_length=64)
    status = models.CharField(max_length=8, choices=Status, default=Status.PROPOSED)
    # The item it became.
    item = models.OneToOneField(Item, models.PROTECT, null=True, related_name="+")
    decided_by = models.CharField(max_length=REF_LENGTH, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = QuestionProposalQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["project", "status", "id"], name="proposal_by_status"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "content_hash"], name="a_question_is_proposed_once"
            ),
            models.CheckConstraint(condition=~Q(question=""), name="a_proposal_has_a_question"),
            models.CheckConstraint(
                condition=Q(content_hash__regex=r"^[0-9a-f]{64}$"),
                name="a_proposal_has_a_content_hash",
            ),
            one_of("status", ["proposed", "accepted", "refused"], "a_proposal_status_is_known"),
            models.CheckConstraint(
                condition=Q(status="proposed", decided_by="", decided_at__isnull=True)
                | (~Q(status="proposed") & ~Q(decided_by="") & Q(decided_at__isnull=False)),
                name="a_decided_proposal_says_who_and_when",
            ),
            models.CheckConstraint(
                condition=Q(status="accepted", item__isnull=False)
                | (~Q(status="accepted") & Q(item__isnull=True)),
                name="only_an_accepted_proposal_is_an_item",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.status} beside {self.parent}"
