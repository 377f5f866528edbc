"""The next version of a guideline while it is written. Nobody saves over what they have not read.

Where nothing is saved yet, the version in force stands in for the draft.
"""

from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from annotation import guidelines
from annotation.guidelines import LENGTH
from annotation.ids import as_id
from annotation.models import Campaign, Guideline, GuidelineDraft
from curation import audit
from curation.refusals import Refused


class Seen(NamedTuple):
    """What an edit began from: the guideline in force, the draft and its version, or 0 and 0."""

    follows: int
    draft: int
    version: int

    def __str__(self) -> str:
        return ".".join(map(str, self))


class Overtaken(Refused):
    """Somebody saved, published or discarded meanwhile; `now` is what stands."""

    def __init__(self, now: GuidelineDraft) -> None:
        super().__init__(
            _("Somebody else was faster. Your text is kept: compare the two and save again.")
        )
        self.now = now


def seen_in(words: str) -> Seen | None:
    """Read what `str(seen)` wrote; None when it is nothing of the kind."""
    numbers = [as_id(word) for word in words.split(".")]
    if len(numbers) != len(Seen._fields) or None in numbers:
        return None
    return Seen(*(number or 0 for number in numbers))


def seen_of(draft: GuidelineDraft) -> Seen:
    """Return what an edit that begins from `standing` has seen."""
    return Seen(draft.campaign.guideline_id, draft.pk or 0, draft.version)


def standing(campaign: Campaign) -> GuidelineDraft:
    """Return the draft as it stands now, or one that is not saved and says what is in force."""
    fresh = Campaign.objects.select_related("project", "guideline").get(pk=campaign.pk)
    found = (
        GuidelineDraft.objects.select_related("saved_by", "follows").filter(campaign=fresh).first()
    )
    now = found or GuidelineDraft(version=0, follows=fresh.guideline, **_texts_of(fresh.guideline))
    now.campaign = fresh
    return now


def _texts_of(guideline: Guideline) -> dict[str, str]:
    return {"text_en": guideline.text_en, "text_zh": guideline.text_zh}


@transaction.atomic
def save(
    *, campaign: Campaign, seen: Seen, text_en: str, text_zh: str, by: User | None
) -> GuidelineDraft:
    """Save both texts over the draft that was seen, or begin one. Raises `Overtaken`."""
    texts = {"text_en": text_en, "text_zh": text_zh}
    for field, text in texts.items():
        if len(text) > LENGTH:
            raise Refused(
                _("A guideline has at most %(limit)s characters.") % {"limit": LENGTH}, field=field
            )
    values: dict[str, Any] = {**texts, "saved_by": by, "follows_id": seen.follows}
    in_force = Campaign.objects.values_list("guideline", flat=True).get(pk=campaign.pk)
    if in_force != seen.follows:
        raise Overtaken(standing(campaign))
    if not (_over(campaign, seen, values) if seen.draft else _begin(campaign, values, by)):
        raise Overtaken(standing(campaign))
    return standing(campaign)


def _over(campaign: Campaign, seen: Seen, values: dict[str, Any]) -> bool:
    same = GuidelineDraft.objects.filter(pk=seen.draft, campaign=campaign, version=seen.version)
    return bool(same.update(version=F("version") + 1, saved_at=Now(), **values))


def _begin(campaign: Campaign, values: dict[str, Any], by: User | None) -> bool:
    try:
        with transaction.atomic():
            GuidelineDraft.objects.create(campaign=campaign, **values)
    except IntegrityError:  # somebody else has just begun one
        return False
    _record(campaign, by, "guideline.draft")
    return True


@transaction.atomic
def publish(
    *, campaign: Campaign, seen: Seen, text_en: str, text_zh: str, by: User | None
) -> Guideline:
    """Save, publish what was saved and be done with the draft. Raises `Overtaken`."""
    draft = save(campaign=campaign, seen=seen, text_en=text_en, text_zh=text_zh, by=by)
    try:
        made = guidelines.publish(
            campaign=campaign, follows=seen.follows, text_en=text_en, text_zh=text_zh, by=by
        )
    except guidelines.NotLatest as late:
        raise Overtaken(standing(campaign)) from late
    draft.delete()
    return made


@transaction.atomic
def discard(*, campaign: Campaign, seen: Seen, by: User | None) -> None:
    """Throw the draft away, if it is the one that was seen. Raises `Overtaken`."""
    same = GuidelineDraft.objects.filter(pk=seen.draft, campaign=campaign, version=seen.version)
    if not same.delete()[0]:
        raise Overtaken(standing(campaign))
    _record(campaign, by, "guideline.discard")


def _record(campaign: Campaign, by: User | None, action: str) -> None:
    audit.record(
        project=campaign.project,
        by=audit.ref(by),
        action=action,
        subject=f"campaign:{campaign.pk}",
    )
