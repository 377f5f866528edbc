"""Run a command that ends when its keeper does, however that ended.

`python -m config.leash LOCK COMMAND…` runs the command while another process holds an exclusive
lock on the file. When that process is gone, even by `kill -9`, the command's whole process group is
ended.
"""

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time

GRACE = 8.0  # seconds between asking the group to end and ending it


def main(lock: str, *command: str) -> int:
    """Return the command's exit status."""
    child = subprocess.Popen(command)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda n, frame: child.send_signal(n))
    threading.Thread(target=end_group_when_released, args=(lock,), daemon=True).start()
    return child.wait()


def end_group_when_released(lock: str) -> None:
    with open(lock, "a") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
    os.killpg(0, signal.SIGTERM)
    time.sleep(GRACE)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
