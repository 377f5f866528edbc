"""The site with a planted fault: its web workers say "saved" before they commit."""

import queue
import threading
import time
from typing import Any

from config.wsgi import application

__all__ = ["application"]
EARLY = 0.25  # seconds


def plant() -> None:
    from django.db import connection, transaction

    from annotation import judgements

    plain = judgements.submit_answer

    def hasty(**said: Any) -> Any:
        told: queue.Queue = queue.Queue()

        def write() -> None:
            try:
                with transaction.atomic():
                    told.put(plain(**said))
                    time.sleep(EARLY)
            except Exception as refused:
                told.put(refused)
            finally:
                connection.close()

        threading.Thread(target=write, daemon=True).start()
        heard = told.get()
        if isinstance(heard, Exception):
            raise heard
        return heard

    judgements.submit_answer = hasty


plant()
