"""Subjects: the models being tested, and their runs over a release."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from curation import audit, hints
from curation.drafting import applying, budget, plan, prompts, recording, requests, runs, targets
from curation.exporting import MCQ
from curation.models import (
    Call,
    Endpoint,
    Project,
    Purpose,
    Release,
    ReleaseRow,
    Run,
    Subject,
    SubjectRun,
)
from curation.refusals import Refused
from scoring import orderings

DECODING = {"temperature": 0, "max_tokens": 1024, "seed": 0}
MOST_TOKENS = 32_000


@transaction.atomic
def add(
    *,
    project: Project,
    name: str,
    endpoint: Endpoint,
    by: User | None,
    decoding: dict[str, Any] | None = None,
) -> Subject:
    """Name a model of the project's endpoint as a subject."""
    if Subject.objects.filter(project=project, name=name).exists():
        raise Refused(_("There already is a subject “%(name)s”.") % {"name": name}, field="name")
    subject = Subject(project=project, name=name, endpoint=endpoint, model=endpoint.model)
    subject.decoding = _checked({**DECODING, **(decoding or {})})
    try:
        subject.full_clean(validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        field, reasons = next(iter(error.message_dict.items()))
        raise Refused(reasons[0], field=field) from error
    subject.save()
    audit.record(project=project, by=audit.ref(by), action="subject.add", subject=f"subject:{name}")
    return subject


@transaction.atomic
def start_run(*, subject: Subject, release: Release, by: User | None) -> SubjectRun:
    """Ask the subject every question of the release openly, and as a choice in each ordering.

    Replies that are saved are taken over, never bought again. Where nothing would be different
    from the last run, that one is returned.
    """
    Subject.objects.select_for_update().get(pk=subject.pk)
    wanted = list(_calls(subject, _endpoint(subject, release), _rows(release)))
    last = subject.subject_runs.filter(release=release, run__isnull=False).last()
    if last and last.run and _same(last.run, wanted):
        return last
    run = Run.objects.create(project=release.project, kind=Run.Kind.SUBJECT, by=by)
    numbers = subject.subject_runs.filter(release=release).aggregate(last=Max("number"))
    made = SubjectRun.objects.create(
        subject=subject, release=release, run=run, number=(numbers["last"] or 0) + 1
    )
    plan.attach(run, wanted)
    _take_over(made, run)
    audit.record(
        project=release.project,
        by=audit.ref(by),
        action="subject.run",
        subject=f"run:{run.pk}",
        calls=len(wanted),
    )
    if not runs.finish(run.pk):
        hints.publish("curation.tasks.work", run_id=run.pk)
    return made


def _endpoint(subject: Subject, release: Release) -> Endpoint:
    if subject.project_id != release.project_id:
        raise Refused(_("The subject and the release belong to different projects."))
    endpoint = subject.endpoint
    if endpoint is None:
        raise Refused(_("The replies of this subject are uploaded: it has no endpoint."))
    if endpoint.model != subject.model:
        raise Refused(
            _("The subject is %(model)s, but its endpoint now asks another model: add a subject.")
            % {"model": subject.model}
        )
    budget.check_prices(release.project, [endpoint])
    return endpoint


def _rows(release: Release) -> list[ReleaseRow]:
    rows = list(release.rows.filter(file=MCQ).select_related("item"))
    if not rows:
        raise Refused(_("The release holds no items."))
    return rows


def _calls(subject: Subject, endpoint: Endpoint, rows: Iterable[ReleaseRow]) -> Iterable[Call]:
    parameters = requests.parameters_for(endpoint, subject.decoding)
    for row in rows:
        line = recording.line(row)
        yield plan.new_call(
            endpoint=endpoint,
            purpose=Purpose.OPEN,
            target=targets.of_item(row.item),
            item=row.item,
            prompt=None,
            messages=[{"role": "user", "content": line["question"]}],
            parameters=parameters,
        )
        file, prompt = prompts.registered(Purpose.CHOICE, line["language"])
        for ordering in orderings.wanted(len(line["choices"])):
            shown = orderings.shown(line["choices"], ordering)
            yield plan.new_call(
                endpoint=endpoint,
                purpose=Purpose.CHOICE,
                target=targets.of_choice(row.item, ordering),
                item=row.item,
                prompt=prompt,
                messages=file.fill(question=line["question"], options=options_block(shown)),
                parameters=parameters,
            )


def options_block(texts: Iterable[str]) -> str:
    """Return a line `[A] text` for each option, in the order shown."""
    lettered = zip(orderings.LETTERS, texts, strict=False)
    return "\n".join(f"[{letter}] {' '.join(text.split())}" for letter, text in lettered)


def _same(run: Run, wanted: Iterable[Call]) -> bool:
    if run.status == Run.Status.CANCELLED:
        return False
    there = set(run.calls.values_list("key", flat=True))
    return there == {call.key for call in wanted}


def _take_over(subject_run: SubjectRun, run: Run) -> None:
    """Record the replies that calls of earlier runs already brought.

    The calls are locked: one that is being read now either ends before, or sees this run too.
    """
    list(run.calls.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
    for call in run.calls.filter(status__in=(Call.Status.DONE, Call.Status.REFUSED)):
        attempt = call.attempts.filter(outcome__in=applying.REPLIES).latest("number")
        recording.record_in(subject_run, call, attempt.content)


def _checked(decoding: dict[str, Any]) -> dict[str, Any]:
    temperature, most = decoding["temperature"], decoding["max_tokens"]
    if temperature is not None and not 0 <= temperature <= 2:
        raise Refused(_("A temperature is between 0 and 2."), field="temperature")
    if not 1 <= most <= MOST_TOKENS:
        raise Refused(
            _("A reply has 1 to %(limit)s tokens.") % {"limit": MOST_TOKENS}, field="max_tokens"
        )
    return decoding
