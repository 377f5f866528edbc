"""Tokens of the API, and the log of who did what."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .base import NAME_LENGTH, REF_LENGTH, Evidence
from .project import Project


class Scope(models.TextChoices):
    WORK = "work", _("claim and submit work")
    REVIEW = "review", _("settle disputes")
    CURATE = "curate", _("read and change a project's items")
    EXPORT_READ = "export:read", _("read releases")
    ANSWERS_WRITE = "answers:write", _("upload answers")
    SCORES_READ = "scores:read", _("read scores")


class TokenQuerySet(models.QuerySet["Token"]):
    def in_force(self) -> "TokenQuerySet":
        """Tokens that open doors now: not revoked, not expired, of an active account."""
        lasting = Q(expires_at=None) | Q(expires_at__gt=Now())
        return self.filter(lasting, revoked_at=None, user__is_active=True)


class Token(models.Model):
    """A bearer token of the API: shown once, kept only as a hash."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=NAME_LENGTH)
    prefix = models.CharField(max_length=12)  # enough to recognise it in a list
    digest = models.CharField(max_length=64, unique=True)  # sha256 of the whole token
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope))
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = TokenQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="one_token_a_name_and_user"),
            models.CheckConstraint(condition=Q(scopes__len__gte=1), name="a_token_has_a_scope"),
        ]

    def __str__(self) -> str:
        return f"{self.prefix}…"


class AuditEvent(Evidence):
    """One act that changed something: who, what, when. Never holds texts or keys."""

    project = models.ForeignKey(Project, models.PROTECT, null=True, related_name="audit_events")
    actor_ref = models.CharField(max_length=REF_LENGTH)  # "user:7", a pseudonym, or "system"
    action = models.CharField(max_length=60)  # "release.freeze"
    subject_ref = models.CharField(max_length=REF_LENGTH)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["subject_ref"], name="audit_by_subject")]

    def __str__(self) -> str:
        return f"{self.actor_ref} {self.action} {self.subject_ref}"
