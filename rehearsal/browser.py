"""A small browser: cookies, redirects and forms, as somebody with scripts switched off has them."""

import http.client
import time
import urllib.parse
import uuid
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlencode, urljoin, urlsplit

from rehearsal.fillable import Form, Pairs
from rehearsal.markup import Element, parse

TIMEOUT = 60  # seconds for one answer
MOST_REDIRECTS = 10
REDIRECTS = frozenset({301, 302, 303, 307, 308})


class Trouble(Exception):
    """The site did not do what was asked; the message says where, and what the page says."""


@dataclass(frozen=True)
class Page:
    url: str
    status: int
    html: str

    @cached_property
    def tree(self) -> Element:
        return parse(self.html)

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def title(self) -> str:
        found = self.tree.first("title")
        return found.text if found else ""

    def element(self, tag: str = "", *, cls: str = "", **attributes: str) -> Element:
        found = self.tree.first(tag, cls=cls, **attributes)
        if found is None:
            raise Trouble(f"{self.path} ({self.title}) has no {tag} {cls} {attributes or ''}")
        return found

    def forms(self) -> list[Form]:
        return [Form(element) for element in self.tree.all("form")]

    def form(self, *, having: str = "", to: str = "") -> Form:
        """The form with a field (or button) of that name, or whose action ends like that."""
        for form in self.forms():
            names = [*form.names, *(button["name"] for button in form.buttons())]
            if having in ("", *names) and urlsplit(form.action).path.endswith(to):
                return form
        raise Trouble(f"{self.path} ({self.title}) has no form with {having or to!r}: {self.said}")

    def has_form(self, *, having: str = "", to: str = "") -> bool:
        try:
            self.form(having=having, to=to)
        except Trouble:
            return False
        return True

    def links(self) -> list[tuple[str, str]]:
        """(path, words) of all links."""
        return [(urljoin(self.url, a["href"]), a.text) for a in self.tree.all("a") if a["href"]]

    @property
    def complaints(self) -> list[str]:
        """What the page says went wrong: messages, and remarks at fields."""
        found = [
            notice
            for region in self.tree.all(id="messages")
            for notice in region.all(cls="notice bad")
        ]
        found += self.tree.all(cls="errorlist")
        return [element.text for element in found if element.text]

    @property
    def said(self) -> str:
        """The complaints, or else the messages, or else how the page begins."""
        messages = [element.text for element in self.tree.all(cls="notice")]
        body = self.tree.first("main") or self.tree
        return " / ".join(self.complaints or messages) or body.text[:300]


class Browser:
    """One person's browser; not to be shared between threads."""

    def __init__(self, site: str) -> None:
        self.site = site.rstrip("/")
        self.cookies: dict[str, str] = {}
        self.page: Page | None = None
        self._connection: http.client.HTTPConnection | None = None

    def close(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None

    def get(self, path: str) -> Page:
        return self._visit("GET", path, b"", "")

    def submit(
        self, form: Form, button: tuple[str, str] | None = None, *, anyhow: bool = False
    ) -> Page:
        """Send a form of the page that is open; where the site complains, so do we."""
        here = self.page.url if self.page else self.site
        target = urljoin(here, form.action) if form.action else here
        if form.method == "GET":
            query = urlencode(form.pairs(button))
            return self.get(f"{target.partition('?')[0]}?{query}")
        body, kind = _encoded(form, form.pairs(button))
        page = self._visit("POST", target, body, kind)
        if page.complaints and not anyhow:
            raise Trouble(f"POST {urlsplit(target).path}: {page.said}")
        return page

    def _visit(self, method: str, target: str, body: bytes, kind: str) -> Page:
        url = urljoin(f"{self.site}/", target)
        for _hop in range(MOST_REDIRECTS):
            status, headers, content = self._exchange(method, url, body, kind)
            if status not in REDIRECTS:
                break
            url = urljoin(url, headers["Location"])
            if not url.startswith(f"{self.site}/"):
                raise Trouble(f"{method} {target} leads away from the site, to {url}")
            if status not in (307, 308):
                method, body, kind = "GET", b"", ""
        else:
            raise Trouble(f"{method} {target} leads round in circles")
        self.page = Page(url, status, content.decode("utf-8", "replace"))
        if status >= HTTPStatus.BAD_REQUEST and status != HTTPStatus.UNPROCESSABLE_ENTITY:
            raise Trouble(f"{method} {urlsplit(url).path} answered {status}: {self.page.said}")
        return self.page

    def _exchange(
        self, method: str, url: str, body: bytes, kind: str
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        headers = {"Accept": "text/html", "Accept-Language": "en", "User-Agent": "rehearsal"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        if self.page:
            headers["Referer"] = self.page.url
        if method == "POST":
            headers |= {"Content-Type": kind, "Origin": self.site}
        parts = urlsplit(url)
        path = urllib.parse.quote(parts.path, safe="/%:@!$&'()*+,;=~-._")
        target = path + (f"?{parts.query}" if parts.query else "")
        response = self._answer(method, target, body, headers)
        content = response.read()
        self._keep_cookies(response.headers)
        return response.status, response.headers, content

    def _answer(
        self, method: str, target: str, body: bytes, headers: dict[str, str]
    ) -> http.client.HTTPResponse:
        """Ask once more where the site hung up on a connection that had been idle."""
        for again in (True, False):
            used = self._connection is not None
            connection = self._connection = self._connection or self._connect()
            try:
                connection.request(method, target, body or None, headers)
                return connection.getresponse()
            except (http.client.RemoteDisconnected, ConnectionError, http.client.CannotSendRequest):
                self.close()
                if not (used and again):
                    raise
        raise AssertionError  # the second round returns or raises

    def _connect(self) -> http.client.HTTPConnection:
        parts = urlsplit(self.site)
        kind = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        return kind(parts.hostname or "127.0.0.1", parts.port, timeout=TIMEOUT)

    def _keep_cookies(self, headers: http.client.HTTPMessage) -> None:
        for line in headers.get_all("Set-Cookie") or []:
            name, _, value = line.split(";")[0].partition("=")
            if value.strip('"'):
                self.cookies[name.strip()] = value
            else:
                self.cookies.pop(name.strip(), None)


def _encoded(form: Form, pairs: Pairs) -> tuple[bytes, str]:
    if form.element["enctype"] != "multipart/form-data":
        return urlencode(pairs).encode(), "application/x-www-form-urlencoded"
    boundary = f"rehearsal-{uuid.uuid4().hex}"
    return b"".join(_parts(boundary, pairs, form.files.items())), (
        f"multipart/form-data; boundary={boundary}"
    )


def _parts(boundary: str, pairs: Pairs, files: Iterable[tuple[str, Path]]) -> Iterable[bytes]:
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="'
    for name, value in pairs:
        yield f'{head}{name}"\r\n\r\n{value}\r\n'.encode()
    for name, path in files:
        yield f'{head}{name}"; filename="{path.name}"\r\n'.encode()
        yield b"Content-Type: application/octet-stream\r\n\r\n" + path.read_bytes() + b"\r\n"
    yield f"--{boundary}--\r\n".encode()


def wait_for(site: str, *, seconds: float = 60) -> None:
    """Wait until the site is ready to work."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with closing(Browser(site)) as browser:
                browser.get("/readyz")
            return
        except (OSError, Trouble, http.client.HTTPException) as fault:
            if time.monotonic() > deadline:
                raise Trouble(f"{site} is not ready after {seconds:.0f} seconds: {fault}") from None
            time.sleep(0.2)
