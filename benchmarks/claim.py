"""Claim and submit, against the same two transactions by hand: python -m benchmarks.claim

Prints one line for each size and number of connections: seats per second through the domain
functions, the ratio to two floors (`benchmarks.floor`), and the 95th percentile of a claim with its
submit. Processes, clients and database share the cores of this machine.
"""

import argparse
import json
import os
import statistics
import sys

from benchmarks import ground

SIZES = (10_000, 220_000, 1_000_000)
CONNECTIONS = (1, 8, 32)
DONE = 5_000  # judgements of the seasoned worker


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--connections", type=int, nargs="+", default=CONNECTIONS)
    parser.add_argument("--seats", type=int, default=480, help="for each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--done", type=int, default=DONE)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    ground.stand()
    from benchmarks import answers
    from benchmarks.crowd import Crowd

    site = answers.make(max(args.connections) + 1)
    seasoned, *others = site.workers
    crowd = Crowd(max(args.connections))
    rows = []
    for size in args.sizes:
        took, opened = answers.grow(site, size)
        print(f"# {size:,} open seats; opened {opened:,} in {took:.1f} s", file=sys.stderr)
        roomy = size >= 4 * args.done * site.campaign.overlap  # for one who has judged so many
        if roomy and seasoned.judgements.count() < args.done:
            missing = args.done - seasoned.judgements.count()
            crowd.carry_out("domain", workers=[seasoned], campaign=site.campaign, count=missing)
            answers.grow(site, size)
        found = [
            measured(crowd, site, others[:connections], size, args)
            for connections in args.connections
        ]
        if roomy:
            name = f"1, with {args.done:,} done"
            found.append(measured(crowd, site, [seasoned], size, args, name=name))
        rows += found
        for row in found:
            print(_line(row), flush=True)
    crowd.leave()
    if args.json:
        print(json.dumps({"cores": os.cpu_count(), "rows": rows}))
    return 0


def measured(crowd, site, workers, size, args, *, name=""):
    """Take turns between the domain and the floor, so that both meet the same machine."""
    from benchmarks import answers

    told = {"domain": [], "same": [], "least": []}
    for _round in range(args.rounds):
        for way, runs in told.items():
            answers.grow(site, size)
            each = max(1, args.seats // len(workers))
            runs.append(crowd.carry_out(way, workers=workers, campaign=site.campaign, count=each))
    rates = {way: statistics.median(map(_rate, runs)) for way, runs in told.items()}
    return {
        "seats": size,
        "connections": name or str(len(workers)),
        "domain": round(rates["domain"]),
        **{way: round(rates[way]) for way in ("same", "least")},
        "ratio_to_same": round(rates["domain"] / rates["same"], 2),
        "ratio_to_least": round(rates["domain"] / rates["least"], 2),
        "p95_ms": round(_p95([s for run in told["domain"] for one in run for s in one.seconds]), 1),
        "claim_p95_ms": round(
            _p95([s for run in told["domain"] for one in run for s in one.claims]), 1
        ),
    }


def _rate(run) -> float:
    done = sum(len(one.seconds) for one in run)
    return done / (max(one.ended for one in run) - min(one.begun for one in run))


def _p95(seconds) -> float:
    return 1_000 * statistics.quantiles(seconds, n=20)[-1]


def _line(row) -> str:
    return (
        f"{row['seats']:>9,} seats, {row['connections']:>18} connections: {row['domain']:>4}/s;"
        f" same statements {row['same']:>4}/s, ratio {row['ratio_to_same']:.2f};"
        f" least {row['least']:>4}/s, ratio {row['ratio_to_least']:.2f};"
        f" p95 {row['p95_ms']} ms, of which claim {row['claim_p95_ms']} ms"
    )


if __name__ == "__main__":
    sys.exit(main())
