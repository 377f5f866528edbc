"""Guidelines: what workers are told. A published one is never edited, only followed."""

import re
from pathlib import Path

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from annotation import campaign_lock
from annotation.models import Campaign, Guideline
from curation import audit
from curation.models import Project
from curation.refusals import Refused

FOLDER = Path(__file__).resolve().parent / "default_guidelines"
LENGTH = 20_000  # characters


def read(guideline: Guideline) -> str:
    """Return the text in the reader's language."""
    chinese = (get_language() or "").startswith("zh")
    return guideline.text_zh if chinese else guideline.text_en


def sections(text: str) -> list[tuple[str, str]]:
    """Return the parts between empty lines as title and text; a single line has no title."""
    parts = [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]
    return [
        (part.split("\n", 1)[0], part.split("\n", 1)[1]) if "\n" in part else ("", part)
        for part in parts
    ]


class NotLatest(Refused):
    """Somebody published another version since this one was read."""


def default_of(*, project: Project, kind: Campaign.Kind | str) -> Guideline:
    """Return the latest guideline of the project for this kind of work; the first comes with us."""
    latest = Guideline.objects.filter(project=project, name=kind).order_by("-number").first()
    if latest:
        return latest
    texts = {
        f"text_{language}": (FOLDER / f"{kind}.{language}.txt").read_text(encoding="utf-8")
        for language in ("en", "zh")
    }
    return Guideline.objects.get_or_create(project=project, name=kind, number=1, defaults=texts)[0]


@transaction.atomic
def publish(
    *, campaign: Campaign, follows: int, text_en: str, text_zh: str, by: User | None
) -> Guideline:
    """Publish the next version of a campaign's guideline and put the campaign under it.

    `follows` is the id of the version that was edited. Raises `NotLatest` when another one
    followed it meanwhile. Work in hand is shown what changed before it can be submitted.
    """
    campaign_lock.alone(campaign.pk)
    campaign = Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
    now = campaign.guideline
    texts = {"text_en": text_en.strip(), "text_zh": text_zh.strip()}
    for field, text in texts.items():
        if not text or len(text) > LENGTH:
            raise Refused(
                _("A guideline needs a text of at most %(limit)s characters in both languages.")
                % {"limit": LENGTH},
                field=field,
            )
    if now.pk != follows:
        raise NotLatest(_("Somebody has just published another version. Read it first."))
    if all(getattr(now, field).strip() == text for field, text in texts.items()):
        raise Refused(_("Nothing was changed."))
    following = _next(now, texts)
    campaign.guideline = following
    campaign.save(update_fields=["guideline"])
    audit.record(
        project=campaign.project,
        by=audit.ref(by),
        action="guideline.publish",
        subject=f"guideline:{following.pk}",
        number=following.number,
    )
    return following


def _next(now: Guideline, texts: dict[str, str]) -> Guideline:
    latest = Guideline.objects.filter(project=now.project_id, name=now.name).order_by("-number")[0]
    try:
        with transaction.atomic():
            return Guideline.objects.create(
                project_id=now.project_id, name=now.name, number=latest.number + 1, **texts
            )
    except IntegrityError as error:
        raise NotLatest(_("Somebody has just published another version. Read it first.")) from error
