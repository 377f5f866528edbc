"""A seat over the API: seeing it, keeping it, keeping drafts, handing it back."""

from collections.abc import Mapping
from functools import cached_property
from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from annotation import leases, work_drafts
from annotation.leases import Grant, LeaseLost
from annotation.models import Assignment, Decline, Judgement
from annotation.sheets import Sheet
from annotation.typed import Work
from api.base import ByWorker, ReadView
from api.bodies import Word, said
from api.refusals import Told
from api.sheets import AssignmentSerializer, granted_to, kept
from api.work import DraftBody, DraftSerializer, GrantBody, fields_of, work_in
from curation.models import Scope
from curation.permissions import Act, may
from curation.refusals import Refused

ID = OpenApiParameter("id", int, OpenApiParameter.PATH, description="The assignment.")
REFUSED = OpenApiResponse(description="Refused: `type` says how, `draft` is what is kept.")
DONE = OpenApiResponse(description="Done.")


class AssignmentView(ByWorker, ReadView[Assignment]):
    """A seat that was ever granted to the worker; for everybody else it is not there."""

    queryset = Assignment.objects.none()
    serializer_class: Any = AssignmentSerializer
    scope = Scope.WORK

    @cached_property
    def seat(self) -> Assignment:
        found = granted_to(self.request.user).filter(pk=self.kwargs["id"]).first()
        if found is None or not may(self.request.user, Act.WORK, found.campaign.project):
            raise NotFound
        return found

    @property
    def is_answer(self) -> bool:
        return self.seat.matter.answer_id is not None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.seat  # noqa: B018 - closed before anything else is looked at

    def handle_exception(self, exc: Exception) -> Response:
        """Say with every refusal where the seat stands and what is kept of the worker's text."""
        if isinstance(exc, Refused):
            mine = {"worker": self.worker, "matter": self.seat.matter_id}
            exc = Told(
                exc,
                judged=Judgement.objects.standing().filter(seat=self.seat.pk, **mine).exists(),
                skipped=Decline.objects.filter(**mine).exists(),
                draft=kept(seat=self.seat.pk, worker=self.worker),
            )
        return super().handle_exception(exc)

    def grant(self, body: Mapping[str, Any]) -> Grant:
        return Grant(self.seat.pk, body["token"])

    def work(self, body: Mapping[str, Any]) -> Work:
        return work_in(body, self.seat.matter.item)

    def typed(self, body: Mapping[str, Any]) -> Mapping[str, object]:
        """Return what a body says as a draft keeps it."""
        return fields_of(self.work(body), self.seat.matter.item, of_answer=self.is_answer)


@extend_schema(parameters=[ID], responses={200: AssignmentSerializer, 409: REFUSED})
class AssignmentDetail(AssignmentView):
    """A seat that is held."""

    def get(self, request: Request, **kwargs: Any) -> Response:
        """The seat as long as it is held, with the draft of it."""
        if not Assignment.objects.held_by(self.worker).filter(pk=self.seat.pk).exists():
            raise LeaseLost(_("You no longer hold this."))
        return Response(self.get_serializer(Sheet(self.seat, self.worker)).data)


class AssignmentAct(AssignmentView):
    """Does one thing to a seat."""

    http_method_names = ["post"]


class LeaseSerializer(serializers.Serializer[Any]):
    lease_expires_at = serializers.DateTimeField()


class Heartbeat(AssignmentAct):
    @extend_schema(
        parameters=[ID], request=GrantBody, responses={200: LeaseSerializer, 409: REFUSED}
    )
    def post(self, request: Request, **kwargs: Any) -> Response:
        """Renew the lease, up to four times its length after the claim."""
        grant = self.grant(said(request, GrantBody))
        lease = leases.heartbeat(grant=grant, worker=self.worker)
        return Response(LeaseSerializer({"lease_expires_at": lease.until}).data)


class GiveBack(AssignmentAct):
    @extend_schema(parameters=[ID], request=GrantBody, responses={204: DONE, 409: REFUSED})
    def post(self, request: Request, **kwargs: Any) -> Response:
        """Give the seat back unjudged; the draft of it is kept."""
        leases.give_back(grant=self.grant(said(request, GrantBody)), worker=self.worker)
        return Response(status=HTTPStatus.NO_CONTENT)


class SkipBody(GrantBody):
    """Why a matter is declined."""

    reason = Word(choices=Decline.Reason.choices)


class Skip(AssignmentAct):
    @extend_schema(parameters=[ID], request=SkipBody, responses={204: DONE, 409: REFUSED})
    def post(self, request: Request, **kwargs: Any) -> Response:
        """Decline the matter for good; others are still asked."""
        body = said(request, SkipBody)
        leases.skip(grant=self.grant(body), worker=self.worker, reason=body["reason"])
        return Response(status=HTTPStatus.NO_CONTENT)


class Draft(AssignmentView):
    serializer_class: Any = DraftSerializer
    http_method_names = ["get", "head", "put"]

    @extend_schema(parameters=[ID], responses=DraftSerializer)
    def get(self, request: Request, **kwargs: Any) -> Response:
        """What is kept of the worker's unfinished work, also once the seat is somebody else's."""
        return Response(kept(seat=self.seat.pk, worker=self.worker))

    @extend_schema(
        parameters=[ID], request=DraftBody, responses={200: DraftSerializer, 409: REFUSED}
    )
    def put(self, request: Request, **kwargs: Any) -> Response:
        """Keep the work as far as it has got."""
        body = said(request, DraftBody)
        work_drafts.save(grant=self.grant(body), worker=self.worker, payload=self.typed(body))
        return Response(kept(seat=self.seat.pk, worker=self.worker))
