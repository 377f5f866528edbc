"""What runs other than drafting ask: of whom, in which words, and what was asked already."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from curation.drafting import budget, estimates, plan, prompts, requests
from curation.drafting.purposes import WORKS
from curation.endpoints import filled_roles
from curation.models import Call, Endpoint, Project, Prompt, Purpose, Run

CHUNK = 500  # rows whose calls are planned together
GOING_ON = (Run.Status.PLANNING, Run.Status.RUNNING, Run.Status.PAUSED)
Status = Call.Status
M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Ask:
    """How a purpose is put to an endpoint in one language."""

    purpose: Purpose
    language: str
    endpoint: Endpoint
    prompt: Prompt
    parameters: dict[str, Any]
    around: int  # characters of the prompt without what fills it from a row

    def frozen(self) -> dict[str, Any]:
        """Return it as a run keeps it in its plan."""
        return {
            "purpose": self.purpose.value,
            "language": self.language,
            "endpoint_id": self.endpoint.pk,
            "model": self.endpoint.model,
            "checksum": self.prompt.checksum,
            "parameters": self.parameters,
        }


def endpoint_of(project: Project, purpose: Purpose) -> Endpoint:
    """Return who fills the role of the purpose, or refuse naming it."""
    role = WORKS[purpose].role
    found = filled_roles(project).get(role)
    if found is None:
        raise plan.RolesMissing(
            _("No endpoint fills these roles yet: %(roles)s. Add one with its roles first.")
            % {"roles": role.label}
        )
    budget.check_prices(project, [found])
    return found


def ask_of(
    purpose: Purpose,
    endpoint: Endpoint,
    language: str,
    *,
    prompt: str = "",
    parameters: Mapping[str, Any] | None = None,
    around: int = 0,
) -> Ask:
    """Return how the purpose is asked now; a purpose with several prompts names one."""
    file, row = prompts.registered(prompt or purpose, language)
    defaults = {**WORKS[purpose].defaults, **(parameters or {})}
    sent = requests.parameters_for(endpoint, defaults)
    return Ask(purpose, language, endpoint, row, sent, around + len(file.text))


def asked(asks: Iterable[Ask], **about: int) -> QuerySet[Call]:
    """Return the calls that were asked in one of these ways and need not be asked again.

    What failed, or waits in a run that is over, is asked again.
    """
    ways = Q()
    for ask in asks:
        ways |= Q(prompt=ask.prompt, parameters=ask.parameters)
        endpoint, purpose = ask.endpoint, ask.purpose
    under_way = ~Q(status=Status.FAILED) & Q(runs__status__in=GOING_ON)
    ended = Q(status__in=(Status.DONE, Status.REFUSED, Status.UNUSABLE))
    mine = Call.objects.filter(endpoint=endpoint, model=endpoint.model, purpose=purpose)
    return mine.filter(ways, about__contains=about).filter(ended | under_way)


def estimate(asks: Iterable[Ask], found: Mapping[str, tuple[int, int]], *, out: int) -> Any:
    """Return about what it takes; `found` has the calls and their characters by language.

    `out` is about how many tokens a reply has.
    """
    calls, sent = 0, 0.0
    for ask in asks:
        number, length = found.get(ask.language, (0, 0))
        calls += number
        sent += (number * ask.around + length) / estimates.CHARACTERS_A_TOKEN[ask.language]
    written = calls * out
    return estimates.Estimate(
        purpose=ask.purpose,
        label=str(ask.purpose.label),
        endpoint=ask.endpoint,
        calls=calls,
        tokens=round(sent) + written,
        cost=budget.cost(ask.endpoint, input_tokens=round(sent), output_tokens=written),
    )


def chunks(rows: QuerySet[M]) -> Iterator[list[M]]:
    """Return the rows a chunk at a time, without ever holding all of them."""
    found = rows.iterator(chunk_size=CHUNK)
    while some := list(islice(found, CHUNK)):
        yield some
