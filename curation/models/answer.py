"""Subjects under test: their runs over a release, answers, picks, and the verdicts on answers."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .base import NAME_LENGTH, REF_LENGTH, Evidence, one_of
from .drafting import Call, Endpoint, Run
from .item import Item
from .option import Option
from .project import Project
from .release import Release

REPLY_LENGTH = 100_000  # characters


class Subject(models.Model):
    """A model being tested."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="subjects")
    name = models.SlugField(max_length=80)
    model = models.CharField(max_length=NAME_LENGTH, blank=True)
    decoding = models.JSONField(default=dict, blank=True)
    # Set when its runs are made here; an uploaded subject has none.
    endpoint = models.ForeignKey(Endpoint, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "name"], name="one_subject_a_name_and_project"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SubjectRunQuerySet(models.QuerySet["SubjectRun"]):
    def complete(self) -> "SubjectRunQuerySet":
        """Runs that wait for no reply: uploaded, or finished here."""
        return self.filter(Q(run__isnull=True) | Q(run__status=Run.Status.FINISHED))

    def settled(self) -> "SubjectRunQuerySet":
        """Complete runs with answers, each with a verdict of people."""
        answers = Answer.objects.filter(subject_run=OuterRef("pk"))
        decided = Verdict.objects.filter(answer=OuterRef("pk")).settled()
        return self.complete().filter(Exists(answers), ~Exists(answers.filter(~Exists(decided))))


class SubjectRun(models.Model):
    """One pass of a subject over a release, made here or uploaded."""

    subject = models.ForeignKey(Subject, models.PROTECT, related_name="subject_runs")
    release = models.ForeignKey(Release, models.PROTECT, related_name="subject_runs")
    number = models.PositiveIntegerField(default=1)
    # The run whose calls bring the replies, or the sha256 of the uploaded file.
    run = models.OneToOneField(Run, models.PROTECT, null=True, related_name="subject_run")
    upload_sha256 = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = SubjectRunQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "release", "number"], name="one_subject_run_a_number_and_release"
            ),
            models.UniqueConstraint(
                fields=["release", "subject", "upload_sha256"],
                condition=~Q(upload_sha256=""),
                name="an_answer_file_is_taken_once",
            ),
            models.CheckConstraint(
                condition=Q(run__isnull=False, upload_sha256="")
                | (Q(run__isnull=True) & ~Q(upload_sha256="")),
                name="a_subject_run_is_made_here_or_uploaded",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} over {self.release}"


