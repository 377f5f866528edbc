"""What waits for people, and opening matters with their seats for it."""

from typing import Any

from django.db import connection
from django.db.models import (
    BigIntegerField,
    CharField,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Cast, Coalesce

from annotation.models import Campaign, CampaignItem, Matter
from curation.models import Answer, Call, Item, ItemTag, Option, Purpose, Verdict

DRAFTING = (Purpose.POSITIVE, Purpose.NEGATIVE)
PENDING = (Call.Status.PLANNED, Call.Status.LEASED, Call.Status.RESPONDED)
USELESS = (Call.Status.UNUSABLE, Call.Status.REFUSED)


# One pass in the database, however many there are: nothing goes through the memory of the site.
# A rank comes from the seed and the place, so that the same seed gives the same order of work.
OPEN = """
    WITH found AS MATERIALIZED (
      SELECT wanted.*, row_number() OVER (ORDER BY item, answer) + (
               SELECT count(*) FROM annotation_campaignitem WHERE campaign_id = %(campaign)s
             ) AS place
        FROM ({found}) AS wanted),
    entered AS (
      INSERT INTO annotation_campaignitem (campaign_id, item_id, answer_id, control, expected)
      SELECT %(campaign)s, item, answer, false, '' FROM found
      RETURNING id, item_id, answer_id),
    opened AS (
      INSERT INTO annotation_matter
             (campaign_id, campaign_item_id, item_id, answer_id, round, status, dispute)
      SELECT %(campaign)s, id, item_id, answer_id, 1, 'open', '' FROM entered
      RETURNING id, item_id, answer_id),
    lanes AS (
      INSERT INTO annotation_lane AS lane (campaign_id, priority, language, category, severity)
      SELECT DISTINCT %(campaign)s, %(priority)s, kind_of.language, kind_of.category,
             kind_of.careful
        FROM found kind_of
      ON CONFLICT (campaign_id, priority, language, category, severity)
      DO UPDATE SET severity = excluded.severity  -- or it would not be returned
      RETURNING lane.id, lane.language, lane.category, lane.severity),
    seated AS (
      INSERT INTO annotation_assignment
             (matter_id, campaign_id, lane_id, number, status, token, rank)
      SELECT opened.id, %(campaign)s, lanes.id, number, 'open', 0,
             ('x' || substr(md5(%(seed)s || ':' || found.place), 1, 13))::bit(52)::bigint
               / 4503599627370496.0::float8  -- 2 to the power of 52
        FROM opened
        JOIN found ON found.item = opened.item_id
                  AND found.answer IS NOT DISTINCT FROM opened.answer_id
        JOIN lanes ON lanes.language = found.language AND lanes.category = found.category
                  AND lanes.severity = found.careful
       CROSS JOIN generate_series(1, %(seats)s) AS number),
    in_review AS (
      UPDATE curation_item item SET status = 'in_review', status_reason = ''
        FROM found WHERE item.id = found.item AND found.answer IS NULL)
    SELECT count(*) FROM opened"""


def items_to_review(campaign: Campaign) -> QuerySet[Item]:
    """Return the project's items that wait for people: drafted, or new and not to be drafted.

    A new item counts when its options came with its file, or when a model could not draft them.
    """
    calls = Call.objects.filter(item=OuterRef("pk"), purpose__in=DRAFTING)
    live = Option.objects.live().filter(item=OuterRef("pk"))
    both = Exists(live.filter(polarity="positive")) & Exists(live.filter(polarity="negative"))
    useless = Exists(calls.filter(status__in=USELESS))
    drafted = Item.objects.filter(status=Item.Status.DRAFTED)
    new = Item.objects.filter(both | useless, status=Item.Status.NEW)
    return (
        (drafted | new)
        .filter(project=campaign.project_id, superseded_by__isnull=True)
        .exclude(Exists(calls.filter(status__in=PENDING)))
    )


def answers_to_judge(campaign: Campaign) -> QuerySet[Answer]:
    """Return the project's answers with no settled verdict and no matter of their own.

    A reply that several runs took over from one call is put to people once.
    """
    asked = Matter.objects.filter(answer=OuterRef("pk")).exclude(status=Matter.Status.WITHDRAWN)
    decided = Verdict.objects.filter(answer=OuterRef("pk")).settled()
    same = Answer.objects.filter(call=OuterRef("call"))
    asked_elsewhere = Matter.objects.filter(
        answer__call=OuterRef("call"), status__in=(Matter.Status.OPEN, Matter.Status.DISPUTED)
    )
    first = same.filter(~Exists(decided), pk__lt=OuterRef("pk"))
    return Answer.objects.filter(item__project=campaign.project_id).exclude(
        Exists(asked) | Exists(decided) | Exists(asked_elsewhere) | Exists(first)
    )


def open_items(*, campaign: Campaign, items: QuerySet[Item], seed: int, priority: int = 0) -> int:
    """Open the first round of review for items not yet in the campaign; return how many."""
    reviewable = [s for s, following in Item.NEXT.items() if Item.Status.IN_REVIEW in following]
    taken = CampaignItem.objects.filter(campaign=campaign, item=OuterRef("pk"))
    found = (
        items.filter(status__in=reviewable)
        .exclude(Exists(taken))
        .select_for_update(of=("self",))
        .order_by("pk")
        .values(
            "language",
            item=F("pk"),
            answer=Cast(Value(None), BigIntegerField()),
            category=_category("main_tag"),
            careful=_severity("pk", "main_tag"),
        )
    )
    return _open(campaign, found, seats=1, seed=seed, priority=priority)


def open_answers(
    *, campaign: Campaign, answers: QuerySet[Answer], seed: int, priority: int = 0
) -> int:
    """Open a matter with its seats for answers not yet in the campaign; return how many."""
    taken = CampaignItem.objects.filter(campaign=campaign, answer=OuterRef("pk"))
    found = (
        answers.exclude(Exists(taken))
        .order_by("pk")
        .values(
            "item",
            language=F("item__language"),
            answer=F("pk"),
            category=_category("item__main_tag"),
            careful=_severity("item", "item__main_tag"),
        )
    )
    return _open(campaign, found, seats=campaign.overlap, seed=seed, priority=priority)


def _category(main_tag: str) -> Coalesce:
    """Return the level-1 code of the main tag, or nothing."""
    level_1 = Func(F(f"{main_tag}__code"), Value("."), 1, function="split_part")
    return Coalesce(level_1, Value(""), output_field=CharField())


def _severity(item: str, main_tag: str) -> Coalesce:
    """Return the severity of the main tag, else the highest anybody proposed, else 1."""
    proposed = ItemTag.objects.filter(item=OuterRef(item)).order_by("-tag__severity")
    return Coalesce(
        F(f"{main_tag}__severity"),
        Subquery(proposed.values("tag__severity")[:1]),
        1,
        output_field=IntegerField(),
    )


def _open(
    campaign: Campaign, found: QuerySet[Any, Any], *, seats: int, seed: int, priority: int
) -> int:
    sql, values = found.query.sql_with_params()
    names = {f"found_{number}": value for number, value in enumerate(values)}
    sql = sql.replace("%%", "%%%%") % tuple(f"%({name})s" for name in names)
    with connection.cursor() as cursor:
        # Right after an import the database takes large tables for small ones, and would compare
        # each row with each.
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute(
            OPEN.replace("{found}", sql),
            {
                **names,
                "campaign": campaign.pk,
                "seats": seats,
                "seed": str(seed),
                "priority": priority,
            },
        )
        [opened] = cursor.fetchone()
        cursor.execute("SET LOCAL enable_nestloop TO DEFAULT")
        return int(opened)
