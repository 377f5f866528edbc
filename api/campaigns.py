"""Campaigns as they stand for the worker who asks, and the way to the next seat."""

from functools import cached_property
from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from annotation import enrolments, leases, locked, waiting
from annotation.models import Campaign, Worker
from annotation.sheets import Sheet
from api.base import SLUG, ByWorker, ProjectView, ReadView, ordered_by
from api.bodies import Nothing, said
from api.refusals import Told
from api.sheets import AssignmentSerializer, granted_to
from curation.models import Scope
from curation.permissions import Act, may

ID = OpenApiParameter("id", int, OpenApiParameter.PATH, description="The campaign.")
NOTHING = OpenApiResponse(
    description="Nothing is for this worker now; `reasons` says why, and until when."
)
REFUSED = OpenApiResponse(description="Refused.")
DONE = OpenApiResponse(description="Done.")


class ReasonSerializer(serializers.Serializer[Any]):
    """Why some work is not for the worker now: how many matters, until when if that is known."""

    code = serializers.CharField()
    number = serializers.IntegerField()
    more = serializers.BooleanField(help_text="There are more than were counted.")
    until = serializers.DateTimeField(allow_null=True)
    detail = serializers.CharField(source="__str__")


class CampaignsSerializer(serializers.ListSerializer[Any]):
    """Reads what all campaigns of a page have for the worker at once."""

    def to_representation(self, data: Any) -> list[Any]:
        worker: Worker = self.context["view"].worker
        found = waiting.overview(worker=worker, campaigns=list(data))
        child: Any = self.child
        return [child.to_representation(each) for each in found]


class CampaignSerializer(serializers.Serializer[Any]):
    """A campaign, and what it has for the worker who asks."""

    id = serializers.IntegerField(source="campaign.pk")
    name = serializers.CharField(source="campaign.name")
    kind = serializers.ChoiceField(choices=Campaign.Kind.choices, source="campaign.kind")
    status = serializers.ChoiceField(choices=Campaign.Status.choices, source="campaign.status")
    guideline = serializers.IntegerField(source="campaign.guideline_id")
    enrolled = serializers.BooleanField(source="is_enrolled")
    languages = serializers.ListField(
        child=serializers.CharField(), source="enrolment.languages", default=list
    )
    categories = serializers.ListField(
        child=serializers.CharField(),
        source="enrolment.categories",
        default=None,
        allow_null=True,
        help_text="Null is all of them.",
    )
    severity_limit = serializers.IntegerField(
        source="enrolment.severity_limit", default=None, allow_null=True
    )
    held = serializers.IntegerField(
        source="held.pk", default=None, allow_null=True, help_text="The assignment in hand."
    )
    free = serializers.IntegerField(help_text="Matters the worker could be given now.")
    more = serializers.BooleanField(help_text="There are more than were counted.")
    judged = serializers.IntegerField(help_text="Judgements of the worker.")
    reasons = ReasonSerializer(many=True, help_text="Why nothing can be claimed now, if so.")

    class Meta:
        list_serializer_class = CampaignsSerializer

    def to_representation(self, instance: Any) -> dict[str, Any]:
        if isinstance(instance, Campaign):
            worker: Worker = self.context["view"].worker
            [instance] = waiting.overview(worker=worker, campaigns=[instance])
        found: dict[str, Any] = super().to_representation(instance)
        return found


@extend_schema(parameters=[SLUG, ordered_by("-id", "id")])
class CampaignList(ByWorker, ProjectView[Campaign], ListAPIView[Campaign]):
    """The campaigns of a project, each as it stands for the worker who asks."""

    queryset = Campaign.objects.none()
    serializer_class: Any = CampaignSerializer
    scope = Scope.WORK
    act = Act.WORK
    orderings = {"-id": ("-id",), "id": ("id",)}

    def rows(self) -> QuerySet[Campaign]:
        return Campaign.objects.filter(project=self.project).select_related("project")


class CampaignView(ByWorker, ReadView[Campaign]):
    """A campaign of a project in which the worker may work."""

    queryset = Campaign.objects.none()
    serializer_class: Any = CampaignSerializer
    scope = Scope.WORK

    @cached_property
    def campaign(self) -> Campaign:
        campaigns = Campaign.objects.select_related("project", "guideline")
        found = campaigns.filter(pk=self.kwargs["id"]).first()
        if found is None or not may(self.request.user, Act.WORK, found.project):
            raise NotFound
        return found

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.campaign  # noqa: B018 - closed before anything else is looked at


class CampaignDetail(CampaignView):
    @extend_schema(parameters=[ID])
    def get(self, request: Request, **kwargs: Any) -> Response:
        """A campaign as it stands for the worker who asks."""
        return Response(self.get_serializer(self.campaign).data)


class CampaignAct(CampaignView):
    """Does one thing in a campaign."""

    http_method_names = ["post"]


class Claim(CampaignAct):
    serializer_class: Any = AssignmentSerializer

    @extend_schema(
        parameters=[ID], request=None, responses={200: AssignmentSerializer, 409: NOTHING}
    )
    def post(self, request: Request, **kwargs: Any) -> Response:
        """Return the seat the worker holds here, or lease them the next one."""
        said(request, Nothing)
        try:
            seat = waiting.claim(worker=self.worker, campaign=self.campaign)
        except leases.NoSeat as refused:
            reasons = ReasonSerializer(refused.reasons, many=True).data
            raise Told(refused, reasons=reasons) from refused
        found = granted_to(request.user).filter(pk=seat.pk).first()
        if found is None:  # its item was locked a moment ago: on to the next one
            locked.withdraw()
            return self.post(request, **kwargs)
        return Response(self.get_serializer(Sheet(found, self.worker)).data)


class Join(CampaignAct):
    @extend_schema(parameters=[ID], request=None, responses={200: CampaignSerializer, 409: REFUSED})
    def post(self, request: Request, **kwargs: Any) -> Response:
        """Take part in a campaign."""
        said(request, Nothing)
        enrolments.enrol(campaign=self.campaign, worker=self.worker)
        return Response(self.get_serializer(self.campaign).data)


class Leave(CampaignAct):
    @extend_schema(parameters=[ID], request=None, responses={204: DONE})
    def post(self, request: Request, **kwargs: Any) -> Response:
        """Stop taking part. What is in hand goes back; judgements stay."""
        said(request, Nothing)
        enrolments.leave(campaign=self.campaign, worker=self.worker)
        return Response(status=HTTPStatus.NO_CONTENT)
