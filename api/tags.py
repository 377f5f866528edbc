"""The risk tags people choose from."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView

from api.base import SLUG, ProjectView, ordered_by
from curation.models import RiskTag
from curation.permissions import Act


class TagSerializer(serializers.ModelSerializer[RiskTag]):
    dimension = serializers.CharField()

    class Meta:
        model = RiskTag
        fields = [
            "code",
            "level",
            "dimension",
            "severity",
            "name_en",
            "name_zh",
            "definition_en",
            "definition_zh",
        ]


@extend_schema(parameters=[SLUG, ordered_by("position")])
class TagList(ProjectView[RiskTag], ListAPIView[RiskTag]):
    """The tags of the project's taxonomy, each dimension before what is below it."""

    queryset = RiskTag.objects.none()
    serializer_class = TagSerializer
    act = Act.WORK
    orderings = {"position": ("position", "id")}

    def rows(self) -> QuerySet[RiskTag]:
        return RiskTag.objects.filter(version=self.project.taxonomy_id)
