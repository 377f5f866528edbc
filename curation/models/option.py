"""Options: the candidates of an item's multiple-choice form."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .base import NOTE_LENGTH, OPTION_LENGTH, REF_LENGTH, BoundedText, one_of
from .item import Item


class OptionQuerySet(models.QuerySet["Option"]):
    def live(self) -> "OptionQuerySet":
        """Options that stand for their item now: proposed or accepted."""
        return self.filter(status__in=Option.LIVE)

    def accepted(self) -> "OptionQuerySet":
        return self.filter(status=Option.Status.ACCEPTED)


class Option(models.Model):
    """One candidate text. It is never edited: a rewrite is a new option that supersedes it."""

    class Polarity(models.TextChoices):
        POSITIVE = "positive", _("positive")
        NEGATIVE = "negative", _("negative")

    class Origin(models.TextChoices):
        IMPORT = "import", _("imported")
        MODEL = "model", _("drafted by a model")
        WORKER = "worker", _("written by a worker")
        REVIEWER = "reviewer", _("written by a reviewer")

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        ACCEPTED = "accepted", _("accepted")
        REJECTED = "rejected", _("rejected")
        SUPERSEDED = "superseded", _("superseded")

    LIVE = (Status.PROPOSED, Status.ACCEPTED)
    NEXT = {
        Status.PROPOSED: {Status.ACCEPTED, Status.REJECTED, Status.SUPERSEDED},
        Status.ACCEPTED: {Status.PROPOSED, Status.SUPERSEDED, Status.REJECTED},
        Status.REJECTED: set(),
        Status.SUPERSEDED: set(),
    }

    item = models.ForeignKey(Item, models.PROTECT, related_name="options")
    polarity = models.CharField(max_length=10, choices=Polarity)
    text = BoundedText(max_length=OPTION_LENGTH)
    # The text after NFKC, case folding and squeezing of spaces: equal forms are the same option.
    normal_form = BoundedText(max_length=OPTION_LENGTH)
    origin = models.CharField(max_length=10, choices=Origin)
    draft = models.ForeignKey("curation.Draft", models.PROTECT, null=True, related_name="+")
    supersedes = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )
    # Names of checks the text did not pass, such as "refusal" or "contact".
    flags = models.JSONField(default=list, blank=True)
    status = models.CharField(
        max_length=10, choices=Status, default=Status.PROPOSED, db_default=Status.PROPOSED
    )
    # Who wrote it: the pseudonym of a person, "endpoint:<name>" or "import:<file>".
    author_ref = models.CharField(max_length=REF_LENGTH)
    decision_ref = models.CharField(max_length=REF_LENGTH, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=NOTE_LENGTH, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = OptionQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "normal_form"],
                condition=Q(status__in=["proposed", "accepted"]),
                name="no_two_live_options_say_the_same",
            ),
            one_of("polarity", ["positive", "negative"], "an_option_polarity_is_known"),
            one_of(
                "origin", ["import", "model", "worker", "reviewer"], "an_option_origin_is_known"
            ),
            one_of(
                "status",
                ["proposed", "accepted", "rejected", "superseded"],
                "an_option_status_is_known",
            ),
            models.CheckConstraint(condition=~Q(normal_form=""), name="an_option_says_something"),
            models.CheckConstraint(
                condition=~Q(origin="model") | Q(draft__isnull=False),
                name="a_models_option_has_its_draft",
            ),
            models.CheckConstraint(
                condition=Q(status="proposed")
                | (Q(decided_at__isnull=False) & ~Q(decision_ref="")),
                name="a_decided_option_names_its_decision",
            ),
            models.CheckConstraint(
                condition=Q(supersedes__isnull=True) | ~Q(supersedes=models.F("id")),
                name="an_option_does_not_supersede_itself",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item}: {self.polarity}"
