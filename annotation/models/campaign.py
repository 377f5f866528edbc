"""Campaigns, and the matters and seats they are made of."""

from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from curation.models import Item, Language
from curation.models.base import NAME_LENGTH, one_of

from .people import Enrolment, Guideline, Worker


class ClockTimestamp(models.Func):
    """The database's clock at this moment; its `now()` is when the transaction began."""

    function = "clock_timestamp"
    template = "%(function)s()"
    output_field = models.DateTimeField()


class TransactionNumber(Func):
    """The number of the running transaction; a later one has a higher number."""

    template = "(pg_current_xact_id()::text::bigint)"
    output_field = models.BigIntegerField()


class Campaign(models.Model):
    """Items or answers put to a pool of workers under one guideline and one rule."""

    class Kind(models.TextChoices):
        REVIEW = "review", _("review of options")
        ANSWERS = "answers", _("judging of answers")

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        PAUSED = "paused", _("paused")
        CLOSED = "closed", _("closed")

    NEXT = {
        Status.OPEN: {Status.PAUSED, Status.CLOSED},
        Status.PAUSED: {Status.OPEN, Status.CLOSED},
        Status.CLOSED: set(),
    }

    project = models.ForeignKey("curation.Project", models.PROTECT, related_name="+")
    name = models.CharField(max_length=NAME_LENGTH)
    kind = models.CharField(max_length=8, choices=Kind)
    guideline = models.ForeignKey(Guideline, models.PROTECT, related_name="campaigns")
    status = models.CharField(max_length=8, choices=Status, default=Status.OPEN)
    workers = models.ManyToManyField(Worker, through=Enrolment, related_name="campaigns")
    # Judging of answers: k seats, settled when q name the same definite outcome.
    overlap = models.PositiveSmallIntegerField(default=3)
    quorum = models.PositiveSmallIntegerField(default=2)
    # Review: gold after n foreign acceptances; after m rewrites a reviewer decides.
    acceptances = models.PositiveSmallIntegerField(default=2)
    rewrites = models.PositiveSmallIntegerField(default=3)
    lease_seconds = models.PositiveIntegerField(default=1_200)
    # Only workers whom a curator has called qualified get seats.
    qualified_only = models.BooleanField(default=False)
    # Points of exposure a worker may take in 24 hours, see `annotation.care`; 0 is no limit.
    exposure_day = models.PositiveIntegerField(default=600)
    # Minutes of work after which a break is due; 0 is never.
    break_after = models.PositiveSmallIntegerField(default=50)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "name"], name="one_campaign_a_name_and_project"
            ),
            one_of("kind", ["review", "answers"], "a_campaign_kind_is_known"),
            one_of("status", ["open", "paused", "closed"], "a_campaign_status_is_known"),
            models.CheckConstraint(
                condition=Q(quorum__gte=1, overlap__gte=F("quorum"), overlap__lte=25),
                name="a_quorum_fits_the_overlap",
            ),
            models.CheckConstraint(
                condition=Q(acceptances__range=(1, 10), rewrites__range=(1, 20)),
                name="a_sign_off_needs_1_to_10_acceptances",
            ),
            models.CheckConstraint(
                condition=Q(lease_seconds__range=(1, 86_400)), name="a_lease_lasts_at_most_a_day"
            ),
            models.CheckConstraint(
                condition=Q(exposure_day__lte=100_000, break_after__lte=600),
                name="care_for_workers_is_within_bounds",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def beat_seconds(self) -> int:
        """How often a page renews its lease, so that two beats may be lost of a short one."""
        return max(1, min(60, self.lease_seconds // 3))


class CampaignItem(models.Model):
    """An item or answer in a campaign. Whether it is a control stands here, never on the seat."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="campaign_items")
    item = models.ForeignKey("curation.Item", models.PROTECT, related_name="+")
    answer = models.ForeignKey("curation.Answer", models.PROTECT, null=True, related_name="+")
    control = models.BooleanField(default=False)
    expected = models.CharField(max_length=10, blank=True)  # the known outcome of a control

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "item", "answer"],
                nulls_distinct=False,  # PostgreSQL 15
                name="an_item_or_answer_is_once_in_a_campaign",
            ),
            models.CheckConstraint(
                condition=Q(control=True) & ~Q(expected="") | Q(control=False, expected=""),
                name="only_a_control_has_an_expected_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} in {self.campaign}"


class MatterQuerySet(models.QuerySet["Matter"]):
    def shown(self) -> "MatterQuerySet":
        """Matters whose items are not locked."""
        return self.exclude(item__status=Item.Status.LOCKED)

    def with_severity(self) -> "MatterQuerySet":
        """Annotate how severe the texts of each are, as `sheets.is_severe` asks."""
        seats = Assignment.objects.filter(matter=models.OuterRef("pk")).order_by("number")
        return self.annotate(severity=models.Subquery(seats.values("lane__severity")[:1]))

    def disputed(self) -> "MatterQuerySet":
        return self.filter(status=Matter.Status.DISPUTED)

    def open(self) -> "MatterQuerySet":
        return self.filter(status=Matter.Status.OPEN)


class Matter(models.Model):
    """One thing to be settled: one answer, or one round of review of an item's options."""

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        DISPUTED = "disputed", _("disputed")
        SETTLED = "settled", _("settled")
        WITHDRAWN = "withdrawn", _("withdrawn")

    NEXT = {
        Status.OPEN: {Status.SETTLED, Status.DISPUTED, Status.WITHDRAWN},
        Status.DISPUTED: {Status.SETTLED, Status.OPEN, Status.WITHDRAWN},
        Status.SETTLED: set(),
        Status.WITHDRAWN: set(),
    }

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="matters")
    campaign_item = models.ForeignKey(CampaignItem, models.PROTECT, related_name="matters")
    item = models.ForeignKey("curation.Item", models.PROTECT, related_name="+")
    answer = models.ForeignKey("curation.Answer", models.PROTECT, null=True, related_name="+")
    round = models.PositiveSmallIntegerField(default=1)
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    # Why a reviewer has to decide, such as "rejected" or "no_quorum"; empty unless disputed once.
    dispute = models.CharField(max_length=20, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = MatterQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["campaign", "id"], condition=Q(status="disputed"), name="matter_in_dispute"
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["campaign_item", "round"], name="one_matter_a_round"),
            one_of(
                "status", ["open", "disputed", "settled", "withdrawn"], "a_matter_status_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(status="settled") | Q(settled_at__isnull=False),
                name="a_settled_matter_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(status="disputed") | ~Q(dispute=""), name="a_disputed_matter_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} round {self.round}"


class Lane(models.Model):
    """Seats of a campaign that are alike in all that decides which workers may take them.

    A claim picks the lane first, so it never walks past seats that are not for its worker.
    """

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="lanes", db_index=False)
    priority = models.PositiveSmallIntegerField(default=0)  # the highest is handed out first
    language = models.CharField(max_length=8, choices=Language)
    category = models.CharField(max_length=80, blank=True)  # level-1 code of the main tag
    severity = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "priority", "language", "category", "severity"],
                name="one_lane_a_kind_of_seat",
            ),
            models.CheckConstraint(condition=Q(severity__lte=4), name="a_lane_severity_is_0_to_4"),
        ]

    def __str__(self) -> str:
        return f"{self.language} {self.category} {self.severity}"


