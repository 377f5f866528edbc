"""What is printed while a demo runs: the story alone, and whatever else goes wrong."""

import sys
from typing import TextIO

from honcho.manager import SYSTEM_PRINTER_NAME
from honcho.printer import Message, Printer


class CalmPrinter(Printer):
    """The story speaks plainly on stdout; the others on stderr, named, and only when they must.

    Of the runner's own remarks one is printed: which process ended first, if not the story. What
    the others say after that is only how they end.
    """

    def __init__(self, out: TextIO | None = None, err: TextIO | None = None) -> None:
        super().__init__(err or sys.stderr, colour=False)
        self._story = Printer(out or sys.stdout, prefix=False)
        self._ending = False

    def write(self, message: Message) -> None:
        if message.name == "story":
            self._story.write(message)
        elif message.name != SYSTEM_PRINTER_NAME:
            if not self._ending:
                super().write(message)
        elif not self._ending and "started" not in message.data:
            self._ending = True
            if "stopped" in message.data and not message.data.startswith("story"):
                super().write(message)
