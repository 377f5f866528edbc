"""Cases on the stage: a project and a run for each, and what is put right when it has failed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from curation import endpoints
from curation.drafting import asking, budget
from curation.models import Budget, Call, Endpoint, Run
from tests import factories
from tests.bars.drafting import stage
from tests.bars.drafting.case import EVERY, Case
from tests.bars.drafting.stage import Scripted


@dataclass(frozen=True)
class Made:
    """A case on the stage: its project, its run, and the endpoint that has the fault."""

    case: Case
    run: Run
    endpoint: Endpoint
    lane: str

    def calls(self) -> list[Call]:
        """Return the calls that meet the fault."""
        return [c for c in stage.calls_of(self.run) if c.endpoint_id == self.endpoint.pk]

    def others(self) -> list[Call]:
        return [c for c in stage.calls_of(self.run) if c.endpoint_id != self.endpoint.pk]


def put(case: Case, server: Scripted, lane: str, items: int) -> Made:
    project = factories.make_project()
    url = server.url(lane)
    if case.url:
        tls = server.tls.get(case.url)
        url = f"https://127.0.0.1:{tls}/{lane}/v1" if tls else case.url
    mine = stage.ROLES if case.role == EVERY else (case.role,)
    free = {"price": (0, 0)} if "price" in case.endpoint else {}
    wanted = {"concurrency": 1 if case.role == EVERY else items} | case.endpoint
    endpoint = stage.make_endpoint(project, url, mine, **wanted)
    others = tuple(role for role in stage.ROLES if role not in mine)
    if others:
        stage.make_endpoint(project, server.url(f"{lane}-well"), others, **free)
    if case.cap:
        Budget.objects.create(project=project, cap=0)
    run = stage.planned(project, items)
    made = Made(case, run, endpoint, lane)
    if case.cap:
        Budget.objects.update_or_create(
            project=project, defaults={"cap": int(case.cap * worst(made, made.calls()[0]))}
        )
    return made


def worst(made: Made, call: Call) -> int:
    """Return what a call of the case costs at most."""
    call = Call.objects.select_related("endpoint", "item", "prompt").get(pk=call.pk)
    amount = budget.worst_case(made.endpoint, asking.built(call, made.endpoint))
    assert amount is not None
    return amount


def script_of(case: Case) -> dict[str, Any]:
    return {"steps": case.steps, "then": case.after, **case.script}


def _an_hour_later(one: Made, server: Scripted) -> None:
    Call.objects.filter(pk__in=[c.pk for c in one.calls()]).update(not_before=timezone.now())
    Endpoint.objects.filter(pk=one.endpoint.pk).update(resting_until=timezone.now())


def _all_is_well(one: Made, server: Scripted) -> None:
    server.tell({one.lane: {}})
    _resumed(one, server)


def _resumed(one: Made, server: Scripted) -> None:
    endpoints.resume(endpoint=Endpoint.objects.get(pk=one.endpoint.pk), by=None)


def _more_money(one: Made, server: Scripted) -> None:
    kept = Budget.objects.get(project=one.run.project)
    assert kept.spent + kept.reserved <= kept.cap
    budget.set_cap(project=one.run.project, cap=10**12, by=None)
    _resumed(one, server)


MENDS: dict[str, Callable[[Made, Scripted], None]] = {
    "an hour later": _an_hour_later,
    "all is well": _all_is_well,
    "a new key": _resumed,
    "more money": _more_money,
}
