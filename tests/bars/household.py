"""A whole house that keeps secrets: web and worker processes, and one person's browser in it."""

import json
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config import serve
from rehearsal.browser import Browser, Trouble, wait_for
from rehearsal.client import Client
from tests import site as sites
from tests.workers import Workers, working

VARIABLE, FILE = "BARS_QUIET_API_KEY", "quiet-file"
PASSWORD = "a quiet garden"  # what the factories give to everybody
APP = "tests.bars.drafting.planted_app"
SITE = "tests.bars.careless_site"
CARELESS = [
    ("curation.drafting.wire:http_client", "tests.bars.careless:careless_client"),
    ("curation.views.endpoints:probe", "tests.bars.careless:careless_probe"),
]


def canaries() -> dict[str, str]:
    """Return secrets by where they are kept. Some hold what escapes differently everywhere."""
    odd = {"variable": "/+", "file": "\"'&<", "sealed": "\\%=", "typed": "-_~", "mistyped": "é "}
    plain = ("SECRET_KEY", "TOUCHSTONE_MASTER_KEY")
    return {
        **{name: f"Qz{secrets.token_hex(8)}{odd[name]}{secrets.token_hex(8)}" for name in odd},
        **{name: secrets.token_urlsafe(40) for name in plain},
    }


@dataclass
class House:
    """What is known of it, and all that was shown: by name, pages and other answers."""

    url: str
    data: Path
    workers: Workers
    environment: dict[str, str]
    shown: dict[str, bytes] = field(default_factory=dict)

    def tell(self, *words: str) -> Any:
        done = subprocess.run(
            [sys.executable, "manage.py", *words, "--json"],
            cwd=serve.ROOT,
            env=self.environment,
            check=True,
            stdout=subprocess.PIPE,
        )
        return json.loads(done.stdout)

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Yield each file of logs, of the broker and of exports."""
        for path in sorted(self.data.rglob("*")):
            if path.is_file() and not {"static", "secrets"} & set(path.parts):
                with suppress(FileNotFoundError):  # a message that was taken meanwhile
                    yield path.relative_to(self.data).as_posix(), path.read_bytes()


@contextmanager
def house(folder: Path, environment: dict[str, str], known: dict[str, str]) -> Iterator[House]:
    """Lend a house with these secrets in it, while it debugs and logs all it can."""
    folder.mkdir(parents=True)
    (folder / "secrets").mkdir(mode=0o700)
    (folder / "secrets" / FILE).write_text(known["file"])
    (folder / "secrets" / FILE).chmod(0o600)
    [port] = sites.free_ports(1)
    environment = environment | {
        "TOUCHSTONE_DATA": str(folder),
        "SITE_URL": f"http://127.0.0.1:{port}",
        "BIND": f"127.0.0.1:{port}",
        "PYTHONPATH": str(serve.ROOT),
        "PYTHONWARNINGS": "ignore",
        "DEBUG": "1",
        "LOG_LEVEL": "DEBUG",
        "LLM_TIMEOUT": "2",
        "LLM_REST": "0.3",
        "SECRET_KEY": known["SECRET_KEY"],
        "TOUCHSTONE_MASTER_KEY": known["TOUCHSTONE_MASTER_KEY"],
        VARIABLE: known["variable"],
    }
    with working(folder, **environment) as workers:
        environment = workers.environment
        workers.start(app=APP, beat=True)
        web = serve.processes(environment, demo=False, once=False)["web"]
        command = [SITE if word == "config.wsgi" else word for word in web]
        with (folder / "web.log").open("wb") as log:
            process = subprocess.Popen(
                command, cwd=serve.ROOT, env=environment, stdout=log, stderr=log
            )
        try:
            wait_for(environment["SITE_URL"])
            yield House(environment["SITE_URL"], folder, workers, environment)
        finally:
            process.terminate()
            process.wait(30)


class Visitor:
    """Somebody with a browser and a token, who keeps all that was shown."""

    def __init__(self, house: House, username: str, token: str) -> None:
        self.house = house
        self.browser = Browser(house.url)
        self.api = Client(house.url, token)
        form = self.browser.get("/sign-in/").form(having="password")
        self.browser.submit(form.fill(username=username, password=PASSWORD))

    def close(self) -> None:
        self.browser.close()

    def look(self, path: str) -> None:
        self.browser.get(path)
        self._keep(path)

    def fill(self, path: str, having: str, **values: str) -> None:
        """Fill a form of a page in, and keep what is said to that."""
        form = self.browser.get(path).form(having=having)
        self.browser.submit(form.fill(**values), anyhow=True)
        self._keep(f"{path} filled in with {sorted(values)}")

    def press(self, path: str, to: str) -> None:
        """Press the button of a form, also one after which the site breaks."""
        form = self.browser.get(path).form(to=to)
        with suppress(Trouble):
            self.browser.submit(form, anyhow=True)
        self._keep(f"{path} pressed {to}")

    def ask(self, path: str) -> None:
        self.house.shown[f"API {path}"] = self.api.get(path)

    def _keep(self, name: str) -> None:
        assert self.browser.page is not None
        # What guards a form is derived from no secret, and new each time.
        page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", self.browser.page.html)
        self.house.shown[name] = page.encode()
