"""The doors of work pages: a campaign one may work in, a seat that was one's own.

Each reads all that its pages show in one statement, for they are what people open all day.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse

from annotation import locked, workers
from annotation.models import (
    Assignment,
    Campaign,
    Guideline,
    Lane,
    Matter,
    Worker,
)
from curation import permissions, planned
from curation.models import Answer, Item, Project, RiskTag
from curation.permissions import Act
from curation.planned import Columns

View = Callable[..., HttpResponse]

OF_CAMPAIGN = (Columns(Campaign, "c"), Columns(Project, "p"), Columns(Guideline, "g"))
BEFORE_SEAT = (*OF_CAMPAIGN, Columns(Worker, "w"))
OF_SEAT = (
    Columns(Assignment, "seat"),
    Columns(Lane, "lane"),
    Columns(Matter, "m"),
    Columns(Item, "i"),
    Columns(RiskTag, "tag"),
    Columns(Answer, "a"),
)
ROLE = """(SELECT role FROM curation_membership
            WHERE project_id = p.id AND user_id = %(user)s) AS role"""

CAMPAIGN = planned.one_line(f"""
    SELECT {", ".join(map(str, BEFORE_SEAT))}, {ROLE}
      FROM annotation_campaign c
      JOIN curation_project p ON p.id = c.project_id
      JOIN annotation_guideline g ON g.id = c.guideline_id
      LEFT JOIN annotation_worker w ON w.user_id = %(user)s
     WHERE c.id = %(pk)s""")  # noqa: S608 - put together from constants

SEAT = planned.one_line(f"""
    SELECT {", ".join(map(str, (*BEFORE_SEAT, *OF_SEAT)))}, {ROLE}
      FROM annotation_worker w
      JOIN annotation_assignment seat ON seat.id = %(pk)s
      JOIN annotation_lane lane ON lane.id = seat.lane_id
      JOIN annotation_campaign c ON c.id = seat.campaign_id
      JOIN curation_project p ON p.id = c.project_id
      JOIN annotation_guideline g ON g.id = c.guideline_id
      JOIN annotation_matter m ON m.id = seat.matter_id
      JOIN curation_item i ON i.id = m.item_id
      LEFT JOIN curation_risktag tag ON tag.id = i.main_tag_id
      LEFT JOIN curation_answer a ON a.id = m.answer_id
     WHERE w.user_id = %(user)s AND EXISTS (
           SELECT 1 FROM annotation_exposure granted
            WHERE granted.seat_id = seat.id AND granted.worker_id = w.id)
""")  # noqa: S608 - put together from constants


def for_campaign(view: View) -> View:
    """Turn a number into the campaign and me as a worker, if I may work in its project."""

    @wraps(view)
    def open_door(request: HttpRequest, pk: int, **kwargs: object) -> HttpResponse:
        user = person(request)
        row = planned.first(CAMPAIGN, {"pk": pk, "user": user.pk}) if _fits(pk) else None
        if row is None:
            raise Http404
        *values, role = row
        campaign, worker = _campaign_in(values)
        _refuse_unless_may_work(user, campaign, role)
        return view(request, campaign, worker or workers.of(user), **kwargs)

    open_door.acts = (Act.WORK,)  # type: ignore[attr-defined] # read by the test of all addresses
    return open_door


def for_seat(view: View) -> View:
    """Turn a number into the seat and me as its worker, if it was ever granted to me."""

    @wraps(view)
    def open_door(request: HttpRequest, pk: int, **kwargs: object) -> HttpResponse:
        seat, worker = read_seat(request, pk)
        return view(request, seat, worker, **kwargs)

    open_door.acts = (Act.WORK,)  # type: ignore[attr-defined] # read by the test of all addresses
    return open_door


def read_seat(request: HttpRequest, pk: int) -> tuple[Assignment, Worker]:
    """Read the seat as it is now, with me as its worker; 404 if it was never granted to me."""
    user = person(request)
    row = planned.first(SEAT, {"pk": pk, "user": user.pk}) if _fits(pk) else None
    if row is None:
        raise Http404
    *values, role = row
    campaign, worker = _campaign_in(values)
    _refuse_unless_may_work(user, campaign, role)
    seat = _seat_in(values, campaign)
    if seat.matter.item.status == Item.Status.LOCKED:
        locked.withdraw()  # or the same seat would be handed out again
        raise Http404
    return seat, worker


def _campaign_in(values: list[Any]) -> tuple[Campaign, Worker]:
    campaign, project, guideline, worker = planned.rows(values, *BEFORE_SEAT)
    campaign.project, campaign.guideline = project, guideline
    return cast(Campaign, campaign), cast(Worker, worker)


def _seat_in(values: list[Any], campaign: Campaign) -> Assignment:
    start = sum(len(side.fields) for side in BEFORE_SEAT)
    seat, lane, matter, item, tag, answer = planned.rows(values[start:], *OF_SEAT)
    item.project, item.main_tag = campaign.project, tag
    matter.campaign, matter.item, matter.answer = campaign, item, answer
    seat.campaign, seat.lane, seat.matter = campaign, lane, matter
    return cast(Assignment, seat)


def _refuse_unless_may_work(user: User, campaign: Campaign, role: str | None) -> None:
    permissions.remember(user, campaign.project, role)
    if not permissions.may(user, Act.WORK, campaign.project):
        raise Http404


def _fits(pk: int) -> bool:
    """Say whether a number can be a key at all."""
    return pk < 2**63


def person(request: HttpRequest) -> User:
    """Return who makes the request; a page of people has nobody else."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user
