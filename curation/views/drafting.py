"""Drafting: what is still wanted, what it will take, the runs, and the budget."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from curation.doors import for_project
from curation.drafting import budget, checking, estimates, gaps, leftovers, plan
from curation.endpoints import filled_roles, missed, resting
from curation.forms.endpoint import BudgetForm
from curation.models import Budget, DraftRole, Endpoint, Project, Purpose, Run
from curation.permissions import Act
from curation.prices import decimal
from curation.refusals import Refused
from curation.views.acting import who

LATEST = 20
AT_ONCE = 5_000  # items that are planned while the curator waits
COUNTED = 20_000  # items whose drafts are counted before the page is shown


@require_http_methods(["GET", "HEAD", "POST"])
@for_project(Act.CURATE)
def drafting(request: HttpRequest, project: Project) -> HttpResponse:
    """Show what would be drafted; POST starts a run."""
    if request.method == "POST":
        made = plan.plan(project=project, by=who(request), at_most=AT_ONCE)
        if made.run:
            return redirect("run", slug=project.slug, pk=made.run.pk)
        messages.info(request, _("Models were asked for everything that could be drafted."))
        return redirect("drafting", slug=project.slug)
    later = "estimate" not in request.GET and gaps.open_items(project).count() > COUNTED
    return render(request, "curation/drafting.html", _picture(project, later=later))


@require_POST
@for_project(Act.CURATE)
def set_budget(request: HttpRequest, project: Project) -> HttpResponse:
    """Set what all calls of the project may cost."""
    form = BudgetForm(request.POST)
    if not form.is_valid():
        return render(request, "curation/drafting.html", _picture(project) | {"budget_form": form})
    budget.set_cap(project=project, cap=form.micro(), by=who(request))
    messages.success(request, _("The budget is set."))
    return redirect("drafting", slug=project.slug)


def _checker(project: Project) -> tuple[Endpoint | None, str]:
    """Return who checks the pairs, or why nobody can."""
    try:
        return checking.checker(project), ""
    except Refused as refused:
        return None, str(refused)


def _unpriced(
    wanted: list[estimates.Estimate], drafters: dict[Purpose, Endpoint], checker: Endpoint | None
) -> set[Endpoint]:
    """Return the endpoints that would be asked and whose price nobody knows."""
    named = [*drafters.values(), *([checker] if checker else [])]
    asked = [one.endpoint for one in wanted if one.calls] if wanted else named
    return {endpoint for endpoint in asked if endpoint.price is None}


def _picture(project: Project, *, later: bool = False) -> dict[str, object]:
    """Return what the page shows; the estimate is left out where it comes `later`."""
    filled = filled_roles(project)
    ready = all(role in filled for role in plan.ROLES.values())
    drafters = {p: filled[role] for p, role in plan.ROLES.items()} if ready else {}
    checker, doubt = _checker(project)
    later = later and ready
    wanted = [] if later else estimates.of(project, drafters, checker)
    cap = Budget.objects.filter(project=project).first()
    cost = estimates.total_cost(wanted)
    return {
        "project": project,
        "roles": [(role.label, filled.get(role)) for role in plan.ROLES.values()],
        "checker": filled.get(DraftRole.CHECKER),
        "doubt": doubt,
        "ready": ready,
        "later": later,
        "estimates": wanted,
        "calls": sum(estimate.calls for estimate in wanted),
        "tokens": sum(estimate.tokens for estimate in wanted),
        "cost": cost,
        "unpriced": len(_unpriced(wanted, drafters, checker)),
        "beyond": cap and cost is not None and cost > cap.left,
        "left": None if later or not ready else leftovers.of(project),
        "severe": gaps.severe_items(project).count(),
        "has_items": project.items.exists(),
        "budget": cap,
        "budget_form": BudgetForm(initial={"cap": decimal(cap.cap) if cap else None}),
        "paused": missed(project),
        "resting": resting(project),
        "runs": project.runs.filter(kind=Run.Kind.DRAFTING)[:LATEST],
    }
