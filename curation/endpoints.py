"""Endpoints of a project: where a model is asked, for which roles, and when it must not be."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from curation import audit, extra_fields, hints, keys, redaction
from curation.addresses import checked_address
from curation.keys import NoKey as NoKey  # what `key_of` raises
from curation.models import Call, DraftRole, Endpoint, Project, RoleAssignment, Run
from curation.refusals import Refused

BY_HAND = "by_hand"  # why a person paused an endpoint
REHEARSAL = "rehearsal-"  # how the names of scripted models begin
FASTEST = 60_000  # calls a minute


@dataclass(frozen=True)
class Profile:
    """What an endpoint is: its address and model, where its key is, and what it can do."""

    base_url: str
    model: str
    key_env: str = ""
    key_file: str = ""
    structured: str = Endpoint.Structured.JSON_SCHEMA
    token_parameter: str = Endpoint.TokenParameter.MAX_TOKENS
    takes_temperature: bool = True
    takes_seed: bool = True
    critic_format: str = Endpoint.CriticFormat.VERDICT_JSON
    holds_other_models: bool = False
    extra_body: dict[str, Any] = field(default_factory=dict)
    concurrency: int = 4
    rate: int | None = None  # calls a minute


def profile_of(endpoint: Endpoint) -> Profile:
    return Profile(**{name: getattr(endpoint, name) for name in Profile.__dataclass_fields__})


@transaction.atomic
def add(
    *, project: Project, name: str, profile: Profile, by: User | None, key: str | None = None
) -> Endpoint:
    """Name a new endpoint in the project. A scripted model makes the project a rehearsal.

    A key given here is sealed before it is stored.
    """
    if Endpoint.objects.filter(project=project, name=name).exists():
        raise Refused(_("There already is an endpoint “%(name)s”.") % {"name": name}, field="name")
    endpoint = Endpoint(project=project, name=name, **asdict(checked(profile)))
    for field_name, value in _keeping(endpoint, profile, key).items():
        setattr(endpoint, field_name, value)
    _clean(endpoint)
    endpoint.save()
    _mark_rehearsal(endpoint)
    _record(endpoint, "add", by)
    return endpoint


@transaction.atomic
def update(
    *, endpoint: Endpoint, profile: Profile, by: User | None, key: str | None = None
) -> list[str]:
    """Change an endpoint and return the names of what changed.

    A key of None leaves a stored one, an empty one takes it away. A change lifts a pause, unless
    a person made it, and forgets what the endpoint showed before.
    """
    wanted = asdict(checked(profile)) | _keeping(endpoint, profile, key)
    changed = [name for name, value in wanted.items() if getattr(endpoint, name) != value]
    if not changed:
        return []
    for name in changed:
        setattr(endpoint, name, wanted[name])
    _clean(endpoint)
    if {"base_url", "model"} & set(changed):
        changed += _forget_said(endpoint)
    endpoint.save(update_fields=changed)
    _mark_rehearsal(endpoint)
    said = [name for name in changed if name in wanted and name != "key_hint"]
    _record(endpoint, "update", by, fields=", ".join(said))
    forget_found(endpoint=endpoint, by=by)
    if not Endpoint.objects.filter(pk=endpoint.pk, paused_reason=BY_HAND).exists():
        resume(endpoint=endpoint, by=by)
    return said


def _forget_said(endpoint: Endpoint) -> list[str]:
    """Take away what another model said, or another server; return the fields."""
    endpoint.notice = endpoint.fingerprint = endpoint.fingerprint_before = ""
    endpoint.fingerprint_since = None
    return ["notice", "fingerprint", "fingerprint_before", "fingerprint_since"]


@transaction.atomic
def forget_found(*, endpoint: Endpoint, by: User | None) -> bool:
    """Ask in the way the profile says again, whatever the endpoint showed it can do.

    Say whether it showed less.
    """
    endpoint.structured_found = ""
    known = Endpoint.objects.filter(pk=endpoint.pk).exclude(structured_found="")
    if not known.update(structured_found=""):
        return False
    _record(endpoint, "forget", by)
    return True


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


def pause(
    *,
    endpoint_id: int,
    reason: str,
    met: dict[str, object] | None = None,
    by: User | None = None,
) -> bool:
    """Ask this endpoint nothing more until somebody resumes it; say whether that is news.

    The first reason stays, but for `BY_HAND`, which holds whatever changes. A fault that was `met`
    with a key or address of before says nothing about those of today.
    """
    over = Q() if reason == BY_HAND else Q(paused_reason="")
    lane = Endpoint.objects.filter(over, pk=endpoint_id, **met or {})
    if not lane.exclude(paused_reason=reason).update(paused_reason=reason):
        return False
    _record(Endpoint.objects.get(pk=endpoint_id), "pause", by, reason=reason)
    return True


@transaction.atomic
def resume(*, endpoint: Endpoint, by: User | None) -> bool:
    """Ask the endpoint again at once, and tell the workers of its running runs.

    Say whether it was paused or at rest.
    """
    held = ~Q(paused_reason="") | Q(resting_until__isnull=False) | ~Q(rest_reason="")
    awake: dict[str, Any] = {"paused_reason": "", "resting_until": None, "rest_reason": ""}
    awake |= {"failures": 0, "failing_since": None}
    if not Endpoint.objects.filter(held, pk=endpoint.pk).update(**awake):
        return False
    for name, value in awake.items():
        setattr(endpoint, name, value)
    _record(endpoint, "resume", by)
    for run in Run.objects.filter(project=endpoint.project, status=Run.Status.RUNNING):
        hints.publish("curation.tasks.work", run_id=run.pk)
    return True


def resting(project: Project) -> QuerySet[Endpoint]:
    """Return the endpoints that are not asked for a while and go on by themselves."""
    rests = Endpoint.objects.filter(project=project, paused_reason="", resting_until__gt=Now())
    return rests.order_by("name")


def missed(project: Project) -> list[Endpoint]:
    """Return the paused endpoints that a role or a call of a running run needs."""
    waited_for = Call.objects.filter(
        run_calls__run__project=project,
        run_calls__run__status=Run.Status.RUNNING,
        status__in=Call.OPEN,
    )
    paused = Endpoint.objects.filter(project=project).exclude(paused_reason="")
    with_role = set(paused.filter(role_assignments__isnull=False).values_list("pk", flat=True))
    return [
        endpoint
        for endpoint in paused.order_by("name")
        if endpoint.pk in with_role or waited_for.filter(endpoint=endpoint).exists()
    ]


def key_of(endpoint: Endpoint) -> str:
    """Return the key, wherever it is; empty for an endpoint that needs none. Raises NoKey."""
    if endpoint.key_env:
        key = keys.from_variable(endpoint.key_env, base_url=endpoint.base_url)
    elif endpoint.key_file:
        key = keys.from_file(endpoint.key_file, base_url=endpoint.base_url)
    else:
        key = keys.opened(endpoint.key_sealed) if endpoint.key_sealed else ""
    return redaction.remember(key)


@transaction.atomic
def reseal() -> int:
    """Seal all stored keys with the newest master key; return how many there were."""
    found = Endpoint.objects.select_for_update().exclude(key_sealed=b"")
    for endpoint in found:
        endpoint.key_sealed = keys.resealed(endpoint.key_sealed)
        endpoint.save(update_fields=["key_sealed"])
    return len(found)


def checked(profile: Profile) -> Profile:
    """Return the profile, or refuse the first thing that is wrong with it."""
    checked_address(profile.base_url)
    if not profile.model.strip() or not profile.model.isprintable():
        raise Refused(_("Name the model."), field="model")
    _check_key_place(profile)
    if profile.structured not in Endpoint.Structured.values:
        raise Refused(_("Unknown way to ask for JSON."), field="structured")
    if profile.token_parameter not in Endpoint.TokenParameter.values:
        raise Refused(_("Unknown token parameter."), field="token_parameter")
    if profile.critic_format not in Endpoint.CriticFormat.values:
        raise Refused(_("Unknown form of a critic."), field="critic_format")
    if not 1 <= profile.concurrency <= 64:
        raise Refused(_("An endpoint takes 1 to 64 calls at once."), field="concurrency")
    if profile.rate is not None and not 1 <= profile.rate <= FASTEST:
        raise Refused(
            _("A rate is 1 to %(limit)s calls a minute.") % {"limit": FASTEST}, field="rate"
        )
    extra_fields.check(profile.extra_body)
    return profile


def _check_key_place(profile: Profile) -> None:
    if profile.key_env and not keys.VARIABLE.fullmatch(profile.key_env):
        raise Refused(_("Name a variable in capitals, not the key itself."), field="key_env")
    if keys.is_ours(profile.key_env):
        raise Refused(_("That variable holds a secret of this site."), field="key_env")
    if profile.key_file and not keys.FILE.fullmatch(profile.key_file):
        raise Refused(_("Name a file alone, without a folder."), field="key_file")
    if profile.key_env and profile.key_file:
        raise _two_places("key_file")
    if profile.key_env and (words := keys.why_not_variable(profile.key_env, profile.base_url)):
        raise Refused(words, field="key_env")
    if profile.key_file and (words := keys.why_not_file(profile.key_file, profile.base_url)):
        raise Refused(words, field="key_file")


def _keeping(endpoint: Endpoint, profile: Profile, key: str | None) -> dict[str, Any]:
    """Return the fields of the stored key that change."""
    redaction.remember(key or "")
    elsewhere = profile.key_env or profile.key_file
    if key and elsewhere:
        raise _two_places("key")
    if key and not keys.possible(key):
        raise Refused(_("That cannot be a key: it has spaces or odd characters."), field="key")
    if key:
        same = endpoint.key_sealed and keys.opens(endpoint.key_sealed, key)
        return {} if same else {"key_sealed": keys.sealed(key), "key_hint": keys.hint_of(key)}
    if elsewhere or key == "":
        return {"key_sealed": b"", "key_hint": ""}
    if endpoint.key_sealed and _origin(endpoint.base_url) != _origin(profile.base_url):
        # Or whoever may change the address could have the key sent to a server of their own.
        raise Refused(_("A stored key stays with its server: give it again."), field="key")
    return {}


def _two_places(field_name: str) -> Refused:
    return Refused(_("Say in one way where the key is."), field=field_name)


def _origin(base_url: str) -> tuple[str, str]:
    parts = urlsplit(base_url.lower())
    return parts.scheme, parts.netloc


def _clean(endpoint: Endpoint) -> None:
    try:
        endpoint.full_clean(validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        field, reasons = next(iter(error.message_dict.items()))
        raise Refused(reasons[0], field=field) from error


def _mark_rehearsal(endpoint: Endpoint) -> None:
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
