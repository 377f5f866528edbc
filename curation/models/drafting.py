"""Prompts, and the runs, calls and attempts that get replies from models."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .base import NAME_LENGTH, NOTE_LENGTH, Evidence, one_of
from .endpoint import Endpoint
from .item import Item
from .project import Project

TARGET_LENGTH = 120
RAW_CAP = 1_000_000  # bytes of a raw reply that are kept


class Purpose(models.TextChoices):
    """What a call is for."""

    POSITIVE = "positive_option", _("positive option")
    NEGATIVE = "negative_option", _("negative option")
    TAGS = "risk_tags", _("risk tags")
    CHECK = "option_check", _("option check")
    EXPANSION = "question_expansion", _("question expansion")
    CRITIQUE = "critique", _("critique")
    JUDGE = "judge", _("judge's verdict")
    OPEN = "open_answer", _("open answer")
    CHOICE = "choice", _("choice")


class Prompt(Evidence):
    """A released instruction text, pinned by its checksum."""

    name = models.CharField(max_length=50)
    version = models.PositiveIntegerField()
    language = models.CharField(max_length=8)
    text = models.TextField()
    checksum = models.CharField(max_length=64, unique=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name", "version", "language"], name="a_released_prompt_is_never_edited"
            ),
            models.CheckConstraint(
                condition=Q(checksum__regex=r"^[0-9a-f]{64}$"), name="a_prompt_has_a_checksum"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}_v{self.version} ({self.language})"


class Run(models.Model):
    """A frozen plan of wanted replies."""

    class Kind(models.TextChoices):
        DRAFTING = "drafting", _("drafting")
        SUBJECT = "subject", _("subject run")
        EXPANSION = "expansion", _("question expansion")
        CRITIQUE = "critique", _("critique")
        JUDGING = "judging", _("judging")

    class Status(models.TextChoices):
        PLANNING = "planning", _("being planned")
        RUNNING = "running", _("running")
        PAUSED = "paused", _("paused")
        FINISHED = "finished", _("finished")
        CANCELLED = "cancelled", _("cancelled")

    NEXT = {
        Status.PLANNING: {Status.RUNNING, Status.CANCELLED},
        Status.RUNNING: {Status.PAUSED, Status.FINISHED, Status.CANCELLED},
        Status.PAUSED: {Status.RUNNING, Status.CANCELLED},
        Status.FINISHED: {Status.RUNNING},  # when failed calls are asked for again
        Status.CANCELLED: set(),
    }

    project = models.ForeignKey(Project, models.PROTECT, related_name="runs")
    kind = models.CharField(max_length=10, choices=Kind)
    status = models.CharField(max_length=10, choices=Status, default=Status.RUNNING)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    # What was frozen at its start: for each purpose the endpoint, model, prompts and parameters.
    plan = models.JSONField(default=dict)
    calls: models.ManyToManyField = models.ManyToManyField(
        "Call", through="RunCall", related_name="runs"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            one_of(
                "kind",
                ["drafting", "subject", "expansion", "critique", "judging"],
                "a_run_kind_is_known",
            ),
            one_of(
                "status",
                ["planning", "running", "paused", "finished", "cancelled"],
                "a_run_status_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(status="finished") | Q(finished_at__isnull=False),
                name="a_finished_run_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Call(models.Model):
    """One wanted reply, known by what is asked of whom: a saved reply is never bought again."""

    class Status(models.TextChoices):
        PLANNED = "planned", _("planned")
        BATCHED = "batched", _("in a batch file")
        LEASED = "leased", _("in flight")
        RESPONDED = "responded", _("replied")
        DONE = "done", _("done")
        REFUSED = "refused", _("refused by the model")
        UNUSABLE = "unusable", _("needs a human")
        FAILED = "failed", _("failed")

    NEXT = {
        # A reply whose lease was lost may still come and answer a call that nobody asked again.
        Status.PLANNED: {Status.LEASED, Status.BATCHED, Status.RESPONDED},
        Status.BATCHED: {Status.RESPONDED, Status.PLANNED, Status.FAILED},
        Status.LEASED: {Status.RESPONDED, Status.PLANNED, Status.FAILED},
        # Planned again when the reply is cut off or has not the shape that was asked for.
        Status.RESPONDED: {Status.DONE, Status.REFUSED, Status.UNUSABLE, Status.PLANNED},
        Status.DONE: set(),
        Status.REFUSED: set(),
        Status.UNUSABLE: {Status.RESPONDED},  # a newer parser reads the saved reply again
        Status.FAILED: {Status.PLANNED, Status.RESPONDED},
    }
    OPEN = (Status.PLANNED, Status.LEASED)
    OUT = (Status.LEASED, Status.BATCHED)  # in the hands of a worker, or in a file
    ENDED = (Status.DONE, Status.REFUSED, Status.UNUSABLE, Status.FAILED)

    # sha256 of what is asked of whom: endpoint, model, purpose, target, prompt as filled,
    # parameters and sample. The nonce and the Idempotency-Key are made from it.
    key = models.CharField(max_length=64)
    endpoint = models.ForeignKey(
        Endpoint, models.PROTECT, related_name="calls", db_index=False
    )  # call_to_make serves it
    model = models.CharField(max_length=NAME_LENGTH)
    purpose = models.CharField(max_length=20, choices=Purpose)
    # What the reply is about, such as "item:<uid>:v1", with ":1,0" for an ordering.
    target = models.CharField(max_length=TARGET_LENGTH)
    item = models.ForeignKey(Item, models.PROTECT, related_name="calls", db_index=False)
    prompt = models.ForeignKey(
        Prompt, models.PROTECT, null=True, related_name="calls", db_index=False
    )
    # Numbers of the rows whose texts fill the prompt, such as {"taxonomy": 3}.
    about = models.JSONField(default=dict)
    # The messages as sent, without the nonce; null where the prompt is filled when it is sent.
    messages = models.JSONField(null=True)
    parameters = models.JSONField(default=dict)  # of sampling, and the most tokens
    sample = models.PositiveSmallIntegerField(default=0)
    status = models.CharField(max_length=10, choices=Status, default=Status.PLANNED)
    # How the next turn is asked, where the first one did not bring what was wanted.
    structured = models.CharField(max_length=12, choices=Endpoint.Structured, blank=True)
    max_tokens = models.PositiveIntegerField(null=True, blank=True)
    fault = models.CharField(max_length=NOTE_LENGTH, blank=True)  # told to the model
    # The file it was last written into, also after its result came or it was given back.
    batch = models.ForeignKey(
        "curation.BatchFile", models.PROTECT, null=True, related_name="calls", db_index=False
    )
    lease_token = models.PositiveIntegerField(default=0)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    not_before = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    reserved = models.BigIntegerField(default=0)  # micro-units held in the budget while in flight
    problem = models.CharField(max_length=NOTE_LENGTH, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        indexes = [
            models.Index(
                fields=["endpoint", "id"],
                condition=Q(status__in=["planned", "leased"]),
                name="call_to_make",
            ),
            models.Index(
                fields=["endpoint", "not_before"],
                condition=Q(status="planned", not_before__isnull=False),
                name="call_parked",
            ),
            models.Index(
                fields=["endpoint", "status"],
                condition=Q(status__in=["leased", "responded"]),
                name="call_in_our_hands",
            ),
            models.Index(
                fields=["id"],
                condition=Q(status__in=["failed", "unusable", "refused"]),
                name="call_in_trouble",
            ),
            models.Index(
                fields=["batch"], condition=Q(status="batched"), name="call_in_a_batch_file"
            ),
            models.Index(fields=["item", "purpose"], name="call_by_item"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["key"], name="a_reply_is_wanted_once"),
            models.CheckConstraint(
                condition=Q(key__regex=r"^[0-9a-f]{64}$"), name="a_call_has_a_key"
            ),
            one_of("purpose", Purpose.values, "a_purpose_is_known"),
            one_of(
                "status",
                [
                    *("planned", "batched", "leased", "responded"),
                    *("done", "refused", "unusable", "failed"),
                ],
                "a_call_status_is_known",
            ),
            models.CheckConstraint(
                condition=Q(status="leased", lease_expires_at__isnull=False, lease_token__gt=0)
                | (~Q(status="leased") & Q(lease_expires_at__isnull=True)),
                name="only_a_leased_call_has_a_lease",
            ),
            models.CheckConstraint(
                condition=Q(prompt__isnull=False) | Q(messages__isnull=False),
                name="a_call_says_what_it_asks",
            ),
            models.CheckConstraint(condition=Q(reserved__gte=0), name="no_reservation_is_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.target}"


class RunCall(models.Model):
    """A call wanted by a run; several runs may want the same one."""

    # Its unique index begins with the run.
    run = models.ForeignKey(Run, models.CASCADE, related_name="run_calls", db_index=False)
    call = models.ForeignKey(Call, models.PROTECT, related_name="run_calls")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "call"], name="a_run_wants_a_call_once"),
        ]

    def __str__(self) -> str:
        return f"{self.run}: {self.call}"


class RunTally(models.Model):
    """A change in how the calls of a run stand; their sum is the picture of the run.

    Triggers write the changes, whoever makes them, so that no page has to count calls. The engine
    folds them together now and then.
    """

    run = models.ForeignKey(Run, models.CASCADE, related_name="tallies")
    purpose = models.CharField(max_length=20, choices=Purpose)
    status = models.CharField(max_length=10, db_default="")  # empty for what attempts used
    calls = models.IntegerField(db_default=0)
    attempts = models.IntegerField(db_default=0)
    input_tokens = models.BigIntegerField(db_default=0)
    output_tokens = models.BigIntegerField(db_default=0)
    cost = models.BigIntegerField(db_default=0)  # micro-units
    priced = models.IntegerField(db_default=0)  # attempts whose cost is known

    def __str__(self) -> str:
        return f"{self.run}: {self.purpose} {self.status}"


class Attempt(Evidence):
    """One HTTP try for a call, with everything that came back."""

    class Outcome(models.TextChoices):
        REPLIED = "replied", _("replied")
        REFUSED = "refused", _("refused by the model")
        FILTERED = "filtered", _("stopped by a content filter")
        TRUNCATED = "truncated", _("cut off at the token limit")
        RATE_LIMITED = "rate_limited", _("rate limited")
        REJECTED = "rejected", _("request rejected")
        DENIED = "denied", _("key not accepted")
        SERVER_ERROR = "server_error", _("server error")
        UNREACHABLE = "unreachable", _("not reachable")
        UNKNOWN = "unknown", _("outcome unknown")

    class Turn(models.TextChoices):
        FIRST = "first", _("first")
        AGAIN = "again", _("asked again")
        LONGER = "longer", _("with more tokens")
        LOWER = "lower", _("in a simpler way")
        REPAIR = "repair", _("with its fault quoted")

    call = models.ForeignKey(Call, models.PROTECT, related_name="attempts", db_index=False)
    number = models.PositiveSmallIntegerField()
    turn = models.CharField(max_length=6, choices=Turn, default=Turn.FIRST)
    # How JSON was asked for; empty for a reply that is free text.
    structured = models.CharField(max_length=12, choices=Endpoint.Structured, blank=True)
    outcome = models.CharField(max_length=14, choices=Outcome)
    http_status = models.PositiveSmallIntegerField(null=True)
    request_id = models.CharField(max_length=200, blank=True)
    model_returned = models.CharField(max_length=200, blank=True)
    finish_reason = models.CharField(max_length=50, blank=True)
    input_tokens = models.PositiveIntegerField(null=True)
    output_tokens = models.PositiveIntegerField(null=True)
    cost = models.BigIntegerField(null=True)  # micro-units; null when no price is known
    milliseconds = models.PositiveIntegerField()
    raw = models.BinaryField(max_length=RAW_CAP)  # the body as it came, capped
    content = models.TextField(blank=True)  # the text of the first choice, as it came
    fingerprint = models.CharField(max_length=200, blank=True)  # of the system that replied
    notice = models.CharField(max_length=300, blank=True)  # that this goes away, by its headers
    # What is doubtful about the answer as such; drafts hold what is about its text.
    flags = ArrayField(models.CharField(max_length=40), default=list)
    problem = models.CharField(max_length=NOTE_LENGTH, blank=True)
    started_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["call", "number"], name="one_attempt_a_number_and_call"
            ),
            models.CheckConstraint(
                condition=Q(number__range=(1, 100)), name="an_attempt_is_numbered_from_1"
            ),
            models.CheckConstraint(
                condition=Q(cost__isnull=True) | Q(cost__gte=0), name="no_cost_is_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.call} #{self.number}"


class Draft(Evidence):
    """What a model proposed, read from one attempt by one parser; or why it could not be read."""

    item = models.ForeignKey(Item, models.PROTECT, related_name="drafts")
    attempt = models.ForeignKey(Attempt, models.PROTECT, related_name="drafts")
    purpose = models.CharField(max_length=20, choices=Purpose)
    parser = models.CharField(max_length=40)
    parsed = models.JSONField(null=True)
    unusable_reason = models.CharField(max_length=NOTE_LENGTH, blank=True)
    flags = ArrayField(models.CharField(max_length=40), default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["attempt", "parser"], name="a_parser_reads_a_reply_once"
            ),
            models.CheckConstraint(
                condition=Q(parsed__isnull=False, unusable_reason="")
                | (Q(parsed__isnull=True) & ~Q(unusable_reason="")),
                name="a_draft_is_usable_or_says_why_not",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} of {self.item}"
