"""A matter before a reviewer, with everything said of it."""

from functools import cached_property
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from annotation import adjudication, evidence, witnesses
from annotation.models import Matter
from api.base import ByWorker, ReadView
from api.cases import Case, CaseSerializer
from curation.models import Scope
from curation.permissions import Act, may

ID = OpenApiParameter("id", int, OpenApiParameter.PATH, description="The matter.")


class MatterView(ByWorker, ReadView[Matter]):
    """A matter of a project in which the worker may settle."""

    queryset = Matter.objects.none()
    serializer_class: Any = CaseSerializer
    scope = Scope.REVIEW

    @cached_property
    def matter(self) -> Matter:
        found = (
            Matter.objects.shown()
            .select_related("campaign__project", "campaign_item", "item__main_tag", "answer")
            .filter(pk=self.kwargs["id"])
            .first()
        )
        if found is None or not may(self.request.user, Act.REVIEW, found.campaign.project):
            raise NotFound
        return found

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.matter  # noqa: B018 - closed before anything else is looked at

    def hide_from_who_may_judge(self) -> None:
        """For a reviewer who takes part and may yet judge it, the matter is not there."""
        if evidence.would_sway(self.matter, self.worker):
            raise NotFound


class MatterDetail(MatterView):
    @extend_schema(parameters=[ID])
    def get(self, request: Request, **kwargs: Any) -> Response:
        """A matter with everything said of it, for who may decide on it.

        Who has read it is not asked to judge it any more.
        """
        self.hide_from_who_may_judge()
        witnesses.read(matter=self.matter, by=self.worker)
        matter: Any = self.matter
        why_not = adjudication.why_not(matter=matter, by=self.worker)
        matter.case = Case(evidence.of(matter), why_not)
        return Response(self.get_serializer(matter).data)
