"""The first page: my projects."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from curation import escalations
from curation.models import Membership
from curation.views.acting import who


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the person's projects with their role in each."""
    memberships = Membership.objects.filter(user=who(request)).select_related("project")
    context = {
        "memberships": memberships.order_by("project__name"),
        "escalated": escalations.waiting_for(who(request)),
    }
    return render(request, "annotation/home.html", context)
