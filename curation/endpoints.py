"""Endpoints of a project: where a model is asked, for which roles, and when it must not be."""

import json
import os
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from curation import audit, hints
from curation.addresses import checked_address
from curation.models import DraftRole, Endpoint, Project, RoleAssignment, Run
from curation.models.base import storable
from curation.refusals import Refused

# The product's own secrets: an endpoint that named one would carry it out of the house.
OWN_VARIABLES = {"SECRET_KEY", "DATABASE_URL", "DATABASE_OWNER_URL", "CELERY_BROKER_URL"}
OWN_PREFIXES = ("TOUCHSTONE_", "DJANGO_", "PG")
# These belong to the call itself; an endpoint may not send other ones.
RESERVED_FIELDS = {
    *("model", "messages", "stream", "n", "response_format", "tools", "max_completion_tokens"),
}
VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
REHEARSAL = "rehearsal-"  # how the names of scripted models begin
LARGEST_EXTRA = 2_000  # characters of JSON
MOST_TOKENS = 32_000


class NoKey(Refused):
    """The variable that should hold the key is not set where this process runs."""


@dataclass(frozen=True)
class Profile:
    """What an endpoint is: its address and model, what it can do, and what it costs.

    Prices are micro-units of the currency for a million tokens; both are given, or neither.
    """

    base_url: str
    model: str
    key_env: str = ""
    structured: str = Endpoint.Structured.JSON_SCHEMA
    token_parameter: str = Endpoint.TokenParameter.MAX_TOKENS
    extra_body: dict[str, Any] = field(default_factory=dict)
    input_price: int | None = None
    output_price: int | None = None
    concurrency: int = 4


def profile_of(endpoint: Endpoint) -> Profile:
    return Profile(**{name: getattr(endpoint, name) for name in Profile.__dataclass_fields__})


@transaction.atomic
def add(*, project: Project, name: str, profile: Profile, by: User | None) -> Endpoint:
    """Name a new endpoint in the project. A scripted model makes the project a rehearsal."""
    if Endpoint.objects.filter(project=project, name=name).exists():
        raise Refused(_("There already is an endpoint “%(name)s”.") % {"name": name}, field="name")
    endpoint = Endpoint(project=project, name=name, **asdict(checked(profile)))
    _save(endpoint)
    _record(endpoint, "add", by)
    return endpoint


@transaction.atomic
def update(*, endpoint: Endpoint, profile: Profile, by: User | None) -> list[str]:
    """Change an endpoint and return the names of what changed. A change lifts a pause."""
    wanted = asdict(checked(profile))
    changed = [name for name, value in wanted.items() if getattr(endpoint, name) != value]
    if changed:
        for name in changed:
            setattr(endpoint, name, wanted[name])
        _save(endpoint)
        _record(endpoint, "update", by, fields=", ".join(changed))
        resume(endpoint=endpoint, by=by)
    return changed


@transaction.atomic
def assign(*, endpoint: Endpoint, roles: Iterable[DraftRole | str], by: User | None) -> list[str]:
    """Let the endpoint fill exactly these roles; return what changed, as role names.

    A role that another endpoint filled moves to this one.
    """
    wanted = {DraftRole(role) for role in roles}
    mine = RoleAssignment.objects.filter(project=endpoint.project, endpoint=endpoint)
    filled = {DraftRole(role) for role in mine.values_list("role", flat=True)}
    mine.exclude(role__in=wanted).delete()
    for role in wanted - filled:
        RoleAssignment.objects.update_or_create(
            project=endpoint.project, role=role, defaults={"endpoint": endpoint}
        )
    if changed := sorted(wanted ^ filled):
        _record(endpoint, "assign", by, roles=", ".join(sorted(wanted)))
    return [str(role) for role in changed]


def filled_roles(project: Project) -> dict[DraftRole, Endpoint]:
    """Return which endpoint fills which role."""
    assignments = project.role_assignments.select_related("endpoint")
    return {DraftRole(assignment.role): assignment.endpoint for assignment in assignments}


def pause(*, endpoint_id: int, reason: str) -> None:
    """Ask this endpoint nothing more until somebody resumes it. The first reason stays."""
    if Endpoint.objects.filter(pk=endpoint_id, paused_reason="").update(paused_reason=reason):
        _record(Endpoint.objects.get(pk=endpoint_id), "pause", None)


