"""Hints to the workers: "there is something to do". Rows are the truth, a hint may be lost."""

import logging
from functools import partial

from celery import current_app
from django.db import transaction

logger = logging.getLogger(__name__)


def publish(task_name: str, **ids: int) -> None:
    """Send a hint once the transaction is committed.

    A broker that is down never breaks the request: the sweep sends what was lost.
    """
    transaction.on_commit(partial(_send, task_name, ids), robust=True)


def _send(task_name: str, ids: dict[str, int]) -> None:
    try:
        current_app.send_task(task_name, kwargs=ids)
    except Exception as error:  # any transport raises its own kinds
        logger.warning("The hint %s was not sent: %s", task_name, type(error).__name__)
