"""Tag codes that models proposed and the taxonomy in use does not know: what it may lack."""

from dataclasses import dataclass, field

from curation.models import Draft, Item, Project, Purpose

LOOKED_AT = 20_000  # of the latest drafts of risk tags, whosever they are
MOST_DRAFTS = 2_000
MOST_CODES = 50
EXAMPLES = 3  # items


@dataclass
class UnknownCode:
    code: str
    drafts: int = 0
    examples: list[Item] = field(default_factory=list)


def of_project(project: Project) -> list[UnknownCode]:
    """Return the codes that the latest drafts of the project's items named, the commonest first."""
    known = set(project.taxonomy.tags.values_list("code", flat=True))
    latest = Draft.objects.filter(purpose=Purpose.TAGS).order_by("-pk")[:LOOKED_AT]
    flagged = (
        Draft.objects.filter(
            pk__in=latest.values("pk"),
            flags__contains=["unknown_tag"],
            item__project=project,
            parsed__isnull=False,
        )
        .exclude(item__status=Item.Status.LOCKED)
        .select_related("item")
        .order_by("-pk")[:MOST_DRAFTS]
    )
    found: dict[str, UnknownCode] = {}
    for draft in flagged:
        for code in {tag["code"] for tag in (draft.parsed or {})["tags"]} - known:
            one = found.setdefault(code, UnknownCode(code))
            one.drafts += 1
            if draft.item not in one.examples[:EXAMPLES]:
                one.examples = [*one.examples, draft.item][:EXAMPLES]
    return sorted(found.values(), key=lambda one: (-one.drafts, one.code))[:MOST_CODES]
