"""Projects with as many people, answers and items as a bar needs, made in a few statements."""

from django.contrib.auth.models import User

from annotation import campaigns
from annotation.models import Campaign, Enrolment, Worker
from curation.models import Answer, Item, Membership, Option, Project, Role
from curation.text import content_hash, normal_form
from tests import factories

BATCH = 2_000


def people(project: Project, count: int, role: Role = Role.WORKER) -> list[int]:
    """Return the ids of new workers of the project."""
    users = User.objects.bulk_create(
        [User(username=f"{project.slug}-{role}-{number}", password="!") for number in range(count)]
    )
    Membership.objects.bulk_create(
        [Membership(project=project, user=user, role=role) for user in users]
    )
    made = [Worker(user=user, pseudonym=f"w{project.pk}-{user.pk}") for user in users]
    return [worker.pk for worker in Worker.objects.bulk_create(made)]


def items(project: Project, count: int, status: str) -> list[Item]:
    tag = project.taxonomy.tags.get(code="care.body")
    source = factories.make_source(project)
    return Item.objects.bulk_create(
        [
            Item(
                project=project,
                source=source,
                question=question,
                content_hash=content_hash(question),
                external_id=f"bar-{number}",
                language="en",
                main_tag=tag,
                status=status,
            )
            for number in range(count)
            if (question := f"May I borrow ladder number {number} of {project.slug}?")
        ],
        BATCH,
    )


def drafted(project: Project, count: int) -> list[Item]:
    """Items with both options, which wait for people."""
    made = items(project, count, Item.Status.DRAFTED)
    Option.objects.bulk_create(
        [
            Option(
                item=item,
                polarity=polarity,
                text=text,
                normal_form=normal_form(text),
                origin=Option.Origin.IMPORT,
                author_ref="import:1",
            )
            for item in made
            for polarity in Option.Polarity.values
            if (text := f"A {polarity} answer to {item.external_id}.")
        ],
        BATCH,
    )
    return made


def answers(project: Project, count: int) -> list[Answer]:
    run = factories.make_subject_run(factories.make_release(project))
    return Answer.objects.bulk_create(
        [
            Answer(subject_run=run, item=item, reply=f"Ask them first: {item.external_id}.")
            for item in items(project, count, Item.Status.GOLD)
        ],
        BATCH,
    )


def judging(*, workers: int, answers_wanted: int, seed: int, **numbers: int) -> Campaign:
    """A campaign over new answers, with as many workers enrolled as told."""
    project = factories.make_project()
    people(project, workers)
    answers(project, answers_wanted)
    return campaigns.open_answers(
        project=project,
        name="Answers",
        by=None,
        seed=seed,
        numbers={"exposure_day": 0, **numbers},  # one person judges hundreds here
    )


def enrolled(campaign: Campaign) -> list[int]:
    found = Enrolment.objects.filter(campaign=campaign).order_by("worker")
    return list(found.values_list("worker", flat=True))
