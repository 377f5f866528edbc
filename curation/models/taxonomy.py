"""Versions of a risk taxonomy and their tags."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import get_language

from .base import NAME_LENGTH, NOTE_LENGTH

CODE_LENGTH = 80


class TaxonomyVersion(models.Model):
    """One published state of a taxonomy; never edited, only followed by the next version."""

    name = models.SlugField(max_length=50)
    number = models.PositiveIntegerField(default=1)
    # Whose curators wrote it, and who alone may use it; one that came in a file is there for all.
    project = models.ForeignKey(
        "curation.Project", models.PROTECT, null=True, blank=True, related_name="+"
    )
    title_en = models.CharField(max_length=NAME_LENGTH)
    title_zh = models.CharField(max_length=NAME_LENGTH)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name", "number"], name="one_taxonomy_a_name_and_number"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.number}"


class TagFacts(models.Model):
    """What a tag says, be it published or only drafted."""

    # The path from level 1, dotted, such as "CI.dc": stable, so that exports stay comparable.
    code = models.CharField(max_length=CODE_LENGTH)
    position = models.PositiveSmallIntegerField()
    name_en = models.CharField(max_length=NAME_LENGTH)
    name_zh = models.CharField(max_length=NAME_LENGTH)
    definition_en = models.TextField(max_length=NOTE_LENGTH, blank=True)
    definition_zh = models.TextField(max_length=NOTE_LENGTH, blank=True)
    aliases = ArrayField(models.CharField(max_length=NAME_LENGTH), default=list, blank=True)
    severity = models.PositiveSmallIntegerField(default=1)  # 0 harmless … 4 severe

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.code

    @property
    def name(self) -> str:
        """Its name in the language of the page."""
        return self.name_zh if (get_language() or "").startswith("zh") else self.name_en

    @property
    def above(self) -> str:
        """The code of its parent; nothing for a dimension."""
        return self.code.rpartition(".")[0]

    @property
    def dimension(self) -> str:
        """The code of its level-1 ancestor."""
        return self.code.split(".", 1)[0]


class RiskTag(TagFacts):
    """A node of a taxonomy version, at level 1 (a dimension) to 4; leaves stand at any level."""

    version = models.ForeignKey(TaxonomyVersion, models.PROTECT, related_name="tags")
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    level = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="one_tag_a_code_and_version"),
            models.CheckConstraint(
                condition=Q(level__range=(1, 4)), name="a_tag_stands_at_level_1_to_4"
            ),
            models.CheckConstraint(
                condition=Q(level=1, parent__isnull=True) | Q(level__gt=1, parent__isnull=False),
                name="only_a_dimension_has_no_parent",
            ),
            models.CheckConstraint(condition=Q(severity__lte=4), name="severity_is_0_to_4"),
        ]
