"""Workers under their pseudonyms, and what they took part in and saw."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from curation.models import Evidence, Language
from curation.models.base import NAME_LENGTH


class Worker(models.Model):
    """The identity evidence points to. The link to a user can be cut; the evidence stays whole."""

    pseudonym = models.SlugField(max_length=20, unique=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="worker"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return self.pseudonym


class Enrolment(models.Model):
    """A worker in a campaign: what they can read and what they agreed to see."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("active")
        ENDED = "ended", _("ended")

    class Break(models.TextChoices):
        """Why a break is due."""

        WORK = "work", _("a long stretch of work")
        SEVERE = "severe", _("severe texts in a row")
        DROPS = "drops", _("many seats given back or skipped")

    worker = models.ForeignKey(Worker, models.PROTECT, related_name="enrolments")
    campaign = models.ForeignKey("annotation.Campaign", models.PROTECT, related_name="enrolments")
    languages = ArrayField(models.CharField(max_length=8, choices=Language))
    # The severest text the worker agreed to see, 0–4; a choice of theirs, without any penalty.
    severity_limit = models.PositiveSmallIntegerField(default=4)
    # The categories the worker agreed to see, level-1 codes; none said is all of them.
    categories = ArrayField(models.CharField(max_length=80), null=True, blank=True)
    qualified = models.BooleanField(default=False)
    # Work without a pause, by the database's clock; see `annotation.care`.
    working_since = models.DateTimeField(null=True, editable=False)
    claimed_at = models.DateTimeField(null=True, editable=False)
    severe_in_a_row = models.PositiveSmallIntegerField(default=0, editable=False)
    dropped = models.PositiveSmallIntegerField(default=0, editable=False)
    dropped_since = models.DateTimeField(null=True, editable=False)
    break_until = models.DateTimeField(null=True, editable=False)
    break_why = models.CharField(max_length=8, choices=Break, blank=True, editable=False)
    status = models.CharField(max_length=8, choices=Status, default=Status.ACTIVE)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["worker", "campaign"], name="one_enrolment_a_worker_and_campaign"
            ),
            models.CheckConstraint(
                condition=Q(languages__len__gte=1), name="an_enrolled_worker_reads_a_language"
            ),
            models.CheckConstraint(
                condition=Q(severity_limit__lte=4), name="a_severity_limit_is_0_to_4"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.worker} in {self.campaign}"


class Exposure(Evidence):
    """A text of some severity was put before a worker."""

    worker = models.ForeignKey(Worker, models.PROTECT, related_name="exposures", db_index=False)
    seat = models.ForeignKey(
        "annotation.Assignment", models.PROTECT, related_name="exposures", db_index=False
    )
    token = models.PositiveIntegerField()
    severity = models.PositiveSmallIntegerField()

    class Meta:
        indexes = [
            models.Index(
                fields=["worker", "created_at"],
                condition=Q(severity__gt=0),
                name="exposure_that_counts",
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["seat", "token"], name="one_exposure_a_grant"),
            models.CheckConstraint(
                condition=Q(severity__lte=4), name="an_exposure_severity_is_0_to_4"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.worker}: {self.severity}"


class Guideline(models.Model):
    """What workers are told, in versions; a published one is never edited."""

    project = models.ForeignKey("curation.Project", models.PROTECT, related_name="+")
    name = models.CharField(max_length=NAME_LENGTH)
    number = models.PositiveIntegerField(default=1)
    text_en = models.TextField(max_length=20_000)
    text_zh = models.TextField(max_length=20_000)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "name", "number"], name="one_guideline_a_name_and_number"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.number}"


class GuidelineDraft(models.Model):
    """The next version of a campaign's guideline while it is written, one for all curators.

    `version` rises with each save; a save says which one it saw, so nobody saves over what they
    have not read.
    """

    campaign = models.OneToOneField("annotation.Campaign", models.CASCADE, related_name="+")
    # The version that was in force at the last save.
    follows = models.ForeignKey(Guideline, models.PROTECT, related_name="+")
    text_en = models.TextField(max_length=20_000, blank=True)
    text_zh = models.TextField(max_length=20_000, blank=True)
    version = models.PositiveIntegerField(default=1)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    saved_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(version__gte=1), name="a_draft_of_a_guideline_is_numbered_from_1"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign}: {self.version}"
