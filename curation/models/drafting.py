"""Endpoints, prompts, and the runs, calls and attempts that get replies from models."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .base import NAME_LENGTH, NOTE_LENGTH, Evidence, both_or_neither, one_of
from .item import Item
from .project import Project

TARGET_LENGTH = 120
RAW_CAP = 1_000_000  # bytes of a raw reply that are kept


class DraftRole(models.TextChoices):
    """What an endpoint is asked to do; the purpose of a call carries the same word."""

    POSITIVE = "positive_option", _("positive drafter")
    NEGATIVE = "negative_option", _("negative drafter")
    CHECKER = "option_check", _("option checker")
    TAGGER = "risk_tags", _("risk tagger")
    EXPANDER = "question_expansion", _("question expander")
    CRITIC = "critique", _("critic")
    JUDGE = "judge", _("judge")


class Purpose(models.TextChoices):
    """What a call is for."""

    POSITIVE = "positive_option", _("positive option")
    NEGATIVE = "negative_option", _("negative option")
    TAGS = "risk_tags", _("risk tags")
    OPEN = "open_answer", _("open answer")
    CHOICE = "choice", _("choice")


class Endpoint(models.Model):
    """An OpenAI-compatible base URL and a model there, with what it can do and costs."""

    class Structured(models.TextChoices):
        JSON_SCHEMA = "json_schema", _("JSON schema")
        JSON_OBJECT = "json_object", _("JSON object")
        PROMPT = "prompt", _("by the prompt alone")

    class TokenParameter(models.TextChoices):
        MAX_TOKENS = "max_tokens", "max_tokens"
        MAX_COMPLETION_TOKENS = "max_completion_tokens", "max_completion_tokens"

    project = models.ForeignKey(Project, models.PROTECT, related_name="endpoints")
    name = models.SlugField(max_length=50)
    base_url = models.CharField(max_length=400)
    model = models.CharField(max_length=NAME_LENGTH)
    # The name of an environment variable; the key itself is never stored.
    key_env = models.CharField(max_length=NAME_LENGTH, blank=True)
    structured = models.CharField(max_length=12, choices=Structured, default=Structured.JSON_SCHEMA)
    token_parameter = models.CharField(
        max_length=24, choices=TokenParameter, default=TokenParameter.MAX_TOKENS
    )
    extra_body = models.JSONField(default=dict, blank=True)
    # Micro-units of the currency for a million tokens; null means the price is not known.
    input_price = models.BigIntegerField(null=True, blank=True)
    output_price = models.BigIntegerField(null=True, blank=True)
    concurrency = models.PositiveSmallIntegerField(default=4)
    paused_reason = models.CharField(max_length=NOTE_LENGTH, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "name"], name="one_endpoint_a_name_and_project"
            ),
            models.CheckConstraint(
                condition=Q(base_url__regex=r"^https?://[^@]+$"), name="an_endpoint_speaks_http"
            ),
            models.CheckConstraint(
                condition=Q(key_env__regex=r"^[A-Z][A-Z0-9_]*$") | Q(key_env=""),
                name="a_key_is_named_not_stored",
            ),
            models.CheckConstraint(
                condition=Q(concurrency__range=(1, 64)),
                name="an_endpoint_takes_1_to_64_calls_at_once",
            ),
            both_or_neither("input_price", "output_price", "a_price_is_known_whole"),
        ]

    def __str__(self) -> str:
        return self.name


class RoleAssignment(models.Model):
    """Which endpoint fills a role in a project."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="role_assignments")
    endpoint = models.ForeignKey(Endpoint, models.PROTECT, related_name="role_assignments")
    role = models.CharField(max_length=20, choices=DraftRole)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "role"], name="one_endpoint_a_role_and_project"
            ),
            one_of("role", DraftRole.values, "a_draft_role_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.endpoint}"


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


class Budget(models.Model):
    """How much a project may spend on calls; amounts in micro-units of the currency."""

    project = models.OneToOneField(Project, models.PROTECT, related_name="budget")
    currency = models.CharField(max_length=3, default="USD")
    cap = models.BigIntegerField()
    reserved = models.BigIntegerField(default=0)
    spent = models.BigIntegerField(default=0)
    # What replies cost beyond their reservation once the cap was reached: kept apart, never hidden.
    overrun = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(cap__gte=0, reserved__gte=0, spent__gte=0, overrun__gte=0),
                name="no_amount_is_negative",
            ),
            models.CheckConstraint(
                condition=Q(cap__gte=models.F("spent") + models.F("reserved")),
                name="nothing_is_reserved_beyond_the_cap",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project}: {self.cap}"


