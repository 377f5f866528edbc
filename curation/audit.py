"""The log of who did what."""

from django.contrib.auth.models import User

from curation.models import AuditEvent, Project

SYSTEM = "system"


def ref(user: User | None) -> str:
    """Return the plain reference of a user, or of the system when there is none."""
    return f"user:{user.pk}" if user is not None else SYSTEM


def record(
    *, project: Project | None, by: str, action: str, subject: str, **detail: str | int | bool
) -> AuditEvent:
    """Add one event. Detail holds counts and codes, never texts or keys."""
    return AuditEvent.objects.create(
        project=project, actor_ref=by, action=action, subject_ref=subject, detail=detail
    )
