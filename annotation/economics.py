"""What became of the drafts of models, and what they cost: by endpoint and prompt, and by tag.

An option counts where its item is now: the last text of its chain is compared with the draft. An
accepted text that keeps more than half of the draft is an edit, one that keeps less a rewrite.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from annotation.models import OptionAct
from curation.models import Endpoint, Project, Purpose
from curation.text import edit_distance

PURPOSES = [Purpose.POSITIVE.value, Purpose.NEGATIVE.value]
LONGEST_LOOK = 1800  # seconds; who looks at a page for longer does something else meanwhile
DIMENSION = "coalesce(CASE WHEN %(by_tag)s THEN t.code ELSE split_part(t.code, '.', 1) END, '')"

# The first option of each draft, and the last one that followed it.
ENDS = f"""
WITH RECURSIVE roots AS (
    SELECT min(o.id) AS id FROM curation_option o JOIN curation_item i ON i.id = o.item_id
    WHERE i.project_id = %(project)s AND o.draft_id IS NOT NULL GROUP BY o.draft_id
), chain AS (
    SELECT id AS root, id AS option, 0 AS depth FROM roots
    UNION ALL
    SELECT c.root, n.id, c.depth + 1
    FROM chain c JOIN curation_option n ON n.supersedes_id = c.option
), ends AS MATERIALIZED (
    SELECT DISTINCT ON (root) root, option, depth FROM chain ORDER BY root, depth DESC
), fates AS (
    SELECT c.endpoint_id, c.purpose, p.version, {DIMENSION} AS dimension, o.id AS root, e.option,
        o.item_id, x.status, o.text AS before, x.text AS after, x.text <> o.text AS changed, e.depth
    FROM ends e JOIN curation_option o ON o.id = e.root JOIN curation_option x ON x.id = e.option
    JOIN curation_draft d ON d.id = o.draft_id JOIN curation_attempt a ON a.id = d.attempt_id
    JOIN curation_call c ON c.id = a.call_id JOIN curation_prompt p ON p.id = c.prompt_id
    JOIN curation_item i ON i.id = o.item_id LEFT JOIN curation_risktag t ON t.id = i.main_tag_id
)
"""  # noqa: S608 - nothing of a person's is in it
COUNTED = """
SELECT endpoint_id, purpose, version, dimension, status, changed,
    CASE WHEN status = 'rejected' THEN coalesce((
        SELECT r.reason FROM annotation_optionact r
        WHERE r.option_id = fates.option AND r.act = 'reject' ORDER BY r.id DESC LIMIT 1), '')
    ELSE '' END AS why, count(*)
FROM fates GROUP BY 1, 2, 3, 4, 5, 6, 7
"""
# How far a change went is known where one person made it; else the texts are compared here.
CHANGED = """
SELECT endpoint_id, purpose, version, dimension, r.edit_distance,
    CASE WHEN r.edit_distance IS NULL THEN before ELSE '' END,
    CASE WHEN r.edit_distance IS NULL THEN after ELSE '' END,
    greatest(length(before), length(after))
FROM fates LEFT JOIN annotation_optionact r
    ON r.made_id = fates.option AND r.option_id = fates.root AND fates.depth = 1
WHERE status = 'accepted' AND changed
"""
OF_CALLS = """
FROM curation_call c JOIN curation_endpoint e ON e.id = c.endpoint_id
JOIN curation_prompt p ON p.id = c.prompt_id JOIN curation_item i ON i.id = c.item_id
LEFT JOIN curation_risktag t ON t.id = i.main_tag_id
"""
CALLS = f"""
SELECT c.endpoint_id, c.purpose, p.version, {DIMENSION}, c.status,
    split_part(c.problem, ':', 1), count(*)
{OF_CALLS} WHERE e.project_id = %(project)s AND c.purpose = ANY(%(purposes)s)
    AND c.status IN ('refused', 'unusable', 'failed') GROUP BY 1, 2, 3, 4, 5, 6
