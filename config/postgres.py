"""The embedded PostgreSQL: a private server that runs while somebody uses it, and no longer.

Use is counted by file locks, because the kernel drops a lock however its holder dies:

* every user holds a shared lock on `in-use`; `ensure()` for the life of the process (and of its
  forks), `hold()` for a block. Programs started by a user hold nothing: give them the URL;
* the first user spawns a detached keeper, which starts the server, waits for the exclusive lock
  on `in-use` (nobody is left), stops the server and goes. It owns `keeper.lock` from birth, so
  whoever finds that lock free while the server runs spawns another one;
* starting is serialised by `start.lock`, which the keeper never takes: a user who comes while it
  stops the server waits for the shared lock, finds no server and starts it again;
* `start` leaves a process behind that holds `pinned`; the keeper waits for that one as well.

All this lies in `postgres/` of the data folder, together with the log and the `cluster`. A cluster
is made in a `making-*` folder and renamed when complete. PostgreSQL refuses to be root, so for
root it runs as a system account of its own, from a copy of the wheel's binaries, since nobody else
may enter root's home. No folder that was there before is ever opened: where that account
cannot reach the data folder, `postgres` is a link to a folder in /var/lib/touchstone.

There is no TCP and no password: the server asks the kernel who is calling (`peer`) and admits only
the account this module runs as. One host, local disk, one owner.
"""

import argparse
import contextlib
import fcntl
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import re
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

CHECKOUT = Path(__file__).resolve().parent.parent
OUTSIDE = Path("/var/lib/touchstone")
OS_ACCOUNT = "touchstone-pg"
DATABASE = "touchstone"
ROLES = {"owner": "touchstone", "app": "touchstone_app"}
LONGEST_SOCKET_FOLDER = 99 - len("/.s.PGSQL.5432")  # bytes; the system allows 103 to 107 in all
# initdb and pg_ctl put the path of their programs between double quotes of a shell.
UNQUOTABLE = re.compile(r'["$`\\\n]')


class Unavailable(RuntimeError):
    """The embedded server cannot be used; the words say why and what to do."""


@dataclass(frozen=True)
class Server:
    """A running server: its folder, and the folder its socket is in."""

    folder: Path
    socket: Path

    def url(self, role: Literal["app", "owner"] = "app") -> str:
        """Return the database's address for that role; the host is a percent-encoded folder."""
        host = quote(str(self.socket), safe="")
        return f"postgresql://{ROLES[role]}@/{DATABASE}?host={host}&port=5432"


def data_folder() -> Path:
    """Return the folder of all that is kept: TOUCHSTONE_DATA, else `var` of the checkout.

    Made on first use. Root's may be passed through, not listed, by the server's account: what is
    put beside `postgres/` closes itself (files 0600, folders 0700).
    """
    given = os.environ.get("TOUCHSTONE_DATA") or "var"
    folder = (CHECKOUT / Path(given).expanduser()).resolve()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
            folder.chmod(_private())
    except OSError as error:
        raise Unavailable(
            f"The data folder {folder} cannot be made ({error.strerror}): "
            "set TOUCHSTONE_DATA to one that can."
        ) from error
    return folder


def ensure(data: Path | None = None) -> Server:
    """Return the running server, started if need be, and keep it until this process ends."""
    data = data or data_folder()
    if data not in _kept or not _answers(_kept[data][0]):
        server, use = _enter(data)
        if data in _kept:
            os.close(_kept[data][1])
        _kept[data] = server, use
    return _kept[data][0]


@contextlib.contextmanager
def hold(data: Path | None = None) -> Iterator[Server]:
    """Lend the running server, started if need be, for the length of the block."""
    server, use = _enter(data or data_folder())
    try:
        yield server
    finally:
        os.close(use)


_kept: dict[Path, tuple[Server, int]] = {}


