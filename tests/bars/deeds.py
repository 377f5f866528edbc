"""Random stories of sign-off through the verbs and tables, with the ledger kept beside them."""

import random
from dataclasses import dataclass, field
from itertools import count

from django.db import transaction

from annotation import adjudication, leases
from annotation.adjudication import Take
from annotation.models import Campaign, Judgement, Matter, Worker
from curation.models import Item, ItemTag, Option
from curation.refusals import Refused
from curation.text import normal_form
from tests.annotation import acting
from tests.bars.ledger import SIDES, Ledger
from tests.bars.stories import ACTS, MISSING, OWN_TEXT, SEND_BACK, UNFIT, some_tags, some_words

LONGEST = 12  # acts
TRIES = 6
_names = count(1)


@dataclass
class Deeds:
    """One item put to people, and what was wrong on its way."""

    dice: random.Random
    item: Item
    campaign: Campaign
    people: list[Worker]
    reviewers: list[Worker]
    ledger: Ledger
    wrong: list[str] = field(default_factory=list)
    path: list[str] = field(default_factory=list)

    @property
    def matter(self) -> Matter:
        return Matter.objects.filter(item=self.item).latest("round")

    def live(self) -> dict[str, Option]:
        return {option.polarity: option for option in self.item.options.live()}

    def work(self) -> str | None:
        """Let the first who gets the item say something; None when all they said was refused."""
        for worker in self.dice.sample(self.people, len(self.people)):
            try:
                seat = leases.claim(worker=worker, campaign=self.campaign)
            except leases.NothingLeft:
                continue
            for _try in range(TRIES):
                said = self._say(worker, seat)
                if said is not None:
                    return said
            leases.give_back(grant=acting.grant_of(seat), worker=worker)
            return None
        self.wrong.append("an open matter is for nobody")
        return None

    def _say(self, worker: Worker, seat) -> str | None:
        if self.dice.random() < UNFIT:
            acting.review(worker, seat, unfit="unclear")
            return self.ledger.follows(unfit=True)
        live, tags = self.live(), some_tags(self.dice)
        acts = {side: self._act(side, live.get(side)) for side in SIDES}
        with_ids = [
            acting.ActOn(polarity=side, option=live[side].pk if side in live else None, **act)
            for side, act in acts.items()
        ]
        try:
            judgement = acting.review(worker, seat, acts=with_ids, tags=tags)
        except Refused:
            return None  # their own text, or the same words again
        self._book(judgement, acts, live, worker.pseudonym)
        self.ledger.votes[worker.pseudonym] = tags
        return self.ledger.follows(rejected=any(a["act"] == "reject" for a in acts.values()))

    def _act(self, side: str, option: Option | None) -> dict[str, str]:
        act = self.dice.choices([*ACTS], [*ACTS.values()])[0] if option else "write"
        if act in {"rewrite", "write"}:
            return {"act": act, "text": some_words(self.dice, side)}
        return acting.reject() if act == "reject" else {"act": act}

    def _book(self, judgement: Judgement, acts, live, who: str) -> None:
        made = dict(judgement.acts.exclude(made=None).values_list("polarity", "made"))
        for side, act in acts.items():
            if act["act"] == "accept":
                self.ledger.signed[live[side].pk].add(who)
            elif side in made:
                self.ledger.rewrites += act["act"] == "rewrite"
                self.ledger.put(side, made[side], normal_form(act["text"]), who)

    def adjudicate(self) -> str | None:
        """Let a reviewer send it back or settle it; None when that was refused."""
        who = self.dice.choice(self.reviewers)
        try:
            if self.dice.random() < SEND_BACK:
                adjudication.send_back(matter=self.matter, by=who, note="Look again.")
                self.ledger.rewrites = 0
                return "next"
            takes = {side: self._take(side, who) for side in SIDES}
            tags = some_tags(self.dice)
            with transaction.atomic():
                adjudication.settle_review(
                    matter=self.matter, by=who, takes=takes, tags=tags, reason="As discussed."
                )
        except Refused:
            return None
        self.ledger.rewrites, self.ledger.ruling = 0, tags
        for side, take in takes.items():
            self._book_take(side, take, who.pseudonym)
        return self.ledger.follows()

    def _take(self, side: str, who: Worker) -> Take:
        earlier = list(self.item.options.filter(polarity=side).order_by("pk"))
        if not earlier or self.dice.random() < OWN_TEXT:
            return Take(text=f"{side} by {who.pseudonym} {self.dice.randrange(3)}")
        return Take(option=self.dice.choice(earlier).pk)

    def _book_take(self, side: str, take: Take, who: str) -> None:
        words = self.ledger.words[take.option] if take.option else normal_form(take.text)
        known = [n for n, other in self.ledger.words.items() if other == words]
        now = self.item.options.live().get(polarity=side)
        if now.normal_form != words:
            self.wrong.append(f"{side} is not the text that was taken")
        if known:
            # Bringing a text back takes the newest that says so, or the one that was named.
            source = take.option or max(known)
            self.ledger.ruled[words].add(who)
            if now.pk not in known:
                self.ledger.words[now.pk] = words
                if source in self.ledger.of_reviewers:
                    self.ledger.of_reviewers.add(now.pk)
            self.ledger.live[side] = now.pk
        else:
            self.ledger.put(side, now.pk, words, who, reviewer=True)

    def compare(self, booked: str) -> None:
        """Hold the tables against the books."""
        self.item.refresh_from_db()
        matter, gold = self.matter, self.item.status == Item.Status.GOLD
        live = {side: option.pk for side, option in self.live().items()}
        if live != self.ledger.live:
            self.wrong.append(f"live {live}, booked {self.ledger.live}")
        if gold != (booked == "gold"):
            self.wrong.append(f"item is {self.item.status}, booked {booked}")
        if booked not in {"gold", "next"} and matter.dispute != booked:
            self.wrong.append(f"in dispute for {matter.dispute!r}, booked {booked}")
        if booked == "next" and (matter.status, matter.dispute) not in {
            ("open", ""),
            ("disputed", "nobody_left"),
        }:
            self.wrong.append(f"matter is {matter.status} {matter.dispute}, booked next")
        if gold:
            self._compare_gold()

    def _compare_gold(self) -> None:
        tags = ItemTag.objects.filter(item=self.item, accepted=True)
        found = set(tags.values_list("tag__code", flat=True))
        if found != set(self.ledger.tags) or self.item.main_tag.code != self.ledger.tags[0]:
            self.wrong.append(f"tags {found}, booked {self.ledger.tags}")
        taken = self.item.options.accepted().values_list("pk", flat=True)
        if set(taken) != set(self.ledger.live.values()):
            self.wrong.append("other options than the booked ones are gold")
        self.wrong += [f"{n} is gold and stands on nothing" for n in self._groundless(taken)]

    def _groundless(self, options) -> list[int]:
        """Ask the tables alone: who accepted it, who wrote it, who adjudicated for its words."""
        found = []
        for option in Option.objects.filter(pk__in=options):
            same = Option.objects.filter(item=self.item, normal_form=option.normal_form)
            authors = set(same.values_list("author_ref", flat=True))
            signed = Judgement.objects.filter(acts__option=option, acts__act="accept")
            signers = set(signed.values_list("worker__pseudonym", flat=True)) - authors
            ids = set(same.values_list("pk", flat=True))
            judges = {
                decided.by.pseudonym
                for matter in Matter.objects.filter(item=self.item, adjudication__isnull=False)
                if ids & set((decided := matter.adjudication).options.values())
            }
            enough = 1 if option.origin == Option.Origin.REVIEWER else self.ledger.wanted
            if len(signers) < enough and not judges - authors:
                found.append(option.pk)
        return found


def tell(dice: random.Random, project, people, reviewers) -> Deeds:
    """Tell one story to its end."""
    item = acting.factories.make_item(project, status=Item.Status.DRAFTED)
    ledger = Ledger(wanted=dice.choice((1, 2, 2, 2, 3)), patience=dice.choice((1, 2, 3, 3)))
    for side in SIDES:
        # Without one of the two it still is a draft, of which somebody writes the other half.
        if dice.random() >= MISSING:
            option = acting.factories.make_option(item, side)
            ledger.put(side, option.pk, option.normal_form, option.author_ref)
    campaign = acting.open_review(
        project, f"Story {next(_names)}", acceptances=ledger.wanted, rewrites=ledger.patience
    )
    deeds = Deeds(dice, item, campaign, people, reviewers, ledger)
    for _act in range(LONGEST):
        matter = deeds.matter
        if matter.status not in {"open", "disputed"} or deeds.wrong:
            break
        booked = deeds.work() if matter.status == "open" else deeds.adjudicate()
        if booked is not None:
            deeds.path.append(booked)
            deeds.compare(booked)
    return deeds