"""
COSTS = f"""
SELECT c.endpoint_id, c.purpose, p.version, {DIMENSION}, sum(a.cost)
{OF_CALLS} JOIN curation_attempt a ON a.call_id = c.id
WHERE e.project_id = %(project)s AND c.purpose = ANY(%(purposes)s) AND a.cost IS NOT NULL
GROUP BY 1, 2, 3, 4
"""
SECONDS = """
, looked AS MATERIALIZED (
    SELECT m.item_id, sum(least(extract(epoch FROM j.submitted_at - j.shown_at), %(longest)s)) AS s
    FROM annotation_judgement j JOIN annotation_matter m ON m.id = j.matter_id
    JOIN curation_item i ON i.id = m.item_id
    WHERE i.project_id = %(project)s AND m.answer_id IS NULL AND NOT j.takes_back GROUP BY 1
)
SELECT f.endpoint_id, f.purpose, f.version, NULL, avg(l.s)::float
FROM (SELECT DISTINCT endpoint_id, purpose, version, item_id FROM fates) f
JOIN looked l ON l.item_id = f.item_id GROUP BY 1, 2, 3
UNION ALL
SELECT NULL, NULL, NULL, f.dimension, avg(l.s)::float
FROM (SELECT DISTINCT dimension, item_id FROM fates) f
JOIN looked l ON l.item_id = f.item_id GROUP BY 4
"""
Group = tuple[int, str, int, str]  # endpoint, purpose, version of the prompt, dimension


@dataclass
class Line:
    """What became of some drafts; `cost` in micro-units, None where no price was known."""

    name: str = ""
    detail: str = ""
    unchanged: int = 0
    edited: int = 0
    rewritten: int = 0
    undecided: int = 0
    withheld: int = 0
    refused: int = 0
    unusable: int = 0
    failed: int = 0
    cost: int | None = None
    seconds: float | None = None  # of people, for an item
    reasons: Counter[str] = field(default_factory=Counter)
    distances: list[int] = field(default_factory=list)

    @property
    def rejected(self) -> int:
        return self.reasons.total()

    @property
    def accepted(self) -> int:
        return self.unchanged + self.edited + self.rewritten

    @property
    def drafted(self) -> int:
        return self.accepted + self.rejected + self.undecided

    @property
    def share(self) -> float | None:
        """How many of those that people decided on they accepted, changed or not."""
        decided = self.accepted + self.rejected
        return self.accepted / decided if decided else None

    @property
    def distance(self) -> float | None:
        """How many characters a change took, on average."""
        return sum(self.distances) / len(self.distances) if self.distances else None

    @property
    def cost_of_gold(self) -> int | None:
        """What an accepted option cost, with all that was paid for those that were not."""
        return None if self.cost is None or not self.accepted else round(self.cost / self.accepted)

    @property
    def why(self) -> list[tuple[str, int]]:
        """The reasons of rejections in words, the commonest first."""
        known = dict(OptionAct.Reason.choices)
        other = _("decided otherwise")
        return [(str(known.get(code, other)), n) for code, n in self.reasons.most_common()]

    @property
    def losses(self) -> list[tuple[str, int]]:
        """The calls of which no draft came, by what became of them."""
        found = [
            (_("withheld"), self.withheld),
            (_("refused by the model"), self.refused),
            (_("not usable"), self.unusable),
            (_("failed"), self.failed),
        ]
        return [(words, number) for words, number in found if number]

    @property
    def lost(self) -> int:
        return sum(number for _words, number in self.losses)

    @property
    def fates(self) -> list[dict[str, object]]:
        return [
            {"label": _("Accepted unchanged"), "count": self.unchanged, "kind": "good"},
            {"label": _("Edited"), "count": self.edited, "kind": "info"},
            {"label": _("Rewritten"), "count": self.rewritten, "kind": "warn"},
            {"label": _("Rejected"), "count": self.rejected, "kind": "bad"},
            {"label": _("Not decided yet"), "count": self.undecided, "kind": "neutral"},
        ]


@dataclass(frozen=True)
class Economics:
    whole: Line
    by_prompt: list[Line]
    by_dimension: list[Line]


def picture(project: Project, *, by_tag: bool = False) -> Economics:
    """Gather what became of all drafts of options, in five queries however many there are.

    With `by_tag` the lines by dimension are lines by the whole code of the main tag.
    """
    made: dict[tuple[Any, ...], Line] = {}
    names = _Names(project)

    def lines_of(group: Group) -> list[Line]:
        keys: list[tuple[Any, ...]] = [(), group[:3], group[3:]]
        return [made.setdefault(key, names.line(key)) for key in keys]

    values = {"project": project.pk, "purposes": PURPOSES, "longest": LONGEST_LOOK}
    values["by_tag"] = by_tag
    for *group, status, changed, why, number in _rows(ENDS + COUNTED, values):
        for line in lines_of(tuple(group)):
            _count(line, status, changed, why, number)
    for *group, distance, before, after, length in _rows(ENDS + CHANGED, values):
        distance = _distance(before, after) if distance is None else distance
        for line in lines_of(tuple(group)):
            _changed(line, distance, length)
    for *group, status, problem, number in _rows(CALLS, values):
        for line in lines_of(tuple(group)):
            name = "withheld" if problem in ("withheld", "suspected") else status
            setattr(line, name, getattr(line, name) + number)
    for *group, cost in _rows(COSTS, values):
        for line in lines_of(tuple(group)):
            line.cost = (line.cost or 0) + int(cost)
    for endpoint, purpose, version, dimension, seconds in _rows(ENDS + SECONDS, values):
        key = (dimension,) if dimension is not None else (endpoint, purpose, version)
        made[key].seconds = seconds
    return Economics(made.get((), Line()), _of_size(made, 3), _of_size(made, 1))


def _of_size(made: Mapping[tuple[Any, ...], Line], size: int) -> list[Line]:
    found = [line for key, line in made.items() if len(key) == size]
    return sorted(found, key=lambda line: (line.name, line.detail))


def _count(line: Line, status: str, changed: bool, why: str, number: int) -> None:
    if status == "accepted":
        line.unchanged += 0 if changed else number
    elif status == "rejected":
        line.reasons[why] += number
    else:
        line.undecided += number


def _changed(line: Line, distance: int, length: int) -> None:
    line.distances.append(distance)
    if distance * 2 <= length:
        line.edited += 1
    else:
        line.rewritten += 1


@lru_cache(maxsize=20_000)
def _distance(before: str, after: str) -> int:
    return edit_distance(before, after)


class _Names:
    """The words for what lines are about."""

    def __init__(self, project: Project) -> None:
        self.endpoints = dict(Endpoint.objects.filter(project=project).values_list("pk", "name"))
        self.tags = {tag.code: tag.name for tag in project.taxonomy.tags.all()}

    def line(self, key: tuple[Any, ...]) -> Line:
        if len(key) == 3:
            endpoint, purpose, version = key
            words = f"{Purpose(purpose).label} · {purpose}_v{version}"
            return Line(self.endpoints.get(endpoint, "–"), words)
        if not key:
            return Line()
        [code] = key
        detail = code if "." in code else ""
        return Line(self.tags.get(code, code) or _("no tag yet"), detail)


def _rows(sql: str, values: Mapping[str, Any]) -> Iterable[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()
