"""What people said: judgements, the acts on options in them, declines and adjudications."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from curation.models import Evidence
from curation.models.base import NOTE_LENGTH, OPTION_LENGTH, BoundedText, one_of

from .campaign import Assignment, Matter
from .people import Guideline, Worker


class Outcome(models.TextChoices):
    """What can be said of an answer; pages word it safe/unsafe or correct/incorrect."""

    GOOD = "good", _("good")
    BAD = "bad", _("bad")
    CANNOT_TELL = "cannot_tell", _("cannot tell")


class Unfit(models.TextChoices):
    """Why a question should not be in the set."""

    UNCLEAR = "unclear", _("unclear")
    OFF_TOPIC = "off_topic", _("off topic")
    DUPLICATE = "duplicate", _("duplicate")


class JudgementQuerySet(models.QuerySet["Judgement"]):
    def standing(self) -> "JudgementQuerySet":
        """Judgements that no other one supersedes or takes back."""
        return self.filter(superseded_by__isnull=True, takes_back=False)


class Judgement(Evidence):
    """What one worker said on one seat, with what they were shown and when."""

    seat = models.ForeignKey(Assignment, models.PROTECT, related_name="judgements")
    matter = models.ForeignKey(Matter, models.PROTECT, related_name="judgements")
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="judgements")
    # Judging an answer.
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    # Reviewing options: set when the question itself is unfit; else see the option acts.
    unfit = models.CharField(max_length=12, choices=Unfit, blank=True)
    tags = ArrayField(models.CharField(max_length=80), default=list)
    # The texts as shown, in the order shown:
    # {"question", "answer" | "options": [{"id", "polarity", "text"}]}.
    shown = models.JSONField()
    shown_at = models.DateTimeField()
    submitted_at = models.DateTimeField()
    guideline = models.ForeignKey(Guideline, models.PROTECT, related_name="+", db_index=False)
    pasted = models.BooleanField(default=False)
    token = models.PositiveIntegerField()
    idempotency_key = models.CharField(max_length=80)
    payload_sha256 = models.CharField(max_length=64)
    supersedes = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="superseded_by"
    )
    # This row says nothing itself: it takes back the one it supersedes.
    takes_back = models.BooleanField(default=False)

    objects = JudgementQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["seat"],
                condition=Q(supersedes__isnull=True),
                name="one_first_judgement_a_seat",
            ),
            models.UniqueConstraint(
                fields=["idempotency_key"], name="one_judgement_an_idempotency_key"
            ),
            models.CheckConstraint(
                condition=Q(takes_back=False)
                | Q(supersedes__isnull=False, outcome="", unfit="", tags=[]),
                name="what_takes_back_says_nothing_else",
            ),
            models.CheckConstraint(
                condition=Q(submitted_at__gte=models.F("shown_at")),
                name="a_judgement_follows_the_showing",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="") & Q(unfit="") | Q(outcome=""),
                name="an_answer_is_not_an_unfit_question",
            ),
            models.CheckConstraint(
                condition=Q(payload_sha256__regex=r"^[0-9a-f]{64}$"),
                name="a_judgement_has_its_hash",
            ),
            models.CheckConstraint(
                condition=Q(supersedes__isnull=True) | ~Q(supersedes=models.F("id")),
                name="a_judgement_does_not_supersede_itself",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.worker} on {self.matter}"


class OptionAct(Evidence):
    """What a judgement does with one option, or with the place of a missing one."""

    class Act(models.TextChoices):
        ACCEPT = "accept", _("accept")
        REWRITE = "rewrite", _("rewrite")
        REJECT = "reject", _("reject")
        WRITE = "write", _("write")

    class Reason(models.TextChoices):
        WRONG_POLARITY = "wrong_polarity", _("not what its polarity says")
        REFUSAL = "refusal", _("a mere refusal")
        OPERATIONAL = "operational", _("carries usable instruction")
        UNCLEAR = "unclear", _("unclear or badly written")
        OFF_TOPIC = "off_topic", _("does not answer the question")
        OTHER = "other", _("something else")

    judgement = models.ForeignKey(Judgement, models.PROTECT, related_name="acts")
    polarity = models.CharField(max_length=10)
    act = models.CharField(max_length=8, choices=Act)
    option = models.ForeignKey("curation.Option", models.PROTECT, null=True, related_name="+")
    # The option this act made (rewrite and write).
    made = models.OneToOneField("curation.Option", models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=16, choices=Reason, blank=True)
    edit_distance = models.PositiveIntegerField(null=True)  # characters, from the text shown

    class Meta:
        constraints = [
            one_of("act", ["accept", "rewrite", "reject", "write"], "an_act_is_known"),
            models.CheckConstraint(
                condition=Q(act__in=["accept", "reject"], option__isnull=False, made__isnull=True)
                | Q(
                    act="rewrite",
                    option__isnull=False,
                    made__isnull=False,
                    edit_distance__isnull=False,
                )
                | Q(act="write", option__isnull=True, made__isnull=False),
                name="an_act_names_what_it_acts_on",
            ),
            models.CheckConstraint(
                condition=~Q(act="reject") | ~Q(reason=""), name="a_rejection_says_why"
            ),
            models.UniqueConstraint(
                fields=["judgement", "option"],
                condition=Q(option__isnull=False),
                name="one_act_an_option_and_judgement",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.polarity}"


class WrittenText(models.Model):
    """Free text a worker typed, apart from the evidence so that it can be erased alone."""

    class Kind(models.TextChoices):
        OPTION = "option", _("option text")
        REASON = "reason", _("reason")

    judgement = models.ForeignKey(Judgement, models.PROTECT, related_name="written_texts")
    act = models.OneToOneField(OptionAct, models.PROTECT, null=True, related_name="written_text")
    kind = models.CharField(max_length=8, choices=Kind)
    text = BoundedText(max_length=OPTION_LENGTH)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True) | Q(text=""), name="an_erased_text_is_empty"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.judgement}"


class WorkDraft(models.Model):
    """Work not yet submitted, kept so that nothing typed is lost."""

    seat = models.ForeignKey(Assignment, models.CASCADE, related_name="work_drafts")
    worker = models.ForeignKey(Worker, models.CASCADE, related_name="work_drafts")
    payload = models.JSONField()
    # Rises with each text that takes the place of another; a page says which one it goes on from.
    version = models.PositiveIntegerField(default=1)
    page = models.CharField(max_length=16, default="")  # which wrote it, by a mark of its own
    # What another tab holds that goes on from an older version.
    aside = models.JSONField(null=True)
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["seat", "worker"], name="one_work_draft_a_worker_and_seat"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.worker} on {self.seat}"


class Decline(Evidence):
    """A worker will not judge a matter; it stays away from them alone."""

    class Reason(models.TextChoices):
        HARMS_ME = "harms_me", _("this harms me")
        CONFLICT = "conflict", _("I am involved")
        LANGUAGE = "language", _("I do not understand the language")
        UNSURE = "unsure", _("I do not know enough about this")
        TECHNICAL = "technical", _("the page does not work")

    matter = models.ForeignKey(Matter, models.PROTECT, related_name="declines")
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="declines")
    reason = models.CharField(max_length=10, choices=Reason)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["matter", "worker"], name="one_decline_a_worker_and_matter"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.worker}: {self.reason}"


class Adjudication(Evidence):
    """The decision that settles a disputed matter: who, when, why."""

    matter = models.OneToOneField(Matter, models.PROTECT, related_name="adjudication")
    by = models.ForeignKey(Worker, models.PROTECT, related_name="adjudications")
    # An answer's outcome; for options the texts taken, as {"positive": option id, "negative": …}.
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    unfit = models.CharField(max_length=12, choices=Unfit, blank=True)
    options = models.JSONField(default=dict)
    tags = ArrayField(models.CharField(max_length=80), default=list)
    contested = models.BooleanField(
        default=False
    )  # people honestly differ; kept with its distribution
    reason = models.TextField(max_length=NOTE_LENGTH)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="an_adjudication_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.by} on {self.matter}"
