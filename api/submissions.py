"""Judging a seat over the API: once, however often it is sent."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotation import judgements, undoing, work_drafts
from annotation.acts import ActOn
from annotation.models import Judgement
from annotation.sheets import Sheet
from annotation.taking import Changed, OtherContent, Submission
from annotation.typed import Work
from api import changes, used_keys
from api.assignments import ID, REFUSED, AssignmentAct
from api.bodies import Nothing, said
from api.refusals import Told
from api.sheets import JudgementSerializer
from api.work import AnswerBody, ReviewBody
from curation.refusals import Refused


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
            work_drafts.keep(grant=self.grant(body), worker=self.worker, payload=self.typed(body))
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


class GrantSerializer(serializers.Serializer[Any]):
    """A seat that is held. It holds no text, so that it may be kept to be sent again."""

    assignment = serializers.IntegerField()
    token = serializers.IntegerField()


class Undo(AssignmentAct):
    """Takes a judgement back."""

    serializer_class: Any = GrantSerializer

    @extend_schema(
        parameters=[ID, used_keys.PARAMETER],
        request=None,
        responses={200: GrantSerializer, 409: REFUSED},
    )
    def post(self, request: Request, **kwargs: Any) -> Response:
        """Take back what was said here; the answer is the assignment to say it again on.

        The same again answers the same again, as long as that one is held.
        """
        said(request, Nothing)
        granted = used_keys.once(request=request, worker=self.worker, act=self.undone)
        return Response(granted)

    def undone(self) -> Mapping[str, Any]:
        mine = self.seat.judgements.filter(worker=self.worker, takes_back=False).last()
        if mine is None:
            raise Refused(_("There is nothing here that you could take back."))
        grant = undoing.undo(judgement=mine, worker=self.worker)
        granted: Mapping[str, Any] = self.get_serializer(
            {"assignment": grant.seat, "token": grant.token}
        ).data
        return granted


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