def _enter(data: Path) -> tuple[Server, int]:
    """Return the running server and the descriptor that counts as one use of it."""
    home = _home(data)
    try:
        with _locked(home / "start.lock", fcntl.LOCK_EX, seconds=180):
            use = _lock(home / "in-use", fcntl.LOCK_SH, seconds=90)
            try:
                return _bring_up(home), use
            except BaseException:
                os.close(use)
                raise
    except BlockingIOError as error:
        raise Unavailable(f"Another process is starting or stopping {home} for too long.") from error


def _bring_up(home: Path) -> Server:
    _await(lambda: _state(home) in (None, "ready"), seconds=60)
    if _state(home) is None:
        _say(f"starting the database in {home}")
        binaries = _binaries(home)
        _make_cluster(home, binaries)
        _check(home, binaries)
        _admit_this_account(home)
        _forget_the_dead(home)
    _have_keeper(home)
    if (found := _postmaster(home)) is None or found[1] != "ready":
        raise Unavailable(f"The database did not start.\n{_tail(home)}")
    return Server(home, found[2])


def _have_keeper(home: Path) -> None:
    """Start the server if it does not run, and a keeper if none is there."""
    try:
        keeper = [_lock(home / "keeper.lock", fcntl.LOCK_EX)]
    except BlockingIOError:
        keeper = []
    if keeper or _state(home) is None:
        socket = _socket_folder(home)
        _spawn("keeper", str(home), str(_binaries(home)), str(socket), pass_fds=keeper)
    for descriptor in keeper:
        os.close(descriptor)


def _keeper(home: Path, binaries: Path, socket: Path, lock: int | None = None) -> None:
    """Start the server; with the keeper's lock, stay to stop it when nobody is left."""
    if _state(home) is None:
        _start(home, binaries, socket)
    if lock is None:
        return
    _detach()
    use = _await_last_user(home)
    if _postmaster(home):
        stop = ("stop", "--silent", "--wait", "--timeout=60", "--pgdata=cluster")
        for mode in ("--mode=fast", "--mode=immediate"):
            if _run(home, binaries / "pg_ctl", *stop, mode, owner="cluster", seconds=70):
                break
    # In this order: who comes next must find the keeper gone once in-use is free.
    os.close(lock)
    os.close(use)


def _await_last_user(home: Path) -> int:
    while True:
        use = os.open(home / "in-use", os.O_RDWR)
        fcntl.flock(use, fcntl.LOCK_EX)
        try:
            _lock(home / "pinned", fcntl.LOCK_EX)
        except BlockingIOError:
            os.close(use)  # others may come and go while it is pinned
            with _locked(home / "pinned", fcntl.LOCK_EX, seconds=None):
                continue
        return use


def _start(home: Path, binaries: Path, socket: Path) -> None:
    folder = str(socket).replace('"', '""')
    settings = {
        "hba_file": home / "pg_hba.conf",
        "ident_file": home / "pg_ident.conf",
        "listen_addresses": "",
        "port": 5432,
        "unix_socket_directories": f'"{folder}"',
        "unix_socket_permissions": "0700",
        "max_connections": 120,
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_line_prefix": "%m [%p] ",
    }
    options = shlex.join(f"--{name}={value}" for name, value in settings.items())
    start = ("start", "--silent", "--wait", "--timeout=60", "--pgdata=cluster", "-o", options)
    # Processes of a killed server take a moment to notice, and block the next one until then.
    for _ in range(3):
        _run(home, binaries / "pg_ctl", *start, owner="cluster", seconds=70)
        _await(lambda: _state(home) in (None, "ready"), seconds=60)
        if _state(home):
            return
        time.sleep(1)