class Answer(Evidence):
    """A subject's open-ended reply to one item."""

    subject_run = models.ForeignKey(SubjectRun, models.PROTECT, related_name="answers")
    item = models.ForeignKey(Item, models.PROTECT, related_name="answers")
    sample = models.PositiveSmallIntegerField(default=0)
    reply = models.TextField(max_length=REPLY_LENGTH)
    call = models.ForeignKey(Call, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject_run", "item", "sample"], name="one_answer_a_sample_and_item"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject_run}: {self.item}"


class Pick(Evidence):
    """The option a subject chose in one ordering of an item's options."""

    class Outcome(models.TextChoices):
        PICKED = "picked", _("picked")
        SEVERAL = "several", _("picked several")
        REFUSED = "refused", _("refused")
        UNREADABLE = "unreadable", _("unreadable")

    subject_run = models.ForeignKey(SubjectRun, models.PROTECT, related_name="picks")
    item = models.ForeignKey(Item, models.PROTECT, related_name="picks")
    sample = models.PositiveSmallIntegerField(default=0)
    # Indices into the release row's choices in the order shown, and the ids of those options.
    ordering = ArrayField(models.PositiveSmallIntegerField())
    shown = ArrayField(models.BigIntegerField())
    reply = models.TextField(max_length=REPLY_LENGTH)
    outcome = models.CharField(max_length=10, choices=Outcome)
    option = models.ForeignKey(Option, models.PROTECT, null=True, related_name="+")
    parser = models.CharField(max_length=40)
    call = models.ForeignKey(Call, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject_run", "item", "sample", "ordering"],
                name="one_pick_an_ordering_sample_and_item",
            ),
            models.CheckConstraint(
                condition=Q(outcome="picked", option__isnull=False)
                | (~Q(outcome="picked") & Q(option__isnull=True)),
                name="only_a_picked_pick_has_an_option",
            ),
            models.CheckConstraint(
                condition=Q(shown__len=models.F("ordering__len")),
                name="every_place_of_an_ordering_is_shown",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject_run}: {self.item} {self.ordering}"


class VerdictQuerySet(models.QuerySet["Verdict"]):
    def standing(self) -> "VerdictQuerySet":
        """Verdicts that no other one supersedes."""
        return self.filter(superseded_by__isnull=True)

    def settled(self) -> "VerdictQuerySet":
        """Verdicts of people; a judge endpoint may propose, it never settles."""
        return self.exclude(source=Verdict.Source.JUDGE)

    def by_judge(self, name: str) -> "VerdictQuerySet":
        return self.filter(source=Verdict.Source.JUDGE, judge_name=name)


class Verdict(Evidence):
    """Good, bad or undecided on an answer, and where that comes from."""

    class Outcome(models.TextChoices):
        GOOD = "good", _("good")
        BAD = "bad", _("bad")
        UNDECIDED = "undecided", _("undecided")

    class Source(models.TextChoices):
        PEOPLE = "people", _("people")
        ADJUDICATION = "adjudication", _("adjudication")
        JUDGE = "judge", _("judge")

    answer = models.ForeignKey(Answer, models.PROTECT, related_name="verdicts")
    outcome = models.CharField(max_length=10, choices=Outcome)
    source = models.CharField(max_length=12, choices=Source)
    # What people said, by outcome, such as {"good": 2, "bad": 1}; kept for contested answers.
    distribution = models.JSONField(default=dict)
    judge_name = models.CharField(max_length=NAME_LENGTH, blank=True)
    judge_reply = models.TextField(max_length=REPLY_LENGTH, blank=True)
    decision_ref = models.CharField(max_length=REF_LENGTH, blank=True)
    supersedes = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="superseded_by"
    )

    objects = VerdictQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["answer"],
                condition=Q(supersedes__isnull=True) & ~Q(source="judge"),
                name="one_first_settled_verdict_an_answer",
            ),
            models.UniqueConstraint(
                fields=["answer", "judge_name"],
                condition=Q(source="judge", supersedes__isnull=True),
                name="one_first_verdict_a_judge_and_answer",
            ),
            one_of("outcome", ["good", "bad", "undecided"], "a_verdict_outcome_is_known"),
            models.CheckConstraint(
                condition=Q(source="judge") & ~Q(judge_name="")
                | ~Q(source="judge") & ~Q(decision_ref=""),
                name="a_verdict_names_its_judge_or_decision",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.answer}: {self.outcome}"


class ScoreRunQuerySet(models.QuerySet["ScoreRun"]):
    def named(self, *, policy: str, by: str, verdicts_of: str) -> "ScoreRunQuerySet":
        return self.filter(policy=policy, grouped_by=by, verdict_source=verdicts_of)

    def newest(self) -> "ScoreRunQuerySet":
        """The newest score of each subject, by subject."""
        name = "subject_run__subject__name"
        return self.order_by(name, "-id").distinct(name)


class ScoreRun(Evidence):
    """Scores of a subject run over a release, with everything that names the number."""

    subject_run = models.ForeignKey(SubjectRun, models.PROTECT, related_name="score_runs")
    release = models.ForeignKey(Release, models.PROTECT, related_name="score_runs")
    policy = models.CharField(max_length=10)
    parser = models.CharField(max_length=40)
    verdict_source = models.CharField(max_length=NAME_LENGTH)  # "people", or the name of a judge
    grouped_by = models.CharField(max_length=10)
    input_sha256 = models.CharField(max_length=64)  # of the replies and verdicts that were counted
    result = models.JSONField()

    objects = ScoreRunQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "subject_run",
                    "release",
                    "policy",
                    "parser",
                    "verdict_source",
                    "grouped_by",
                    "input_sha256",
                ],
                name="the_same_input_is_scored_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject_run} ({self.policy})"
