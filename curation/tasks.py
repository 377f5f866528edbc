"""What worker processes do when a hint arrives: one call into the domain each."""

from celery import shared_task

from curation import hints
from curation.drafting import engine, runs


@shared_task(name="curation.tasks.work")
def work(*, run_id: int) -> None:
    """Work a run for a while, and hint again while work remains."""
    if engine.work(run_id=run_id):
        hints.publish("curation.tasks.work", run_id=run_id)


@shared_task(name="curation.tasks.sweep")
def sweep() -> None:
    """Put right what a lost hint or a lost worker left behind."""
    for run_id in runs.sweep():
        hints.publish("curation.tasks.work", run_id=run_id)