class Cursor(models.Model):
    """How far a worker has come in a lane, in the order of the seats' ranks.

    `reached` is the rank of the last seat, plus 1 for each time the lane was begun anew. Until
    `empty_until`, nothing in the lane is for the worker but what was opened by transactions from
    `empty_since` on.
    """

    pk = models.CompositePrimaryKey("enrolment_id", "lane_id")
    enrolment = models.ForeignKey(Enrolment, models.CASCADE, related_name="cursors", db_index=False)
    lane = models.ForeignKey(Lane, models.CASCADE, related_name="cursors", db_index=False)
    reached = models.FloatField(default=0)
    empty_since = models.BigIntegerField(null=True)
    empty_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.enrolment} at {self.reached}"


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def held_by(self, worker: Worker) -> "AssignmentQuerySet":
        """Seats the worker holds a lease on, expired or not."""
        return self.filter(owner=worker, status=Assignment.Status.LEASED)

    def open(self) -> "AssignmentQuerySet":
        return self.filter(status=Assignment.Status.OPEN)

    def free(self) -> "AssignmentQuerySet":
        """Seats nobody holds: open, or with a lease that is over by the database's clock."""
        over = Q(status=Assignment.Status.LEASED, lease_expires_at__lt=ClockTimestamp())
        return self.filter(Q(status=Assignment.Status.OPEN) | over)

    def in_hand(self) -> "AssignmentQuerySet":
        """Seats with a lease that is not over."""
        return self.filter(status=Assignment.Status.LEASED, lease_expires_at__gte=ClockTimestamp())


