import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import openai
import pytest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Running:
    url: str
    process: subprocess.Popen[str]
    key_file: Path

    def client(self, api_key: str = "none") -> openai.OpenAI:
        return openai.OpenAI(base_url=self.url, api_key=api_key, max_retries=0, timeout=20)


@contextmanager
def running(key_file: Path, *arguments: str, **environment: str) -> Iterator[Running]:
    command = [sys.executable, "-m", "rehearsal.endpoint", "--port", "0"]
    command += ["--key-file", str(key_file), *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            ready = process.stdout.readline()
            yield Running(ready.split()[3], process, key_file)
        finally:
            process.kill()


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One endpoint process for all tests that only ask; its key file starts empty."""
    with running(tmp_path_factory.mktemp("rehearsal") / "key.json") as process:
        yield process


@pytest.fixture
def client(endpoint: Running) -> Iterator[openai.OpenAI]:
    with endpoint.client() as client:
        yield client
