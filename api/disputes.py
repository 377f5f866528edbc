"""What waits for a reviewer."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView

from annotation.models import Campaign, Matter
from annotation.signoff import Why
from api.base import SLUG, ProjectView, ordered_by
from api.cases import MatterSerializer
from api.pagination import Cursor
from curation.models import Language, Scope
from curation.permissions import Act

WAITING, SETTLED = "waiting", "settled"


class Few(Cursor):
    """People read one after the other, so a page is short."""

    page_size = 30
    max_page_size = 100


class DisputeFilter(filters.FilterSet):
    status = filters.ChoiceFilter(
        choices=[(WAITING, "waiting for a decision"), (SETTLED, "settled by a reviewer")],
        method="standing",
        label="Without it: those that wait.",
    )
    why = filters.ChoiceFilter(
        field_name="dispute", choices=[(why.value, why.value) for why in Why]
    )
    language = filters.ChoiceFilter(field_name="item__language", choices=Language.choices)
    kind = filters.ChoiceFilter(field_name="campaign__kind", choices=Campaign.Kind.choices)
    campaign = filters.NumberFilter(min_value=1, max_value=2**62)

    class Meta:
        model = Matter
        fields: list[str] = []

    def standing(self, matters: Any, name: str, value: str) -> Any:
        return matters  # the view has narrowed them already


@extend_schema(parameters=[SLUG, ordered_by("id", "-id")])
class DisputeList(ProjectView[Matter], ListAPIView[Matter]):
    """What people could not settle among themselves, or what was settled for them."""

    queryset = Matter.objects.none()
    serializer_class = MatterSerializer
    pagination_class = Few
    filter_backends: Any = [filters.DjangoFilterBackend]
    filterset_class = DisputeFilter
    scope = Scope.REVIEW
    act = Act.REVIEW
    orderings = {"id": ("id",), "-id": ("-id",)}

    def rows(self) -> QuerySet[Matter]:
        found = Matter.objects.shown().filter(campaign__project=self.project)
        if self.request.query_params.get("status") == SETTLED:
            found = found.filter(adjudication__isnull=False)
        else:
            found = found.disputed()
        return found.with_severity().select_related("campaign", "item")
