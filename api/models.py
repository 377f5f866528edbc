"""The one thing the API itself has to remember."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

KEY_LENGTH = 200


class UsedKey(models.Model):
    """An `Idempotency-Key` a worker has used, for which request, and what was answered.

    Points to the pseudonym, so that it does not outlive a cut link, and holds no text of a person.
    """

    worker = models.ForeignKey("annotation.Worker", models.CASCADE, related_name="+")
    key = models.CharField(max_length=KEY_LENGTH)
    request_sha256 = models.CharField(max_length=64)
    answer = models.TextField(blank=True)  # JSON, as it was sent
    made_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        indexes = [models.Index(fields=["made_at"], name="used_key_by_age")]
        constraints = [
            models.UniqueConstraint(fields=["worker", "key"], name="one_use_a_key_and_worker"),
            models.CheckConstraint(
                condition=Q(request_sha256__regex=r"^[0-9a-f]{64}$"),
                name="a_used_key_has_its_hash",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} of {self.worker_id}"
