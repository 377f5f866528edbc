"""Random stories of one item's sign-off, told to the rule and to the ledger side by side."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from annotation.signoff import Decided, Gold, History, NextRound, Rule, Said, Text, outcome_of
from tests.bars.ledger import SIDES, Ledger, Tags

PEOPLE = ("ann", "bob", "cid", "dot", "eve")
REVIEWERS = ("rue", "ray", "ann")  # one of them works as well
CODES = ("care.body", "care.mind", "law")
ACTS = {"accept": 0.72, "rewrite": 0.2, "reject": 0.08}
UNFIT, SEND_BACK, OWN_TEXT, MISSING = 0.03, 0.2, 0.4, 0.1
LONGEST = 14  # acts


def some_tags(dice: random.Random) -> Tags:
    return tuple(dice.sample(CODES, dice.choice((1, 1, 2))))


def some_words(dice: random.Random, side: str) -> str:
    """Few enough that somebody often writes what somebody wrote before."""
    return f"{side} {dice.randrange(5)}"


@dataclass
class Story:
    """One item from its drafts to its end; `told` is what the rule has read so far."""

    dice: random.Random
    ledger: Ledger
    told: list[Said | Decided] = field(default_factory=list)
    count: int = 0

    def write(self, side: str, words: str, by: str, **kw: bool) -> int:
        self.count += 1
        self.ledger.put(side, self.count, words, by, **kw)
        return self.count

    def outcome(self) -> object:
        """Ask the rule of the product."""
        texts = tuple(
            Text(
                id=number,
                polarity=side,
                authors=frozenset(self.ledger.wrote[self.ledger.words[number]]),
                by_reviewer=number in self.ledger.of_reviewers,
            )
            for side, number in self.ledger.live.items()
        )
        rule = Rule(self.ledger.wanted, self.ledger.patience)
        return outcome_of(History(texts, tuple(map(self._as_live, self.told)), rule))

    def _as_live(self, act: Said | Decided) -> Said | Decided:
        """A ruling for words is one for the text that has these words now."""
        if isinstance(act, Said):
            return act
        forms = {self.ledger.words[number] for number in act.taken}
        live = (n for n in self.ledger.live.values() if self.ledger.words[n] in forms)
        return Decided(act.by, frozenset(live), act.tags)

    def work(self) -> str:
        """Let somebody say something; anybody, whether they may or not."""
        who = self.dice.choice(PEOPLE)
        if self.dice.random() < UNFIT:
            self.told.append(Said(who, unfit=True))
            return self.ledger.follows(unfit=True)
        accepted, rejected, rewrites, tags = set(), set(), 0, some_tags(self.dice)
        for side in SIDES:
            number = self.ledger.live.get(side)
            if number is None:
                self.write(side, some_words(self.dice, side), who)
                continue
            act = self.dice.choices([*ACTS], [*ACTS.values()])[0]
            words = some_words(self.dice, side)
            if act == "rewrite" and words != self.ledger.words[number]:
                self.write(side, words, who)
                rewrites += 1
            elif act == "reject":
                rejected.add(number)
            else:
                accepted.add(number)
                self.ledger.signed[number].add(who)
        self.ledger.votes[who] = tags
        self.ledger.rewrites += rewrites
        self.told.append(Said(who, frozenset(accepted), frozenset(rejected), rewrites, tags=tags))
        return self.ledger.follows(rejected=bool(rejected))

    def adjudicate(self) -> str:
        """Let a reviewer send it back, or take a text for each side: an earlier or an own one."""
        who = self.dice.choice(REVIEWERS)
        self.ledger.rewrites = 0
        if self.dice.random() < SEND_BACK:
            self.told.append(Decided(who))
            return "next"
        taken = {self._take(side, who) for side in SIDES}
        self.ledger.ruling = some_tags(self.dice)
        self.told.append(Decided(who, frozenset(taken - {0}), self.ledger.ruling))
        return self.ledger.follows()

    def _take(self, side: str, who: str) -> int:
        earlier = [n for n, words in self.ledger.words.items() if words.startswith(side)]
        if not earlier or self.dice.random() < OWN_TEXT:
            self.write(side, f"{side} by {who} {self.count}", who, reviewer=True)
            return 0
        number = self.dice.choice(earlier)
        words = self.ledger.words[number]
        self.ledger.ruled[words].add(who)
        if self.ledger.live.get(side) != number:
            self.count += 1
            self.ledger.live[side], self.ledger.words[self.count] = self.count, words
            if number in self.ledger.of_reviewers:
                self.ledger.of_reviewers.add(self.count)
        return self.ledger.live[side]


def name_of(outcome: object) -> str:
    if isinstance(outcome, Gold):
        return "gold"
    return "next" if isinstance(outcome, NextRound) else str(outcome.why)


def tell(
    dice: random.Random, on_gold: Callable[[Story, Gold], None]
) -> tuple[list[str], list[str], Story]:
    """Tell one story to its end; return what the ledger and what the rule said after each act.

    `on_gold` is called whenever the rule says gold, whatever the ledger says.
    """
    ledger = Ledger(wanted=dice.choice((1, 2, 2, 2, 3)), patience=dice.choice((1, 2, 3, 3)))
    story = Story(dice, ledger)
    for side in SIDES:
        if dice.random() >= MISSING:
            story.write(side, f"{side} drafted", "endpoint")
    booked, ruled = ["next"], ["next"]
    while len(booked) < LONGEST and booked[-1] != "gold":
        booked.append(story.work() if booked[-1] == "next" else story.adjudicate())
        last = story.told[-1]
        sent_back = isinstance(last, Decided) and not last.tags
        outcome = NextRound() if sent_back else story.outcome()
        ruled.append(name_of(outcome))
        if isinstance(outcome, Gold):
            on_gold(story, outcome)
    return booked, ruled, story
