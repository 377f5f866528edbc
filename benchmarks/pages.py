"""The whole loop over HTTP, as a browser goes it: python -m benchmarks.pages

Next page, submit, next page, with session cookie and CSRF token, against a signed-in Django view
that reads one row by its key and inserts one (the floor): same server, same machine, which the
clients share. Then the queries, bytes and milliseconds of each page of work.
"""

import argparse
import http.client
import multiprocessing
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
import urllib.parse

from benchmarks import ground

WORKERS = (8, 32)
PROCESSES = 2  # of clients
HIDDEN = re.compile(rb'<input type="hidden" name="([\w-]+)" value="([^"]*)"')


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20, help="of each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seats", type=int, default=20_000)
    parser.add_argument("--workers", type=int, nargs="*", default=WORKERS)
    args = parser.parse_args()
    ground.stand()
    from benchmarks import answers

    site = answers.make(max(args.workers, default=1))
    answers.grow(site, args.seats)
    cookies = [_signed_in(worker) for worker in site.workers]
    _collect_static()
    if args.workers:
        with _server() as port:
            for workers in args.workers:
                print(_compared(port, site, cookies[:workers], args), flush=True)
    _each_page(site)
    _each_page_of_a_desk()
    return 0


def _compared(port, site, cookies, args) -> str:
    """Take turns between the loop and the floor, so that both meet the same machine."""
    rates = {"loop": [], "floor": []}
    items = []
    for _round in range(args.rounds):
        for way, found in rates.items():
            told = _crowd(way, port, site, cookies, args.seconds)
            faults = sum(one["faults"] for one in told)
            if faults:
                raise SystemExit(f"{faults} requests failed")
            found.append(sum(one["requests"] for one in told) / args.seconds)
            if way == "loop":
                items.append(sum(one["judged"] for one in told) / args.seconds)
    loop, floor = (statistics.median(rates[way]) for way in ("loop", "floor"))
    judged = statistics.median(items)
    return (
        f"{len(cookies)} workers: {loop:.0f} requests/s ({judged:.0f} judgements/s),"
        f" floor {floor:.0f} requests/s, ratio {loop / floor:.2f}"
    )


def _signed_in(worker) -> str:
    """Return the session cookie of a worker's account."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(worker.user_id)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = worker.user.get_session_auth_hash()
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def _collect_static() -> None:
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"],
        cwd=ground.CHECKOUT,
        check=True,
    )


class _server:
    """The site's own web server (as in Procfile), on a free port of loopback."""

    def __enter__(self) -> int:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        line = next(
            line for line in (ground.CHECKOUT / "Procfile").read_text().splitlines()
            if line.startswith("web:")
        )  # fmt: skip
        command = line.removeprefix("web:").replace("$BIND", f"127.0.0.1:{self.port}").split()
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "benchmarks.site_settings",
            "SITE_URL": f"http://127.0.0.1:{self.port}",
        }
        environment.pop("TOUCHSTONE_AS_OWNER")
        self.process = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=ground.CHECKOUT, env=environment
        )
        for _try in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self.port
            except OSError:
                time.sleep(0.1)
        raise SystemExit("the site did not start")

    def __exit__(self, *raised: object) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)


def _crowd(way, port, site, cookies, seconds) -> list[dict[str, int]]:
    spawn = multiprocessing.get_context("spawn")
    told = spawn.Queue()
    begin = time.time() + 3
    parts = [cookies[number::PROCESSES] for number in range(PROCESSES)]
    orders = (way, port, site.campaign.pk, site.items[0].pk, begin, seconds)
    crowd = [spawn.Process(target=_clients, args=(told, part, *orders)) for part in parts]
    for process in crowd:
        process.start()
    found = [told.get() for _cookie in cookies]
    for process in crowd:
        process.join()
    return found


