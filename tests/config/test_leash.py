import fcntl
import os
import signal
import subprocess
import sys
import time

import pytest


def wait_until(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rsplit(")", 1)[1].split()[0] != "Z"


@pytest.fixture
def leashed(tmp_path):
    """A leashed command of two processes, and the process that holds its lock."""
    lock, pids = tmp_path / "serve.lock", tmp_path / "pids"
    lock.touch()
    keeper = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import fcntl, sys, time; f = open(sys.argv[1]); fcntl.flock(f, fcntl.LOCK_EX);"
            " print('held', flush=True); time.sleep(120)",
            str(lock),
        ],
        stdout=subprocess.PIPE,
    )
    keeper.stdout.readline()
    leash = subprocess.Popen(
        [
            *(sys.executable, "-m", "config.leash", str(lock)),
            *("sh", "-c", f"sleep 120 & echo $! $$ > {pids}; wait"),
        ],
        start_new_session=True,
    )
    assert wait_until(lambda: pids.exists() and pids.read_text().endswith("\n"))
    started = [int(pid) for pid in pids.read_text().split()]
    yield keeper, leash, started
    for process in (keeper, leash):
        process.kill()
        process.wait()
    for pid in filter(alive, started):
        os.kill(pid, signal.SIGKILL)
    keeper.stdout.close()


def test_the_whole_group_ends_when_its_keeper_is_killed(leashed):
    keeper, leash, pids = leashed
    assert all(map(alive, pids))

    keeper.send_signal(signal.SIGKILL)

    assert wait_until(lambda: leash.poll() is not None)
    assert wait_until(lambda: not any(map(alive, pids)))


def test_a_signal_to_the_leash_reaches_the_command(leashed):
    _, leash, (_, shell) = leashed

    leash.terminate()

    assert wait_until(lambda: leash.poll() is not None)
    assert wait_until(lambda: not alive(shell))


def test_the_exit_status_of_the_command_is_kept(tmp_path):
    lock = tmp_path / "lock"
    with open(lock, "w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)

        done = subprocess.run(
            [sys.executable, "-m", "config.leash", str(lock), "sh", "-c", "exit 7"],
            start_new_session=True,
        )

    assert done.returncode == 7


def test_a_command_that_will_not_end_is_ended_with_its_children(tmp_path):
    lock, pids = tmp_path / "lock", tmp_path / "pids"
    with open(lock, "w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        leash = subprocess.Popen(
            [
                *(sys.executable, "-c"),
                "import sys; from config import leash; leash.GRACE = 0.3;"
                " sys.exit(leash.main(*sys.argv[1:]))",
                str(lock),
                *("sh", "-c", f"trap '' TERM; sleep 120 & echo $! $$ > {pids}; wait; wait"),
            ]
        )
        assert wait_until(lambda: pids.exists() and pids.read_text().endswith("\n"))

        leash.terminate()

        assert wait_until(lambda: leash.poll() is not None)
        assert not any(alive(int(pid)) for pid in pids.read_text().split())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's end")
def test_the_command_is_asked_to_end_when_the_leash_itself_is_killed(leashed):
    _, leash, (_, shell) = leashed

    leash.kill()

    assert wait_until(lambda: not alive(shell))
