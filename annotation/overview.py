"""The picture of a project: where its items stand, what work is left, what it cost."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from annotation.models import Assignment, Campaign, Matter
from curation.drafting import wanting
from curation.models import Attempt, Item, Language, Project, Release, Run

STATUS_KIND = {
    Item.Status.NEW: "neutral",
    Item.Status.DRAFTED: "warn",
    Item.Status.IN_REVIEW: "info",
    Item.Status.GOLD: "gold",
    Item.Status.REJECTED: "bad",
    Item.Status.LOCKED: "locked",
}


@dataclass(frozen=True)
class Cost:
    """What calls cost, in micro-units; calls without a known price are counted apart."""

    known: int
    attempts: int
    unpriced: int


@dataclass(frozen=True)
class Overview:
    """Everything the overview page shows."""

    statuses: list[dict[str, object]]
    items: int
    gold: int
    seats_left: int
    disputes: int
    cost: Cost
    cells: list["Cell"]
    campaigns: QuerySet[Campaign]
    runs: QuerySet[Run]
    under_way: QuerySet[Run]  # runs that are planned, asked or paused
    releases: QuerySet[Release]


def picture(project: Project) -> Overview:
    """Gather the numbers of a project, in a fixed number of queries."""
    items = Item.objects.filter(project=project).current()
    counts = dict(items.values_list("status").annotate(n=Count("pk")))
    matters = Matter.objects.filter(campaign__project=project)
    return Overview(
        statuses=[
            {"label": status.label, "count": counts.get(status, 0), "kind": STATUS_KIND[status]}
            for status in Item.Status
        ],
        items=sum(counts.values()),
        gold=counts.get(Item.Status.GOLD, 0),
        seats_left=Assignment.objects.filter(
            campaign__project=project,
            campaign__status=Campaign.Status.OPEN,
            status__in=[Assignment.Status.OPEN, Assignment.Status.LEASED],
        ).count(),
        disputes=matters.disputed().count(),
        cost=cost_of(project),
        cells=cells_of(project, items),
        campaigns=with_progress(Campaign.objects.filter(project=project))[:5],
        runs=Run.objects.filter(project=project)[:5],
        under_way=Run.objects.filter(project=project, status__in=wanting.GOING_ON)[:5],
        releases=Release.objects.filter(project=project)[:5],
    )


def cost_of(project: Project) -> Cost:
    """Sum up what every attempt of the project's calls cost."""
    attempts = Attempt.objects.filter(call__endpoint__project=project)
    sums = attempts.aggregate(
        known=Sum("cost"), attempts=Count("pk"), unpriced=Count("pk", filter=Q(cost__isnull=True))
    )
    return Cost(known=sums["known"] or 0, attempts=sums["attempts"], unpriced=sums["unpriced"])


@dataclass
class Cell:
    """How many items a dimension has in a language, and how many of them are gold."""

    dimension: str
    language: str
    items: int = 0
    gold: int = 0


def cells_of(project: Project, items: QuerySet[Item]) -> list[Cell]:
    """Count items and gold by dimension and language; an untagged item has no dimension yet."""
    names = {tag.code: tag.name for tag in project.taxonomy.tags.filter(level=1)}
    cells: dict[tuple[str, str], Cell] = {}
    found = items.values_list("main_tag__code", "language", "status").annotate(n=Count("pk"))
    for code, language, status, n in found.order_by("main_tag__position", "language"):
        name = names[code.split(".", 1)[0]] if code else _("no tag yet")
        cell = cells.setdefault((name, language), Cell(name, str(Language(language).label)))
        cell.items += n
        cell.gold += n if status == Item.Status.GOLD else 0
    return list(cells.values())


def with_progress(campaigns: QuerySet[Campaign]) -> QuerySet[Campaign]:
    """Add the counts of matters by where they stand."""
    status = Matter.Status
    return campaigns.annotate(
        all_matters=Count("matters", filter=~Q(matters__status=status.WITHDRAWN)),
        settled_matters=Count("matters", filter=Q(matters__status=status.SETTLED)),
        disputed_matters=Count("matters", filter=Q(matters__status=status.DISPUTED)),
    )


def next_steps(project: Project, overview: Overview) -> list[tuple[str, str, str]]:
    """Return what to do next as (address name, label, why), the most useful first."""
    waiting = {str(row["label"]): row["count"] for row in overview.statuses}
    steps = []
    if not overview.items:
        steps.append(("import", _("Import questions"), _("The project has no items yet.")))
    drafting = any(run.kind == Run.Kind.DRAFTING for run in overview.under_way)
    if waiting[str(Item.Status.NEW.label)] and not drafting:
        steps.append(
            ("drafting", _("Draft options"), _("New items wait for options and risk tags."))
        )
    if waiting[str(Item.Status.DRAFTED.label)]:
        steps.append(
            ("campaigns", _("Open a review"), _("Drafted items wait for people to sign them off."))
        )
    if overview.disputes:
        steps.append(("disputes", _("Settle disputes"), _("People could not agree.")))
    if overview.gold and not overview.releases:
        steps.append(("releases", _("Freeze a release"), _("There is gold and no release yet.")))
    return steps
