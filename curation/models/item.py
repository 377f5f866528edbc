"""Items: open questions under curation, and the tags put on them."""

import uuid

from django.db import models
from django.db.models import Exists, OuterRef, Prefetch, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .base import (
    NAME_LENGTH,
    NOTE_LENGTH,
    QUESTION_LENGTH,
    REF_LENGTH,
    BoundedText,
    Evidence,
    one_of,
)
from .project import Language, Project, Source
from .taxonomy import RiskTag


class ImportFile(Evidence):
    """A file that was imported whole; the same bytes again change nothing."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="import_files")
    source = models.ForeignKey(Source, models.PROTECT, related_name="import_files")
    name = models.CharField(max_length=255)
    format = models.CharField(max_length=20)
    sha256 = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    created = models.PositiveIntegerField()  # items that were new
    by_ref = models.CharField(max_length=REF_LENGTH)  # "user:7": a link here could never be cut

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "sha256"], name="a_file_is_imported_once"),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="a_file_has_a_sha256"
            ),
            models.CheckConstraint(
                condition=Q(created__lte=models.F("rows")), name="no_more_items_than_rows"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ItemQuerySet(models.QuerySet["Item"]):
    def current(self) -> "ItemQuerySet":
        """Items that no other item supersedes."""
        return self.filter(superseded_by__isnull=True)

    def shown(self) -> "ItemQuerySet":
        """Items whose texts people and programs may see: all that are not locked."""
        return self.exclude(status=Item.Status.LOCKED)

    def gold(self) -> "ItemQuerySet":
        return self.current().filter(status=Item.Status.GOLD)

    def in_dimension(self, code: str) -> "ItemQuerySet":
        """Items whose main tag stands under the level-1 tag."""
        return self.filter(main_tag__code__regex=rf"^{_escaped(code)}(\.|$)")

    def asking(self, text: str) -> "ItemQuerySet":
        """Items whose question or external id holds the text, taken literally."""
        return self.filter(Q(question__icontains=text) | Q(external_id=text))

    def needing_a_human(self) -> "ItemQuerySet":
        """Items no model completed: drafted without both options, or new with a failed call."""
        from .drafting import Call
        from .option import Option

        live = Option.objects.live().filter(item=OuterRef("pk"))
        failed = Call.objects.filter(item=OuterRef("pk"), status=Call.Status.FAILED)
        return self.filter(
            ~Q(Exists(live.filter(polarity="positive")), Exists(live.filter(polarity="negative"))),
            Q(status=Item.Status.DRAFTED) | Q(Exists(failed), status=Item.Status.NEW),
        )

    def with_live_options(self) -> "ItemQuerySet":
        """Fetch with each item the options that stand for it now, as `live_options`."""
        from .option import Option

        live = Prefetch("options", Option.objects.live(), to_attr="live_options")
        return self.prefetch_related(live)


def _escaped(code: str) -> str:
    return "".join(f"\\{c}" if not c.isalnum() and c != "_" else c for c in code)


class Item(models.Model):
    """One open question. A question that was judged is never edited: the item is superseded."""

    class Kind(models.TextChoices):
        BASE = "base", _("base")
        ATTACK = "attack", _("attack")
        BENIGN = "benign", _("benign")
        CAPABILITY = "capability", _("capability")

    class Split(models.TextChoices):
        TEST = "test", _("test")
        TRAIN = "train", _("train")
        HELD_OUT = "held_out", _("held out")

    class Status(models.TextChoices):
        NEW = "new", _("new")
        DRAFTED = "drafted", _("drafted")
        IN_REVIEW = "in_review", _("in review")
        GOLD = "gold", _("gold")
        REJECTED = "rejected", _("rejected")
        LOCKED = "locked", _("locked")

    # The whole life of an item. Gold may be reopened for another round, a rejection taken back;
    # a locked item is shown to nobody until the person its suspicion is escalated to unlocks it.
    NEXT = {
        Status.NEW: {Status.DRAFTED, Status.IN_REVIEW, Status.REJECTED, Status.LOCKED},
        Status.DRAFTED: {Status.IN_REVIEW, Status.REJECTED, Status.LOCKED},
        Status.IN_REVIEW: {Status.GOLD, Status.REJECTED, Status.DRAFTED, Status.LOCKED},
        Status.GOLD: {Status.IN_REVIEW},
        Status.REJECTED: {Status.IN_REVIEW},
        Status.LOCKED: {Status.NEW, Status.DRAFTED},
    }

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="items")
    source = models.ForeignKey(Source, models.PROTECT, related_name="items")
    import_file = models.ForeignKey(ImportFile, models.PROTECT, null=True, related_name="items")
    external_id = models.CharField(max_length=NAME_LENGTH)
    revision = models.PositiveIntegerField(default=1)
    question = BoundedText(max_length=QUESTION_LENGTH)
    language = models.CharField(max_length=8, choices=Language)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.BASE)
    # How a derived item was made, such as the attack method of S-Eval; empty for a base item.
    method = models.CharField(max_length=NAME_LENGTH, blank=True)
    split = models.CharField(max_length=10, choices=Split, default=Split.TEST)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="derived"
    )
    # Items that ask the same in different languages share this text.
    twin_group = models.CharField(max_length=NAME_LENGTH, blank=True, db_index=True)
    # sha256 of the question after normalisation, to find the same question again.
    content_hash = models.CharField(max_length=64)
    main_tag = models.ForeignKey(RiskTag, models.PROTECT, null=True, related_name="+")
    status = models.CharField(
        max_length=12, choices=Status, default=Status.NEW, db_default=Status.NEW
    )
    status_reason = models.CharField(max_length=NOTE_LENGTH, blank=True)
    superseded_by = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="supersedes"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = ItemQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["project", "status", "id"], name="item_by_status"),
            models.Index(fields=["project", "content_hash"], name="item_by_content"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "source", "external_id", "revision"],
                name="one_item_an_external_id_and_revision",
            ),
            models.CheckConstraint(condition=~Q(question=""), name="an_item_has_a_question"),
            models.CheckConstraint(
                condition=Q(content_hash__regex=r"^[0-9a-f]{64}$"),
                name="an_item_has_a_content_hash",
            ),
            models.CheckConstraint(
                condition=Q(superseded_by__isnull=True) | ~Q(superseded_by=models.F("id")),
                name="an_item_does_not_supersede_itself",
            ),
            one_of(
                "status",
                ["new", "drafted", "in_review", "gold", "rejected", "locked"],
                "an_item_status_is_known",
            ),
            one_of("kind", ["base", "attack", "benign", "capability"], "an_item_kind_is_known"),
            one_of("split", ["test", "train", "held_out"], "an_item_split_is_known"),
            one_of("language", Language.values, "an_item_language_is_known"),
            models.CheckConstraint(
                condition=~Q(status="rejected") | ~Q(status_reason=""),
                name="a_rejected_item_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(status="gold") | Q(main_tag__isnull=False),
                name="a_gold_item_has_a_main_tag",
            ),
        ]

    def __str__(self) -> str:
        return self.external_id


class ItemTag(models.Model):
    """A risk tag on an item, and who put it there."""

    class Origin(models.TextChoices):
        SOURCE = "source", _("source")
        MODEL = "model", _("model")
        PEOPLE = "people", _("people")
        REVIEWER = "reviewer", _("reviewer")

    item = models.ForeignKey(Item, models.CASCADE, related_name="item_tags")
    tag = models.ForeignKey(RiskTag, models.PROTECT, related_name="+")
    origin = models.CharField(max_length=10, choices=Origin)
    score = models.FloatField(null=True, blank=True)  # 0–1, how sure a model was
    explanation = models.TextField(max_length=NOTE_LENGTH, blank=True)
    draft = models.ForeignKey("curation.Draft", models.PROTECT, null=True, related_name="+")
    decision_ref = models.CharField(max_length=REF_LENGTH, blank=True)
    # Accepted tags are those of the gold item; the others are what somebody proposed.
    accepted = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "tag", "origin"], name="one_tag_an_item_and_origin"
            ),
            one_of("origin", ["source", "model", "people", "reviewer"], "a_tag_origin_is_known"),
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__range=(0, 1)),
                name="a_tag_score_is_0_to_1",
            ),
            models.CheckConstraint(
                condition=~Q(origin="model") | Q(draft__isnull=False),
                name="a_models_tag_has_its_draft",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item}: {self.tag}"
