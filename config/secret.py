"""The signing key: from the environment, or made once into the data folder."""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

SHORTEST = 40  # characters
WELL_KNOWN = ("django-insecure", "changeme", "change-me", "secret", "password", "example", "test")


def checked(key: str) -> str:
    """Return the key, or refuse one that can be guessed."""
    if len(key) < SHORTEST or len(set(key)) < 12:
        raise ImproperlyConfigured(
            f"SECRET_KEY is too short or too plain: give at least {SHORTEST} random characters, "
            "or leave it unset and one is made into the data folder."
        )
    if key.lower().startswith(WELL_KNOWN):
        raise ImproperlyConfigured(
            "SECRET_KEY is a well-known example: give a random one, or leave it unset "
            "and one is made into the data folder."
        )
    return key


def kept_in(path: Path) -> str:
    """Return the key kept in the file, made on the first call and readable by its owner only."""
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
    return checked(path.read_text().strip())
