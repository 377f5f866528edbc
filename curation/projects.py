"""The life of a project, and who has which role in it."""

from collections.abc import Sequence

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from curation import audit, names, taxonomies
from curation.models import Language, Membership, Project, Role
from curation.refusals import Refused

SLUG_LENGTH = 50
NO_SLUG = "new"  # /projects/new/ is where a project is made


class SlugTaken(Refused):
    """Another project has the slug."""


class LastCurator(Refused):
    """The change would leave the project without a curator."""


@transaction.atomic
def create(
    *,
    slug: str,
    name: str,
    taxonomy: str,
    languages: Sequence[str],
    by: User | None,
    curator: User | None = None,
    rehearsal: bool = False,
) -> Project:
    """Make a project over the latest version of a taxonomy.

    Its first curator is `curator`, else whoever makes it; a script may leave it without one.
    """
    project = Project(
        slug=_checked_slug(slug),
        name=names.checked(name, field="name"),
        taxonomy=taxonomies.latest(taxonomy),
        languages=_checked_languages(languages),
        rehearsal=rehearsal,
    )
    try:
        with transaction.atomic():
            project.save(force_insert=True)
    except IntegrityError as error:
        raise SlugTaken(
            _("Another project already has the short name “%(slug)s”.") % {"slug": slug},
            field="slug",
        ) from error
    _record(project, by, "project.create", f"project:{slug}", rehearsal=rehearsal)
    if first := curator or by:
        add_member(project=project, user=first, role=Role.CURATOR, by=by)
    return project


@transaction.atomic
def add_member(*, project: Project, user: User, role: Role | str, by: User | None) -> Membership:
    """Give the user this role in the project, in place of the one they may have there."""
    if role not in Role.values:
        raise Refused(
            _("There is no role “%(role)s”. There are: %(known)s.")
            % {"role": role, "known": ", ".join(Role.values)},
            field="role",
        )
    _lock(project)
    found = project.memberships.filter(user=user).first()
    if found and found.role == role:
        return found
    if found and found.role == Role.CURATOR:
        _keep_a_curator(project, besides=user)
    membership, _created = Membership.objects.update_or_create(
        project=project, user=user, defaults={"role": role}
    )
    _record(project, by, "member.role", f"user:{user.pk}", role=str(role))
    return membership


@transaction.atomic
def remove_member(*, project: Project, user: User, by: User | None) -> None:
    """Take the user out of the project. What they did there stays."""
    _lock(project)
    found = project.memberships.filter(user=user).first()
    if found is None:
        return
    if found.role == Role.CURATOR:
        _keep_a_curator(project, besides=user)
    found.delete()
    _record(project, by, "member.remove", f"user:{user.pk}")


def _lock(project: Project) -> None:
    # Two curators who demote each other at once must come one after the other.
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)


def _keep_a_curator(project: Project, *, besides: User) -> None:
    others = project.memberships.filter(role=Role.CURATOR, user__is_active=True)
    if not others.exclude(user=besides).exists():
        raise LastCurator(
            _("%(user)s is the only curator: make somebody else a curator first.")
            % {"user": besides.get_username()},
            field="role",
        )


def _checked_slug(slug: str) -> str:
    try:
        validate_slug(slug)
    except ValidationError as error:
        raise Refused(
            _("A short name holds letters, digits, hyphens and underscores only."), field="slug"
        ) from error
    if len(slug) > SLUG_LENGTH:
        raise Refused(
            _("A short name has at most %(limit)s characters.") % {"limit": SLUG_LENGTH},
            field="slug",
        )
    if slug == NO_SLUG:
        raise Refused(_("No project can have the short name “new”: take another."), field="slug")
    return slug


def _checked_languages(languages: Sequence[str]) -> list[str]:
    wanted = list(dict.fromkeys(languages))
    unknown = [language for language in wanted if language not in Language.values]
    if unknown or not wanted:
        raise Refused(
            _("Languages are one or more of: %(known)s.") % {"known": ", ".join(Language.values)},
            field="languages",
        )
    return wanted


def _record(
    project: Project, by: User | None, action: str, subject: str, **detail: str | bool
) -> None:
    audit.record(project=project, by=audit.ref(by), action=action, subject=subject, **detail)
