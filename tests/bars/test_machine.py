"""Bar 5: random lives of seats and matters, held against a small model after every act."""

import copy
from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    get_state_machine_test,
    initialize,
    invariant,
    precondition,
    rule,
)

from annotation import (
    adjudication,
    campaigns,
    eligibility,
    enrolments,
    judgements,
    leases,
    overlap,
    undoing,
)
from annotation.acts import ActOn
from annotation.leases import Grant
from annotation.models import (
    Assignment,
    Cursor,
    Judgement,
    Matter,
    WorkDraft,
)
from annotation.taking import Submission
from curation.models import Item, Option, Role, Verdict
from curation.refusals import Refused
from curation.text import normal_form
from tests import factories
from tests.annotation import acting
from tests.bars import model as m
from tests.bars.faults import Statement, planted
from tests.bars.ledger import SIDES, Ledger
from tests.bars.report import HANDFUL, SCALE, Finding, scaled, seed
from tests.bars.stories import CODES

RUNS, STEPS = 420, 50  # some lives end before their 50th act
LEAST = 120  # lives in which every act and every fault shows, at any scale
OFTEN = 8  # acts between two looks at what costs most to look at
KINDS = ("gold", "next", "unfit", "rejected", "rewrites")
ACTS = (
    *("claim", "heartbeat", "submit answer", "submit review", "skip", "give back", "withdraw"),
    *(
        "undo",
        "change overlap",
        "add seat",
        "send back",
        "call unfit",
        "adjudicate answer",
        "adjudicate review",
    ),
)
LATE = ("again", "OtherContent", "LeaseLost")
FAULTS = {
    "claims do not see what one has judged": Statement(
        r"own\.owner_id = e\.worker_id AND own\.status = 'done'", "FALSE"
    ),
    "a submit takes the seat from anybody": Statement(
        r"\(\s*seat\.status = 'leased' AND seat\.owner_id = %\(worker\)s\s+OR", "(TRUE OR"
    ),
    "what was skipped is given again": Statement(r"\bd\.worker_id = e\.worker_id", "FALSE"),
    "a skip does not raise the token": Statement(
        r"token = seat\.token \+ %\(raised\)s", "token = seat.token"
    ),
}
WORKERS, REVIEWERS = 5, 2
ANSWERS, ITEMS = 3, 2
OVERLAP = 3
PICK = st.integers(0, 10_000)
WHO = st.integers(0, WORKERS - 1)
EVERYBODY = WORKERS + REVIEWERS
ANYBODY = st.integers(0, EVERYBODY - 1) | st.integers(WORKERS, EVERYBODY - 1)
SELDOM = st.integers(0, 7).map(lambda number: number == 0)
ACT = st.sampled_from(["accept"] * 5 + ["rewrite"] * 2 + ["reject"])
WORDS = st.integers(0, 3)
TAGS = st.sampled_from([(code,) for code in CODES] + [CODES[:2]])
SAID = st.fixed_dictionaries(
    {
        "outcome": st.sampled_from(["good", "bad", "cannot_tell", "cannot_tell"]),
        "acts": st.tuples(ACT, ACT),
        "words": st.tuples(WORDS, WORDS),
        "tags": TAGS,
        "unfit": SELDOM,
    }
)


class World:
    """The project and people that all runs share, and what the runs came upon."""

    def __init__(self, project) -> None:
        self.project = project
        made = [acting.make_worker(project) for _number in range(WORKERS)]
        made += [acting.make_worker(project, Role.REVIEWER) for _number in range(REVIEWERS)]
        self.people = made
        self.seen: Counter[str] = Counter()
        self.broken: list[list[str]] = []  # what was heard up to each break, newest last
        self.runs = 0


