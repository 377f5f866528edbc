"""Data folders for embedded servers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from config import postgres
from tests.config.servers import idle, temporary_folder, until


@pytest.fixture
def folder() -> Iterator[Path]:
    with temporary_folder(0o711) as root:
        yield root


@pytest.fixture(scope="package")
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
