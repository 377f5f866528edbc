"""What waits for me, and the way to the next seat."""

from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from annotation import enrolments, leases, tags, waiting, work_drafts, workers
from annotation.doors import for_campaign, person
from annotation.forms.work import ChoicesForm
from annotation.models import Assignment, Campaign, Enrolment, Worker
from annotation.views import seats
from curation import known_tags
from curation.models import Item
from curation.permissions import MAY, Act


@require_safe
def show_work(request: HttpRequest) -> HttpResponse:
    """Show what waits for the person in each campaign, or why nothing does."""
    worker = workers.of(person(request))
    found = waiting.overview(worker=worker, campaigns=_campaigns(person(request)))
    found.sort(key=lambda w: not (w.held or (w.is_enrolled and not w.reasons)))  # what waits first
    context = {
        "found": [(each, _choices(each.campaign, each.enrolment)) for each in found],
        "worker": worker,
        "homeless": work_drafts.homeless(worker),
    }
    return render(request, "annotation/work.html", context)


def _campaigns(user: User) -> list[Campaign]:
    mine = Campaign.objects.filter(
        project__memberships__user=user, project__memberships__role__in=MAY[Act.WORK]
    )
    return list(
        mine.exclude(status=Campaign.Status.CLOSED)
        .select_related("project")
        .order_by("project__name", "-id")
    )


def _choices(campaign: Campaign, enrolment: Enrolment | None) -> ChoicesForm | None:
    if enrolment is None:
        return None
    offered = _categories(campaign)
    chosen = {
        "languages": enrolment.languages,
        "severity_limit": enrolment.severity_limit,
        "categories": enrolment.categories or [code for code, _name in offered],
    }
    return ChoicesForm(
        initial=chosen,
        languages=campaign.project.languages,
        categories=offered,
        prefix=f"c{campaign.pk}",
    )


def _categories(campaign: Campaign) -> list[tuple[str, str]]:
    """Return the dimensions of the project's taxonomy, named in the reader's language."""
    known = known_tags.of_version(campaign.project.taxonomy_id)
    return [(tag.code, tags.name_of(tag)) for tag in known if tag.level == 1]


@require_GET
@for_campaign
def go_to_next(request: HttpRequest, campaign: Campaign, worker: Worker) -> HttpResponse:
    """Go to the seat the person holds or to the next one; say why there is none."""
    try:
        seat = waiting.claim(worker=worker, campaign=campaign)
    except leases.NoSeat as nothing:
        reasons = nothing.reasons
        context = {
            "project": campaign.project,
            "campaign": campaign,
            "reasons": reasons,
            "may_join": [reason.code for reason in reasons] == ["not_enrolled"],
        }
        return render(request, "annotation/nothing.html", context)
    return redirect("seat", pk=seat.pk)


@require_GET
@for_campaign
def show_ahead(request: HttpRequest, campaign: Campaign, worker: Worker) -> HttpResponse:
    """Render the page of the seat that would come next; nothing is leased, and no key is in it."""
    found = leases.ahead(worker=worker, campaign=campaign)
    if found is None:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    seats_with = Assignment.objects.select_related(
        "lane", "matter__item__main_tag", "matter__answer"
    )
    seat = seats_with.get(pk=found.pk)
    if seat.matter.item.status == Item.Status.LOCKED:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    seat.campaign, seat.token = campaign, 0
    seat.lease_expires_at = found.lease_expires_at
    response = seats.page_ahead(request, seat, worker)
    response["X-Seat"] = str(seat.pk)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@for_campaign
def join(request: HttpRequest, campaign: Campaign, worker: Worker) -> HttpResponse:
    """Take part in a campaign."""
    enrolments.enrol(campaign=campaign, worker=worker)
    return redirect("work-campaign", pk=campaign.pk)


@require_POST
@for_campaign
def leave(request: HttpRequest, campaign: Campaign, worker: Worker) -> HttpResponse:
    """Stop taking part in a campaign."""
    enrolments.leave(campaign=campaign, worker=worker)
    messages.success(request, _("You no longer take part. What you judged stays."))
    return redirect("work")


@require_POST
@for_campaign
def choose(request: HttpRequest, campaign: Campaign, worker: Worker) -> HttpResponse:
    """Take down what the person reads and agrees to see."""
    form = ChoicesForm(
        request.POST,
        languages=campaign.project.languages,
        categories=_categories(campaign),
        prefix=f"c{campaign.pk}",
    )
    if form.is_valid():
        enrolments.choose(campaign=campaign, worker=worker, **form.chosen())
        messages.success(request, _("Your choices are kept. Nothing else changes for you."))
    else:
        messages.error(request, _("Choose at least one language and one category."))
    return redirect("work")
