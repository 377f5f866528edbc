"""The embedded PostgreSQL: a private server that runs while somebody uses it, and no longer.

Use is counted by file locks, for the kernel drops a lock however its holder dies:

* every user holds `in-use` shared: `ensure()` for the life of the process and its forks, `hold()`
  for a block. Programs that a user starts hold nothing: hand them the URL;
* the first user spawns a detached keeper. It starts the server, waits until it gets `in-use`
  alone (nobody is left), stops the server and goes. It owns `keeper` from birth, so whoever finds
  that lock free beside a running server spawns another one;
* `start` serialises starting. The keeper never takes it: who comes while the keeper stops the
  server waits for `in-use`, finds no server and starts it again;
* the command `start` leaves a process that holds `pinned`; the keeper waits for that one too, and
  the command `stop` ends it, unless somebody uses the server.

Where the server lies, and why root's is another account's, is told in `config.cluster`. The
promise holds for one host, a local disk and one owner. No Django here: settings call this.
"""

import argparse
import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import quote

from config import cluster
from config.cluster import Unavailable

__all__ = ["Server", "Unavailable", "data_folder", "ensure", "hold"]
CHECKOUT = Path(__file__).resolve().parent.parent


class Server(NamedTuple):
    """A running server: its folder, and the folder of its socket."""

    folder: Path
    socket: Path

    def url(self, role: Literal["app", "owner"] = "app") -> str:
        # The socket goes into the query, for a host before the slash is lower-cased.
        name = {"app": cluster.APP, "owner": cluster.OWNER}[role]
        socket = quote(str(self.socket), safe="")
        return f"postgresql://{name}@/{cluster.DATABASE}?host={socket}&port=5432"


def data_folder() -> Path:
    """Return the folder of all that is kept: TOUCHSTONE_DATA, else `var` in the checkout.

    Made on first use. What is put beside `postgres/` closes itself: files 0600, folders 0700.
    """
    folder = CHECKOUT / Path(os.environ.get("TOUCHSTONE_DATA") or "var").expanduser()
    try:
        cluster.new_folder(folder)
    except OSError as error:
        raise Unavailable(f"No data folder ({error}): set TOUCHSTONE_DATA to another.") from error
    return folder.resolve()


def ensure(data: Path | None = None) -> Server:
    """Return the server, started if need be, and keep it until this process and its forks end."""
    data = data or data_folder()
    kept = _kept.get(data)
    if kept is None or cluster.postmaster(kept[0].folder) is None:
        _kept[data] = _enter(data)
        if kept:
            os.close(kept[1])
    return _kept[data][0]


@contextlib.contextmanager
def hold(data: Path | None = None) -> Iterator[Server]:
    """Lend the server, started if need be, for the length of the block."""
    server, use = _enter(data or data_folder())
    try:
        yield server
    finally:
        os.close(use)


_kept: dict[Path, tuple[Server, int]] = {}


def _enter(data: Path) -> tuple[Server, int]:
    """Return the running server, and the descriptor that counts as one use of it."""
    try:
        home = cluster.home(data)
        with _starting(home):
            use = _lock(home / "in-use", fcntl.LOCK_SH, seconds=150)
            if use is None:
                raise Unavailable(f"The server of {home} is being stopped for too long.")
            try:
                return _running(home), use
            except BaseException:
                os.close(use)
                raise
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"The embedded database cannot be used: {error}.") from error


def _running(home: Path) -> Server:
    if cluster.settled(home) is None:
        cluster.prepare(home)
    _have_keeper(home)
    if (found := cluster.settled(home)) is None:
        raise Unavailable(f"The database in {home} does not run.\n{cluster.tail(home)}")
    return Server(home, found.socket)


def _have_keeper(home: Path) -> None:
    keeper = _lock(home / "keeper", fcntl.LOCK_EX)
    if keeper is not None:
        _spawn("keep", home, keeper)
    elif cluster.postmaster(home) is None:
        cluster.start(home)  # it died under its keeper, who stays


def _keep(home: Path, keeper: int) -> None:
    """Start the server, and stop it when nobody is left."""
    if cluster.settled(home) is None:
        cluster.say(f"starting the database in {home}")
        cluster.start(home)
    _detach()
    use = _nobody_left(home)
    cluster.stop(home)
    # In this order: who gets in-use next must not take this keeper for a living one.
    os.close(keeper)
    os.close(use)


def _nobody_left(home: Path) -> int:
    while True:
        use = _wait(home / "in-use")
        if _lock(home / "pinned", fcntl.LOCK_EX) is not None:
            return use
        os.close(use)  # others come and go while it is pinned
        os.close(_wait(home / "pinned"))


