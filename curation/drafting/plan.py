"""What is still to be drafted in a project, and the run that freezes it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext as _
from psycopg.types.json import Jsonb

from curation import audit, hints
from curation.drafting import (
    applying,
    asking,
    budget,
    calls,
    checking,
    gaps,
    prompts,
    requests,
    tallies,
)
from curation.drafting.purposes import WORKS
from curation.drafting.purposes.tags import taxonomy_block
from curation.endpoints import filled_roles
from curation.models import (
    Call,
    Draft,
    Endpoint,
    Item,
    Project,
    Prompt,
    Purpose,
    Run,
    RunCall,
)
from curation.refusals import Refused

DRAFTED = (Purpose.POSITIVE, Purpose.NEGATIVE, Purpose.TAGS)
ROLES = {purpose: WORKS[purpose].role for purpose in DRAFTED}
CHUNK = 10_000  # items whose calls are planned by one statement

# The calls that items want, with the key each of them has: the same as `requests.key` makes of
# `requests.filled_hash`. An ask is a purpose in a language, with all that its calls share.
WANTED = """
SELECT i.id AS item_id, length(i.question) AS length, a.*,
    'item:' || i.uid || ':v' || i.revision AS target,
    encode(sha256(convert_to(concat_ws(E'\n', a.endpoint_id, a.model, a.purpose,
        'item:' || i.uid || ':v' || i.revision,
        encode(sha256(convert_to(a.checksum || E'\nquestion:'
            || encode(sha256(convert_to(i.question, 'UTF8')), 'hex') || a.tail, 'UTF8')), 'hex'),
        a.parameters_hash, 0), 'UTF8')), 'hex') AS key
FROM ({items}) w
JOIN curation_item i ON i.id = w.id
JOIN jsonb_to_recordset(%s::jsonb) AS a (place int, language text, endpoint_id bigint, model text,
    purpose text, prompt_id bigint, checksum text, tail text, about jsonb, parameters jsonb,
    parameters_hash text) ON a.purpose = w.purpose AND a.language = i.language
"""
# Not answered yet, and not under way in a run that goes on.
UNMET = """
(c.id IS NULL OR c.status = 'failed' OR (c.status IN ('planned', 'batched', 'leased', 'responded')
    AND NOT EXISTS (SELECT 1 FROM curation_runcall o JOIN curation_run r ON r.id = o.run_id
        WHERE o.call_id = c.id AND r.status IN ('running', 'paused'))))
"""
ATTACH = """
WITH wanted AS MATERIALIZED ({wanted}), made AS (
    INSERT INTO curation_call (key, endpoint_id, model, purpose, target, item_id, prompt_id, about,
        parameters, sample, status, structured, fault, lease_token, tries, reserved, problem)
    SELECT w.key, w.endpoint_id, w.model, w.purpose, w.target, w.item_id, w.prompt_id, w.about,
        w.parameters, 0, 'planned', '', '', 0, 0, 0, ''
    FROM wanted w ORDER BY w.item_id, w.place
    ON CONFLICT (key) DO NOTHING RETURNING id
)
INSERT INTO curation_runcall (run_id, call_id)
SELECT %s::bigint, id FROM made
UNION ALL
SELECT %s::bigint, c.id FROM wanted w JOIN curation_call c ON c.key = w.key WHERE {unmet}
ON CONFLICT DO NOTHING
"""
# The same without keys, which take a while to make for very many: what was asked of the item in
# this way is taken for what would be asked.
COUNT = """
SELECT a.purpose, a.language, count(*), sum(length(i.question))
FROM ({items}) w JOIN curation_item i ON i.id = w.id
JOIN jsonb_to_recordset(%s::jsonb) AS a (language text, endpoint_id bigint, model text,
    purpose text, prompt_id bigint, parameters jsonb)
    ON a.purpose = w.purpose AND a.language = i.language
