"""Everything `make check` looks at, each step announced; the first that fails ends it."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Settings as a public installation has them, so that Django's deployment checks mean something.
DEPLOYED = {
    "SITE_URL": "https://touchstone.example",
    "BEHIND_TLS_PROXY": "1",
    "DEBUG": "0",
}


def main() -> int:
    """Return 0 when every step passes."""
    templates = [str(path) for path in sorted((ROOT / "templates").rglob("*.html"))]
    schema = ["spectacular", "--validate", "--fail-on-warn", "--file", os.devnull]
    deploy = ["check", "--deploy", "--fail-level", "WARNING"]
    python = sys.executable
    djade = str(Path(python).parent / "djade")  # a program, not a module
    tools: list[tuple[str, list[str]]] = [
        ("format", [python, "-m", "ruff", "format", "--check", "."]),
        ("lint", [python, "-m", "ruff", "check", "."]),
        ("types", [python, "-m", "mypy", "."]),
        ("templates", [djade, "--target-version", "5.2", "--check", *templates]),
        ("migrations", [python, "manage.py", "makemigrations", "--check", "--dry-run"]),
        ("catalogues", [python, "-m", "config.catalogues", "check"]),
        ("architecture", [python, "-m", "pytest", "-q", "tests/test_architecture.py"]),
        ("API schema", [python, "manage.py", *schema]),
        ("deployment", [python, "manage.py", *deploy]),
    ]
    if faults := urls_in_locks():
        say("locks: an address in a lock ties it to one index", *faults)
        return 1
    for name, words in tools:
        say(f"{name} …")
        environment = {**os.environ, **(DEPLOYED if name == "deployment" else {})}
        if subprocess.run(words, cwd=ROOT, env=environment).returncode:
            say(f"{name}: failed")
            return 1
    say("All checks passed.")
    return 0


def urls_in_locks() -> list[str]:
    """Return the lines of the locks that hold an address."""
    return [
        f"{path.name}:{number}: {line}"
        for path in sorted((ROOT / "requirements").glob("*.txt"))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(r"https?://|--(extra-)?index-url", line)
    ]


def say(*lines: str) -> None:
    print(*lines, sep="\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
