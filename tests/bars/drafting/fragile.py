"""The site, with hints that are part of their request: a broker that is away fails it."""

from functools import partial

from django.db import transaction

from config.wsgi import application
from curation import hints

__all__ = ["application"]


def publish(task_name: str, **ids: int) -> None:
    transaction.on_commit(partial(hints.current_app.send_task, task_name, kwargs=ids))


hints.publish = publish
