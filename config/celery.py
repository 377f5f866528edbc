"""The Celery app: worker processes and the periodic sweep."""

import os

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES

TRANSPORT_ALIASES["filesystem"] = "config.broker:Transport"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("touchstone")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.on_after_configure.connect
def make_broker_folders(sender: Celery, **kwargs: object) -> None:
    """Make the folders of the filesystem broker; others may not look into them."""
    from django.conf import settings

    os.makedirs(settings.CELERY_BROKER_FOLDER, mode=0o700, exist_ok=True)
    for name in ("data_folder_in", "processed_folder", "control_folder"):
        if folder := settings.CELERY_BROKER_TRANSPORT_OPTIONS.get(name):
            os.makedirs(str(folder), mode=0o700, exist_ok=True)
