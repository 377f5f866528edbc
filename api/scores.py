"""Scores, each with everything that names the number."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView

from api.base import SLUG, ProjectView, ordered_by
from curation.models import Scope, ScoreRun
from curation.permissions import Act
from scoring.consistency import Policy
from scoring.reports import By


class ScoreSerializer(serializers.ModelSerializer[ScoreRun]):
    subject = serializers.CharField(source="subject_run.subject.name")
    release = serializers.SerializerMethodField()
    run_release = serializers.IntegerField(source="subject_run.release.number")
    run_number = serializers.IntegerField(source="subject_run.number")
    rehearsal = serializers.BooleanField(source="release.project.rehearsal")

    class Meta:
        model = ScoreRun
        fields = [
            "id",
            "subject",
            "release",
            "run_release",
            "run_number",
            "policy",
            "parser",
            "verdict_source",
            "grouped_by",
            "input_sha256",
            "rehearsal",
            "result",
            "created_at",
        ]

    def get_release(self, run: ScoreRun) -> int:
        return run.release.number


class ScoreFilter(filters.FilterSet):
    release = filters.NumberFilter(field_name="release__number", min_value=1, max_value=10**6)
    subject = filters.CharFilter(field_name="subject_run__subject__name", max_length=80)
    policy = filters.ChoiceFilter(choices=[(policy.value, policy.value) for policy in Policy])
    by = filters.ChoiceFilter(field_name="grouped_by", choices=[(by.value, by.value) for by in By])
    verdict_source = filters.CharFilter(max_length=120)

    class Meta:
        model = ScoreRun
        fields: list[str] = []


@extend_schema(parameters=[SLUG, ordered_by("-id", "id")])
class ScoreList(ProjectView[ScoreRun], ListAPIView[ScoreRun]):
    """The scores of the subjects of a project, the newest first."""

    queryset = ScoreRun.objects.none()
    serializer_class = ScoreSerializer
    filter_backends: Any = [filters.DjangoFilterBackend]
    filterset_class = ScoreFilter
    scope = Scope.SCORES_READ
    act = Act.READ
    orderings = {"-id": ("-id",), "id": ("id",)}

    def rows(self) -> QuerySet[ScoreRun]:
        return ScoreRun.objects.filter(release__project=self.project).select_related(
            "release__project", "subject_run__subject", "subject_run__release"
        )
