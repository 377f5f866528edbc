"""A client of the API, with a bearer token."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

TIMEOUT = 60  # seconds for one answer
# The site is on this machine: no proxy of the environment stands in between.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Denied(Exception):
    """The API did not give what was asked; `status` is that of the answer."""

    def __init__(self, path: str, status: int, words: str) -> None:
        super().__init__(f"GET {path} answered {status}: {words}")
        self.status = status


@dataclass(frozen=True)
class Client:
    site: str
    token: str

    def get(self, path: str) -> bytes:
        request = urllib.request.Request(
            f"{self.site}/api/v1/{path}", headers={"Authorization": f"Bearer {self.token}"}
        )
        try:
            with OPENER.open(request, timeout=TIMEOUT) as answer:
                content: bytes = answer.read()
                return content
        except urllib.error.HTTPError as fault:
            words = fault.read().decode("utf-8", "replace")[:300]
            raise Denied(path, fault.code, words) from fault

    def object(self, path: str) -> Any:
        return json.loads(self.get(path))
