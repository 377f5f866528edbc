"""Releases: numbered, frozen, hashed sets of gold."""

from django.db import models
from django.db.models import Q

from .base import NOTE_LENGTH, REF_LENGTH, Evidence
from .item import Item
from .project import Project


class Release(Evidence):
    """A frozen set of gold; a correction is a new release."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="releases")
    number = models.PositiveIntegerField()
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    # The exact bytes of manifest.json, so that two exports cannot differ.
    manifest = models.TextField()
    manifest_sha256 = models.CharField(max_length=64)
    # sha256 over the rows alone: two releases with the same rows would be the same release.
    content_sha256 = models.CharField(max_length=64)
    counts = models.JSONField()
    note = models.CharField(max_length=NOTE_LENGTH, blank=True)
    by_ref = models.CharField(max_length=REF_LENGTH)  # "user:7": a link here could never be cut

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "number"], name="one_release_a_number_and_project"
            ),
            models.UniqueConstraint(
                fields=["project", "content_sha256"], name="no_two_releases_hold_the_same_rows"
            ),
            models.CheckConstraint(
                condition=Q(manifest_sha256__regex=r"^[0-9a-f]{64}$")
                & Q(content_sha256__regex=r"^[0-9a-f]{64}$"),
                name="a_release_has_its_hashes",
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="a_release_is_numbered_from_1"),
        ]

    def __str__(self) -> str:
        return f"{self.project.slug}/{self.number}"


class ReleaseRow(Evidence):
    """One line of one file of a release, kept as the bytes that are exported."""

    release = models.ForeignKey(Release, models.PROTECT, related_name="rows")
    file = models.CharField(max_length=200)  # path in the export folder, such as "mcq.jsonl"
    position = models.PositiveIntegerField()  # line number in the file, from 1
    key = models.CharField(max_length=200)
    item = models.ForeignKey(Item, models.PROTECT, related_name="release_rows")
    # The options in the order of `choices`; empty for other files.
    option_ids = models.JSONField(default=list)
    line = models.TextField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["file", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["release", "file", "position"], name="one_row_a_line_and_file"
            ),
            models.UniqueConstraint(
                fields=["release", "file", "key"], name="one_row_a_key_and_file"
            ),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="a_row_has_its_hash"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.release} {self.file}:{self.position}"
