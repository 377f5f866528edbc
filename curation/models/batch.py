"""Files of requests that somebody takes to an endpoint, and whose results are brought back."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from .base import REF_LENGTH
from .drafting import Run
from .endpoint import Endpoint
from .project import Project

WHOLE_PRICE = 100  # percent


class BatchFile(models.Model):
    """One file of requests of a run to one endpoint; a file without a hash was never completed."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="batch_files")
    run = models.ForeignKey(Run, models.PROTECT, related_name="batch_files")
    endpoint = models.ForeignKey(Endpoint, models.PROTECT, related_name="batch_files")
    number = models.PositiveIntegerField()
    # How its calls ask for JSON where they do not say themselves.
    structured = models.CharField(max_length=12, choices=Endpoint.Structured)
    # What the endpoint takes of its price for requests that come in files.
    price_percent = models.PositiveSmallIntegerField(default=WHOLE_PRICE)
    lines = models.PositiveIntegerField(default=0)
    size = models.PositiveBigIntegerField(default=0)  # bytes
    sha256 = models.CharField(max_length=64, blank=True)
    by_ref = models.CharField(max_length=REF_LENGTH)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["run", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "number"], name="one_batch_file_a_number_and_run"
            ),
            models.CheckConstraint(
                condition=Q(price_percent__range=(0, WHOLE_PRICE)),
                name="a_batch_costs_0_to_100_percent",
            ),
            models.CheckConstraint(
                condition=Q(sha256="") | Q(sha256__regex=r"^[0-9a-f]{64}$", lines__gt=0),
                name="a_batch_file_with_a_hash_has_lines",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run} #{self.number}"

    @property
    def name(self) -> str:
        """The file's name, which tells it from all others of the installation."""
        return f"{self.project.slug}-run-{self.run_id}-{self.endpoint.name}-{self.number}.jsonl"
