"""A small model of two campaigns: what every act on a seat or matter must lead to. No Django.

A verb of the model changes the model and returns what the product has to answer: "ok", or the name
of the refusal. Ids are the product's, so that both can be compared row by row.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.bars.ledger import SIDES, Ledger

DROPS = 6  # of a worker in a campaign; then there is a break


@dataclass
class Seat:
    pk: int
    matter: Matter
    number: int
    status: str = "open"
    owner: int | None = None
    token: int = 0
    over: bool = False  # the lease

    @property
    def is_free(self) -> bool:
        return self.status == "open" or (self.status == "leased" and self.over)

    def end(self, status: str) -> None:
        self.status, self.owner, self.over = status, None, False


@dataclass
class Said:
    """A judgement that was taken."""

    pk: int
    worker: int
    seat: Seat
    content: Any
    outcome: str = ""
    stands: bool = True
    then: Matter | None = None  # the round it opened
    before: tuple[Ledger, dict[int, set[int]]] | None = None  # the books without it


@dataclass
class Item:
    """What a matter is about: an answer, or an item whose options are signed in rounds."""

    pk: int
    ledger: Ledger | None = None
    rounds: list[Matter] = field(default_factory=list)
    declined: set[int] = field(default_factory=set)
    acted: dict[int, set[int]] = field(default_factory=dict)  # by text, who did something with it
    called_unfit: set[int] = field(default_factory=set)
    wrote: set[int] = field(default_factory=set)
    status: str = "in_review"
    verdict: str = ""


@dataclass
class Matter:
    pk: int
    campaign: Campaign
    item: Item
    status: str = "open"
    dispute: str = ""
    seats: list[Seat] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    declined: set[int] = field(default_factory=set)
    adjudicated: bool = False

    @property
    def wanted(self) -> list[Seat]:
        return [seat for seat in self.seats if seat.status not in {"cancelled", "undone"}]

    def move(self, to: str, why: str = "") -> None:
        self.status, self.dispute = to, why or self.dispute
        for seat in self.seats:
            if seat.status == "open" or (to != "settled" and seat.is_free):
                seat.end("cancelled")


@dataclass
class Campaign:
    pk: int
    kind: str
    overlap: int = 1
    quorum: int = 2
    status: str = "open"
    active: set[int] = field(default_factory=set)
    matters: list[Matter] = field(default_factory=list)
    drops: dict[int, int] = field(default_factory=dict)
    on_break: set[int] = field(default_factory=set)

    @property
    def seats(self) -> list[Seat]:
        return [seat for matter in self.matters for seat in matter.seats]


@dataclass
class Model:
    names: dict[int, str]  # pseudonyms by worker
    campaigns: list[Campaign] = field(default_factory=list)
    granted: dict[tuple[int, int], int] = field(default_factory=dict)
    taken: dict[tuple[int, int], Said] = field(default_factory=dict)
    drafts: dict[tuple[int, int], Any] = field(default_factory=dict)

    # who may take what

    def may_take(self, worker: int, seat: Seat) -> bool:
        matter = seat.matter
        if matter.status != "open" or not seat.is_free or worker in matter.item.declined:
            return False
        if any(s.status == "done" and s.owner == worker for s in matter.seats):
            return False
        return matter.item.ledger is None or not self.has_a_hand_in(worker, matter)

    def has_a_hand_in(self, worker: int, matter: Matter) -> bool:
        item, ledger = matter.item, matter.item.ledger
        if worker in item.called_unfit:
            return True
        live = ledger.live.values()
        if any(self.names[worker] in ledger.wrote[ledger.words[number]] for number in live):
            return True
        new = [
            number
            for number in live
            if worker not in item.acted.get(number, set())
            and len(ledger.signed[number]) < ledger.wanted
        ]
        return len(ledger.live) == len(SIDES) and not new

    def is_stuck(self, matter: Matter) -> bool:
        if matter.status != "open" or any(
            s.status == "leased" and not s.over for s in matter.seats
        ):
            return False
        return not any(
            self.may_take(worker, seat)
            for worker in matter.campaign.active
            for seat in matter.seats
        )

    def hand_over_stuck(self, campaign: Campaign) -> None:
        if campaign.status == "open":
            for matter in [m for m in campaign.matters if self.is_stuck(m)]:
                matter.move("disputed", "nobody_left")

    # seats

    def claim(self, worker: int, campaign: Campaign) -> tuple[str, list[Seat]]:
        """Return also the seats of which the product has to give one."""
        if worker not in campaign.active:
            return "NotEnrolled", []
        mine = [s for s in campaign.seats if s.status == "leased" and s.owner == worker]
        for seat in mine:
            if seat.over:
                self.hand_back(seat)
        if held := [seat for seat in mine if seat.status == "leased"]:
            return "held", held
        free = [seat for seat in campaign.seats if self.may_take(worker, seat)]
        if worker in campaign.on_break or campaign.status != "open" or not free:
            return "NothingLeft", []
        return "ok", free

    def grant(self, worker: int, seat: Seat) -> None:
        seat.status, seat.owner, seat.token, seat.over = "leased", worker, seat.token + 1, False
        self.granted[seat.pk, seat.token] = worker

    def hand_back(self, seat: Seat, *, raised: int = 0) -> None:
        seat.end("open" if seat.matter.status == "open" else "cancelled")
        seat.token += raised

    def holds(self, worker: int, seat: Seat, token: int) -> bool:
        return (seat.status, seat.owner, seat.token) == ("leased", worker, token)

    def heartbeat(self, worker: int, seat: Seat, token: int) -> str:
        if not self.holds(worker, seat, token):
            return "LeaseLost"
        seat.over = False
        return "ok"

    def drop(self, worker: int, seat: Seat) -> None:
        """Count that they let go of a seat they held; letting go again does not count."""
        campaign = seat.matter.campaign
        if (seat.status, seat.owner) != ("leased", worker):
            return
        count = campaign.drops.get(worker, 0) + 1
        campaign.drops[worker] = count
        if count >= DROPS:
            campaign.on_break.add(worker)

    def give_back(self, worker: int, seat: Seat, token: int) -> str:
        holds = self.holds(worker, seat, token)
        if not holds and self.granted.get((seat.pk, token)) != worker:
            return "LeaseLost"
        self.drop(worker, seat)
        if holds:
            self.hand_back(seat)
        return "ok"

    def skip(self, worker: int, seat: Seat, token: int, *, harms: bool) -> str:
        matter = seat.matter
        if self.granted.get((seat.pk, token)) != worker:
            return "LeaseLost"
        if any(said.stands and said.worker == worker for said in matter.said):
            return "Refused"
        if not harms:
            self.drop(worker, seat)
        matter.declined.add(worker)
        matter.item.declined.add(worker)
        if seat.status == "leased" and seat.owner == worker:
            self.hand_back(seat, raised=1)
        if self.is_stuck(matter):
            matter.move("disputed", "nobody_left")
        return "ok"

    def leave(self, worker: int, campaign: Campaign) -> None:
        campaign.active.discard(worker)
        for seat in campaign.seats:
            if seat.status == "leased" and seat.owner == worker:
                self.hand_back(seat)
        self.hand_over_stuck(campaign)

    def close(self, campaign: Campaign) -> str:
        held = any(seat.status == "leased" and not seat.over for seat in campaign.seats)
        if campaign.status == "closed" or held:
            return "Refused"
        campaign.status = "closed"
        for matter in campaign.matters:
            if matter.status == "open":
                matter.move("withdrawn")
                matter.item.status = "drafted"
        return "ok"

    def change_overlap(self, campaign: Campaign, to: int, seen: int) -> str:
        """Take seats away; those that are added are the product's to make."""
        if campaign.kind != "answers" or campaign.status == "closed":
            return "Refused"
        if seen != campaign.overlap:
            return "Overtaken"
        if to < campaign.quorum:
            return "Refused"
        for matter in campaign.matters if to < campaign.overlap else []:
            if matter.status == "open" and not matter.dispute:
                self._lower(matter, to)
        campaign.overlap = to
        return "ok"

    def _lower(self, matter: Matter, to: int) -> None:
        idle = [seat for seat in matter.wanted if seat.status == "open"]
        idle.sort(key=lambda seat: (not seat.token, seat.number))
        spared = max(0, to - (len(matter.wanted) - len(idle)))
        for seat in idle[spared:]:
            seat.end("cancelled")
        if idle[spared:]:
            self.settle_by_votes(matter)

    # judgements

    def may_submit(self, worker: int, seat: Seat, token: int) -> bool:
        matter = seat.matter
        mine = [s for s in matter.seats if s.owner == worker and s.status != "undone"]
        lying = (
            seat.status == "open"
            and seat.token == token
            and self.granted.get((seat.pk, token)) == worker
            and not mine
        )
        return (self.holds(worker, seat, token) or lying) and worker not in matter.declined

    def again(self, worker: int, seat: Seat, token: int, content: Any) -> str:
        """Return how work is answered whose seat is not the worker's: known, other, or lost."""
        first = self.taken.get((seat.pk, token))
        if first is None or first.worker != worker:
            return "LeaseLost"
        return "again" if first.content == content else "OtherContent"

    def keep(self, worker: int, seat: Seat, token: int, text: str) -> None:
        """Keep what was refused, unless it was never theirs, or the seat is judged by them.

        What comes under the grant of another, who has judged, is nobody's work.
        """
        first = self.taken.get((seat.pk, token))
        if first is not None and first.worker != worker:
            return
        had = any(pk == seat.pk and who == worker for (pk, _t), who in self.granted.items())
        judged = any(s.seat is seat and s.worker == worker for s in seat.matter.said)
        if had and not judged:
            self.drafts[seat.pk, worker] = text

    def take(self, said: Said) -> None:
        seat = said.seat
        seat.status, seat.owner, seat.over = "done", said.worker, False
        seat.matter.said.append(said)
        self.taken[seat.pk, seat.token] = said
        self.drafts.pop((seat.pk, said.worker), None)

    def settle_by_votes(self, matter: Matter) -> None:
        if matter.status != "open":
            return
        votes = [said.outcome for said in matter.said if said.stands]
        wanted = len(matter.wanted)
        if any(votes.count(outcome) >= matter.campaign.quorum for outcome in ("good", "bad")):
            matter.move("settled")
            matter.item.verdict = max(("good", "bad"), key=votes.count)
        elif len(votes) >= max(wanted, matter.campaign.quorum):
            matter.move("disputed", "no_quorum")

    def may_adjudicate(self, worker: int, matter: Matter) -> str:
        if matter.adjudicated:
            return "AlreadySettled"
        if matter.status != "disputed":
            return "Refused"
        rounds = matter.item.rounds
        if any(said.worker == worker for round_ in rounds for said in round_.said):
            return "NotYours"
        return "NotYours" if worker in matter.item.wrote else "ok"

    def witness(self, worker: int, matter: Matter, *, back: bool = False) -> None:
        """Who decides on a matter has read all of it, and judges none of it later."""
        for declined in (matter.declined, matter.item.declined):
            (declined.discard if back else declined.add)(worker)

    def may_undo(self, worker: int, said: Said) -> str:
        """Return "again" where it was undone before and the new seat is still in hand."""
        matter, campaign = said.seat.matter, said.seat.matter.campaign
        if not said.stands and said.worker == worker:
            rounds = matter.item.rounds
            held = [
                s for r in rounds for s in r.seats if s.status == "leased" and s.owner == worker
            ]
            return "again" if held else "CannotUndo"
        mine = [
            one.pk
            for other in campaign.matters
            for one in other.said
            if one.worker == worker and one.stands
        ]
        if said.worker != worker or said.pk != max(mine, default=0):
            return "CannotUndo"
        if campaign.status == "closed" or worker not in campaign.active:
            return "CannotUndo"
        if matter.item.ledger is None:
            return "ok" if matter.status == "open" else "CannotUndo"
        then = said.then
        untouched = then and then.status == "open" and not any(s.token for s in then.seats)
        return "ok" if untouched else "CannotUndo"

    def undo(self, said: Said) -> None:
        """Take it out of the count; what it opened and what its worker holds go back."""
        said.stands = False
        matter = said.seat.matter
        for seat in matter.campaign.seats:
            if seat.status == "leased" and seat.owner == said.worker:
                self.hand_back(seat)
        said.seat.status = "undone"
        if said.then and said.before:
            said.then.move("withdrawn")
            ledger, matter.item.acted = said.before
            # The words stay written, and by whom.
            now = matter.item.ledger
            ledger.words, ledger.wrote = now.words, now.wrote
            matter.item.ledger = ledger
