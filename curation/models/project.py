"""Projects, and who has which role in them."""

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .base import NAME_LENGTH, one_of

# Whoever makes a request.
Person = User | AnonymousUser


class Language(models.TextChoices):
    EN = "en", _("English")
    ZH = "zh", _("Chinese")


class Role(models.TextChoices):
    WORKER = "worker", _("worker")
    REVIEWER = "reviewer", _("reviewer")
    CURATOR = "curator", _("curator")
    READER = "reader", _("reader")


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: Person) -> "ProjectQuerySet":
        """Projects in which the user has any role."""
        return self.filter(memberships__user=user)


class Project(models.Model):
    """A dataset under curation, with its people, taxonomy and languages."""

    slug = models.SlugField(max_length=50, unique=True)
    name = models.CharField(max_length=NAME_LENGTH)
    languages = ArrayField(models.CharField(max_length=8, choices=Language))
    taxonomy = models.ForeignKey(
        "curation.TaxonomyVersion", models.PROTECT, related_name="projects"
    )
    # Made by scripts, not by people: shown on every page, chart, manifest and row (D12).
    rehearsal = models.BooleanField(default=False)
    # Who decides on locked items; the curators where nobody is named.
    escalation_contact = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(languages__len__gte=1), name="a_project_has_a_language"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """One role of one user in one project."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "user"], name="one_role_a_person_and_project"
            ),
            one_of("role", Role.values, "a_role_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.role}"


class Source(models.Model):
    """Where questions come from, under which licence and terms."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="sources")
    name = models.CharField(max_length=NAME_LENGTH)
    licence = models.CharField(max_length=NAME_LENGTH, blank=True)
    terms = models.TextField(max_length=4_000, blank=True)
    url = models.URLField(max_length=400, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "name"], name="one_source_a_name_and_project"
            ),
        ]

    def __str__(self) -> str:
        return self.name