class Run(models.Model):
    """A frozen plan of wanted replies."""

    class Kind(models.TextChoices):
        DRAFTING = "drafting", _("drafting")
        SUBJECT = "subject", _("subject run")

    class Status(models.TextChoices):
        RUNNING = "running", _("running")
        PAUSED = "paused", _("paused")
        FINISHED = "finished", _("finished")
        CANCELLED = "cancelled", _("cancelled")

    NEXT = {
        Status.RUNNING: {Status.PAUSED, Status.FINISHED, Status.CANCELLED},
        Status.PAUSED: {Status.RUNNING, Status.CANCELLED},
        Status.FINISHED: {Status.RUNNING},  # when failed calls are asked for again
        Status.CANCELLED: set(),
    }

    project = models.ForeignKey(Project, models.PROTECT, related_name="runs")
    kind = models.CharField(max_length=10, choices=Kind)
    status = models.CharField(max_length=10, choices=Status, default=Status.RUNNING)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    calls: models.ManyToManyField = models.ManyToManyField(
        "Call", through="RunCall", related_name="runs"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            one_of("kind", ["drafting", "subject"], "a_run_kind_is_known"),
            one_of(
                "status", ["running", "paused", "finished", "cancelled"], "a_run_status_is_known"
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
        LEASED = "leased", _("in flight")
        RESPONDED = "responded", _("replied")
        DONE = "done", _("done")
        REFUSED = "refused", _("refused by the model")
        UNUSABLE = "unusable", _("needs a human")
        FAILED = "failed", _("failed")

    NEXT = {
        # A reply whose lease was lost may still come and answer a call that nobody asked again.
        Status.PLANNED: {Status.LEASED, Status.RESPONDED},
        Status.LEASED: {Status.RESPONDED, Status.PLANNED, Status.FAILED},
        Status.RESPONDED: {Status.DONE, Status.REFUSED, Status.UNUSABLE},
        Status.DONE: set(),
        Status.REFUSED: set(),
        Status.UNUSABLE: {Status.RESPONDED},  # a newer parser reads the saved reply again
        Status.FAILED: {Status.PLANNED, Status.RESPONDED},
    }
    ENDED = (Status.DONE, Status.REFUSED, Status.UNUSABLE, Status.FAILED)

    endpoint = models.ForeignKey(Endpoint, models.PROTECT, related_name="calls")
    model = models.CharField(max_length=NAME_LENGTH)
    purpose = models.CharField(max_length=20, choices=Purpose)
    # What the reply is about, such as "item:<uid>:v1" or "row:<id>:1,0" for an ordering.
    target = models.CharField(max_length=TARGET_LENGTH)
    item = models.ForeignKey(Item, models.PROTECT, related_name="calls")
    prompt = models.ForeignKey(Prompt, models.PROTECT, null=True, related_name="calls")
    # The messages as sent, without the nonce, and the sampling parameters.
    messages = models.JSONField()
    parameters = models.JSONField(default=dict)
    parameters_hash = models.CharField(max_length=64)
    prompt_hash = models.CharField(
        max_length=64
    )  # sha256 of the prompt checksum and the filled messages
    sample = models.PositiveSmallIntegerField(default=0)
    status = models.CharField(max_length=10, choices=Status, default=Status.PLANNED)
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
                fields=["endpoint", "status"],
                condition=Q(status__in=["leased", "responded"]),
                name="call_in_our_hands",
            ),
            models.Index(fields=["item", "purpose"], name="call_by_item"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "endpoint",
                    "model",
                    "purpose",
                    "target",
                    "prompt_hash",
                    "parameters_hash",
                    "sample",
                ],
                name="a_reply_is_wanted_once",
            ),
            one_of("purpose", Purpose.values, "a_purpose_is_known"),
            one_of(
                "status",
                ["planned", "leased", "responded", "done", "refused", "unusable", "failed"],
                "a_call_status_is_known",
            ),
            models.CheckConstraint(
                condition=Q(status="leased", lease_expires_at__isnull=False, lease_token__gt=0)
                | (~Q(status="leased") & Q(lease_expires_at__isnull=True)),
                name="only_a_leased_call_has_a_lease",
            ),
            models.CheckConstraint(condition=Q(reserved__gte=0), name="no_reservation_is_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.target}"


class RunCall(models.Model):
    """A call wanted by a run; several runs may want the same one."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="run_calls")
    call = models.ForeignKey(Call, models.PROTECT, related_name="run_calls")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "call"], name="a_run_wants_a_call_once"),
        ]

    def __str__(self) -> str:
        return f"{self.run}: {self.call}"


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

    call = models.ForeignKey(Call, models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField()
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
