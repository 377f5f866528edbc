"""How a rule says no."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError
from django.utils.translation import gettext_lazy as _
from psycopg import errors

BUSY = _("Somebody else is changing the same thing right now. Try again in a moment.")


class Refused(Exception):
    """Not now, and here is why, in words fit to show a person.

    Pages show the words as a message, the API as a problem document with status 409.
    """

    def __init__(self, message: object, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field

    def __str__(self) -> str:
        return str(self.args[0])


def is_busy(error: Exception) -> bool:
    """Say whether the database gave up waiting for somebody else's lock; trying again helps."""
    return isinstance(error, OperationalError) and isinstance(
        error.__cause__, errors.LockNotAvailable | errors.DeadlockDetected
    )


@contextmanager
def busy_is_refused() -> Iterator[None]:
    """Let a page that shows again what was typed do so when a lock could not be had."""
    try:
        yield
    except OperationalError as error:
        if not is_busy(error):
            raise
        raise Refused(BUSY) from error