class Assignment(models.Model):
    """A seat: one wanted judgement of a matter, and who holds it.

    `token` rises with each grant; only the latest holder's token is accepted (fencing). Lane and
    rank are here so that a claim finds its seat in one index.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        LEASED = "leased", _("leased")
        DONE = "done", _("done")
        UNDONE = "undone", _("taken back")
        CANCELLED = "cancelled", _("cancelled")

    # Every index is written at each claim, so there are none but those that something reads.
    matter = models.ForeignKey(Matter, models.PROTECT, related_name="seats", db_index=False)
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="seats", db_index=False)
    lane = models.ForeignKey(Lane, models.PROTECT, related_name="seats", db_index=False)
    number = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    owner = models.ForeignKey(
        Worker, models.PROTECT, null=True, related_name="seats", db_index=False
    )
    token = models.PositiveIntegerField(default=0)
    leased_at = models.DateTimeField(null=True, blank=True)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    rank = models.FloatField()  # random from 0 to 1, the same for all seats of a matter
    # The transaction that opened it last.
    opened_in = models.BigIntegerField(db_default=TransactionNumber(), editable=False)

    lease_is_over = False  # by the database's clock when the lease was renewed last

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["lane", "rank", "number"],
                condition=Q(status__in=["open", "leased"]),
                name="seat_to_claim",
            ),
            models.Index(
                fields=["lane", "opened_in"], condition=Q(status="open"), name="seat_opened"
            ),
            models.Index(
                fields=["campaign", "lease_expires_at"],
                condition=Q(status="leased"),
                name="seat_in_hand",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["matter", "number"], name="one_seat_a_number_and_matter"
            ),
            models.UniqueConstraint(
                fields=["matter", "owner"],
                condition=~Q(status="undone"),
                name="one_seat_a_worker_and_matter",
            ),
            models.UniqueConstraint(
                fields=["owner", "campaign"],
                condition=Q(status="leased"),
                name="one_leased_seat_a_worker_and_campaign",
            ),
            # What a judgement's composite foreign key points to: no judgement without this grant.
            models.UniqueConstraint(fields=["id", "owner"], name="a_seat_is_known_with_its_owner"),
            models.CheckConstraint(
                condition=Q(
                    status="leased",
                    owner__isnull=False,
                    token__gt=0,
                    leased_at__isnull=False,
                    lease_expires_at__isnull=False,
                )
                | Q(
                    status__in=["done", "undone"],
                    owner__isnull=False,
                    lease_expires_at__isnull=True,
                )
                | Q(
                    status__in=["open", "cancelled"],
                    owner__isnull=True,
                    lease_expires_at__isnull=True,
                ),
                name="a_seat_has_an_owner_while_held_and_after",
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="a_seat_is_numbered_from_1"),
            models.CheckConstraint(
                condition=Q(rank__gte=0, rank__lt=1), name="a_seat_rank_is_from_0_to_1"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.matter} seat {self.number}"