def _clients(told, cookies, *orders) -> None:
    threads = [threading.Thread(target=_client, args=(told, c, *orders)) for c in cookies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _client(told, cookie, way, port, campaign, item, begin, seconds) -> None:
    browser = Browser(port, cookie)
    step = browser.judge if way == "loop" else browser.floor
    address = f"/work/{campaign}/" if way == "loop" else f"/floor/{item}/"
    browser.go(address)  # the first one makes connections and plans
    time.sleep(max(0.0, begin - time.time()))
    browser.requests = browser.judged = 0
    while time.time() < begin + seconds:
        step(address)
    told.put({"requests": browser.requests, "judged": browser.judged, "faults": browser.faults})


class Browser:
    """As little of a browser as goes the loop: cookies, redirects, the fields of a form."""

    def __init__(self, port: int, cookie: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.origin = f"http://127.0.0.1:{port}"
        self.cookies = dict([cookie.split("=", 1)])
        self.requests = self.judged = self.faults = 0
        self.page: tuple[str, bytes] | None = None

    def ask(self, method: str, address: str, body: str | None = None) -> tuple[int, str, bytes]:
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        if body is not None:
            headers |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "Origin": self.origin,
                "Referer": self.origin + address,
            }
        try:
            self.connection.request(method, address, body, headers)
            answer = self.connection.getresponse()
        except (http.client.RemoteDisconnected, ConnectionError):
            # The server closed a connection that was idle: a browser asks again on a new one.
            self.connection.close()
            self.connection.request(method, address, body, headers)
            answer = self.connection.getresponse()
        content = answer.read()
        for cookie in answer.msg.get_all("Set-Cookie") or []:
            name, _equal, rest = cookie.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        self.requests += 1
        self.faults += answer.status >= 400
        return answer.status, answer.getheader("Location") or "", content

    def go(self, address: str) -> None:
        """Load a page, through its redirects, and keep it."""
        status, to, content = self.ask("GET", address)
        while status in {301, 302, 303}:
            address = to
            status, to, content = self.ask("GET", address)
        self.page = address, content

    def floor(self, address: str) -> None:
        self.ask("GET", address)

    def judge(self, address: str) -> None:
        """Submit the page that is open and go where that leads."""
        if self.page is None or "/seats/" not in self.page[0]:
            self.go(address)
        seat, content = self.page or ("", b"")
        form = content[content.find(b"data-main-form") :]
        fields = [
            (k.decode(), v.decode()) for k, v in HIDDEN.findall(form[: form.find(b"</form>")])
        ]
        body = urllib.parse.urlencode([*fields, ("outcome", "good")])
        status, to, _content = self.ask("POST", seat, body)
        self.judged += status == 302
        self.go(to or address)


def _each_page(site) -> None:
    """Print the queries, bytes and milliseconds of each page of work, in this process."""
    from django.conf import settings
    from django.test import Client

    settings.ALLOWED_HOSTS = ["*"]
    client = Client()
    client.force_login(site.workers[0].user)
    work = f"/work/{site.campaign.pk}/"
    seat = client.get(work).headers["Location"]
    _print_each([
        ("what waits for me", lambda: client.get("/work/")),
        ("next (redirects to the seat)", lambda: client.get(work)),
        ("seat", lambda: client.get(seat)),
        ("my judgements", lambda: client.get("/work/judgements/")),
        ("submit (redirects to the next)", lambda: _submit(client, work)),
    ])  # fmt: skip


def _each_page_of_a_desk() -> None:
    """Print the same of pages that list much: 30 disputes, 6 campaigns."""
    from django.test import Client

    from annotation import campaigns, workers
    from benchmarks import answers
    from curation import tokens
    from curation.models import Role
    from tests import factories
    from tests.annotation import acting

    desk = answers.make(3)
    ann, *_others = desk.workers
    acting.make_answers(desk.project, count=29)
    campaigns.top_up(campaign=desk.campaign, by=None)
    for worker, outcome in zip(desk.workers, ("good", "bad", "cannot_tell"), strict=True):
        for _number in range(30):
            acting.claim_and_judge(worker, desk.campaign, outcome, reason="It says so.")
    for number in range(5):
        acting.make_answers(desk.project, count=3)
        acting.open_answers(desk.project, f"Answers {number}")
    reviewer, worker = Client(), Client()
    reviewer.force_login(workers.of(factories.make_member(desk.project, Role.REVIEWER)).user)
    worker.force_login(ann.user)
    _token, text = tokens.create(user=ann.user, name="bench", scopes=["work"])
    program = Client(headers={"Authorization": f"Bearer {text}"})
    slug, matter = desk.project.slug, desk.campaign.matters.disputed().first()
    _print_each([
        ("what waits for me, 6 campaigns", lambda: worker.get("/work/")),
        ("disputes, 30 rows", lambda: reviewer.get(f"/projects/{slug}/disputes/")),
        ("a disputed matter", lambda: reviewer.get(f"/projects/{slug}/matters/{matter.pk}/")),
        ("campaigns over the API, 6", lambda: program.get(f"/api/v1/projects/{slug}/campaigns/")),
    ])  # fmt: skip


def _print_each(pages) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for name, ask in pages:
        ask()
        times = []
        for _number in range(20):
            begun = time.perf_counter()
            ask()
            times.append(time.perf_counter() - begun)
        with CaptureQueriesContext(connection) as queries:
            response = ask()
        took = 1_000 * statistics.median(times)
        print(f"{name}: {len(queries)} queries, {len(response.content):,} bytes, {took:.1f} ms")


def _submit(client, work):
    seat = client.get(work).headers["Location"]
    content = client.get(seat).content
    form = content[content.find(b"data-main-form") :]
    fields = {k.decode(): v.decode() for k, v in HIDDEN.findall(form[: form.find(b"</form>")])}
    return client.post(seat, fields | {"outcome": "good"})


if __name__ == "__main__":
    sys.exit(main())