LEFT JOIN LATERAL (
    SELECT c.id, c.status FROM curation_call c
    WHERE c.item_id = i.id AND c.purpose = w.purpose AND c.endpoint_id = a.endpoint_id
        AND c.model = a.model AND c.prompt_id = a.prompt_id AND c.parameters = a.parameters
        AND c.sample = 0  -- others are asked again by a person, not by a plan
    ORDER BY c.id DESC LIMIT 1
) c ON true
WHERE {unmet} GROUP BY 1, 2
"""
ANY = """
SELECT EXISTS (
    SELECT 1 FROM ({wanted}) w LEFT JOIN curation_call c ON c.key = w.key WHERE {unmet}
)
"""


@dataclass(frozen=True)
class Unmet:
    """Calls that are wanted and not answered, and the characters of their questions."""

    number: int
    length: int


class RolesMissing(Refused):
    """Nobody is named for a role that drafting needs."""


@dataclass
class Plan:
    """A frozen plan: the run, or none when nothing is left to draft."""

    run: Run | None = None
    planned: Counter[str] = field(default_factory=Counter)  # calls by purpose
    severe: int = 0  # items left without a negative draft because of a tag of severity 4
    left_over: int = 0  # drafts that came too late before, and were proposed now


@transaction.atomic
def plan(*, project: Project, by: User | None, at_most: int | None = None) -> Plan:
    """Freeze every draft the project still lacks into a run, and tell the workers.

    A reply that is saved or under way is not asked for again; a call that failed is. Where more
    than `at_most` items are open, a worker does the planning (`fill`): nobody waits for it.
    """
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    if project.runs.filter(status=Run.Status.PLANNING).exists():
        raise Refused(_("A run of this project is just being planned: look at it first."))
    checker = checking.checker(project)
    if not gaps.lacking(project).exists() and not (checker and gaps.unchecked(project).exists()):
        return Plan()
    asks = asks_of(project, drafters(project))
    checks = checking.asks_of(project, checker) if checker else []
    made = Plan(severe=gaps.severe_items(project).count(), left_over=_apply_left_over(project))
    if not is_any_unmet(project, asks) and not (checker and gaps.unchecked(project).exists()):
        return made
    made.run = start(project=project, kind=Run.Kind.DRAFTING, asks=[*asks, *checks], by=by)
    if at_most is not None and gaps.open_items(project).count() > at_most:
        Run.objects.filter(pk=made.run.pk).update(status=Run.Status.PLANNING)
        hints.publish("curation.tasks.work", run_id=made.run.pk)
        return made
    asks = _asks_in(made.run)
    for first, last in _pieces(project):
        _attach(made.run, asks, first, last)
    _attach_rest(made.run)
    made.planned.update({p: n for (p, _status), n in tallies.counts(made.run.pk).items()})
    tell(made.run, by=by, number=made.planned.total())
    return made


def fill(run_id: int) -> bool:
    """Plan the calls of a run that waits for it, piece by piece; say whether it may begin now.

    Whoever is cut off goes on where the last whole piece ended. Nothing is asked before all of it
    is planned.
    """
    run = Run.objects.select_related("project", "by").get(pk=run_id)
    if run.status != Run.Status.PLANNING:
        return False
    budget.check_prices(run.project, endpoints_of(run))
    asks = _asks_in(run)
    for first, last in _pieces(run.project, after=_filled_to(run)):
        with transaction.atomic():
            if not _is_waiting(run):
                return False
            _attach(run, asks, first, last)
    with transaction.atomic():
        if not _is_waiting(run):
            return False
        _attach_rest(run)
        with connection.cursor() as cursor:  # a plan for a small table would not do any more
            cursor.execute("ANALYZE curation_call, curation_runcall")
        Run.objects.filter(pk=run_id).update(status=Run.Status.RUNNING)
        tell(run, by=run.by, number=tallies.total(run_id))
    return True


def _is_waiting(run: Run) -> bool:
    """Lock the run, and say whether it still waits for its plan."""
    waiting = Run.objects.select_for_update(no_key=True).filter(pk=run.pk)
    return waiting.filter(status=Run.Status.PLANNING).exists()


def _filled_to(run: Run) -> int:
    """Return the item up to which the run has its calls."""
    last = Call.objects.filter(run_calls__run=run).aggregate(item=Max("item_id"))
    return last["item"] or 0


def _asks_in(run: Run) -> list[dict[str, Any]]:
    return [_whole(ask) for ask in run.plan["asks"] if ask["purpose"] in DRAFTED]


def _attach_rest(run: Run) -> None:
    """Let the run want checks of pairs that nobody checks, and have made again what failed."""
    if any(ask["purpose"] == Purpose.CHECK for ask in run.plan["asks"]):
        checking.attach_unchecked(run, gaps.open_items(run.project))
    calls.plan_again(Q(run_calls__run=run))


def endpoints_of(run: Run) -> QuerySet[Endpoint]:
    """Return the endpoints that the run's plan names."""
    return Endpoint.objects.filter(pk__in={ask["endpoint_id"] for ask in run.plan["asks"]})


