"""Find a Chromium for the browser tests; as root on Debian, install one after saying so."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
)
PACKAGES = ("chromium", "fonts-wqy-microhei")  # the font, so that Chinese is not boxes


def path() -> str | None:
    """Return the path of an installed Chromium, if there is one."""
    given = os.environ.get("CHROMIUM")
    return given or next((found for name in NAMES if (found := shutil.which(name))), None)


def reads_chinese() -> bool:
    """Say whether any font for Chinese is there; without fontconfig nobody can tell."""
    lister = shutil.which("fc-list")
    if not lister:
        return False
    return bool(subprocess.run([lister, ":lang=zh"], capture_output=True, check=False).stdout)


def main() -> None:
    if path() and reads_chinese():
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        print("No Chromium here and no way to install one: browser tests will be skipped.")
        return
    print(f"Installing {' and '.join(PACKAGES)} with apt-get, for the browser tests …", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "--yes", "--no-install-recommends", *PACKAGES]):
        done = subprocess.run(["apt-get", "--quiet=2", *command], env=quiet, check=False)
        if done.returncode:
            print("apt-get failed: browser tests will be skipped.")
            return


if __name__ == "__main__":
    sys.exit(main())
