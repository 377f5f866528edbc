"""What drafting costs: python -m benchmarks.drafting

1. One worker process against an endpoint that replies after 300 ms, with 64 calls in flight, beside
   a bare AsyncOpenAI loop that asks the same of the same endpoint with the same number in flight.
2. Our own cost a call where replies come at once: the SDK, the database, the reading.
3. Planning a run over 220,000 items, and the page of that run.
"""

import argparse
import asyncio
import cProfile
import pstats
import resource
import subprocess
import sys
import time
from contextlib import contextmanager

from benchmarks import ground

FLYING = 64


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=1_000, help="items a round of drafting")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--planned", type=int, default=220_000, help="items of the large plan")
    args = parser.parse_args()
    ground.stand()
    with _endpoint(0.3) as url:
        for number in range(args.rounds):
            print(_beside_floor(url, args.items, number), flush=True)
    with _endpoint(0.0) as url:
        print(_split(url, args.items), flush=True)
    for line in _large(args.planned):
        print(line, flush=True)
    return 0


@contextmanager
def _endpoint(wait: float):
    """Run the endpoint in a process of its own and give its base URL."""
    command = [sys.executable, "-m", "benchmarks.replies", "--wait", str(wait)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, cwd=ground.CHECKOUT, **pipes) as server:
        yield f"http://127.0.0.1:{server.stdout.readline().strip()}/v1"
        server.stdin.close()


def _project(url: str, items: int):
    """Make a project with drafters at the endpoint and so many new items."""
    from curation import endpoints
    from curation.models import DraftRole
    from tests import factories

    project = factories.make_project()
    endpoint = endpoints.add(
        project=project,
        name="bench",
        profile=endpoints.Profile(base_url=url, model="bench", concurrency=FLYING),
        by=None,
    )
    roles = (DraftRole.POSITIVE, DraftRole.NEGATIVE, DraftRole.TAGGER)
    endpoints.assign(endpoint=endpoint, roles=roles, by=None)
    first = factories.make_item(project, question="What would you do about keys you found?" * 4)
    ground.copies(
        first,
        items - 1,
        "uid = gen_random_uuid(); external_id = 'b' || n; question = t.question || n",
    )
    return project


def _planned(url: str, items: int):
    from curation.drafting import plan

    return plan.plan(project=_project(url, items), by=None).run


def _beside_floor(url: str, items: int, number: int) -> str:
    """Draft, and ask the same bare, by turns; say calls per second and what a call cost us."""
    from django.db import connection

    from curation.models import Call

    run = _planned(url, items)
    if number % 2:
        ours, floor = _drafted(run), asyncio.run(_bare(url, _asked(run)))
    else:
        floor, ours = asyncio.run(_bare(url, _asked(run))), _drafted(run)
    calls = 3 * items
    done = Call.objects.filter(run_calls__run=run, status="done").count()
    assert done == calls, f"{done} of {calls} calls are done"  # noqa: S101 - a wrong benchmark
    del connection
    return (
        f"{calls:,} calls, {FLYING} in flight, replies after 300 ms: {calls / ours[0]:.0f}/s with"
        f" {1000 * ours[1] / calls:.1f} ms CPU and {ours[2] / calls:.2f} queries a call; bare"
        f" AsyncOpenAI {calls / floor[0]:.0f}/s with {1000 * floor[1] / calls:.1f} ms CPU; ratio"
        f" {floor[0] / ours[0]:.2f}"
    )


def _drafted(run) -> tuple[float, float, int]:
    """Work the run to its end; return seconds, seconds of CPU and queries."""
    from django.db import connection

    from curation.drafting import engine

    queries = 0

    def count(execute, sql, params, many, context):
        nonlocal queries
        queries += 1
        return execute(sql, params, many, context)

    begun, cpu = time.perf_counter(), time.process_time()
    with connection.execute_wrapper(count):
        while engine.work(run_id=run.pk):
            pass
    return time.perf_counter() - begun, time.process_time() - cpu, queries


def _asked(run) -> list[dict]:
    """Return the bodies of the run's requests."""
    from curation.drafting import asking
    from curation.models import Call

    calls = Call.objects.filter(run_calls__run=run).select_related("endpoint", "item", "prompt")
    return [asking.built(call, call.endpoint).body() for call in calls]


async def _bare(url: str, bodies: list[dict]) -> tuple[float, float]:
    """Ask all of it with as many in flight; return seconds and seconds of CPU."""
    import openai

    waiting = iter(bodies)

    async def ask(client) -> None:
        for body in waiting:
            body = dict(body)
            await client.chat.completions.create(
                model=body.pop("model"), messages=body.pop("messages"), extra_body=body
            )

    begun, cpu = time.perf_counter(), time.process_time()
    async with openai.AsyncOpenAI(base_url=url, api_key="none", max_retries=0) as client:
        await asyncio.gather(*(ask(client) for _number in range(FLYING)))
    return time.perf_counter() - begun, time.process_time() - cpu


def _split(url: str, items: int) -> str:
    """Say where our own time goes when replies come at once."""
    run = _planned(url, items)
    profile = cProfile.Profile()
    plain = _planned(url, items)
    seconds, cpu, queries = _drafted(plain)
    profile.runcall(_drafted, run)
    parts = _parts(profile)
    calls = 3 * items
    whole = sum(parts.values())
    shares = "; ".join(f"{name} {100 * took / whole:.0f} %" for name, took in parts.items())
    return (
        f"{calls:,} calls, replies at once: {calls / seconds:.0f}/s, {1000 * cpu / calls:.1f} ms"
        f" CPU and {queries / calls:.2f} queries a call; of the working thread's own time: {shares}"
    )


PARTS = {
    "claiming": ("calls.py", "claim"),
    "keeping": ("calls.py", "keep"),
    "reading": ("applying.py", "read"),
}


def _parts(profile: cProfile.Profile) -> dict[str, float]:
    stats = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    found = dict.fromkeys(PARTS, 0.0)
    for (file, _line, function), row in stats.items():
        for name, (module, wanted) in PARTS.items():
            if file.endswith(f"drafting/{module}") and function == wanted:
                found[name] = max(found[name], row[3])
    return found


def _large(items: int):
    """Plan a run over many items, look at its page, and say how long and how much memory."""
    from django.conf import settings
    from django.contrib.auth.models import User
    from django.test import Client

    from curation.drafting import plan, progress
    from curation.models import Membership, Role

    project = _project("http://127.0.0.1:9/v1", items)
    before, begun = _memory(), time.perf_counter()
    run = plan.plan(project=project, by=None).run
    took = time.perf_counter() - begun
    calls = progress.of(run).total
    yield (
        f"planning {items:,} items: {calls:,} calls in {took:.1f} s, {calls / took:,.0f} calls/s;"
        f" memory {before} to {_memory()} MB"
    )
    curator = User.objects.create_user("bench-curator")
    Membership.objects.create(project=project, user=curator, role=Role.CURATOR)
    plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES["staticfiles"] = {"BACKEND": plain}
    settings.ALLOWED_HOSTS = ["*"]
    client = Client()
    client.force_login(curator)
    for path in (f"/projects/{project.slug}/runs/{run.pk}/", f"/projects/{project.slug}/drafting/"):
        times = []
        for _number in range(5):
            begun = time.perf_counter()
            status = client.get(path).status_code
            times.append(time.perf_counter() - begun)
        yield f"{path}: {status}, {1000 * sorted(times)[2]:.0f} ms (median of 5)"


def _memory() -> int:
    """Return the most memory this process ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1_024


if __name__ == "__main__":
    sys.exit(main())
