"""Run a command that ends when its keeper does, however that ended.

`python -m config.leash LOCK COMMAND…` runs the command, in a process group of its own, while
another process holds an exclusive lock on the file. When that one is gone, even by `kill -9`, or
when the leash is told to end, the command is asked to end and then made to: its whole group.
"""

import contextlib
import ctypes
import fcntl
import os
import signal
import subprocess
import sys
import threading

GRACE = 4.0  # seconds between asking the command to end and ending it; honcho itself waits for 5
PR_SET_PDEATHSIG = 1  # of <linux/prctl.h>


def main(lock: str, *command: str) -> int:
    """Return the command's exit status."""
    child = subprocess.Popen(command, start_new_session=True, preexec_fn=end_with_the_leash)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda n, frame: end(child))
    threading.Thread(target=end_when_released, args=(lock, child), daemon=True).start()
    status = child.wait()
    signal_group(child, signal.SIGKILL)  # what it left behind
    return status


def end_with_the_leash() -> None:
    """Have the kernel ask this process to end when the leash itself is killed; Linux can."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def end_when_released(lock: str, child: subprocess.Popen[bytes]) -> None:
    with open(lock, "a") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
    end(child)


def end(child: subprocess.Popen[bytes]) -> None:
    """Ask the command alone, which knows best how to end its own children; then end them all."""
    child.terminate()
    killer = threading.Timer(GRACE, signal_group, (child, signal.SIGKILL))
    killer.daemon = True
    killer.start()


def signal_group(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
