"""Who may do what: one table, one function (design section 7)."""

from enum import StrEnum

from django.contrib.auth.models import User

from curation.models import Membership, Project, Role
from curation.models.project import Person


class Act(StrEnum):
    """What somebody may want to do in a project."""

    WORK = "work"  # claim, submit, read one's own judgements
    REVIEW = "review"  # see all judgements of a dispute, settle it
    CURATE = "curate"  # import, draft, endpoints, campaigns, members, items with their history
    RELEASE = "release"  # freeze a release
    READ = "read"  # read releases and scores, export
    UPLOAD = "upload"  # upload answers of a subject


MAY: dict[Act, set[Role]] = {
    # Reviewers and curators work too, where they are enrolled.
    Act.WORK: {Role.WORKER, Role.REVIEWER, Role.CURATOR},
    Act.REVIEW: {Role.REVIEWER, Role.CURATOR},
    Act.CURATE: {Role.CURATOR},
    Act.RELEASE: {Role.CURATOR},
    Act.READ: {Role.CURATOR, Role.READER},
    Act.UPLOAD: {Role.CURATOR, Role.READER},
}


def remember(user: User, project: Project, role: str | None) -> None:
    """Spare the rest of the request the question; its user is an object of its own."""
    user.__dict__.setdefault("_roles", {})[project.pk] = Role(role) if role else None


def role_of(user: Person, project: Project) -> Role | None:
    """Return the role of the user in the project, if they have one and their account is active."""
    if not isinstance(user, User) or not user.is_active:
        return None
    known: dict[int, Role | None] = user.__dict__.get("_roles", {})
    if project.pk in known:
        return known[project.pk]
    found = Membership.objects.filter(project=project, user=user).values_list("role", flat=True)
    return Role(found[0]) if found else None


def may(user: Person, act: Act, project: Project) -> bool:
    """Say whether the user may do this in the project."""
    return role_of(user, project) in MAY[act]
