"""Endpoints: where a model is asked, what it can do, for which roles, and the money for it."""

from datetime import date

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from .base import NAME_LENGTH, NOTE_LENGTH, Evidence, one_of
from .project import Project


class DraftRole(models.TextChoices):
    """What an endpoint is asked to do; the purpose of a call carries the same word."""

    POSITIVE = "positive_option", _("positive drafter")
    NEGATIVE = "negative_option", _("negative drafter")
    CHECKER = "option_check", _("option checker")
    TAGGER = "risk_tags", _("risk tagger")
    EXPANDER = "question_expansion", _("question expander")
    CRITIC = "critique", _("critic")
    JUDGE = "judge", _("judge")


class Endpoint(models.Model):
    """An OpenAI-compatible base URL and a model there, with what it can do and costs."""

    class Structured(models.TextChoices):
        JSON_SCHEMA = "json_schema", _("JSON schema")
        JSON_OBJECT = "json_object", _("JSON object")
        PROMPT = "prompt", _("by the prompt alone")

    class TokenParameter(models.TextChoices):
        MAX_TOKENS = "max_tokens", "max_tokens"
        MAX_COMPLETION_TOKENS = "max_completion_tokens", "max_completion_tokens"

    class CriticFormat(models.TextChoices):
        """The form in which an endpoint in the role of critic speaks."""

        VERDICT_JSON = "verdict_json", _("JSON: score, tags, explanation")
        SCORE_TEXT = "score_text", _("safe or unsafe, then an explanation")
        CATEGORY = "category", _("the id of a category, then an explanation")

    project = models.ForeignKey(Project, models.PROTECT, related_name="endpoints")
    name = models.SlugField(max_length=50)
    base_url = models.CharField(max_length=400)
    model = models.CharField(max_length=NAME_LENGTH)
    # Where the key is, in one way or none: an environment variable, a file in the folder for
    # secrets, or here, sealed with a key that no table holds.
    key_env = models.CharField(max_length=NAME_LENGTH, blank=True)
    key_file = models.CharField(max_length=NAME_LENGTH, blank=True)
    key_sealed = models.BinaryField(default=bytes, blank=True)
    key_hint = models.CharField(max_length=4, blank=True)  # how the sealed key ends
    structured = models.CharField(max_length=12, choices=Structured, default=Structured.JSON_SCHEMA)
    token_parameter = models.CharField(
        max_length=24, choices=TokenParameter, default=TokenParameter.MAX_TOKENS
    )
    extra_body = models.JSONField(default=dict, blank=True)
    takes_temperature = models.BooleanField(default=True)
    takes_seed = models.BooleanField(default=True)
    critic_format = models.CharField(
        max_length=12, choices=CriticFormat, default=CriticFormat.VERDICT_JSON
    )
    # Whether replies of a model with another name than the one asked are left to people.
    holds_other_models = models.BooleanField(default=False)
    concurrency = models.PositiveSmallIntegerField(default=4)
    rate = models.PositiveIntegerField(null=True, blank=True)  # calls a minute; null: as they come
    # What the endpoint showed it can do, when that is less than its profile says.
    structured_found = models.CharField(max_length=12, choices=Structured, blank=True)
    # Until when nothing is asked, because it said so or failed often; then one call tries it.
    resting_until = models.DateTimeField(null=True, blank=True)
    rest_reason = models.CharField(max_length=NOTE_LENGTH, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)  # since the last reply
    failing_since = models.DateTimeField(null=True, blank=True)
    next_start = models.DateTimeField(null=True, blank=True)  # when the rate allows the next call
    # A person or a fault that every call would meet: nothing is asked until somebody resumes it.
    paused_reason = models.CharField(max_length=NOTE_LENGTH, blank=True)
    # What the last reply said: that the model goes away, and which system it came from.
    notice = models.CharField(max_length=300, blank=True)
    fingerprint = models.CharField(max_length=200, blank=True)
    fingerprint_before = models.CharField(max_length=200, blank=True)
    fingerprint_since = models.DateTimeField(null=True, blank=True)
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
                condition=Q(key_file__regex=r"^[A-Za-z0-9][A-Za-z0-9._-]*$") | Q(key_file=""),
                name="a_key_file_has_a_plain_name",
            ),
            models.CheckConstraint(
                condition=Q(key_env="", key_file="")
                | Q(key_env="", key_sealed=b"")
                | Q(key_file="", key_sealed=b""),
                name="a_key_is_in_one_place",
            ),
            models.CheckConstraint(
                condition=Q(concurrency__range=(1, 64)),
                name="an_endpoint_takes_1_to_64_calls_at_once",
            ),
            models.CheckConstraint(
                condition=Q(rate__isnull=True) | Q(rate__range=(1, 60_000)),
                name="a_rate_is_1_to_60000_calls_a_minute",
            ),
            one_of(
                "critic_format",
                ["verdict_json", "score_text", "category"],
                "a_critic_format_is_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def mode(self) -> str:
        """How it is asked for JSON: its profile, or less where less was found."""
        return self.structured_found or self.structured

    @property
    def connection(self) -> dict[str, object]:
        """Where it is asked and with which key: what was met there holds for nothing else."""
        names = ("base_url", "key_env", "key_file", "key_sealed")
        return {name: getattr(self, name) for name in names}

    @property
    def rests(self) -> bool:
        return self.resting_until is not None and self.resting_until > timezone.now()

    @cached_property
    def price(self) -> "Price | None":
        """Today's price, looked up once for each instance; None when it is not known."""
        return self.prices.on(timezone.localdate()).first()


class PriceQuerySet(models.QuerySet["Price"]):
    def on(self, day: date) -> "PriceQuerySet":
        """Return the prices said for the day or earlier ones; the first of them holds."""
        return self.filter(since__lte=day).order_by("-since", "-pk")


class Price(Evidence):
    """What an endpoint costs from a day on: micro-units of the currency for a million tokens.

    The newest day counts, and of several rows for the same day the latest.
    """

    endpoint = models.ForeignKey(Endpoint, models.PROTECT, related_name="prices")
    since = models.DateField()
    input_price = models.BigIntegerField()
    output_price = models.BigIntegerField()
    # Of input that the endpoint had in its cache; null: the same as other input.
    cached_price = models.BigIntegerField(null=True)

    objects = PriceQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["endpoint", "-since", "-id"], name="price_on_a_day")]
        constraints = [
            models.CheckConstraint(
                condition=Q(input_price__gte=0, output_price__gte=0)
                & (Q(cached_price__isnull=True) | Q(cached_price__gte=0)),
                name="no_price_is_negative",
            ),
            models.CheckConstraint(
                condition=Q(cached_price__isnull=True)
                | Q(cached_price__lte=models.F("input_price")),
                name="cached_input_is_never_dearer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.endpoint}: {self.since}"


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

    @property
    def left(self) -> int:
        """What may still be reserved; less than nothing after an overrun."""
        return self.cap - self.spent - self.reserved - self.overrun
