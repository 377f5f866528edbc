"""A real model server in a process of its own, with packages of its own (make interop)."""

import os
import socket
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest

SERVER = Path(__file__).with_name("llama_server.py")
KEY = "interop-key-1"


@contextmanager
def serving(folder: Path, *words: str):
    """Start the server on a free port and give its base URL."""
    python = os.environ.get("INTEROP_PYTHON")
    if not python:
        pytest.skip("make interop says where the packages of the model server are")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [python, str(SERVER), "--folder", str(folder), "--port", str(port)]
    command += ["--key", KEY, *words]
    with (
        open(folder / "server.log", "w") as log,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
        ) as server,
    ):
        address = server.stdout.readline().strip()
        assert address, (folder / "server.log").read_text()
        yield f"{address}/v1"
        server.stdin.close()


@pytest.fixture(scope="session")
def good_model(tmp_path_factory):
    """A server whose model of dice speaks valid UTF-8."""
    with serving(tmp_path_factory.mktemp("good"), "--good") as url:
        yield url


@pytest.fixture(scope="session")
def bad_model(tmp_path_factory):
    """A server whose model also says bytes that are no text: the server answers 500 to those."""
    with serving(tmp_path_factory.mktemp("bad")) as url:
        yield url
