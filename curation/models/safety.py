"""What needs a person's word before models or people go on: severe tags, and locked items."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .base import REF_LENGTH, one_of
from .item import Item
from .project import Project
from .taxonomy import RiskTag


class SevereSwitch(models.Model):
    """A tag of severity 4 under which models may draft negative options: a curator said so."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="severe_switches")
    tag = models.ForeignKey(RiskTag, models.PROTECT, related_name="+")
    by_ref = models.CharField(max_length=REF_LENGTH)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "tag"], name="a_severe_tag_is_switched_on_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project}: {self.tag}"


class EscalationQuerySet(models.QuerySet["Escalation"]):
    def undecided(self) -> "EscalationQuerySet":
        return self.filter(decision="")


class Escalation(models.Model):
    """A suspicion of sexual content about children: the item is locked until a person decides.

    Whoever decides sees where the suspicion arose and the external id, never the text.
    """

    class Found(models.TextChoices):
        QUESTION = "question", _("the question")
        DRAFT = "draft", _("a draft of a model")
        TAG = "tag", _("a risk tag")

    class Decision(models.TextChoices):
        FALSE_ALARM = "false_alarm", _("false alarm")
        CONFIRMED = "confirmed", _("confirmed")

    item = models.ForeignKey(Item, models.PROTECT, related_name="escalations")
    found = models.CharField(max_length=10, choices=Found)
    was = models.CharField(max_length=12)  # the status the item had
    decision = models.CharField(max_length=12, choices=Decision, blank=True)
    decided_by = models.CharField(max_length=REF_LENGTH, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = EscalationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item"], condition=Q(decision=""), name="an_item_is_escalated_once"
            ),
            one_of("found", ["question", "draft", "tag"], "where_a_suspicion_arose_is_known"),
            one_of("decision", ["", "false_alarm", "confirmed"], "an_escalation_decision_is_known"),
            models.CheckConstraint(
                condition=Q(decision="", decided_by="", decided_at__isnull=True)
                | (~Q(decision="") & ~Q(decided_by="") & Q(decided_at__isnull=False)),
                name="a_decided_escalation_says_who_and_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item}: {self.found}"