def drafters(project: Project) -> dict[Purpose, Endpoint]:
    """Return the endpoint of each purpose, or refuse naming the roles nobody fills."""
    filled = filled_roles(project)
    if missing := [role for role in ROLES.values() if role not in filled]:
        names = ", ".join(str(role.label) for role in missing)
        raise RolesMissing(
            _("No endpoint fills these roles yet: %(roles)s. Add one with its roles first.")
            % {"roles": names}
        )
    found = {purpose: filled[role] for purpose, role in ROLES.items()}
    checker = checking.checker(project)
    budget.check_prices(project, [*found.values(), *([checker] if checker else [])])
    return found


def asks_of(project: Project, roles: Mapping[Purpose, Endpoint]) -> list[dict[str, Any]]:
    """Return what is asked for each purpose in each language: endpoint, prompt and parameters."""
    return [
        _ask(project, purpose, endpoint, language)
        for purpose, endpoint in roles.items()
        for language in project.languages
    ]


def unmet(project: Project, asks: Iterable[dict[str, Any]]) -> dict[tuple[str, str], Unmet]:
    """Return about how many calls are wanted and not answered, by purpose and language."""
    items, values = _items(project, asks)
    values.append(Jsonb(list(asks)))
    with connection.cursor() as cursor:
        cursor.execute(COUNT.format(items=items, unmet=UNMET), values)
        return {(p, lang): Unmet(number, length) for p, lang, number, length in cursor.fetchall()}


def is_any_unmet(project: Project, asks: Iterable[dict[str, Any]]) -> bool:
    """Say whether a call is wanted that is not answered."""
    wanted, values = _wanted(project, asks)
    with connection.cursor() as cursor:
        cursor.execute(ANY.format(wanted=wanted, unmet=UNMET), values)
        return bool(cursor.fetchone()[0])


def start(
    *, project: Project, kind: Run.Kind, asks: Iterable[dict[str, Any]], by: User | None
) -> Run:
    """Begin a run with its plan frozen in it; its calls are attached next."""
    names = ("purpose", "language", "endpoint_id", "model", "checksum", "about", "parameters")
    frozen = [{name: ask[name] for name in names if name in ask} for ask in asks]
    return Run.objects.create(project=project, kind=kind, by=by, plan={"asks": frozen})


def tell(run: Run, *, by: User | None, number: int) -> None:
    """Write down that a run was planned, and tell the workers."""
    audit.record(
        project=run.project,
        by=audit.ref(by),
        action="run.plan",
        subject=f"run:{run.pk}",
        calls=number,
    )
    hints.publish("curation.tasks.work", run_id=run.pk)


def attach(run: Run, wanted: list[Call]) -> None:
    """Let the run want these calls, each stored once however many runs want it.

    Calls that failed before are made again.
    """
    Call.objects.bulk_create(wanted, ignore_conflicts=True)
    stored = Call.objects.filter(key__in=[call.key for call in wanted])
    ids = sorted(stored.values_list("pk", flat=True))
    RunCall.objects.bulk_create([RunCall(run=run, call_id=pk) for pk in ids], ignore_conflicts=True)
    calls.plan_again(Q(pk__in=ids))


