"""Settling a matter over the API: one decision, with the words it needs."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from annotation import adjudication
from annotation.adjudication import AlreadySettled, Take
from annotation.models import Adjudication, Matter, Outcome, Unfit
from annotation.tags import LIMIT
from api import used_keys
from api.bodies import Body, Flag, Text, Word, an_id, said
from api.cases import AdjudicationSerializer
from api.matters import ID, MatterView
from api.refusals import Told
from curation.models.base import NOTE_LENGTH, OPTION_LENGTH
from curation.refusals import Refused

REFUSED = OpenApiResponse(description="Refused: `type` says how; `first` is what settled it.")
# Each decision and what goes with it; the first of these words it cannot do without.
GOES_WITH: dict[str, tuple[str, ...]] = {
    "outcome": ("reason", "tags", "contested"),
    "takes": ("reason", "tags", "contested"),
    "unfit": ("reason",),
    "send_back": ("note",),
    "ask_another": (),
}


class TakeBody(Body):
    """A text that is there (`option`), or one of the reviewer's own (`text`)."""

    option = an_id(allow_null=True, default=None)
    text = Text(default="", allow_blank=True, max_length=OPTION_LENGTH)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if bool(attrs["option"]) == bool(attrs["text"]):
            raise ValidationError(_("Give an option or a text."))
        return attrs


class TakesBody(Body):
    """What is taken for each polarity."""

    positive = TakeBody()
    negative = TakeBody()


class SettleBody(Body):
    """One decision: `outcome` of an answer, `takes` of options, or one of the others."""

    outcome = Word(choices=Outcome.choices, required=False)
    takes = TakesBody(required=False)
    unfit = Word(choices=Unfit.choices, required=False)
    send_back = Flag(default=False, help_text="Give options back to workers, with a note.")
    ask_another = Flag(default=False, help_text="Put an answer to one more worker.")
    reason = Text(default="", allow_blank=True, max_length=NOTE_LENGTH)
    note = Text(default="", allow_blank=True, max_length=NOTE_LENGTH)
    tags = serializers.ListField(
        child=Text(max_length=80), default=list, max_length=LIMIT, help_text="The main one first."
    )
    contested = Flag(default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        given = {name for name, value in attrs.items() if value}
        decisions = given & GOES_WITH.keys()
        if len(decisions) != 1:
            names = ", ".join(GOES_WITH)
            raise ValidationError(_("Decide one thing: %(names)s.") % {"names": names})
        (decision,) = decisions
        _check(decision, given - decisions)
        return attrs | {"decision": decision}


def _check(decision: str, given: set[str]) -> None:
    goes_with = GOES_WITH[decision]
    words = _("This does not go with “%(decision)s”.") % {"decision": decision}
    faults = {name: [words] for name in given - set(goes_with)}
    if goes_with and goes_with[0] not in given:
        faults[goes_with[0]] = [_("Say why.")]
    if faults:
        raise ValidationError(faults)


class SettledSerializer(serializers.Serializer[Any]):
    """What a decision led to. It holds no text, so that it may be kept to be sent again."""

    matter = serializers.IntegerField()
    status = serializers.CharField()
    item_status = serializers.CharField()
    adjudication = serializers.IntegerField(allow_null=True)
    next = serializers.IntegerField(allow_null=True, help_text="The matter of the next round.")


class Settle(MatterView):
    serializer_class: Any = SettledSerializer
    http_method_names = ["post"]

    @extend_schema(
        parameters=[ID, used_keys.PARAMETER],
        request=SettleBody,
        responses={200: SettledSerializer, 409: REFUSED},
    )
    def post(self, request: Request, **kwargs: Any) -> Response:
        """Settle a disputed matter, or put it before people once more."""
        body = said(request, SettleBody)
        try:
            led_to = used_keys.once(
                request=request, worker=self.worker, act=lambda: self.settled(body)
            )
        except AlreadySettled as refused:
            raise Told(refused, first=AdjudicationSerializer(refused.first).data) from refused
        except Refused as refused:
            raise Told(refused, field=_place(refused.field)) from refused
        return Response(led_to)

    def settled(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        self.hide_from_who_may_judge()
        ACTS[body["decision"]](self, body)
        matter = Matter.objects.select_related("item").get(pk=self.matter.pk)
        following = Matter.objects.filter(
            campaign_item=matter.campaign_item_id, round=matter.round + 1
        )
        made = Adjudication.objects.filter(matter=matter).values_list("pk", flat=True)
        return self.get_serializer(
            {
                "matter": matter.pk,
                "status": matter.status,
                "item_status": matter.item.status,
                "adjudication": made.first(),
                "next": following.values_list("pk", flat=True).first(),
            }
        ).data

    def settle_answer(self, body: Mapping[str, Any]) -> None:
        adjudication.settle_answer(
            matter=self.matter,
            by=self.worker,
            outcome=body["outcome"],
            reason=body["reason"],
            tags=body["tags"],
            contested=body["contested"],
        )

    def settle_review(self, body: Mapping[str, Any]) -> None:
        adjudication.settle_review(
            matter=self.matter,
            by=self.worker,
            takes={polarity: Take(**take) for polarity, take in body["takes"].items()},
            reason=body["reason"],
            tags=body["tags"],
            contested=body["contested"],
        )

    def settle_unfit(self, body: Mapping[str, Any]) -> None:
        adjudication.settle_unfit(
            matter=self.matter, by=self.worker, unfit=body["unfit"], reason=body["reason"]
        )

    def send_back(self, body: Mapping[str, Any]) -> None:
        adjudication.send_back(matter=self.matter, by=self.worker, note=body["note"])

    def ask_another(self, body: Mapping[str, Any]) -> None:
        adjudication.ask_another(matter=self.matter, by=self.worker)


ACTS = {
    "outcome": Settle.settle_answer,
    "takes": Settle.settle_review,
    "unfit": Settle.settle_unfit,
    "send_back": Settle.send_back,
    "ask_another": Settle.ask_another,
}


def _place(field: str) -> str:
    """Name a field as the body has it."""
    polarity, _dash, name = field.partition("-")
    if name in {"take", "text"}:
        return f"takes/{polarity}/{'option' if name == 'take' else name}"
    return {"main_tag": "tags"}.get(field, field)
