"""What a worker sees on a seat, and nothing that could sway them before they have judged."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from annotation import guidelines, shown, tags
from annotation.care import SEVERE
from annotation.ids import as_id
from annotation.models import (
    Adjudication,
    Assignment,
    Campaign,
    Guideline,
    Matter,
    Worker,
)
from annotation.shown import Place
from annotation.tags import Suggestion
from curation import known_tags, planned
from curation.models import Item, Option, RiskTag


def is_severe(matter: Matter) -> bool:
    """Say whether the texts of a matter stay covered until they are opened."""
    if not hasattr(matter, "severity"):
        matter = Matter.objects.with_severity().get(pk=matter.pk)
    severity: int | None = matter.severity  # type: ignore[attr-defined]
    return (severity or 0) >= SEVERE


@dataclass(frozen=True)
class Card:
    """One place on the page. `name` prefixes its fields; `number` is its key.

    `drafted` is what the worker typed here before; `then` is the text it was typed about, when
    another one stands here now.
    """

    number: int
    place: Place
    language: str
    drafted: str = ""
    then: str = ""
    same: bool = True

    @property
    def name(self) -> str:
        """The prefix of the card's fields."""
        return f"o{self.number}"


JUDGED = """
    SELECT count(*) FROM annotation_judgement j
      JOIN annotation_matter m ON m.id = j.matter_id AND m.campaign_id = %(campaign)s
     WHERE j.worker_id = %(worker)s AND j.submitted_at >= %(since)s AND NOT j.takes_back
       AND NOT EXISTS (SELECT 1 FROM annotation_judgement later WHERE later.supersedes_id = j.id)"""


@dataclass
class Sheet:
    """A seat as its holder sees it. `typed` is the draft, by field name, each a list of values."""

    seat: Assignment
    worker: Worker
    typed: Mapping[str, Any] = field(default_factory=dict)
    version: int = 0  # of that draft
    aside: Mapping[str, Any] = field(default_factory=dict)  # what another tab holds

    @property
    def campaign(self) -> Campaign:
        return self.seat.campaign

    @property
    def item(self) -> Item:
        return self.seat.matter.item

    @property
    def is_severe(self) -> bool:
        """Whether its texts stay covered until they are opened."""
        return self.seat.lane.severity >= SEVERE

    @property
    def tests_a_skill(self) -> bool:
        """Whether answers are correct or incorrect here, instead of safe or unsafe."""
        return self.item.kind == Item.Kind.CAPABILITY

    @cached_property
    def cards(self) -> list[Card]:
        """The options and missing places, in the order shown."""
        if self.seat.matter.answer_id is not None:
            return []
        then = Option.objects.in_bulk(
            [pk for name in self._ids() if (pk := as_id(self._first(name))) is not None]
        )
        return [
            self._card(number, place, then)
            for number, place in enumerate(shown.places(self.item), 1)
        ]

    def _ids(self) -> list[str]:
        return [name for name in self.typed if name.endswith("-id")]

    def _first(self, name: str) -> str:
        values = self.typed.get(name) or [""]
        return str(values[0] if isinstance(values, list) else values)

    def _card(self, number: int, place: Place, then: dict[int, Option]) -> Card:
        seen = self._first(f"o{number}-id") if f"o{number}-id" in self.typed else None
        now = str(place.option.pk) if place.option else ""
        before = then.get(as_id(seen) or 0) if seen else None
        changed = seen is not None and seen != now
        return Card(
            number=number,
            place=place,
            language=self.item.language,
            drafted=self._first(f"o{number}-text"),
            then=before.text if changed and before and before.item_id == self.item.pk else "",
            same=not changed,
        )

    @cached_property
    def guideline_then(self) -> str:
        """The guideline the draft was typed under, when another one holds now."""
        seen = as_id(self._first("guideline"))
        if seen is None or seen == self.campaign.guideline_id:
            return ""
        then = Guideline.objects.filter(pk=seen, project=self.campaign.project_id).first()
        return guidelines.read(then) if then else ""

    @cached_property
    def question_now(self) -> str:
        """The question that has replaced this one since the seat was made, if one has."""
        if self.item.superseded_by_id is None:
            return ""
        newer = Item.objects.shown()
        found = newer.filter(pk=self.item.superseded_by_id).values_list("question", flat=True)
        return found.first() or ""

    @property
    def guideline_sections(self) -> list[tuple[str, str]]:
        """The guideline in the reader's language, as titles and texts."""
        return guidelines.sections(self.guideline_now)

    @property
    def guideline_now(self) -> str:
        return guidelines.read(self.campaign.guideline)

    @cached_property
    def tags(self) -> list[RiskTag]:
        """Every tag of the taxonomy, in its order."""
        return known_tags.of_version(self.campaign.project.taxonomy_id)

    @cached_property
    def suggestions(self) -> list[Suggestion]:
        return tags.suggested(self.item)

    @cached_property
    def given(self) -> RiskTag | None:
        """The main tag, if it came with the question; what a model proposed is not given."""
        given = {s.tag.pk for s in self.suggestions if not s.by_model}
        return self.item.main_tag if self.item.main_tag_id in given else None

    def path(self) -> list[str]:
        """Return the names from the dimension down to the given tag."""
        return tags.path_of(self.given, {tag.code: tag for tag in self.tags})

    def name_of(self, tag: RiskTag) -> str:
        """Return the tag's name in the reader's language."""
        return tags.name_of(tag)

    def main_tag_choices(self) -> list[Any]:
        """Return the choices of the main tag: what was suggested, then every tag by dimension."""
        proposed = [s for s in self.suggestions if s.by_model]
        groups: list[Any] = [("", _("Choose the main tag"))]
        if proposed:
            label = _("Suggested, not checked")
            groups.append((label, [(s.tag.code, tags.name_of(s.tag)) for s in proposed]))
        for dimension in (tag for tag in self.tags if tag.level == 1):
            below = [tag for tag in self.tags if tag.dimension == dimension.code]
            groups.append((tags.name_of(dimension), [(t.code, tags.name_of(t)) for t in below]))
        return groups

    def note(self) -> str:
        """Return what a reviewer wrote when the item was sent back to workers, if it was."""
        if self.seat.matter.round == 1:
            return ""
        before = Adjudication.objects.filter(
            matter__campaign_item=self.seat.matter.campaign_item_id,
            matter__round=self.seat.matter.round - 1,
        ).first()
        sent_back = before and not (before.options or before.unfit or before.outcome)
        return before.reason if before and sent_back else ""

    def judged_today(self) -> int:
        """Count the worker's judgements in the campaign since midnight."""
        midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        values = {"worker": self.worker.pk, "campaign": self.campaign.pk, "since": midnight}
        return int((planned.first(JUDGED, values) or (0,))[0])
