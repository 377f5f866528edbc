"""What happens to a campaign as a whole, at any size: python -m benchmarks.curators

Prints milliseconds: what one worker's choices, joining and leaving cost, the page of the campaign,
the sweep, a change of the overlap by one and back, and the close.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable

from benchmarks import ground

SIZES = (10_000, 220_000)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--workers", type=int, default=32)
    parser.add_argument("--judged", type=int, default=640, help="judgements before, by all")
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    ground.stand()
    from django.conf import settings
    from django.core.management import call_command

    from benchmarks import answers

    settings.ALLOWED_HOSTS = ["*"]
    call_command("collectstatic", interactive=False, verbosity=0)
    for size in args.sizes:
        site = answers.make(args.workers)
        answers.grow(site, size)
        _judge(site, args.judged)
        found = {name: _timed(act, rounds) for name, act, rounds in _acts(site, args.rounds)}
        told = "; ".join(f"{name} {milliseconds:,.0f}" for name, milliseconds in found.items())
        print(f"{size:>9,} seats, {args.workers} workers: {told}", flush=True)
    return 0


def _acts(site, rounds) -> list[tuple[str, Callable[[], object], int]]:
    from annotation import campaigns, enrolments, matters, overlap

    worker, campaign = site.workers[0], site.campaign
    who = {"campaign": campaign, "worker": worker}

    def leave() -> None:
        enrolments.leave(**who)
        enrolments.enrol(**who)

    def qualify() -> None:
        for qualified in (True, False):
            enrolments.qualify(**who, qualified=qualified, by=None)

    return [
        ("choose", lambda: enrolments.choose(**who, languages=["en"], severity_limit=2), rounds),
        ("leave and join", leave, rounds),
        ("qualify and not", qualify, rounds),
        ("page", _page(site), rounds),
        ("sweep", lambda: matters.hand_over_unasked(campaign), rounds),
        ("raise", lambda: overlap.change(campaign=campaign, to=4, seen=3, by=None), 1),
        ("lower", lambda: overlap.change(campaign=campaign, to=3, seen=4, by=None), 1),
        ("close", lambda: campaigns.close(campaign=campaign, by=None), 1),
    ]


def _page(site) -> Callable[[], object]:
    from django.test import Client
    from django.urls import reverse

    from curation.models import Role
    from tests import factories

    client = Client()
    client.force_login(factories.make_member(site.project, Role.CURATOR))
    address = reverse("campaign", args=[site.project.slug, site.campaign.pk])

    def look() -> None:
        client.get(address)

    return look


def _judge(site, count: int) -> None:
    from tests.annotation import acting

    for number in range(count):
        worker = site.workers[number % len(site.workers)]
        acting.claim_and_judge(worker, site.campaign, "good")


def _timed(act: Callable[[], object], rounds: int) -> float:
    took = []
    for _round in range(rounds):
        begun = time.perf_counter()
        act()
        took.append(time.perf_counter() - begun)
    return 1_000 * statistics.median(took)


if __name__ == "__main__":
    sys.exit(main())