def machine(world: World) -> type[RuleBasedStateMachine]:
    """Return the machine of a world; every run opens two new campaigns in it."""

    class Machine(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            world.runs += 1
            self.people = world.people
            self.model = m.Model({w.pk: w.pseudonym for w in world.people})
            self.grants: list[tuple[m.Seat, int, int, tuple[int, ...]]] = []
            self.story: list[str] = []
            self.said: dict[tuple[int, int], dict] = {}
            self.texts = 0
            self.answers = self._open("answers", acting.make_answers(world.project, ANSWERS))
            self.review = self._open(
                "review", [acting.drafted_item(world.project) for _number in range(ITEMS)]
            )

        # the world

        def _open(self, kind, things) -> m.Campaign:
            name = f"{kind} {world.runs}"
            ids = [thing.pk for thing in things]
            if kind == "answers":
                opened = campaigns.open_answers(
                    project=world.project,
                    name=name,
                    by=None,
                    seed=1,
                    answers=type(things[0]).objects.filter(pk__in=ids),
                    numbers={"overlap": OVERLAP, "quorum": 2, "exposure_day": 0},
                )
            else:
                opened = campaigns.open_review(
                    project=world.project,
                    name=name,
                    by=None,
                    seed=1,
                    items=Item.objects.filter(pk__in=ids),
                    numbers={"acceptances": 2, "rewrites": 2, "exposure_day": 0},
                )
            active = {w.pk for w in self.people[:WORKERS]}
            told = m.Campaign(opened.pk, kind, opened.overlap, active=active)
            self.model.campaigns.append(told)
            for row in Matter.objects.filter(campaign=opened).order_by("pk"):
                if kind == "answers":
                    self._add(told, m.Item(row.answer_id), row)
                    continue
                ledger = Ledger(wanted=2, patience=2)
                for option in row.item.options.all():
                    ledger.put(option.polarity, option.pk, option.normal_form, option.author_ref)
                self._add(told, m.Item(row.item_id, ledger), row)
            return told

        def _add(self, campaign: m.Campaign, item: m.Item, row: Matter) -> m.Matter:
            matter = m.Matter(row.pk, campaign, item)
            for seat in row.seats.order_by("number"):
                matter.seats.append(m.Seat(seat.pk, matter, seat.number))
            item.rounds.append(matter)
            campaign.matters.append(matter)
            return matter

        def _campaign(self, review: bool) -> m.Campaign:
            return self.review if review else self.answers

        def _row(self, campaign: m.Campaign):
            return campaigns.Campaign.objects.get(pk=campaign.pk)

        def _grant(self, pick):
            """Return a grant: mostly one that holds, else any that was ever given."""
            holding = [g for g in self.grants if g[0].status == "leased" and g[0].token == g[1]]
            among = holding if holding and pick % 4 else self.grants
            return among[pick // 4 % len(among)]

        def hear(self, call):
            """Return the answer in one word, and what came with it."""
            try:
                return "ok", call()
            except Refused as refused:
                return type(refused).__name__, refused
            except Exception as fault:
                self.hold_to(False, f"{type(fault).__name__}: {fault}")
                raise

        def same(self, act: str, heard: str, wanted: str) -> None:
            world.seen[f"{act}: {wanted}"] += 1
            self.story.append(f"{act}: {heard}")
            self.hold_to(heard == wanted, f"{act}: {heard}, but {wanted} by the model")

        def hold_to(self, right: bool, words: object) -> None:
            """Keep the story of what is wrong: found again, it may go another way."""
            if not right:
                world.broken.append([*self.story, str(words)])
            assert right, words

        @initialize(split=st.booleans())
        def begin(self, split):
            """Let half of the lives begin with an answer that people differ on."""
            for who in range(OVERLAP if split else 0):
                self._claim(who, False)
                seat, token, _owner, _shown = self.grants[-1]
                self._submit_answer(seat, token, self.people[who], "cannot_tell")

        # seats

        @rule(who=WHO, review=st.booleans())
        def claim(self, who, review):
            self._claim(who, review)

        @rule(who=WHO, review=st.booleans())
        def claim_in_another_tab(self, who, review):
            """The same once more: most of a life is claiming."""
            self._claim(who, review)

        def _claim(self, who, review):
            worker, campaign = self.people[who], self._campaign(review)
            wanted, among = self.model.claim(worker.pk, campaign)
            heard, seat = self.hear(
                lambda: leases.claim(worker=worker, campaign=self._row(campaign))
            )
            if not among:
                self.same("claim", heard, wanted)
                return
            self.same("claim", heard if wanted == "ok" else "held", wanted)
            [found] = [one for one in among if one.pk == seat.pk]
            if wanted == "ok":
                self.model.grant(worker.pk, found)
                live = found.matter.item.ledger.live if found.matter.item.ledger else {}
                self.grants.append((found, found.token, worker.pk, tuple(live.values())))
            assert seat.token == found.token

        def _whose(self, worker: int, other, who: int):
            return self.people[who] if other else next(w for w in self.people if w.pk == worker)

        @precondition(lambda self: self.grants)
        @rule(pick=PICK, other=SELDOM, who=WHO)
        def heartbeat(self, pick, other, who):
            seat, token, owner, _shown = self._grant(pick)
            worker = self._whose(owner, other, who)
            heard, _until = self.hear(
                lambda: leases.heartbeat(grant=Grant(seat.pk, token), worker=worker)
            )
            self.same("heartbeat", heard, self.model.heartbeat(worker.pk, seat, token))

        @precondition(lambda self: self.grants)
        @rule(pick=PICK, other=SELDOM, who=WHO)
        def give_back(self, pick, other, who):
            seat, token, owner, _shown = self._grant(pick)
            worker = self._whose(owner, other, who)
            heard, _none = self.hear(
                lambda: leases.give_back(grant=Grant(seat.pk, token), worker=worker)
            )
            self.same("give back", heard, self.model.give_back(worker.pk, seat, token))

        @precondition(lambda self: self.grants)
        @rule(pick=PICK, other=SELDOM, who=WHO, harms=st.booleans())
        def skip(self, pick, other, who, harms):
            seat, token, owner, _shown = self._grant(pick)
            worker = self._whose(owner, other, who)
            reason = "harms_me" if harms else "unsure"
            heard, _decline = self.hear(
                lambda: leases.skip(grant=Grant(seat.pk, token), worker=worker, reason=reason)
            )
            self.same("skip", heard, self.model.skip(worker.pk, seat, token, harms=harms))

        @rule(pick=PICK)
        def expire(self, pick):
            """Let a lease run out, and the time pass after which an empty lane is searched."""
            held = [s for c in self.model.campaigns for s in c.seats if s.status == "leased"]
            if not held:
                return
            seat = held[pick % len(held)]
            seat.over = True
            Assignment.objects.filter(pk=seat.pk).update(lease_expires_at="2020-01-01T00:00Z")
            Cursor.objects.update(empty_until=None)

        @precondition(lambda self: len(self.grants) > 3)
        @rule(who=WHO, review=st.booleans(), seldom=SELDOM)
        def leave(self, who, review, seldom):
            if not seldom:
                return
            worker, campaign = self.people[who], self._campaign(review)
            enrolments.leave(campaign=self._row(campaign), worker=worker)
            self.model.leave(worker.pk, campaign)

        @precondition(lambda self: any(len(c.active) < WORKERS for c in self.model.campaigns))
        @rule(who=WHO, review=st.booleans())
        def come_back(self, who, review):
            worker, campaign = self.people[who], self._campaign(review)
            heard, _enrolment = self.hear(
                lambda: enrolments.enrol(campaign=self._row(campaign), worker=worker)
            )
            closed = campaign.status == "closed"
            self.same("come back", heard, "Refused" if closed else "ok")
            if not closed:
                campaign.active.add(worker.pk)

        @precondition(lambda self: len(self.grants) > 8)
        @rule(review=st.booleans(), seldom=SELDOM)
        def withdraw(self, review, seldom):
            """Close the campaign: what is open in it is withdrawn."""
            campaign = self._campaign(review)
            held = any(seat.status == "leased" and not seat.over for seat in campaign.seats)
            if held and not seldom:
                return
            heard, _closed = self.hear(
                lambda: campaigns.close(campaign=self._row(campaign), by=None)
            )
            self.same("withdraw", heard, self.model.close(campaign))

        @rule(to=st.integers(1, 6), stale=SELDOM, review=SELDOM)
        def change_overlap(self, to, stale, review):
            campaign = self._campaign(review)
            before, seen = campaign.overlap, campaign.overlap + stale
            wanted = self.model.change_overlap(campaign, to, seen)
            heard, changed = self.hear(
                lambda: overlap.change(campaign=self._row(campaign), to=to, seen=seen, by=None)
            )
            self.same("change overlap", heard, wanted)
            if wanted == "ok" and to > before:
                self._seats_were_added(campaign, changed.added)

        def _seats_were_added(self, campaign: m.Campaign, added: int) -> None:
            """Read their ids where the model wants seats, and nowhere else."""
            lacking = {
                matter.pk: campaign.overlap - len(matter.wanted)
                for matter in campaign.matters
                if matter.status == "open" and len(matter.wanted) < campaign.overlap
            }
            self.equal(added, sum(lacking.values()))
            for matter in campaign.matters:
                last = max(seat.number for seat in matter.seats)
                new = Assignment.objects.filter(matter=matter.pk, number__gt=last)
                for pk, number in new.order_by("number").values_list("pk", "number"):
                    matter.seats.append(m.Seat(pk, matter, number))
                self.equal(matter.seats[-1].number - last, lacking.get(matter.pk, 0))

        # judgements

        def _submission(self, seat: m.Seat, token: int, shown) -> tuple[Submission, str]:
            self.texts += 1
            typed = f"draft {self.texts}"
            guideline = self._row(seat.matter.campaign).guideline_id
            submission = Submission(
                grant=Grant(seat.pk, token),
                guideline=guideline,
                shown=shown,
                typed={"typed": typed},
            )
            return submission, typed

        @precondition(lambda self: self.grants)
        @rule(pick=PICK, other=SELDOM, who=WHO, said=SAID)
        def submit(self, pick, other, who, said):
            self._submit(pick, other, who, said)

        @precondition(lambda self: self.grants)
        @rule(pick=PICK, said=SAID)
        def submit_in_another_tab(self, pick, said):
            """The same once more, by the person themselves."""
            self._submit(pick, False, 0, said)

        def _submit(self, pick, other, who, said):
            seat, token, owner, shown = self._grant(pick)
            worker = self._whose(owner, other, who)
            if pick % 2:  # the same again, if it was said before
                said = self.said.get((seat.pk, token), said)
            self.said.setdefault((seat.pk, token), said)
            if seat.matter.campaign.kind == "answers":
                self._submit_answer(seat, token, worker, said["outcome"])
            else:
                review = {name: said[name] for name in ("acts", "words", "tags", "unfit")}
                self._submit_review(seat, token, worker, shown, **review)

        def _submit_answer(self, seat, token, worker, outcome):
            submission, typed = self._submission(seat, token, ())
            may = self.model.may_submit(worker.pk, seat, token)
            wanted = "ok" if may else self.model.again(worker.pk, seat, token, outcome)
            heard, made = self.hear(
                lambda: judgements.submit_answer(
                    submission=submission, worker=worker, outcome=outcome
                )
            )
            self._heard("submit answer", heard, wanted, made, worker, seat, token, typed)
            if wanted == "ok":
                self.model.take(m.Said(made.pk, worker.pk, seat, outcome, outcome))
                self.model.settle_by_votes(seat.matter)

        def _heard(self, act, heard, wanted, made, worker, seat, token, typed):
            if wanted == "again":
                self.same(act, "again" if heard == "ok" else heard, wanted)
                assert made.pk == self.model.taken[seat.pk, token].pk
                return
            self.same(act, heard, wanted)
            if wanted not in {"ok", "OtherContent"}:
                self.model.keep(worker.pk, seat, token, typed)

        def _submit_review(self, seat, token, worker, shown, acts, words, tags, unfit):
            submission, typed = self._submission(seat, token, shown)
            said = [] if unfit else self._acts(shown, acts, words)
            content = (tuple(said), () if unfit else tags, unfit)
            wanted = self._wanted(seat, token, worker, shown, said, content)
            heard, made = self.hear(
                lambda: judgements.submit_review(
                    submission=submission,
                    worker=worker,
                    acts=said,
                    tags=tags,
                    unfit="unclear" if unfit else "",
                )
            )
            self._heard("submit review", heard, wanted, made, worker, seat, token, typed)
            if wanted == "ok":
                item = seat.matter.item
                before = copy.deepcopy((item.ledger, item.acted))
                taken = m.Said(made.pk, worker.pk, seat, content, before=before)
                self.model.take(taken)
                self._book(seat.matter, made, worker, said, tags, unfit)
                taken.then = item.rounds[-1] if item.rounds[-1] is not seat.matter else None

        def _acts(self, shown, acts, words):
            made = []
            for option, act, number in zip(shown, acts, words, strict=True):
                side = Option.objects.get(pk=option).polarity
                text = f"{side} {number}" if act == "rewrite" else ""
                reason = "unclear" if act == "reject" else ""
                made.append(ActOn(side, act, option=option, text=text, reason=reason))
            return made

        def _wanted(self, seat, token, worker, shown, said, content) -> str:
            matter = seat.matter
            if not self.model.may_submit(worker.pk, seat, token):
                return self.model.again(worker.pk, seat, token, content)
            ledger = matter.item.ledger
            if set(shown) != set(ledger.live.values()):
                return "Changed"
            if matter.status != "open":
                return "LeaseLost"
            for act in said:
                now = ledger.words[act.option]
                if act.act == "accept" and worker.pseudonym in ledger.wrote[now]:
                    return "OwnText"
                if act.act == "rewrite" and normal_form(act.text) == now:
                    return "SameText"
            return "ok"

        def _book(self, matter, made, worker, said, tags, unfit):
            item, ledger = matter.item, matter.item.ledger
            if unfit:
                item.called_unfit.add(worker.pk)
                self._follow(matter, ledger.follows(unfit=True))
                return
            new = dict(made.acts.exclude(made=None).values_list("polarity", "made"))
            for act in said:
                item.acted.setdefault(act.option, set()).add(worker.pk)
                if act.act == "accept":
                    ledger.signed[act.option].add(worker.pseudonym)
                if act.act == "rewrite":
                    ledger.rewrites += 1
                    words = normal_form(act.text)
                    ledger.put(act.polarity, new[act.polarity], words, worker.pseudonym)
                    item.wrote.add(worker.pk)
            ledger.votes[worker.pseudonym] = tags
            rejected = any(act.act == "reject" for act in said)
            self._follow(matter, ledger.follows(rejected=rejected))

        def _follow(self, matter: m.Matter, follows: str) -> None:
            world.seen[f"follows: {follows}"] += 1
            if follows == "next" and matter.campaign.status == "closed":
                matter.move("withdrawn")
                matter.item.status = "drafted"
            elif follows == "next":
                matter.move("settled")
                self._next_round(matter)
            elif follows == "gold":
                matter.move("settled")
                matter.item.status = "gold"
            else:
                matter.move("disputed", follows)

        def _next_round(self, matter: m.Matter) -> None:
            row = Matter.objects.filter(item=matter.item.pk).latest("round")
            assert row.pk != matter.pk, "no further round was opened"
            following = self._add(matter.campaign, matter.item, row)
            if self.model.is_stuck(following):
                following.move("disputed", "nobody_left")

        @precondition(lambda self: self.model.taken)
        @rule(pick=PICK, other=SELDOM, who=WHO)
        def undo(self, pick, other, who):
            taken = list(self.model.taken.values())
            # Mostly one of the newest: of the others each is refused.
            said = (
                taken[-1 - pick // 4 % min(3, len(taken))] if pick % 4 else taken[pick % len(taken)]
            )
            worker = self._whose(said.worker, other, who)
            wanted = self.model.may_undo(worker.pk, said)
            heard, grant = self.hear(
                lambda: undoing.undo(judgement=Judgement.objects.get(pk=said.pk), worker=worker)
            )
            if wanted == "again":
                self.same("undo", "again" if heard == "ok" else heard, wanted)
                return
            self.same("undo", heard, wanted)
            if wanted == "ok":
                self.model.undo(said)
                self._granted_anew(said, grant)

        def _granted_anew(self, said: m.Said, grant: Grant) -> None:
            matter = said.seat.matter
            if said.then:
                row = Matter.objects.filter(item=matter.item.pk).latest("round")
                matter = self._add(matter.campaign, matter.item, row)
                [seat] = matter.seats
            else:
                number = max(seat.number for seat in matter.seats) + 1
                seat = m.Seat(grant.seat, matter, number)
                matter.seats.append(seat)
            self.model.grant(said.worker, seat)
            self.hold_to((seat.pk, seat.token) == (grant.seat, grant.token), "another grant")
            ledger = matter.item.ledger
            live = tuple(ledger.live.values()) if ledger else ()
            self.grants.append((seat, seat.token, said.worker, live))
            self.model.drafts[seat.pk, said.worker] = None  # the fields of what they had said

        # adjudication

        def is_disputed(self, kind: str) -> bool:
            matters = self._campaign(kind == "review").matters
            return any(matter.status == "disputed" for matter in matters)

        def _disputed(self, pick, kind) -> m.Matter | None:
            """Prefer what is in dispute; now and then take something that is not."""
            matters = self._campaign(kind == "review").matters
            disputed = [one for one in matters if one.status == "disputed"]
            among = disputed if disputed and pick % 8 else matters
            return among[pick % len(among)]

        @precondition(lambda self: self.is_disputed("answers"))
        @rule(pick=PICK, who=ANYBODY, outcome=st.sampled_from(["good", "bad", "cannot_tell"]))
        def adjudicate_answer(self, pick, who, outcome):
            matter, by = self._disputed(pick, "answers"), self.people[who]
            wanted = self.model.may_adjudicate(by.pk, matter)
            heard, _made = self.hear(
                lambda: adjudication.settle_answer(
                    matter=Matter.objects.get(pk=matter.pk),
                    by=by,
                    outcome=outcome,
                    reason="As discussed.",
                )
            )
            self.same("adjudicate answer", heard, wanted)
            if wanted == "ok":
                self.model.witness(by.pk, matter)
                matter.adjudicated = True
                matter.move("settled")
                matter.item.verdict = "undecided" if outcome == "cannot_tell" else outcome

        @precondition(lambda self: self.is_disputed("answers"))
        @rule(pick=PICK, who=ANYBODY)
        def add_seat(self, pick, who):
            matter, by = self._disputed(pick, "answers"), self.people[who]
            wanted = self._may_ask(by, matter)
            heard, made = self.hear(
                lambda: adjudication.ask_another(matter=Matter.objects.get(pk=matter.pk), by=by)
            )
            self.same("add seat", heard, wanted)
            if wanted == "ok":
                matter.status = "open"
                matter.seats.append(m.Seat(made.pk, matter, made.number))

        def _may_ask(self, by, matter) -> str:
            if any(said.worker == by.pk for said in matter.said):
                return "NotYours"
            if matter.status != "disputed" or matter.campaign.status == "closed":
                return "Refused"
            trial = m.Seat(0, matter, 0)
            knew = by.pk in matter.item.declined
            self.model.witness(by.pk, matter)
            matter.status = "open"
            matter.seats.append(trial)
            stuck = self.model.is_stuck(matter)
            matter.seats.remove(trial)
            matter.status = "disputed"
            if stuck and not knew:
                self.model.witness(by.pk, matter, back=True)
            return "Refused" if stuck else "ok"

        @precondition(lambda self: self.is_disputed("review"))
        @rule(pick=PICK, who=ANYBODY)
        def send_back(self, pick, who):
            matter, by = self._disputed(pick, "review"), self.people[who]
            wanted = self.model.may_adjudicate(by.pk, matter)
            if wanted == "ok" and matter.campaign.status == "closed":
                wanted = "Refused"
            if wanted == "ok":
                trial = m.Matter(0, matter.campaign, matter.item)
                trial.seats.append(m.Seat(0, trial, 1))
                knew = by.pk in matter.item.declined
                self.model.witness(by.pk, matter)
                wanted = "Refused" if self.model.is_stuck(trial) else "ok"
                if wanted != "ok" and not knew:
                    self.model.witness(by.pk, matter, back=True)
            heard, _following = self.hear(
                lambda: adjudication.send_back(
                    matter=Matter.objects.get(pk=matter.pk), by=by, note="Look again."
                )
            )
            self.same("send back", heard, wanted)
            if wanted == "ok":
                matter.adjudicated = True
                matter.item.ledger.rewrites = 0
                matter.move("settled")
                self._next_round(matter)

        @precondition(lambda self: self.is_disputed("review"))
        @rule(pick=PICK, who=ANYBODY)
        def call_unfit(self, pick, who):
            matter, by = self._disputed(pick, "review"), self.people[who]
            if pick % 3:
                return
            wanted = self.model.may_adjudicate(by.pk, matter)
            heard, _made = self.hear(
                lambda: adjudication.settle_unfit(
                    matter=Matter.objects.get(pk=matter.pk),
                    by=by,
                    unfit="unclear",
                    reason="Nobody can tell.",
                )
            )
            self.same("call unfit", heard, wanted)
            if wanted == "ok":
                self.model.witness(by.pk, matter)
                matter.adjudicated = True
                matter.move("settled")
                matter.item.status = "rejected"

        @precondition(lambda self: self.is_disputed("review"))
        @rule(pick=PICK, who=ANYBODY, own=st.tuples(SELDOM, SELDOM), words=WORDS, tags=TAGS)
        def adjudicate_review(self, pick, who, own, words, tags):
            matter, by = self._disputed(pick, "review"), self.people[who]
            known = matter.item.ledger.words
            takes = {}
            for side, mine in zip(SIDES, own, strict=True):
                earlier = sorted(
                    Option.objects.filter(pk__in=known, polarity=side).values_list("pk", flat=True)
                )
                text = f"{side} by {by.pseudonym} {words}"
                takes[side] = (
                    adjudication.Take(text=text)
                    if mine
                    else adjudication.Take(option=earlier[pick % len(earlier)])
                )
            wanted = self.model.may_adjudicate(by.pk, matter)
            if wanted == "ok" and matter.campaign.status == "closed" and any(own):
                wanted = "Refused"
            heard, _made = self.hear(
                lambda: adjudication.settle_review(
                    matter=Matter.objects.get(pk=matter.pk),
                    by=by,
                    takes=takes,
                    tags=tags,
                    reason="As discussed.",
                )
            )
            self.same("adjudicate review", heard, wanted)
            if wanted == "ok":
                self.model.witness(by.pk, matter)
                matter.adjudicated = True
                self._book_takes(matter, by, takes, tags)

        def _book_takes(self, matter, by, takes, tags):
            ledger = matter.item.ledger
            for side, take in takes.items():
                now = Option.objects.live().get(item=matter.item.pk, polarity=side)
                if take.text:  # nobody adjudicates twice who wrote, so these words are new
                    ledger.put(side, now.pk, normal_form(take.text), by.pseudonym, reviewer=True)
                    matter.item.wrote.add(by.pk)
                    continue
                words = ledger.words[take.option]
                assert now.normal_form == words
                ledger.ruled[words].add(by.pseudonym)
                ledger.live[side], ledger.words[now.pk] = now.pk, words
                if take.option in ledger.of_reviewers:
                    ledger.of_reviewers.add(now.pk)
            ledger.rewrites, ledger.ruling = 0, tags
            self._follow(matter, ledger.follows())

        # what must hold after every act

        def equal(self, found: object, wanted: object) -> None:
            self.hold_to(found == wanted, f"found {found}, wanted {wanted}")

        @invariant()
        def tables_say_what_the_model_says(self):
            world.seen["acts"] += 1
            ids = [campaign.pk for campaign in self.model.campaigns]
            seats = Assignment.objects.filter(campaign__in=ids)
            self.equal(
                set(seats.values_list("pk", "status", "owner", "token")),
                {
                    (seat.pk, seat.status, seat.owner, seat.token)
                    for campaign in self.model.campaigns
                    for seat in campaign.seats
                },
            )
            matters = Matter.objects.filter(campaign__in=ids)
            self.equal(
                set(matters.values_list("pk", "status", "dispute")),
                {(one.pk, one.status, one.dispute) for one in self._matters()},
            )

        def _matters(self) -> list[m.Matter]:
            return [one for campaign in self.model.campaigns for one in campaign.matters]

        @invariant()
        def nobody_is_counted_twice(self):
            ids = [campaign.pk for campaign in self.model.campaigns]
            rows = Judgement.objects.standing().filter(matter__campaign__in=ids)
            found = list(rows.values_list("pk", "seat", "worker", "matter"))
            said = {said.pk for one in self._matters() for said in one.said if said.stands}
            self.equal({pk for pk, *_rest in found}, said)
            self.equal(len({seat for _pk, seat, *_rest in found}), len(found))
            self.equal(len({(who, matter) for _pk, _seat, who, matter in found}), len(found))

        @invariant()
        def who_is_stuck_is_found(self):
            """By the sweep, which asks few, as by looking at each."""
            if world.seen["acts"] % OFTEN:
                return
            for campaign in self.model.campaigns:
                row, each = self._row(campaign), [one.pk for one in campaign.matters]
                stuck = [one.pk for one in campaign.matters if self.model.is_stuck(one)]
                self.equal(eligibility.stuck(row), sorted(stuck))
                self.equal(eligibility.stuck(row, each), sorted(stuck))

        @invariant()
        def nothing_typed_is_lost(self):
            ids = [campaign.pk for campaign in self.model.campaigns]
            drafts = WorkDraft.objects.filter(seat__campaign__in=ids)
            self.equal(
                {(draft.seat_id, draft.worker_id): draft.payload.get("typed") for draft in drafts},
                self.model.drafts,
            )

        @invariant()
        def outcomes_are_what_was_settled(self):
            answers = {matter.item.pk: matter.item.verdict for matter in self.answers.matters}
            verdicts = Verdict.objects.standing().filter(answer__in=answers)
            found = dict.fromkeys(answers, "") | dict(verdicts.values_list("answer", "outcome"))
            self.equal(found, answers)
            items = {matter.item.pk: matter.item for matter in self.review.matters}
            rows = Item.objects.filter(pk__in=items).values_list("pk", "status")
            self.equal(dict(rows), {pk: item.status for pk, item in items.items()})
            live = Option.objects.live().filter(item__in=items)
            self.equal(
                set(live.values_list("item", "polarity", "pk")),
                {
                    (pk, side, number)
                    for pk, item in items.items()
                    for side, number in item.ledger.live.items()
                },
            )

    return Machine


def hold(project, scale: float, *faults: Statement, least: int = 1) -> Finding:
    found = Finding("machine", seed())
    world = World(project)
    runs = scaled(RUNS, scale, least=least)
    plan = settings(
        max_examples=runs,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        # The story of what broke is kept as it was heard; the shortest one would take minutes.
        phases=[Phase.generate],
    )
    try:
        with planted(faults) as changed:
            seeded(found.seed)(get_state_machine_test(machine(world), settings=plan))()
    except Exception as broken:
        found.blame("stories", world.broken[:1])
        notes = "\n".join(getattr(broken, "__notes__", []))
        found.blame("an invariant is broken", [f"{broken}\n{notes}"])
    found.figures |= {"planted": changed()} if faults else {}
    found.figures |= {"runs": world.runs, "acts": world.seen.pop("acts", 0)}
    found.figures |= {"seen": dict(sorted(world.seen.items()))}
    return found.told()


@pytest.mark.django_db(transaction=True)
def test_a_few_lives_go_as_the_model_says():
    assert hold(factories.make_project(), HANDFUL).wrong == {}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_hundreds_of_lives_go_as_the_model_says():
    found = hold(factories.make_project(), SCALE, least=LEAST)

    assert found.wrong == {}
    assert found.figures["runs"] >= 300 * SCALE
    assert found.figures["acts"] >= 300 * STEPS * SCALE
    assert {f"follows: {outcome}" for outcome in KINDS} <= found.figures["seen"].keys()
    assert {f"{act}: ok" for act in ACTS} <= found.figures["seen"].keys()
    assert {f"submit answer: {heard}" for heard in LATE} <= found.figures["seen"].keys()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_fault_in_one_statement_is_seen(fault):
    found = hold(factories.make_project(), SCALE * 0.3, fault, least=LEAST)

    assert found.figures["planted"] > 0, "the statement is worded otherwise by now"
    assert "an invariant is broken" in found.wrong
