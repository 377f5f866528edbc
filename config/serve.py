"""Serve a whole installation on one machine: database, web, worker and beat.

`python -m config.serve` starts what the Procfile names and stops all of it on Ctrl-C. With `--demo`
the rehearsal endpoint and the story are added; with `--once` all stops when the story is told.
"""

import argparse
import fcntl
import os
import shlex
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from honcho.environ import parse_procfile
from honcho.manager import Manager
from honcho.printer import Printer

from config import postgres
from config.calm import CalmPrinter

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_PORT = 8000
TRIED_PORTS = 50


def main(arguments: list[str] | None = None) -> int:
    """Return the exit status: that of the story in a demo told once, else how the site ended."""
    parser = argparse.ArgumentParser(prog="python -m config.serve", description=__doc__)
    parser.add_argument("--demo", action="store_true", help="tell the rehearsal story")
    parser.add_argument("--once", action="store_true", help="stop when the story is told")
    parser.add_argument("story", nargs="*", help="what the story is told besides, after a --")
    options = parser.parse_args(arguments)

    data = postgres.data_folder()
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    say(f"Data folder: {data}")
    lock = data / "serve.lock"
    holder = open(lock, "a+")  # noqa: SIM115 - held as long as this process lives
    if not held(holder):
        holder.seek(0)
        say(f"Already running from this data folder: {holder.read().strip()}")
        return 1
    # Forked children must not keep the lock alive when this process is killed.
    os.register_at_fork(after_in_child=holder.close)

    environment = environment_for(options.demo)
    holder.truncate(0)
    holder.write(f"{environment['SITE_URL']} (process {os.getpid()})\n")
    holder.flush()
    prepare(environment)
    if not options.demo and (status := manage("first_account", env=environment)):
        return status

    manager = Manager(CalmPrinter() if options.demo else Printer(sys.stderr))
    commands = processes(environment, demo=options.demo, once=options.once, story=options.story)
    for name, command in commands.items():
        leash = [sys.executable, "-m", "config.leash", str(lock), *command]
        # exec: no shell in between, which would be gone before the command is.
        manager.add_process(name, f"exec {shlex.join(leash)}", env=environment, cwd=str(ROOT))
    if not options.demo:
        say(f"Serving {environment['SITE_URL']} — stop with Ctrl-C")
    try:
        manager.loop()
    finally:
        holder.close()  # slips every leash, even when the loop broke off
    stopped_by_hand = manager.returncode in (130, 143)
    return 0 if stopped_by_hand and not options.once else manager.returncode or 0


def held(file) -> bool:  # type: ignore[no-untyped-def] # any open file
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def environment_for(demo: bool) -> dict[str, str]:
    """Return what all processes get: addresses, databases and the site's URL."""
    environment = dict(os.environ)
    server = None if environment.get("DATABASE_URL") else postgres.ensure()
    if server:
        environment["DATABASE_URL"] = server.url("app")
        environment["DATABASE_OWNER_URL"] = server.url("owner")
    if "SITE_URL" in environment:
        port = urlsplit(environment["SITE_URL"]).port or int(environment.get("PORT", DEFAULT_PORT))
    else:
        port = free_port(int(environment.get("PORT", DEFAULT_PORT)))
        environment["SITE_URL"] = f"http://127.0.0.1:{port}"
    environment.setdefault("BIND", f"127.0.0.1:{port}")
    if demo:
        environment.setdefault("REHEARSAL_PORT", str(free_port(port + 1)))
    environment["PYTHONUNBUFFERED"] = "1"
    # In a container root is the usual user; Celery's page-long warning helps nobody there.
    environment.setdefault("PYTHONWARNINGS", "ignore:You're running the worker with superuser")
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment.get('PATH', '')}"
    return environment


def free_port(first: int) -> int:
    """Return the first port from `first` on that nothing listens on."""
    for port in range(first, first + TRIED_PORTS):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise SystemExit(f"No free port between {first} and {first + TRIED_PORTS}: set PORT.")


def prepare(environment: dict[str, str]) -> None:
    """Bring catalogues, static files and tables up to date; each is quick when it already is."""
    say("Preparing catalogues, static files and tables …")
    steps = [
        subprocess.Popen([sys.executable, *words], cwd=ROOT, env=environment)
        for words in (
            ("-m", "config.catalogues", "compile"),
            ("manage.py", "collectstatic", "--noinput", "--verbosity", "0"),
            ("manage.py", "migrate", "--noinput", "--verbosity", "0"),
        )
    ]
    if [step for step in steps if step.wait()]:
        raise SystemExit("The installation could not be prepared.")


def manage(*words: str, env: dict[str, str]) -> int:
    return subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, env=env).returncode


def processes(
    environment: dict[str, str], *, demo: bool, once: bool, story: Sequence[str] = ()
) -> dict[str, list[str]]:
    """Return the command of each process by name, from the Procfile and the demo's additions."""
    procfile = parse_procfile((ROOT / "Procfile").read_text())
    commands = {
        name: [sys.executable, "-m", *shlex.split(line.replace("$BIND", environment["BIND"]))]
        for name, line in procfile.processes.items()
    }
    if demo:
        port = environment["REHEARSAL_PORT"]
        key = str(postgres.data_folder() / "rehearsal-key.json")
        commands["endpoint"] = [
            *(sys.executable, "-m", "rehearsal.endpoint", "--quiet"),
            *("--port", port, "--key-file", key),
        ]
        commands["story"] = [sys.executable, "-m", "rehearsal.story", "--key-file", key, *story]
        if once:
            commands["story"].append("--once")
    return commands


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # nobody reads on, as under `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