def new_call(
    *,
    endpoint: Endpoint,
    purpose: str,
    target: str,
    item: Item,
    prompt: Prompt | None,
    parameters: dict[str, Any],
    messages: prompts.Messages | None = None,
    about: dict[str, int] | None = None,
    known: Mapping[str, object] | None = None,
) -> Call:
    """Return a call that is not saved yet, with its key.

    Without messages the prompt is filled when the call is sent, from what it is about. What its
    purpose would look up for that may be given as `known`.
    """
    call = Call(
        endpoint=endpoint,
        model=endpoint.model,
        purpose=purpose,
        target=target,
        item=item,
        prompt=prompt,
        messages=messages,
        about=about or {},
        parameters=parameters,
    )
    call.__dict__.update(known or {})
    checksum = prompt.checksum if prompt else ""
    if messages is None:
        call.key = asking.key_of(call, requests.filled_hash(checksum, WORKS[purpose].slots(call)))
    else:
        call.key = asking.key_of(call, requests.digest([checksum, messages]))
    return call


def _ask(project: Project, purpose: Purpose, endpoint: Endpoint, language: str) -> dict[str, Any]:
    _file, prompt = prompts.registered(purpose, language)
    frozen = {
        "language": language,
        "endpoint_id": endpoint.pk,
        "model": endpoint.model,
        "purpose": purpose.value,
        "checksum": prompt.checksum,
        "about": {"taxonomy": project.taxonomy_id} if purpose == Purpose.TAGS else {},
        "parameters": requests.parameters_for(endpoint, dict(WORKS[purpose].defaults)),
    }
    return _whole(frozen)


def _whole(frozen: dict[str, Any]) -> dict[str, Any]:
    """Return a frozen ask with what follows from it and its calls share."""
    taxonomy = frozen["about"].get("taxonomy")
    others = {"taxonomy": taxonomy_block(taxonomy, frozen["language"])} if taxonomy else {}
    return {
        **frozen,
        "place": DRAFTED.index(Purpose(frozen["purpose"])),
        "prompt_id": Prompt.objects.get(checksum=frozen["checksum"]).pk,
        "tail": "".join(f"\n{line}" for line in requests.tail(others)),
        "parameters_hash": requests.digest(frozen["parameters"]),
    }


def _wanted(
    project: Project, asks: Iterable[dict[str, Any]], within: Q | None = None
) -> tuple[str, list[Any]]:
    """Return the statement for the calls that items want, and its values."""
    items, values = _items(project, asks, within)
    return WANTED.format(items=items), [*values, Jsonb(list(asks))]


def _items(
    project: Project, asks: Iterable[dict[str, Any]], within: Q | None = None
) -> tuple[str, list[Any]]:
    """Return the statement for the items that lack what each purpose drafts, and its values."""
    parts, values = [], []
    for purpose in sorted({ask["purpose"] for ask in asks}):
        items = gaps.wanted_items(project, Purpose(purpose)).filter(within or Q())
        sql, given = items.order_by().values("pk").query.sql_with_params()
        parts.append(f"SELECT x.id, %s AS purpose FROM ({sql}) x (id)")  # noqa: S608 - Django's own
        values += [purpose, *given]
    return " UNION ALL ".join(parts), values


def _attach(run: Run, asks: list[dict[str, Any]], first: int, last: int) -> None:
    wanted, values = _wanted(run.project, asks, Q(pk__range=(first, last)))
    with connection.cursor() as cursor:
        cursor.execute(ATTACH.format(wanted=wanted, unmet=UNMET), [*values, run.pk, run.pk])


def _pieces(project: Project, after: int = 0) -> list[tuple[int, int]]:
    """Return the first and last numbers of pieces of the open items, of CHUNK items each."""
    ids = gaps.open_items(project).filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)
    numbers = list(ids.iterator(chunk_size=CHUNK))
    return [(numbers[at], numbers[at : at + CHUNK][-1]) for at in range(0, len(numbers), CHUNK)]


def _apply_left_over(project: Project) -> int:
    late = Call.objects.filter(
        item__project=project,
        item__status__in=applying.OPEN_TO_DRAFTS,
        status=Call.Status.DONE,
        problem="too_late",
    )
    drafts = Draft.objects.filter(attempt__call__in=late, parsed__isnull=False)
    applied = applying.apply_left_over(
        drafts.select_related("item__project", "attempt__call__endpoint")
    )
    late.update(problem="")
    return applied