@transaction.atomic
def resume(*, endpoint: Endpoint, by: User | None) -> None:
    """Ask the endpoint again, and tell the workers of its running runs."""
    if not Endpoint.objects.filter(pk=endpoint.pk).exclude(paused_reason="").exists():
        return
    endpoint.paused_reason = ""
    endpoint.save(update_fields=["paused_reason"])
    _record(endpoint, "resume", by)
    for run in Run.objects.filter(project=endpoint.project, status=Run.Status.RUNNING):
        hints.publish("curation.tasks.work", run_id=run.pk)


def key_of(endpoint: Endpoint) -> str:
    """Return the key from the environment; empty for an endpoint that needs none."""
    if not endpoint.key_env:
        return ""
    if _is_ours(endpoint.key_env):
        raise NoKey(_("%(name)s is no key of an endpoint.") % {"name": endpoint.key_env})
    key = os.environ.get(endpoint.key_env, "").strip()
    if not key:
        raise NoKey(
            _("The variable %(name)s holds no key where the worker runs.")
            % {"name": endpoint.key_env}
        )
    if not key.isascii() or not key.isprintable() or " " in key:
        raise NoKey(_("What %(name)s holds cannot be a key.") % {"name": endpoint.key_env})
    return key


def _is_ours(variable: str) -> bool:
    return variable in OWN_VARIABLES or variable.startswith(OWN_PREFIXES)


def checked(profile: Profile) -> Profile:
    """Return the profile, or refuse the first thing that is wrong with it."""
    checked_address(profile.base_url)
    if not profile.model.strip() or not profile.model.isprintable():
        raise Refused(_("Name the model."), field="model")
    if profile.key_env and not VARIABLE.fullmatch(profile.key_env):
        raise Refused(
            _("Name a variable in capitals; the key itself is not stored."), field="key_env"
        )
    if _is_ours(profile.key_env):
        raise Refused(_("That variable holds a secret of this site."), field="key_env")
    if profile.structured not in Endpoint.Structured.values:
        raise Refused(_("Unknown way to ask for JSON."), field="structured")
    if profile.token_parameter not in Endpoint.TokenParameter.values:
        raise Refused(_("Unknown token parameter."), field="token_parameter")
    if (profile.input_price is None) != (profile.output_price is None):
        raise Refused(_("Give both prices, or neither."), field="output_price")
    if not 1 <= profile.concurrency <= 64:
        raise Refused(_("An endpoint takes 1 to 64 calls at once."), field="concurrency")
    _check_extra(profile.extra_body)
    return profile


def _check_extra(extra: dict[str, Any]) -> None:
    if reserved := RESERVED_FIELDS & extra.keys():
        raise Refused(
            _("Extra fields may not set %(names)s.") % {"names": ", ".join(sorted(reserved))},
            field="extra_body",
        )
    most = extra.get("max_tokens", 1)
    if type(most) is not int or not 1 <= most <= MOST_TOKENS:
        raise Refused(
            _("max_tokens is a number from 1 to %(limit)s.") % {"limit": MOST_TOKENS},
            field="extra_body",
        )
    try:
        text = json.dumps(extra, ensure_ascii=False, allow_nan=False)
        storable(text)
    except (ValueError, RecursionError, ValidationError):
        text = "\\u0000"
    if len(text) > LARGEST_EXTRA or "\\u0000" in text:
        raise Refused(
            _("Extra fields are too long, or hold what cannot be stored."), field="extra_body"
        )


def _save(endpoint: Endpoint) -> None:
    try:
        endpoint.full_clean(validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        field, reasons = next(iter(error.message_dict.items()))
        raise Refused(reasons[0], field=field) from error
    endpoint.save()
    if endpoint.model.startswith(REHEARSAL) and not endpoint.project.rehearsal:
        # Whatever such a model says must never pass for the work of a real one (D12).
        endpoint.project.rehearsal = True
        endpoint.project.save(update_fields=["rehearsal"])


def _record(endpoint: Endpoint, act: str, by: User | None, **detail: str) -> None:
    audit.record(
        project=endpoint.project,
        by=audit.ref(by),
        action=f"endpoint.{act}",
        subject=f"endpoint:{endpoint.name}",
        **detail,
    )
