"""Kombu's filesystem broker with two repairs.

Its files appear whole, or not at all: the original makes a file first and fills it afterwards, and
a worker that looks in between reads nothing where a message should be, and ends. And it outlives
its folder: where that was taken away, workers wait, and hints arrive again once it can be made.
"""

import contextlib
import os
import uuid
from pathlib import Path
from queue import Empty
from time import monotonic_ns
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps

NOBODY = "[]"  # the queues of an exchange that nobody has bound yet


class Channel(filesystem.Channel):
    def _put(  # type: ignore[override] # the base of its base takes no more than these two
        self, queue: str, payload: dict[str, Any], **kwargs: Any
    ) -> None:
        """Put a message onto a queue; they are taken in the order of their names."""
        name = f"{monotonic_ns():020}_{uuid.uuid4()}.{queue}.msg"
        text = dumps(payload)
        self._be_there()
        _make(Path(self.data_folder_out) / name, text)

    def _get(self, queue: str) -> Any:  # type: ignore[override] # as above
        try:
            return super()._get(queue)
        except (FileNotFoundError, NotADirectoryError):
            with contextlib.suppress(OSError):
                self._be_there()
            raise Empty from None

    def get_table(self, exchange: str) -> Any:
        """Return the queues of an exchange; none where its file cannot be read."""
        with contextlib.suppress(ChannelError):
            return super().get_table(exchange)
        return []

    def _lookup(self, exchange: str, routing_key: str, default: str | None = None) -> list[str]:
        """Return where a message goes: where nobody is bound any more, to the queue of its name."""
        found: list[str] = super()._lookup(exchange, routing_key, default)
        return found or [routing_key]

    def _be_there(self) -> None:
        for folder in (self.data_folder_in, self.processed_folder, self.control_folder):
            os.makedirs(folder, mode=0o700, exist_ok=True)

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        self._be_there()
        file = self._exchange_file(exchange)
        if not file.exists():
            with contextlib.suppress(FileExistsError):
                _make(file, NOBODY)
        super()._queue_bind(exchange, routing_key, pattern, queue)


class Transport(filesystem.Transport):
    Channel = Channel


def _make(file: Path, text: str) -> None:
    part = file.with_name(f"{uuid.uuid4()}.part")
    part.write_text(text)
    try:
        os.link(part, file)  # not a rename, which would take the place of what is there
    finally:
        part.unlink()
