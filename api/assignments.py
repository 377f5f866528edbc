"""A seat over the API: seeing it, judging it, keeping drafts, handing it back."""

from collections.abc import Mapping
from functools import cached_property
from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    PolymorphicProxySerializer,
    extend_schema,
)
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from annotation import judgements, leases, work_drafts
from annotation.acts import ActOn
from annotation.leases import Grant, LeaseLost
from annotation.models import Assignment, Decline, Judgement
from annotation.sheets import Sheet
from annotation.taking import Changed, OtherContent, Submission
from annotation.typed import Work
from api import changes, used_keys
from api.base import ByWorker, ReadView
from api.bodies import Word, said
from api.refusals import Told
from api.sheets import AssignmentSerializer, JudgementSerializer, granted_to, kept
from api.work import (
    AnswerBody,
    DraftBody,
    DraftSerializer,
    GrantBody,
    ReviewBody,
    fields_of,
    work_in,
)
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

    def keep(self, body: Mapping[str, Any]) -> None:
        """Keep the work of a refused submission, if it can be kept."""
        work_drafts.keep(
            grant=self.grant(body), worker=self.worker, payload=self.fields(self.work(body))
        )

    def work(self, body: Mapping[str, Any]) -> Work:
        return work_in(body, self.seat.matter.item)

    def fields(self, work: Work) -> Mapping[str, object]:
        return fields_of(work, self.seat.matter.item, of_answer=self.is_answer)


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


class Submit(AssignmentAct):
    serializer_class: Any = JudgementSerializer

    @extend_schema(
        parameters=[ID, used_keys.PARAMETER],
        request=PolymorphicProxySerializer(
            component_name="Submission",
            serializers=[AnswerBody, ReviewBody],
            resource_type_field_name=None,
        ),
        responses={200: JudgementSerializer, 409: REFUSED},
    )
    def post(self, request: Request, **kwargs: Any) -> Response:
        """Judge what the assignment shows. The same again answers the same again."""
        body = said(request, AnswerBody if self.is_answer else ReviewBody)
        try:
            receipt = used_keys.once(
                request=request, worker=self.worker, act=lambda: self.judged(body)
            )
        except Refused as refused:
            self.keep(body)
            raise Told(
                refused, field=_place(refused, body), **self.more(refused, body)
            ) from refused
        return Response(receipt)

    def judged(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        work = self.work(body)
        submission = Submission(
            grant=self.grant(body),
            guideline=body["guideline"],
            shown=tuple(body["shown"]),
            pasted=body["pasted"],
            typed=self.fields(work),
        )
        submit = self.answer if self.is_answer else self.review
        return self.get_serializer(submit(submission, work)).data

    def answer(self, submission: Submission, work: Work) -> Judgement:
        return judgements.submit_answer(
            submission=submission,
            worker=self.worker,
            outcome=work.outcome,
            tags=work.tags,
            reason=work.reason,
        )

    def review(self, submission: Submission, work: Work) -> Judgement:
        return judgements.submit_review(
            submission=submission,
            worker=self.worker,
            acts=[_meant(act) for act in work.acts],
            tags=work.tags,
            unfit=work.unfit,
            note=work.note if work.unfit else "",
        )

    def more(self, refused: Refused, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a client needs to go on after this refusal."""
        if isinstance(refused, Changed):
            return changes.since(body, Sheet(self.seat, self.worker))
        if isinstance(refused, OtherContent):
            mine = self.seat.judgements.filter(worker=self.worker, token=body["token"]).first()
            return {"judgement": self.get_serializer(mine).data if mine else None}
        return {}


def _meant(act: ActOn) -> ActOn:
    """Leave out what does not go with the act, as the page does."""
    writes, rejects = act.act in {"rewrite", "write"}, act.act == "reject"
    return ActOn(
        polarity=act.polarity,
        act=act.act,
        option=act.option,
        text=act.text if writes else "",
        reason=act.reason if rejects else "",
        note=act.note if rejects else "",
    )


def _place(refused: Refused, body: Mapping[str, Any]) -> str:
    """Name a field as the body has it: the verbs name an act by its option or its polarity."""
    place, _colon, name = refused.field.partition(":")
    for index, act in enumerate(body.get("acts", [])):
        if name and place in {str(act["option"]), act["polarity"] if not act["option"] else ""}:
            return f"acts/{index}/{name}"
    return {"main_tag": "tags"}.get(refused.field, refused.field)


class LeaseSerializer(serializers.Serializer[Any]):
    lease_expires_at = serializers.DateTimeField()


class Heartbeat(AssignmentAct):
    @extend_schema(
        parameters=[ID], request=GrantBody, responses={200: LeaseSerializer, 409: REFUSED}
    )
    def post(self, request: Request, **kwargs: Any) -> Response:
        """Renew the lease, up to four times its length after the claim."""
        grant = self.grant(said(request, GrantBody))
        until = leases.heartbeat(grant=grant, worker=self.worker)
        return Response(LeaseSerializer({"lease_expires_at": until}).data)


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
        work_drafts.save(
            grant=self.grant(body), worker=self.worker, payload=self.fields(self.work(body))
        )
        return Response(kept(seat=self.seat.pk, worker=self.worker))
