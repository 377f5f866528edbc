"""Secrets of the site: from the environment, or made once into the data folder."""

import os
import re
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

SHORTEST = 40  # characters
WELL_KNOWN = ("django-insecure", "changeme", "change-me", "secret", "password", "example", "test")


def checked(key: str, name: str = "SECRET_KEY") -> str:
    """Return the key, or refuse one that can be guessed."""
    if len(key) < SHORTEST or len(set(key)) < 12:
        raise ImproperlyConfigured(
            f"{name} is too short or too plain: give at least {SHORTEST} random characters, "
            "or leave it unset and one is made into the data folder."
        )
    if key.lower().startswith(WELL_KNOWN):
        raise ImproperlyConfigured(
            f"{name} is a well-known example: give a random one, or leave it unset "
            "and one is made into the data folder."
        )
    return key


def kept_in(path: Path) -> str:
    """Return the key kept in the file, made on the first call and readable by its owner only."""
    return checked(_made_once(path))


def several(given: str, path: Path, name: str) -> list[str]:
    """Return keys, the newest first: given with spaces or commas between, or kept in the file."""
    return [checked(key, name) for key in re.split(r"[,\s]+", given.strip() or _made_once(path))]


def _made_once(path: Path) -> str:
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(64))
        # link, unlike rename, keeps the key of a process that was quicker.
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        draft.unlink()
    return path.read_text().strip()
