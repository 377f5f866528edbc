"""What worker processes do for the API."""

from celery import shared_task

from api import used_keys


@shared_task(name="api.tasks.sweep")
def sweep() -> None:
    """Forget old keys."""
    used_keys.forget_old()
