"""Where the story plays: the project, the people's browsers, and what the API says of the site."""

import urllib.parse
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import Any

from rehearsal.accounts import Secrets, username
from rehearsal.browser import Browser, Page, Trouble
from rehearsal.client import Client, Denied
from rehearsal.shell import manage
from rehearsal.telling import Teller

SCOPES = "curate,export:read,scores:read"


@dataclass(frozen=True)
class Script:
    """What is played: the questions, and the project they go into."""

    file: Path
    slug: str = "rehearsal"
    name: str = "Rehearsal: everyday questions"
    taxonomy: str = "faef"
    languages: str = "en,zh"
    source: str = "Touchstone's rehearsal sample"
    extra: tuple[str, ...] = ()  # further words for import_questions
    later: Path | None = None  # questions that are left to the visitor


@dataclass
class Stage:
    site: str
    endpoint: str  # base URL of the rehearsal endpoint
    key_file: Path
    script: Script
    secrets: Secrets
    teller: Teller = field(default_factory=Teller)
    _browsers: dict[str, Browser] = field(default_factory=dict)
    _client: Client | None = None

    @property
    def slug(self) -> str:
        return self.script.slug

    def as_(self, name: str) -> Browser:
        """The browser of a person, who signs in when it is first used."""
        if name not in self._browsers:
            browser = Browser(self.site)
            sign_in(browser, username(name), self.secrets.password)
            self._browsers[name] = browser
        return self._browsers[name]

    def knows(self, name: str) -> bool:
        """Whether the person has an account that opens with the password we keep."""
        try:
            self.as_(name)
        except Trouble:
            return False
        return True

    def path(self, rest: str = "") -> str:
        return f"/projects/{self.slug}/{rest}"

    @property
    def client(self) -> Client:
        """The API as the curator's token opens it; a new token is made when the old one is gone."""
        if self._client is None:
            client = Client(self.site, self.secrets.token)
            if not self.secrets.token or not _opens(client):
                client = Client(self.site, self._new_token())
            self._client = client
        return self._client

    def _new_token(self) -> str:
        name = f"rehearsal {token_hex(3)}"  # a lost one may still have the name it was given
        made = manage("create_token", username("cora"), "--name", name, "--scopes", SCOPES)
        self.secrets.keep("token", made["token"])
        return str(made["token"])

    def hear(self, line: str) -> None:
        """Pass on what a command says of the progress of a run."""
        if line.startswith("run "):
            self.teller.progress(line)

    def rows(self, path: str, **asked: str) -> list[dict[str, Any]]:
        """All rows of a list of the project, page by page."""
        query = urllib.parse.urlencode({"page_size": 500, **asked})
        found: list[dict[str, Any]] = []
        following = f"projects/{self.slug}/{path}?{query}"
        while following:
            page = self.client.object(following)
            found += page["results"]
            following = (page["next"] or "").partition("/api/v1/")[2]
        return found

    def releases(self) -> dict[int, dict[str, Any]]:
        return {release["number"]: release for release in self.rows("releases/")}

    def close(self) -> None:
        for browser in self._browsers.values():
            browser.close()


def sign_in(browser: Browser, name: str, password: str) -> Page:
    form = browser.get("/sign-in/").form(having="password")
    page = browser.submit(form.fill(username=name, password=password), anyhow=True)
    if page.path == "/sign-in/":
        raise Trouble(f"{name} cannot sign in with the rehearsal's password: {page.said}")
    return page


def _opens(client: Client) -> bool:
    try:
        client.get("projects/")
    except Denied as denied:
        if denied.status in (401, 403):
            return False
        raise
    return True
