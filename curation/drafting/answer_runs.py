"""Runs that ask about the answers of a subject run: a critic's critiques, a judge's proposals."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import CharField, Count, Exists, F, OuterRef, QuerySet, Sum, Value
from django.db.models.functions import Cast, Concat, Length
from django.utils.translation import gettext as _

from curation import families
from curation.drafting import plan, targets, wanting
from curation.drafting.critics import CRITICS
from curation.drafting.estimates import Estimate
from curation.drafting.purposes.tags import taxonomy_block
from curation.drafting.wanting import Ask
from curation.models import Answer, Call, Endpoint, Item, Project, Purpose, Run, SubjectRun
from curation.refusals import Refused

KINDS = {Purpose.CRITIQUE: Run.Kind.CRITIQUE, Purpose.JUDGE: Run.Kind.JUDGING}
OUTPUT_TOKENS = 120


class OwnModel(Refused):
    """The model would judge what it said itself."""


@dataclass(frozen=True)
class Picture:
    """What a run would ask and take, or why there can be none."""

    purpose: Purpose
    estimate: Estimate | None = None
    why_not: str = ""
    kin: bool = False  # whether the model is of the subject's family


@transaction.atomic
def start(*, subject_run: SubjectRun, purpose: Purpose, by: User | None) -> Run | None:
    """Ask about every answer that was not asked about in this way; None when none is left."""
    # Of two that start at once the second finds everything asked.
    SubjectRun.objects.select_for_update(of=("self",)).get(pk=subject_run.pk)
    project = subject_run.release.project
    asks = asks_of(subject_run, purpose)
    by_language = {ask.language: ask for ask in asks}
    run, number = None, 0
    for answers in wanting.chunks(unasked(subject_run, asks)):
        run = run or _started(subject_run, asks, by)
        calls = [_call(answer, by_language[answer.item.language], project) for answer in answers]
        plan.attach(run, calls)
        number += len(calls)
    if run:
        plan.tell(run, by=by, number=number)
    return run


def picture(subject_run: SubjectRun, purpose: Purpose) -> Picture:
    """Return what starting would take, or why it would be refused."""
    try:
        asks = asks_of(subject_run, purpose)
    except Refused as refusal:
        return Picture(purpose, why_not=str(refusal))
    found = unasked(subject_run, asks).order_by().values_list("item__language")
    rows = found.annotate(
        n=Count("pk"), length=Sum(Length("reply")) + Sum(Length("item__question"))
    )
    counted = {language: (number, length) for language, number, length in rows}
    return Picture(
        purpose,
        wanting.estimate(asks, counted, out=OUTPUT_TOKENS),
        kin=families.kin(asks[0].endpoint.model, subject_run.subject.model),
    )


def asks_of(subject_run: SubjectRun, purpose: Purpose) -> list[Ask]:
    """Return how the answers are put to whoever fills the role, or refuse."""
    project = subject_run.release.project
    endpoint = wanting.endpoint_of(project, purpose)
    _check_foreign(endpoint, subject_run)
    if purpose == Purpose.JUDGE:
        return [wanting.ask_of(purpose, endpoint, language) for language in project.languages]
    critic = CRITICS[endpoint.critic_format]
    return [
        wanting.ask_of(
            purpose,
            endpoint,
            language,
            prompt=critic.prompt,
            parameters=critic.parameters,
            around=len(taxonomy_block(project.taxonomy_id, language)) if critic.told_tags else 0,
        )
        for language in project.languages
    ]


def unasked(subject_run: SubjectRun, asks: list[Ask]) -> QuerySet[Answer]:
    """Return the answers that say something and were not asked about in one of these ways."""
    project = subject_run.release.project
    about = _taxonomy(asks[0].purpose, project)
    target = Concat(Value(targets.ANSWER), Cast(OuterRef("pk"), CharField()))
    there = wanting.asked(asks, **about).filter(item=OuterRef("item"), target=target)
    answers = subject_run.answers.exclude(item__status=Item.Status.LOCKED)
    spoken = answers.filter(item__language__in=project.languages, reply__regex=r"\S")
    return spoken.exclude(Exists(there)).select_related("item").order_by("pk")


def _check_foreign(endpoint: Endpoint, subject_run: SubjectRun) -> None:
    subject = subject_run.subject
    own = subject.endpoint_id == endpoint.pk
    if own or any(families.same(endpoint.model, name) for name in (subject.model, subject.name)):
        raise OwnModel(
            _(
                "%(endpoint)s asks %(model)s, the model that gave these answers: nobody judges"
                " what they said themselves. Let another endpoint do it."
            )
            % {"endpoint": endpoint.name, "model": endpoint.model}
        )


def _taxonomy(purpose: Purpose, project: Project) -> dict[str, int]:
    return {"taxonomy": project.taxonomy_id} if purpose == Purpose.CRITIQUE else {}


def _started(subject_run: SubjectRun, asks: list[Ask], by: User | None) -> Run:
    run = plan.start(
        project=subject_run.release.project,
        kind=KINDS[asks[0].purpose],
        asks=[ask.frozen() for ask in asks],
        by=by,
    )
    run.plan["subject_run"] = subject_run.pk
    run.save(update_fields=["plan"])
    return run


def _call(answer: Answer, ask: Ask, project: Project) -> Call:
    return plan.new_call(
        endpoint=ask.endpoint,
        purpose=ask.purpose,
        target=targets.of_answer(answer),
        item=answer.item,
        prompt=ask.prompt,
        parameters=ask.parameters,
        about={"answer": answer.pk, **_taxonomy(ask.purpose, project)},
        known={"answer": answer},
    )


def subject_run_of(run: Run) -> SubjectRun | None:
    """Return the subject run whose answers a run is about."""
    found = SubjectRun.objects.select_related("subject", "release")
    return found.filter(
        pk=run.plan.get("subject_run"), release__project=F("subject__project")
    ).first()
