"""What drafting the rest of a project will take, about."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, Sum
from django.db.models.functions import Length

from curation.drafting import budget, checking, gaps, plan, prompts
from curation.drafting.purposes.tags import taxonomy_block
from curation.models import Endpoint, Project, Purpose

# Characters a token, on the safe side.
CHARACTERS_A_TOKEN = {"en": 3.5, "zh": 1.2}
OUTPUT_TOKENS = {Purpose.POSITIVE: 90, Purpose.NEGATIVE: 90, Purpose.TAGS: 120, Purpose.CHECK: 90}
PAIR = {"en": 400, "zh": 140}  # characters of two options


@dataclass(frozen=True)
class Estimate:
    """One purpose: how many calls, about how many tokens, and what they will cost."""

    purpose: Purpose
    label: str
    endpoint: Endpoint
    calls: int
    tokens: int
    cost: int | None  # micro-units; None when the price is not known

    def told(self) -> dict[str, int | None]:
        """Return it as a command prints it."""
        return {"calls": self.calls, "tokens": self.tokens, "cost_micro": self.cost}


def of(
    project: Project, drafters: Mapping[Purpose, Endpoint], checker: Endpoint | None = None
) -> list[Estimate]:
    """Return an estimate for each purpose; with a checker also for the checks that follow."""
    if not drafters:
        return []
    unmet = plan.unmet(project, plan.asks_of(project, drafters))
    asked = dict(drafters)
    if checker:
        unmet |= _checks(project, unmet)
        asked[Purpose.CHECK] = checker
    return [_of(project, purpose, endpoint, unmet) for purpose, endpoint in asked.items()]


@dataclass(frozen=True)
class Total:
    """All purposes together; nothing is true of it where there is nothing to ask."""

    calls: int
    tokens: int
    cost: int | None

    def __bool__(self) -> bool:
        return self.calls > 0

    def told(self) -> dict[str, int | None]:
        """Return it as a command prints it."""
        return {"calls": self.calls, "tokens": self.tokens, "cost_micro": self.cost}


def total(found: list[Estimate]) -> Total:
    calls, tokens = sum(one.calls for one in found), sum(one.tokens for one in found)
    return Total(calls, tokens, total_cost(found))


def total_cost(estimates: list[Estimate]) -> int | None:
    """Return the sum, or None as soon as one price is not known."""
    costs = [estimate.cost for estimate in estimates if estimate.calls]
    return None if None in costs else sum(cost for cost in costs if cost is not None)


def _checks(
    project: Project, unmet: Mapping[tuple[str, str], plan.Unmet]
) -> dict[tuple[str, str], plan.Unmet]:
    """Return the pairs to check, by language: those that wait, and those that drafting completes.

    A pair that lacks both options is counted once, so it is as many as the polarity that most lack.
    """
    waiting = gaps.unchecked(project).order_by().values_list("language")
    rows = waiting.annotate(number=Count("pk"), length=Sum(Length("question")))
    found = {language: (number, length) for language, number, length in rows}
    checks = {}
    for language in project.languages:
        number, length = found.get(language, (0, 0))
        drafted = [unmet.get((purpose, language)) for purpose in checking.OPTIONS]
        coming = max(filter(None, drafted), key=lambda one: one.number, default=plan.Unmet(0, 0))
        number += coming.number
        length += coming.length + number * PAIR[language]
        checks[str(Purpose.CHECK), language] = plan.Unmet(number, length)
    return checks


def _of(
    project: Project,
    purpose: Purpose,
    endpoint: Endpoint,
    unmet: Mapping[tuple[str, str], plan.Unmet],
) -> Estimate:
    calls, sent = 0, 0
    for (wanted, language), found in unmet.items():
        if wanted != purpose:
            continue
        around = len(prompts.load(purpose, language).text)
        if purpose == Purpose.TAGS:
            around += len(taxonomy_block(project.taxonomy_id, language))
        calls += found.number
        sent += round((found.number * around + found.length) / CHARACTERS_A_TOKEN[language])
    written = calls * OUTPUT_TOKENS[purpose]
    return Estimate(
        purpose=purpose,
        label=str(purpose.label),
        endpoint=endpoint,
        calls=calls,
        tokens=sent + written,
        cost=budget.cost(endpoint, input_tokens=sent, output_tokens=written),
    )
