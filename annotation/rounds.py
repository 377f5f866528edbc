"""Rounds of review: reading an item's history out of the records, and acting on the rule."""

from collections.abc import Iterable

from annotation import matters, signoff
from annotation.models import Adjudication, Campaign, Judgement, Matter, OptionAct
from annotation.signoff import Decided, Dispute, Gold, History, NextRound, Said, Text, Why
from curation import items
from curation.models import Item, ItemTag, Option, RiskTag


def history_of(matter: Matter) -> History:
    """Return what was said of the matter's item in this campaign, as the rule reads it."""
    options = list(matter.item.options.all())
    chain = Matter.objects.filter(campaign_item=matter.campaign_item_id).order_by("round")
    acts: list[Said | Decided] = []
    for each in chain.select_related("adjudication__by").prefetch_related(
        "judgements__worker", "judgements__acts", "judgements__superseded_by"
    ):
        acts += [
            _said(judgement)
            for judgement in sorted(each.judgements.all(), key=lambda judgement: judgement.pk)
            if not (judgement.takes_back or hasattr(judgement, "superseded_by"))
        ]
        if hasattr(each, "adjudication"):
            acts.append(_decided(each.adjudication, options))
    rule = signoff.Rule(matter.campaign.acceptances, matter.campaign.rewrites)
    return History(tuple(_texts(options)), tuple(acts), rule)


def _texts(options: list[Option]) -> list[Text]:
    return [
        Text(
            id=option.pk,
            polarity=option.polarity,
            authors=frozenset(o.author_ref for o in options if o.normal_form == option.normal_form),
            by_reviewer=option.origin == Option.Origin.REVIEWER,
        )
        for option in options
        if option.status in Option.LIVE
    ]


def _said(judgement: Judgement) -> Said:
    acts = judgement.acts.all()
    return Said(
        worker=judgement.worker.pseudonym,
        accepted=_options_with(acts, OptionAct.Act.ACCEPT),
        rejected=_options_with(acts, OptionAct.Act.REJECT),
        rewrites=sum(a.act == OptionAct.Act.REWRITE for a in acts),
        unfit=bool(judgement.unfit),
        tags=tuple(judgement.tags),
    )


def _options_with(acts: Iterable[OptionAct], act: OptionAct.Act) -> frozenset[int]:
    return frozenset(a.option_id for a in acts if a.act == act and a.option_id)


def _decided(adjudication: Adjudication, options: list[Option]) -> Decided:
    """A text that was taken is known by its normal form: bringing it back made a new option."""
    forms = {o.normal_form for o in options if o.pk in adjudication.options.values()}
    taken = frozenset(o.pk for o in options if o.status in Option.LIVE and o.normal_form in forms)
    return Decided(adjudication.by.pseudonym, taken, tuple(adjudication.tags))


def advance(*, matter: Matter, decision_ref: str, by: str) -> None:
    """Make the item gold, ask one more worker, or put it before a reviewer.

    The matter is open with its judgement just in, or disputed with its adjudication just in.
    """
    if matter.campaign_item.control:
        matters.move(matter, to=Matter.Status.SETTLED)
        return
    outcome = signoff.outcome_of(history_of(matter))
    if isinstance(outcome, Gold) and not _make_gold(matter, outcome, decision_ref, by):
        outcome = Dispute(Why.TAGS)
    if isinstance(outcome, Dispute):
        matters.move(matter, to=Matter.Status.DISPUTED, why=outcome.why)
        return
    if isinstance(outcome, NextRound) and matter.campaign.status == Campaign.Status.CLOSED:
        _withdraw(matter)
        return
    matters.move(matter, to=Matter.Status.SETTLED)
    if isinstance(outcome, NextRound):
        ask_next(matter)


def _withdraw(matter: Matter) -> None:
    """Let the item wait for another campaign: this one is closed and asks nobody any more."""
    matters.move(matter, to=Matter.Status.WITHDRAWN)
    Item.objects.filter(pk=matter.item_id, status=Item.Status.IN_REVIEW).update(
        status=Item.Status.DRAFTED
    )


def ask_next(matter: Matter) -> Matter:
    """Open the next round; when nobody eligible is left, a reviewer gets it at once."""
    following = matters.open_next_round(matter)
    matters.hand_over_if_nobody_left(following)
    return following


def _make_gold(matter: Matter, gold: Gold, decision_ref: str, by: str) -> bool:
    """Say no when the main tag is not one of the project's taxonomy any more."""
    taxonomy = matter.campaign.project.taxonomy_id
    tags = {t.code: t for t in RiskTag.objects.filter(version=taxonomy, code__in=gold.tags)}
    if gold.tags[0] not in tags:
        return False
    origin = ItemTag.Origin.REVIEWER if gold.tags_by_reviewer else ItemTag.Origin.PEOPLE
    items.make_gold(
        item=matter.item,
        options=matter.item.options.filter(pk__in=gold.options),
        tags=[tags[code] for code in gold.tags[1:] if code in tags],
        main_tag=tags[gold.tags[0]],
        tag_origin=origin,
        by=by,
        decision_ref=decision_ref,
    )
    return True
