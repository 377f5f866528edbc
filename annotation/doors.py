"""The doors of work pages: a campaign one may work in, a seat that was one's own."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse

from annotation import workers
from annotation.models import Assignment, Campaign, Exposure
from curation.permissions import Act, may

View = Callable[..., HttpResponse]


def for_campaign(view: View) -> View:
    """Turn a number into the campaign and me as a worker, if I may work in its project."""

    @wraps(view)
    def open_door(request: HttpRequest, pk: int, **kwargs: object) -> HttpResponse:
        campaign = Campaign.objects.select_related("project", "guideline").filter(pk=pk).first()
        if campaign is None or not may(request.user, Act.WORK, campaign.project):
            raise Http404
        return view(request, campaign, workers.of(person(request)), **kwargs)

    open_door.acts = (Act.WORK,)  # type: ignore[attr-defined] # read by the test of all addresses
    return open_door


def for_seat(view: View) -> View:
    """Turn a number into the seat and me as its worker, if it was ever granted to me."""

    @wraps(view)
    def open_door(request: HttpRequest, pk: int, **kwargs: object) -> HttpResponse:
        granted = Exposure.objects.filter(seat=OuterRef("pk"), worker__user=request.user.pk)
        seat = (
            Assignment.objects.select_related(
                "campaign__project",
                "campaign__guideline",
                "matter__item__main_tag",
                "matter__answer",
            )
            .filter(Exists(granted), pk=pk)
            .first()
        )
        if seat is None or not may(request.user, Act.WORK, seat.campaign.project):
            raise Http404
        return view(request, seat, workers.of(person(request)), **kwargs)

    open_door.acts = (Act.WORK,)  # type: ignore[attr-defined] # read by the test of all addresses
    return open_door


def person(request: HttpRequest) -> User:
    """Return who makes the request; a page of people has nobody else."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user
