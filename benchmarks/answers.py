"""A campaign of judging answers, of any size."""

import time
from dataclasses import dataclass
from typing import Any

from benchmarks import ground

CATEGORIES, SEVERITIES = 8, 2


@dataclass
class Site:
    """A project with one campaign, its workers, and rows to copy."""

    project: Any
    campaign: Any
    workers: list[Any]
    items: list[Any]
    answer: Any
    number: int = 0


def make(workers: int) -> Site:
    """Make a project of two languages and eight categories, and a campaign without any limits."""
    from annotation import campaigns
    from annotation import workers as people
    from curation.answers import record_answer
    from curation.models import Role
    from tests import factories

    project = factories.make_project(languages=["en", "zh"])
    tags = [
        factories.make_tag(project.taxonomy, f"area{number}", severity=1 + number % SEVERITIES)
        for number in range(CATEGORIES)
    ]
    items = [
        factories.make_item(project, language=language, main_tag=tag, status="gold")
        for language in ("en", "zh")
        for tag in tags
    ]
    run = factories.make_subject_run(factories.make_release(project))
    answer = record_answer(subject_run=run, item=items[0], reply="Ask them first. " * 40)
    found = [people.of(factories.make_member(project, Role.WORKER)) for _ in range(workers)]
    campaign = campaigns.open_answers(
        project=project,
        name="Bench",
        by=None,
        seed=1,
        numbers={"exposure_day": 0, "break_after": 0},
    )
    return Site(project, campaign, found, items, answer)


def grow(site: Site, seats: int) -> tuple[float, int]:
    """Let the campaign have so many open seats, give or take 5 in 100.

    Returns the seconds of opening, and the seats that were opened.
    """
    from annotation import campaigns
    from curation.models import Answer, Item

    wanted = (seats - site.campaign.seats.open().count()) // site.campaign.overlap
    if wanted * site.campaign.overlap * 20 <= seats:
        return 0.0, 0
    each = -(-wanted // len(site.items))
    for item in site.items:
        ground.copies(
            item, each, "uid = gen_random_uuid(); external_id = t.external_id || '-' || n",
            first=site.number + 1,
        )  # fmt: skip
        _answer(site, item, each)
    site.number += each
    _analyse(Item, Answer)
    begun = time.perf_counter()
    added = campaigns.top_up(campaign=site.campaign, by=None, seed=site.number)
    took = time.perf_counter() - begun
    _analyse(*_of_campaigns())
    return took, added * site.campaign.overlap


def _answer(site: Site, item: Any, count: int) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO curation_answer (subject_run_id, item_id, sample, reply)
               SELECT a.subject_run_id, i.id, 0, a.reply
                 FROM curation_answer a, curation_item i
                WHERE a.id = %s AND i.external_id LIKE %s
                  AND NOT EXISTS (SELECT 1 FROM curation_answer o WHERE o.item_id = i.id)""",
            [site.answer.pk, item.external_id + "-%"],
        )


def _of_campaigns() -> list[Any]:
    from annotation.models import Assignment, Matter

    return [Assignment, Matter]


def _analyse(*models: Any) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for model in models:
            cursor.execute(f"VACUUM ANALYZE {model._meta.db_table}")