def _lock(path: Path, mode: int, seconds: float = 0) -> int | None:
    """Return a descriptor that holds the lock until it is closed, or None if others hold it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + seconds
    while True:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(descriptor, mode | fcntl.LOCK_NB)
            return descriptor
        if time.monotonic() >= deadline:
            os.close(descriptor)
            return None
        time.sleep(0.02)


def _wait(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return descriptor


@contextlib.contextmanager
def _starting(home: Path) -> Iterator[None]:
    lock = _lock(home / "start", fcntl.LOCK_EX, seconds=300)
    if lock is None:
        raise Unavailable(f"Another process is starting the server of {home} for too long.")
    try:
        yield
    finally:
        os.close(lock)


def _spawn(command: str, home: Path, lock: int) -> None:
    """Run a command of this module in a session of its own, handing the lock over to it."""
    try:
        subprocess.run(
            [sys.executable, "-m", "config.postgres", command, str(home), str(lock)],
            cwd=CHECKOUT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[lock],
            start_new_session=True,
            timeout=240,
        )
    finally:
        os.close(lock)


def _detach(note: int | None = None) -> None:
    """Go on in a child that nobody waits for, deaf and dumb; its process id goes to the note."""
    if child := os.fork():
        if note is not None:
            os.pwrite(note, f"{child}\n".encode(), 0)
        os._exit(0)
    os.chdir("/")
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)


def _pin(home: Path, lock: int) -> None:
    _detach(note=lock)
    signal.pause()


def _users(home: Path) -> str:
    """Name the processes that use the server, as far as this system tells."""
    inode, users = str((home / "in-use").stat().st_ino), []
    try:
        locks = Path("/proc/locks").read_text().splitlines()
    except OSError:
        return "unknown"
    for lock in locks:
        # 7: FLOCK ADVISORY READ 4711 fe:00:123456 0 EOF
        _, kind, _, mode, pid, file, *_ = lock.split()
        if (kind, mode, file.rpartition(":")[2]) == ("FLOCK", "READ", inode):
            users.append(f"process {pid} ({_command(pid)})")
    return f"{len(users)}, {', '.join(users)}" if users else "0"


def _command(pid: str) -> str:
    with contextlib.suppress(OSError):
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ")
        return command.decode(errors="replace").strip()[:80]
    return "gone, its children stay"


def _start_command(data: Path) -> int:
    with hold(data) as server:
        if (pinned := _lock(server.folder / "pinned", fcntl.LOCK_EX, seconds=0.3)) is not None:
            _spawn("pin", server.folder, pinned)
        print(f"Running until `stop`. Database: {server.folder}. Socket: {server.socket}.")
    return 0


def _stop_command(data: Path) -> int:
    home = cluster.home(data)
    with _starting(home):
        if cluster.settled(home) is None:
            print(f"Not running. Database: {home}.")
            return 0
        if (use := _lock(home / "in-use", fcntl.LOCK_EX, seconds=0.5)) is None:
            print(f"Not stopped, for it is in use. Users: {_users(home)}.")
            return 1
        if (pinned := _lock(home / "pinned", fcntl.LOCK_EX)) is None:
            os.kill(int((home / "pinned").read_text().split()[0]), signal.SIGTERM)
        cluster.stop(home)
        for lock in filter(None, (use, pinned)):
            os.close(lock)
    print(f"Stopped. Database: {home}.")
    return 0


def _status_command(data: Path) -> int:
    print(f"Data folder: {data}")
    if not (data / "postgres").exists():
        print("Stopped, and never started yet.")
        return 0
    home = cluster.home(data)
    print(f"Database: {home}")
    if (found := cluster.postmaster(home)) is None:
        print("Stopped.")
        return 0
    version = (home / "cluster/PG_VERSION").read_text().strip()
    print(f"Running: PostgreSQL {version}, process {found.pid}, {found.state}.")
    print(f"Socket: {found.socket}")
    if (pinned := _lock(home / "pinned", fcntl.LOCK_EX)) is None:
        print("Kept until `stop`.")
    else:
        os.close(pinned)
    print(f"Users: {_users(home)}.")
    return 0


def main(arguments: list[str]) -> int:
    if arguments[:1] in (["keep"], ["pin"]):
        inner = {"keep": _keep, "pin": _pin}[arguments[0]]
        inner(Path(arguments[1]), int(arguments[2]))
        return 0
    commands = {"start": _start_command, "stop": _stop_command, "status": _status_command}
    parser = argparse.ArgumentParser(
        prog="python -m config.postgres", description="The embedded PostgreSQL."
    )
    parser.add_argument("command", choices=commands)
    try:
        return commands[parser.parse_args(arguments).command](data_folder())
    except (Unavailable, OSError, subprocess.TimeoutExpired) as refusal:
        print(refusal, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
