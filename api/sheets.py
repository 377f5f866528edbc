"""A seat as its holder sees it, for programs; never who made a text, nor what others said of it."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from annotation import work_drafts
from annotation.models import Assignment, Exposure, Guideline, Judgement, Outcome, Worker
from annotation.sheets import Sheet
from annotation.typed import work_of
from annotation.words import outcome_words
from api.work import DraftSerializer
from curation.models import Item


def granted_to(user: Any) -> QuerySet[Assignment]:
    """Return the seats that were ever granted to the user, with what a sheet shows of them."""
    granted = Exposure.objects.filter(seat=OuterRef("pk"), worker__user=user.pk)
    return Assignment.objects.select_related(
        "lane",
        "campaign__project__taxonomy",
        "campaign__guideline",
        "matter__item__main_tag",
        "matter__answer",
    ).filter(~Q(matter__item__status=Item.Status.LOCKED), Exists(granted))


class GuidelineSerializer(serializers.ModelSerializer[Guideline]):
    class Meta:
        model = Guideline
        fields = ["id", "name", "number", "text_en", "text_zh"]


class ShownOptionSerializer(serializers.Serializer[Any]):
    """An option as shown. `before` is the text it followed during this review, if it did."""

    id = serializers.IntegerField(source="place.option.pk")
    polarity = serializers.CharField(source="place.polarity")
    text = serializers.CharField(source="place.option.text")
    before = serializers.CharField(source="place.before")


class OutcomeSerializer(serializers.Serializer[Any]):
    value = serializers.ChoiceField(choices=Outcome.choices)
    words = serializers.CharField()


class TaxonomySerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    url = serializers.CharField(help_text="Where its tags are.")


class AssignmentSerializer(serializers.Serializer[Any]):
    """A seat that is held: what to judge, under which grant, until when."""

    id = serializers.IntegerField(source="seat.pk")
    token = serializers.IntegerField(source="seat.token")
    key = serializers.SerializerMethodField(help_text="Names this grant; worth one judgement.")
    campaign = serializers.IntegerField(source="seat.campaign_id")
    kind = serializers.CharField(source="campaign.kind")
    lease_expires_at = serializers.DateTimeField(source="seat.lease_expires_at")
    language = serializers.CharField(source="item.language")
    severe = serializers.BooleanField(source="is_severe", help_text="Cover the texts at first.")
    question = serializers.CharField(source="item.question")
    answer = serializers.CharField(source="seat.matter.answer.reply", default=None, allow_null=True)
    outcomes = serializers.SerializerMethodField(help_text="What can be said of the answer.")
    options = serializers.SerializerMethodField(help_text="In the order to show them.")
    missing = serializers.SerializerMethodField(help_text="Polarities somebody has to write.")
    main_tag = serializers.CharField(
        source="given.code", default=None, allow_null=True, help_text="As it came with the item."
    )
    suggested_tags = serializers.SerializerMethodField(help_text="Proposed by a model, unchecked.")
    taxonomy = serializers.SerializerMethodField()
    guideline = GuidelineSerializer(source="campaign.guideline")
    note = serializers.SerializerMethodField(help_text="What a reviewer wrote who sent it back.")
    draft = serializers.SerializerMethodField()

    def get_key(self, sheet: Sheet) -> str:
        return f"{sheet.seat.pk}.{sheet.seat.token}"

    @extend_schema_field(OutcomeSerializer(many=True))
    def get_outcomes(self, sheet: Sheet) -> list[dict[str, str]]:
        if sheet.seat.matter.answer_id is None:
            return []
        return [
            {"value": value, "words": outcome_words(value, sheet.item)} for value in Outcome.values
        ]

    @extend_schema_field(ShownOptionSerializer(many=True))
    def get_options(self, sheet: Sheet) -> Any:
        there = [card for card in sheet.cards if card.place.option]
        return ShownOptionSerializer(there, many=True).data

    def get_missing(self, sheet: Sheet) -> list[str]:
        return [card.place.polarity for card in sheet.cards if card.place.option is None]

    def get_suggested_tags(self, sheet: Sheet) -> list[str]:
        return [suggestion.tag.code for suggestion in sheet.suggestions if suggestion.by_model]

    @extend_schema_field(TaxonomySerializer)
    def get_taxonomy(self, sheet: Sheet) -> dict[str, str]:
        project = sheet.campaign.project
        url = reverse("api-tags", args=[project.slug], request=self.context["request"])
        return {"name": str(project.taxonomy), "url": url}

    def get_note(self, sheet: Sheet) -> str:
        return sheet.note()

    @extend_schema_field(DraftSerializer)
    def get_draft(self, sheet: Sheet) -> Any:
        return kept(seat=sheet.seat.pk, worker=sheet.worker)


def kept(*, seat: int, worker: Worker) -> Any:
    """Return what is kept of the worker's unfinished work on a seat."""
    draft = work_drafts.of(seat=seat, worker=worker)
    found = {"saved_at": draft.saved_at, "work": work_of(draft.payload)} if draft else {}
    return DraftSerializer({"saved_at": None, "work": None} | found).data


class DoneActSerializer(serializers.Serializer[Any]):
    polarity = serializers.CharField()
    act = serializers.CharField()
    option = serializers.IntegerField(source="option_id", allow_null=True)
    made = serializers.IntegerField(
        source="made_id", allow_null=True, help_text="The option this act made."
    )


class JudgementSerializer(serializers.ModelSerializer[Judgement]):
    """A judgement as it was taken. It holds no text, so that it may be kept to be sent again."""

    assignment = serializers.IntegerField(source="seat_id")
    campaign = serializers.IntegerField(source="matter.campaign_id")
    acts = serializers.SerializerMethodField(help_text="On the options; none on an answer.")

    class Meta:
        model = Judgement
        fields = [
            "id",
            "assignment",
            "token",
            "campaign",
            "outcome",
            "unfit",
            "tags",
            "acts",
            "guideline",
            "pasted",
            "submitted_at",
        ]

    @extend_schema_field(DoneActSerializer(many=True))
    def get_acts(self, judgement: Judgement) -> Any:
        acts = judgement.acts.order_by("id") if judgement.matter.answer_id is None else []
        return DoneActSerializer(acts, many=True).data
