"""Whether this process lives, and whether it can do its work."""

import os

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe
from kombu import Connection


@require_safe
@login_not_required
def alive(request: HttpRequest) -> JsonResponse:
    """Answer as long as this process can."""
    return JsonResponse({"status": "alive"})


@require_safe
@login_not_required
def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 when database, migrations and broker are there, else 503 naming what is not."""
    checks = {"database": _database(), "broker": _broker()}
    good = all(checks.values())
    return JsonResponse(
        {"status": "ready" if good else "not ready", **checks}, status=200 if good else 503
    )


def _database() -> bool:
    try:
        executor = MigrationExecutor(connection)
        return not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Exception:
        return False


def _broker() -> bool:
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    if folder := options.get("data_folder_in"):
        return os.access(str(folder), os.W_OK)
    try:
        with Connection(settings.CELERY_BROKER_URL, connect_timeout=2) as broker:
            broker.ensure_connection(max_retries=1)
        return True
    except Exception:
        return False
