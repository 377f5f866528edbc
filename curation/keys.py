"""Keys of endpoints: looked up where they are kept, or sealed so that the database can hold them.

A sealed key can be opened only with a master key of `settings.MASTER_KEYS`, which no table holds.
"""

import os
import re
import stat
from base64 import urlsafe_b64encode
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.translation import gettext as _

from curation import addresses
from curation.refusals import Refused

# The product's own secrets: an endpoint that named one would carry it out of the house.
OWN_VARIABLES = {"SECRET_KEY", "DATABASE_URL", "DATABASE_OWNER_URL", "CELERY_BROKER_URL"}
OWN_PREFIXES = ("TOUCHSTONE_", "DJANGO_", "PG")
OWN_FILES = {"master-key", "secret-key"}
# Other variables of the process are nobody's to send away, unless the operator lists them.
ENDINGS = ("_API_KEY", "_API_TOKEN")
VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
LONGEST = 1_000  # characters
TELLING = 16  # a shorter key would be half given away by its end


class NoKey(Refused):
    """There is no key where it should be; `problem` is the code of that (`problems`)."""

    def __init__(self, message: object, problem: str) -> None:
        super().__init__(message)
        self.problem = problem


def is_ours(variable: str) -> bool:
    """Say whether the variable holds a secret of the site itself."""
    return variable in OWN_VARIABLES or variable.startswith(OWN_PREFIXES)


def possible(key: str) -> bool:
    """Say whether the text can be sent as a key."""
    return key.isascii() and key.isprintable() and " " not in key and 0 < len(key) <= LONGEST


def hint_of(key: str) -> str:
    """Return the end of a key that is long enough to show it."""
    return key[-4:] if len(key) >= TELLING else ""


def why_not_variable(name: str, base_url: str) -> str:
    """Return why an endpoint at this address does not get what a variable holds, or nothing."""
    if is_ours(name):
        return _("%(name)s is no key of an endpoint.") % {"name": name}
    if not settings.LLM_KEYS and not name.endswith(ENDINGS):
        return _(
            "%(name)s is not taken for a key: its name ends neither in _API_KEY nor in _API_TOKEN, "
            "and the operator lists no other names in LLM_KEYS."
        ) % {"name": name}
    return _why_not_listed(name, base_url)


def why_not_file(name: str, base_url: str) -> str:
    """Return why an endpoint at this address does not get what a file holds, or nothing."""
    return _why_not_listed(name, base_url)


def _why_not_listed(name: str, base_url: str) -> str:
    """Look a name up in the operator's list, which binds some of them to hosts."""
    listed = [text.strip().partition("@") for text in settings.LLM_KEYS]
    places = [(at, place) for known, at, place in listed if known.strip() == name]
    if settings.LLM_KEYS and not places:
        return _("The operator does not list %(name)s in LLM_KEYS.") % {"name": name}
    if places and not any(not at or addresses.is_at(base_url, place) for at, place in places):
        return _("The operator keeps %(name)s for another host, in LLM_KEYS.") % {"name": name}
    return ""


def from_variable(name: str, *, base_url: str) -> str:
    """Return the key in a variable, if an endpoint at this address may have it."""
    problem = f"no_key: {name}"
    if words := why_not_variable(name, base_url):
        raise NoKey(words, problem)
    key = os.environ.get(name, "").strip()
    if not key:
        raise NoKey(
            _("The variable %(name)s holds no key where the worker runs.") % {"name": name}, problem
        )
    if not possible(key):
        raise NoKey(_("What %(name)s holds cannot be a key.") % {"name": name}, problem)
    return key


def from_file(name: str, *, base_url: str) -> str:
    """Return the key in a file of the folder for secrets, which not everybody may read."""
    if words := why_not_file(name, base_url):
        raise NoKey(words, f"no_key_file: {name}")
    key = _read(name)
    if not possible(key):
        raise _no_file(name, _("What the file %(name)s holds cannot be a key."))
    return key


def sealed(key: str) -> bytes:
    """Return the key as the database may hold it."""
    return _box(tuple(settings.MASTER_KEYS)).encrypt(key.encode())


def opened(token: bytes | memoryview) -> str:
    """Return the key that was sealed."""
    try:
        return _box(tuple(settings.MASTER_KEYS)).decrypt(bytes(token)).decode()
    except InvalidToken:
        raise NoKey(
            _("The stored key was sealed with another master key: give it again."), "not_opened"
        ) from None


def opens(token: bytes | memoryview, key: str) -> bool:
    """Say whether this very key was sealed."""
    try:
        return opened(token) == key
    except NoKey:
        return False


def resealed(token: bytes | memoryview) -> bytes:
    """Return the same key, sealed with the newest master key."""
    return sealed(opened(token))


def _read(name: str) -> str:
    folder = os.path.realpath(settings.SECRETS)
    plain = FILE.fullmatch(name) is not None and name not in OWN_FILES
    # Secrets that a cluster mounts are links inside their folder.
    path = os.path.realpath(os.path.join(folder, name)) if plain else ""
    if not path.startswith(folder + os.sep):
        raise _no_file(name, _("%(name)s is no file with a key."))
    try:
        # Without waiting, for what looks like a file may be a pipe.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        raise _no_file(name, _("There is no file %(name)s in the folder for secrets.")) from None
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise _no_file(name, _("%(name)s is no file with a key."))
        if found.st_mode & (stat.S_IROTH | stat.S_IWOTH):
            raise _no_file(name, _("Everybody may read the file %(name)s: take that away."))
        return file.read(LONGEST + 100).decode("ascii", "replace").strip()


def _no_file(name: str, words: str) -> NoKey:
    return NoKey(words % {"name": name}, f"no_key_file: {name}")


@cache
def _box(master_keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(urlsafe_b64encode(_derived(key))) for key in master_keys])


def _derived(master_key: str) -> bytes:
    derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"touchstone endpoint keys")
    return derivation.derive(master_key.encode())
