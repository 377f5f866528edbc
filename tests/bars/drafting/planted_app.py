"""The product's Celery app, with what BARS_PLANTED names in the place of something of its own.

BARS_PLANTED='[["curation.drafting.turns:FIRST_WAIT", "tests.bars.drafting.planted:SOON"]]'
"""

import json
import os

from celery.signals import worker_process_init

from config.celery import app

__all__ = ["app"]


@worker_process_init.connect
def plant(**_what: object) -> None:
    from tests.bars.faults import Function, planted

    faults = json.loads(os.environ.get("BARS_PLANTED", "[]"))
    with planted(tuple(Function(*names) for names in faults)):
        pass  # functions are replaced for good
