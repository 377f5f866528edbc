"""Items suspected of sexual content about children: locked, and escalated to a named person."""

from collections.abc import Iterable

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from curation import audit, hints, items
from curation.models import Escalation, Item, Project, Role
from curation.models.project import Person
from curation.permissions import role_of
from curation.refusals import Refused

Decision = Escalation.Decision
LOCKABLE = (Item.Status.NEW, Item.Status.DRAFTED, Item.Status.IN_REVIEW)


@transaction.atomic
def lock(item_ids: Iterable[int], *, found: Escalation.Found) -> list[int]:
    """Lock items until the project's contact decides; return those that were locked now.

    What a person called a false alarm is not locked again. Nothing of a locked item is shown or
    sent any more; rooms above are told by a hint to take it out of people's hands.
    """
    cleared = Escalation.objects.filter(item=OuterRef("pk"), decision=Decision.FALSE_ALARM)
    suspected = Item.objects.select_for_update(of=("self",), no_key=True).select_related("project")
    locked = list(
        suspected.filter(~Exists(cleared), pk__in=set(item_ids), status__in=LOCKABLE).order_by("pk")
    )
    if not locked:
        return []
    Escalation.objects.bulk_create(
        [Escalation(item=item, found=found, was=item.status) for item in locked]
    )
    ids = [item.pk for item in locked]
    Item.objects.filter(pk__in=ids).update(status=Item.Status.LOCKED, status_reason="")
    for item in locked:
        _record(item, audit.SYSTEM, "lock", found=str(found))
    hints.publish("annotation.tasks.withdraw_locked")
    return ids


def cleared(item_ids: Iterable[int]) -> set[int]:
    """Return those of the items whose suspicion a person called a false alarm."""
    decided = Escalation.objects.filter(item__in=set(item_ids), decision=Decision.FALSE_ALARM)
    return set(decided.values_list("item_id", flat=True))


@transaction.atomic
def decide(*, escalation: Escalation, decision: Decision | str, by: User) -> None:
    """Unlock the item, or keep it locked for good. Only the project's contact may."""
    row = Escalation.objects.select_for_update(of=("self",)).select_related("item__project")
    fresh = row.get(pk=escalation.pk)
    if decision not in Decision.values:
        raise Refused(_("Say whether it is a false alarm."))
    if not may_decide(by, fresh.item.project):
        raise Refused(_("Only the escalation contact of the project decides on this."))
    if fresh.decision:
        raise Refused(_("This was decided already."))
    Escalation.objects.filter(pk=fresh.pk).update(
        decision=decision, decided_by=audit.ref(by), decided_at=Now()
    )
    if decision == Decision.FALSE_ALARM:
        was_new = fresh.was == Item.Status.NEW
        items.move(item=fresh.item, to=Item.Status.NEW if was_new else Item.Status.DRAFTED)
    act = "unlock" if decision == Decision.FALSE_ALARM else "keep_locked"
    _record(fresh.item, audit.ref(by), act)


@transaction.atomic
def name_contact(*, project: Project, user: User | None, by: User | None) -> None:
    """Let a member decide on locked items; None leaves that to the curators."""
    if user is not None and not project.memberships.filter(user=user, user__is_active=True):
        raise Refused(_("The contact must be a member of the project."), field="contact")
    project.escalation_contact = user
    project.save(update_fields=["escalation_contact"])
    audit.record(
        project=project,
        by=audit.ref(by),
        action="project.contact",
        subject=audit.ref(user) if user else "curators",
    )


def contact_of(project: Project) -> User | None:
    """Return the named contact while they are a member who can sign in."""
    named = project.memberships.filter(
        user=project.escalation_contact_id, user__is_active=True
    ).select_related("user")
    member = named.first() if project.escalation_contact_id else None
    return member.user if member else None


def may_decide(user: Person, project: Project) -> bool:
    """Say whether the user is the contact; where nobody is named, the curators are."""
    contact = contact_of(project)
    return user == contact if contact else role_of(user, project) == Role.CURATOR


def waiting_for(user: User) -> list[tuple[Project, int]]:
    """Return the projects in which locked items wait for this person's decision, and how many."""
    open_ones = Escalation.objects.undecided().filter(item__project=OuterRef("pk"))
    mine = Project.objects.visible_to(user).filter(Exists(open_ones)).order_by("name")
    return [
        (project, Escalation.objects.undecided().filter(item__project=project).count())
        for project in mine
        if may_decide(user, project)
    ]


def of_project(project: Project) -> "list[Escalation]":
    """Return what is locked, what waits for a decision first."""
    rows = Escalation.objects.filter(
        Q(decision="") | Q(decision=Decision.CONFIRMED), item__project=project
    )
    return list(rows.select_related("item").order_by("decision", "pk"))


def _record(item: Item, by: str, act: str, **detail: str) -> None:
    audit.record(
        project=item.project, by=by, action=f"item.{act}", subject=f"item:{item.uid}", **detail
    )
