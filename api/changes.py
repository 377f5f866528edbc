"""What was shown and what stands now, for a client that shows its worker the difference."""

from collections.abc import Mapping
from typing import Any

from annotation.models import Assignment, Guideline
from annotation.sheets import Sheet
from api.sheets import GuidelineSerializer, ShownOptionSerializer
from curation.models import Option


def since(body: Mapping[str, Any], sheet: Sheet) -> dict[str, Any]:
    """Return `shown`, by the ids in the body of a submission, and `now`, fresh from the tables."""
    seat = Assignment.objects.select_related(
        "campaign__guideline", "matter__item__superseded_by"
    ).get(pk=sheet.seat.pk)
    item = seat.matter.item
    question = (item.superseded_by or item).question
    return {
        "shown": {
            "guideline": _guideline(body["guideline"], sheet),
            "question": item.question,
            "options": _options(body["shown"], sheet),
        },
        "now": {
            "guideline": GuidelineSerializer(seat.campaign.guideline).data,
            "question": question,
            "options": _cards(Sheet(seat, sheet.worker)),
        },
    }


def _guideline(pk: int, sheet: Sheet) -> Any:
    found = Guideline.objects.filter(pk=pk, project=sheet.campaign.project_id).first()
    return GuidelineSerializer(found).data if found else None


def _options(shown: list[int], sheet: Sheet) -> list[dict[str, Any]]:
    found = Option.objects.filter(item=sheet.item).in_bulk(shown)
    return [
        {"id": pk, "polarity": found[pk].polarity, "text": found[pk].text}
        for pk in shown
        if pk in found
    ]


def _cards(sheet: Sheet) -> Any:
    there = [card for card in sheet.cards if card.place.option]
    return ShownOptionSerializer(there, many=True).data
