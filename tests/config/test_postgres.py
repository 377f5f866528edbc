"""Use of the embedded server is counted, whatever becomes of the users."""

import contextlib
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from config import postgres
from tests.config.servers import CHECKOUT, ROOT, USE, alive, environment, kill, until, user, who


def test_the_server_stays_while_one_of_two_users_is_left_and_stops_with_the_last(data):
    with user(data) as first, user(data) as second:
        url = {first.stdout.readline(), second.stdout.readline()}.pop().strip()
        pid = alive(data)
        first.stdin.close()
        first.wait(10)
        time.sleep(0.5)

        assert alive(data) == pid
        assert who(url) == "touchstone"

        second.stdin.close()
        second.wait(10)
        assert until(lambda: not alive(data), seconds=5)


def test_a_killed_user_counts_no_more(data):
    with user(data) as process:
        process.stdout.readline()
        assert alive(data)

        process.kill()

        assert until(lambda: not alive(data), seconds=5)


@pytest.mark.slow
def test_a_fork_of_a_user_is_a_user_and_a_program_it_starts_is_none(data):
    script = USE.replace("sys.stdin.read()", "import os\nos.fork() or sys.stdin.read()")
    with user(data, script) as process:
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
    with user(data, USE.replace("print(server", deaf), process_group=0) as process:
        process.stdout.readline()
        pid = alive(data)

        os.killpg(process.pid, signal.SIGINT)
        time.sleep(0.3)

        assert alive(data) == pid
        assert keeper_of(data)


def test_six_processes_at_once_start_one_server(folder):
    with contextlib.ExitStack() as stack:
        processes = [stack.enter_context(user(folder, stderr=subprocess.PIPE)) for _ in range(6)]

        urls = {process.stdout.readline() for process in processes}
        assert len(urls) == 1
        assert who(urls.pop().strip()) == "touchstone"
        said = "".join(process.communicate()[1] for process in processes)

    assert said.count("making an empty database") == 1
    assert said.count("starting the database") == 1
    log = (folder / "postgres/log").read_text()
    assert log.count("starting PostgreSQL") == 1


def test_ensure_notices_that_its_server_died(data):
    again = "sys.stdin.readline()\nprint(postgres.ensure().url('owner'), flush=True)\n"
    script = USE.replace("sys.stdin.read()", again + "sys.stdin.read()")
    with user(data, script) as process:
        process.stdout.readline()
        kill(alive(data))
        process.stdin.write("\n")
        process.stdin.flush()

        assert who(process.stdout.readline().strip()) == "touchstone"
        process.stdin.close()
    assert until(lambda: not alive(data), seconds=5)


def keeper_of(data: Path) -> int:
    """Find the process that holds the keeper's lock."""
    lock = (data / "postgres/keeper").resolve()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if any(entry.resolve() == lock for entry in (process / "fd").iterdir()):
                return int(process.name)
    raise AssertionError("no keeper")


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="finds the keeper through /proc")
def test_the_next_user_replaces_a_killed_keeper(data):
    with postgres.hold(data):
        first, pid = keeper_of(data), alive(data)
        kill(first)
        with postgres.hold(data):
            assert until(lambda: keeper_of(data) != first)
            assert alive(data) == pid

    assert until(lambda: not alive(data), seconds=5)


def command(name: str, data: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "config.postgres", name],
        env=environment(data),
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=60,
    )


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
        url = process.stdout.readline().strip()
        refused = command("stop", data)

        assert refused.returncode == 1
        assert f"1, process {process.pid}" in refused.stdout
        assert who(url) == "touchstone"
        process.stdin.close()

    assert alive(data)
    assert command("stop", data).returncode == 0
    assert not alive(data)


@pytest.mark.slow
def test_stop_leaves_a_server_alone_that_others_started(data):
    with user(data) as process:
        url = process.stdout.readline().strip()
        assert command("stop", data).returncode == 1
        assert who(url) == "touchstone"


def test_status_makes_nothing(folder):
    assert "never started" in command("status", folder).stdout
    assert not list(folder.iterdir())


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
