"""The people of the rehearsal under the product's rule of sign-off, without a site.

Over HTTP who comes first is chance; here every order is tried, so that no order leads the story
into a corner.
"""

from itertools import count, permutations

import pytest

from annotation import signoff
from annotation.signoff import Decided, Dispute, Gold, History, Said, Text
from rehearsal import people, samples
from rehearsal.people import POLARITIES, WORKERS
from rehearsal.texts import normalise

DIMENSIONS = ["civic_virtue", "fairness", "individual_harm", "legality", "privacy"]
SAMPLE = [row["question"] for row in samples.read_rows(samples.QUESTIONS)]
FOREIGN = [
    f"May I keep the {thing} that I found on the {place}?"
    for thing in ("ring", "map", "hat", "key", "phone")
    for place in ("bus", "beach", "stairs", "field", "train", "bench")
]
ORDERS = list(permutations(WORKERS))
ROUNDS = 15


class Item:
    """One item under review, its texts, and everything said of it."""

    def __init__(self, question):
        self.question, self.acts, self.ids = question, [], count(1)
        self.texts, self.words, self.wrote = {}, {}, {}
        draft = samples.draft_for(question)
        for side in POLARITIES:
            if draft is None:
                self.put(
                    side, f"Take it {side}ly; moreover, think about it. Moreover, ask.", "draft"
                )
            elif draft.get("unusable") != side:
                self.put(side, draft[side], "draft")
        self.tags = [tag["code"] for tag in draft["tags"]] if draft else ["legality", "privacy"]

    def put(self, side, text, by):
        self.wrote.setdefault(normalise(text), set()).add(by)
        text_id = next(self.ids)
        self.words[text_id] = text
        authors = frozenset(self.wrote[normalise(text)])
        self.texts[side] = Text(text_id, side, authors, by_reviewer=by in ("rue", "cora"))

    def standing(self):
        return {side: self.words[text.id] for side, text in self.texts.items()}

    def outcome(self):
        return signoff.outcome_of(History(tuple(self.texts.values()), tuple(self.acts)))

    def may(self, who):
        """The bars of eligibility: nobody signs what they wrote, nor says the same twice."""
        said = [act for act in self.acts if isinstance(act, Said) and act.worker == who]
        wrote = any(who in text.authors for text in self.texts.values())
        seen = set().union(*(act.accepted | act.rejected for act in said))
        new = {text.id for text in self.texts.values()} - seen
        return not wrote and not any(act.unfit for act in said) and bool(new or not said)

    def judge(self, who):
        review = people.review(who, self.question, self.standing(), self.tags, DIMENSIONS)
        if review.unfit:
            self.acts.append(Said(who, unfit=True))
            return
        by_act = {what: set() for what in ("accept", "reject", "rewrite", "write")}
        for side, act in review.acts.items():
            if side in self.texts and act.what in ("accept", "reject"):
                by_act[act.what].add(self.texts[side].id)
            elif act.text:
                by_act[act.what].add(side)
                self.put(side, act.text, who)
        said = Said(who, frozenset(by_act["accept"]), frozenset(by_act["reject"]),
                    len(by_act["rewrite"]), tags=review.tags)  # fmt: skip
        self.acts.append(said)

    def decide(self):
        """Settle as the story does: the reviewer, or the curator where she wrote a text."""
        who = "cora" if any("rue" in names for names in self.wrote.values()) else "rue"
        assert not any(who in names for names in self.wrote.values())
        for side in POLARITIES:
            text = self.standing().get(side, "")
            wanted = people.wanted(self.question, side, text)
            if normalise(wanted) != normalise(text):
                self.put(side, wanted, who)
        taken = frozenset(text.id for text in self.texts.values())
        tags = people.right_tags(self.question, self.tags, DIMENSIONS)
        self.acts.append(Decided(who, taken, tags))

    def send_back(self):
        self.acts.append(Decided("rue"))


def sign(question, order):
    """Let people come in that order, again and again, until the item is gold."""
    item = Item(question)
    for _ in range(ROUNDS):
        who = next((who for who in order if item.may(who)), None)
        if who:
            item.judge(who)
            order = (*(other for other in order if other != who), who)
        outcome = item.outcome() if who else Dispute(signoff.Why.NOBODY_LEFT)
        if isinstance(outcome, Dispute):
            able = [who for who in order if item.may(who)]
            if outcome.why == signoff.Why.UNFIT and able:
                item.send_back()
                continue
            item.decide()
            outcome = item.outcome()
        if isinstance(outcome, Gold):
            return item, outcome
    raise AssertionError(f"not gold after {ROUNDS} rounds: {item.acts}")


@pytest.mark.parametrize("order", ORDERS)
def test_in_any_order_of_people_every_question_of_the_sample_is_signed_alike(order):
    for question in SAMPLE:
        item, gold = sign(question, order)

        draft = samples.draft_for(question)
        wanted = {s: people.wanted(question, s, draft[s]) for s in POLARITIES}
        assert {s: normalise(t) for s, t in item.standing().items()} == {
            s: normalise(t) for s, t in wanted.items()
        }
        assert gold.tags[0] == people.right_tags(question, item.tags, DIMENSIONS)[0]


@pytest.mark.parametrize("order", ORDERS)
def test_in_any_order_of_people_questions_outside_the_sample_are_signed_too(order):
    rejected = [question for question in FOREIGN if people.rejects(question, "negative")]

    for question in FOREIGN:
        item, _gold = sign(question, order)

        assert set(item.standing()) == set(POLARITIES)
    assert rejected
