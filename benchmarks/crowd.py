"""Many connections at once: processes that wait for an order, carry it out and tell their times."""

import multiprocessing
import random
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from benchmarks import floor

OUTCOMES = ("good", "good", "good", "bad", "cannot_tell")


@dataclass(frozen=True)
class Order:
    """What one process does: `count` times a claim and its submit, for one worker."""

    way: str  # "domain", or a floor: "same" or "least"
    worker: int
    campaign: int
    count: int
    begin: float  # by the clock of this machine, so that all begin together


@dataclass(frozen=True)
class Told:
    """What one process did."""

    begun: float
    ended: float
    seconds: list[float]  # of each claim with its submit
    claims: list[float]


class Crowd:
    """Processes with one database connection each, kept for the whole benchmark."""

    def __init__(self, size: int) -> None:
        spawn = multiprocessing.get_context("spawn")
        self.ends = []
        for number in range(size):
            mine, theirs = spawn.Pipe()
            spawn.Process(target=_work, args=(theirs, number), daemon=True).start()
            self.ends.append(mine)
        for end in self.ends:
            end.recv()

    def carry_out(self, way: str, *, workers: list[Any], campaign: Any, count: int) -> list[Told]:
        """Let each worker do `count` seats over a connection of their own; return what was told."""
        begin = time.time() + 0.2
        busy = self.ends[: len(workers)]
        for end, worker in zip(busy, workers, strict=True):
            end.send(Order(way, worker.pk, campaign.pk, count, begin))
        return [end.recv() for end in busy]

    def leave(self) -> None:
        for end in self.ends:
            end.send(None)


def _work(end: Connection, number: int) -> None:
    import django

    django.setup()
    from django.db import connection

    connection.ensure_connection()
    end.send("ready")
    while (order := end.recv()) is not None:
        chance = random.Random(number)
        doing = {"domain": _domain, "same": floor.same, "least": floor.least}[order.way](order)
        doing(chance.choice(OUTCOMES))  # plans are made once a connection
        time.sleep(max(0.0, order.begin - time.time()))
        seconds, claims = [], []
        begun = time.time()
        for _number in range(order.count):
            one = time.perf_counter()
            claims.append(doing(chance.choice(OUTCOMES)))
            seconds.append(time.perf_counter() - one)
        end.send(Told(begun, time.time(), seconds, claims))


def _domain(order: Order) -> Any:
    from annotation import judgements, leases
    from annotation.leases import Grant
    from annotation.models import Campaign, Worker
    from annotation.taking import Submission

    worker = Worker.objects.get(pk=order.worker)
    campaign = Campaign.objects.get(pk=order.campaign)

    def one(outcome: str) -> float:
        begun = time.perf_counter()
        seat = leases.claim(worker=worker, campaign=campaign)
        took = time.perf_counter() - begun
        submission = Submission(Grant(seat.pk, seat.token), campaign.guideline_id)
        judgements.submit_answer(submission=submission, worker=worker, outcome=outcome)
        return took

    return one
