"""The rehearsal's accounts: who plays whom, and the one password they share.

This is a rehearsal: nobody stands behind these names. The password is made once and kept with
the data, readable by its owner alone.
"""

import json
import os
import secrets
import tempfile
from pathlib import Path

ROLES = {
    "cora": "curator",
    "ada": "worker",
    "ben": "worker",
    "chen": "worker",
    "rue": "reviewer",
    "rea": "reader",
}
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is easily taken for another


def username(name: str) -> str:
    return f"rehearsal-{name}"


class Secrets:
    """The file of the password and the API token, written whole or not at all."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._kept: dict[str, str] = {}
        if path.exists():
            self._kept = json.loads(path.read_text(encoding="utf-8"))
        if "password" not in self._kept:
            self.keep("password", new_password())

    @property
    def password(self) -> str:
        return self._kept["password"]

    @property
    def token(self) -> str:
        return self._kept.get("token", "")

    def keep(self, name: str, value: str) -> None:
        self._kept[name] = value
        handle, part = tempfile.mkstemp(dir=self.path.parent, prefix=self.path.name)  # 0600
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({"rehearsal": True, **self._kept}, file, indent=1)
        os.replace(part, self.path)


def new_password() -> str:
    """Twelve letters in three groups: 59 bits."""
    groups = ("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))
    return "-".join(groups)