def _make_cluster(home: Path, binaries: Path) -> None:
    for half_made in home.glob("making-*"):
        shutil.rmtree(half_made, ignore_errors=True)
    if (home / "cluster").exists():
        return
    making = Path(tempfile.mkdtemp(prefix="making-", dir=home))
    if _is_root():
        account = _os_account()
        os.chown(making, account.pw_uid, account.pw_gid)
    sort_order = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    initdb = ("--encoding=UTF8", *sort_order, "--auth=peer", f"--username={ROLES['owner']}")
    place = f"--pgdata={making.name}"
    single = ("--single", "-D", making.name, "-c", "exit_on_error=on", "template1")
    sql = (
        f"CREATE ROLE {ROLES['app']} LOGIN\n"
        f"GRANT USAGE ON SCHEMA public TO {ROLES['app']}\n"
        f"CREATE DATABASE {DATABASE} OWNER {ROLES['owner']}\n"
        f"GRANT CONNECT ON DATABASE {DATABASE} TO {ROLES['app']}\n"
    )
    as_owner: dict[str, Any] = {"owner": making.name, "seconds": 180}
    if not (
        _run(home, binaries / "initdb", *initdb, place, **as_owner)
        and _run(home, binaries / "postgres", *single, text=sql, **as_owner)
    ):
        raise Unavailable(f"The database could not be made in {home}.\n{_tail(home)}")
    making.rename(home / "cluster")


def _check(home: Path, binaries: Path) -> None:
    cluster = home / "cluster"
    if _is_root() and not _can_enter(home, cluster.stat().st_uid, cluster.stat().st_gid):
        raise Unavailable(
            f"The account of the database cannot reach {home}: one of the folders above it is "
            "closed. Open that one, or set TOUCHSTONE_DATA."
        )
    made_by, here = (cluster / "PG_VERSION").read_text().strip(), _version(binaries)
    if here.split(".")[0] != made_by:
        raise Unavailable(
            f"{cluster} was made by PostgreSQL {made_by}, and this is {here}: dump it with the old "
            "version and load it into a new data folder."
        )


def _admit_this_account(home: Path) -> None:
    try:
        account = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise Unavailable(f"User id {os.geteuid()} has no name, and PostgreSQL needs one.") from None
    roles = ROLES.values()
    for name, text in {
        "pg_hba.conf": f"local all {','.join(roles)} peer map=touchstone\n",
        "pg_ident.conf": "".join(f'touchstone "{account}" {role}\n' for role in roles),
    }.items():
        (home / name).write_text(text)
        (home / name).chmod(0o644)


def _forget_the_dead(home: Path) -> None:
    """Remove a pid file whose number went to another program: PostgreSQL would wait for that."""
    (home / "cluster" / "postmaster.pid").unlink(missing_ok=True)


def _home(data: Path) -> Path:
    """Return the folder of locks, log and cluster, where the server's account can reach it."""
    place = data / "postgres"
    if place.is_symlink() and not place.exists():
        raise Unavailable(
            f"The database that {place} leads to is gone ({place.readlink()}): bring it back, or "
            "remove the link to begin with an empty one."
        )
    try:
        if not place.exists():
            _make_home(place)
        home = place.resolve()
        if (owner := home.stat().st_uid) != os.geteuid():
            raise Unavailable(f"{home} belongs to user id {owner}: be that one, or set TOUCHSTONE_DATA.")
        home.chmod(_private())
    except OSError as error:
        raise Unavailable(f"{error.filename} cannot be used: {error.strerror}.") from error
    return home


def _make_home(place: Path) -> None:
    with contextlib.suppress(FileExistsError):
        account = _os_account() if _is_root() else None
        if account is None or _can_enter(place.parent, account.pw_uid, account.pw_gid):
            place.mkdir(mode=0o700)
            return
        OUTSIDE.mkdir(mode=0o711, parents=True, exist_ok=True)
        name = re.sub(r"[^\w.-]", "-", place.parent.parent.name, flags=re.ASCII)[:30]
        outside = tempfile.mkdtemp(prefix=f"{name}-", dir=OUTSIDE)
        try:
            place.symlink_to(outside)
        except FileExistsError:
            os.rmdir(outside)
        else:
            _say(f"{place.parent} is closed to {account.pw_name}: the database lives in {outside}")
