"""What drafting leaves: items without their options, and replies that brought nothing usable."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from curation.drafting import asking_again, gaps, wanting
from curation.models import Option, Project, Run

MOST_RUNS = 5


@dataclass(frozen=True)
class Leftovers:
    """Why a project may have nothing to plan and still lack options."""

    under_way: list[Run]
    unusable: int  # replies that could be asked for again
    runs: list[Run]  # the latest that wanted them, each with how many as `number`
    lacking: int  # items that drafts could reach and that lack an option


def of(project: Project) -> Leftovers:
    unusable = asking_again.of_drafting(project)
    number = unusable.count()
    runs = asking_again.runs_of(unusable)[:MOST_RUNS] if number else []
    going_on = project.runs.filter(kind=Run.Kind.DRAFTING, status__in=wanting.GOING_ON)
    return Leftovers(
        under_way=list(going_on[:MOST_RUNS]),
        unusable=number,
        runs=list(runs),
        lacking=_lacking(project),
    )


def _lacking(project: Project) -> int:
    items = gaps.open_items(project)
    live = Option.objects.live().filter(item=OuterRef("pk"))
    both = [Exists(live.filter(polarity=polarity)) for polarity in Option.Polarity]
    return items.count() - items.filter(*both).count()
