"""Runs that ask for more questions like those of chosen items."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from curation.drafting import plan, targets, wanting
from curation.drafting.estimates import Estimate
from curation.drafting.purposes.expansion import MOST
from curation.drafting.wanting import Ask
from curation.models import Call, Item, Project, Purpose, Run
from curation.refusals import Refused

METHOD = "expanded"
MOST_ITEMS = 10_000  # in one run
STATUSES = (Item.Status.NEW, Item.Status.DRAFTED, Item.Status.IN_REVIEW, Item.Status.GOLD)
TOKENS_A_QUESTION = 40


@dataclass(frozen=True)
class Choice:
    """Which items are expanded, and into how many new questions each; empty texts choose any."""

    number: int = 20  # items
    variants: int = 3
    status: str = ""
    language: str = ""
    tag: str = ""  # the code of a main tag, or of one above it


@transaction.atomic
def start(*, project: Project, choice: Choice, by: User | None) -> Run | None:
    """Ask for new questions beside each chosen item; None when every one was asked already."""
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    asks = asks_of(project, choice)
    by_language = {ask.language: ask for ask in asks}
    run, number = None, 0
    for items in wanting.chunks(chosen(project, choice, asks)):
        run = run or plan.start(
            project=project,
            kind=Run.Kind.EXPANSION,
            asks=[ask.frozen() for ask in asks],
            by=by,
        )
        calls = [_call(item, by_language[item.language], choice.variants) for item in items]
        plan.attach(run, calls)
        number += len(calls)
    if run:
        plan.tell(run, by=by, number=number)
    return run


def estimate(project: Project, choice: Choice) -> Estimate:
    """Return what starting would take, about; refuses as starting would."""
    asks = asks_of(project, choice)
    counted: dict[str, tuple[int, int]] = {}
    questions = chosen(project, choice, asks).values_list("language", "question")
    for language, question in questions.iterator():
        number, length = counted.get(language, (0, 0))
        counted[language] = number + 1, length + len(question)
    return wanting.estimate(asks, counted, out=choice.variants * TOKENS_A_QUESTION)


def asks_of(project: Project, choice: Choice) -> list[Ask]:
    checked(choice)
    endpoint = wanting.endpoint_of(project, Purpose.EXPANSION)
    return [wanting.ask_of(Purpose.EXPANSION, endpoint, language) for language in project.languages]


def chosen(project: Project, choice: Choice, asks: list[Ask]) -> QuerySet[Item]:
    """Return the items to be asked about: chosen, no expansions themselves, and not asked yet."""
    items = Item.objects.current().filter(project=project, language__in=project.languages)
    items = items.filter(status__in=[choice.status] if choice.status else STATUSES)
    if choice.language:
        items = items.filter(language=choice.language)
    if choice.tag:
        items = items.in_dimension(choice.tag)
    there = wanting.asked(asks, number=choice.variants).filter(item=OuterRef("pk"))
    found = items.exclude(method=METHOD).exclude(Exists(there))
    return found.order_by("pk")[: choice.number]


def checked(choice: Choice) -> None:
    """Refuse what makes no choice."""
    if not 1 <= choice.variants <= MOST:
        raise Refused(
            _("Ask for 1 to %(most)s new questions beside each item.") % {"most": MOST},
            field="variants",
        )
    if not 1 <= choice.number <= MOST_ITEMS:
        raise Refused(_("Choose 1 to %(most)s items.") % {"most": MOST_ITEMS}, field="number")
    if choice.status and choice.status not in STATUSES:
        raise Refused(_("Items of this status are not expanded."), field="status")


def _call(item: Item, ask: Ask, variants: int) -> Call:
    return plan.new_call(
        endpoint=ask.endpoint,
        purpose=ask.purpose,
        target=targets.of_expansion(item, variants),
        item=item,
        prompt=ask.prompt,
        parameters=ask.parameters,
        about={"number": variants},
    )
