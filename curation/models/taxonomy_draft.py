"""The next version of a project's taxonomy while it is written."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from .project import Project
from .taxonomy import TagFacts, TaxonomyVersion


class TaxonomyDraft(models.Model):
    """One for all curators of a project. `version` rises with every change of any of its tags."""

    project = models.OneToOneField(Project, models.CASCADE, related_name="+")
    # The version the project used when the draft was opened, and of which it is a copy.
    follows = models.ForeignKey(TaxonomyVersion, models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    opened_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(version__gte=1), name="a_draft_of_a_taxonomy_is_numbered_from_1"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.follows}: {self.version}"


class TagDraft(TagFacts):
    """A tag of a draft. Each has a version of its own: two who edit two tags do not meet."""

    draft = models.ForeignKey(TaxonomyDraft, models.CASCADE, related_name="tags")
    # Not in the version that is followed: only such a tag may be taken out again.
    fresh = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    saved_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["draft", "code"], name="one_tag_a_code_and_draft"),
            models.CheckConstraint(
                condition=Q(version__gte=1), name="a_draft_of_a_tag_is_numbered_from_1"
            ),
            models.CheckConstraint(condition=Q(severity__lte=4), name="drafted_severity_is_0_to_4"),
        ]
