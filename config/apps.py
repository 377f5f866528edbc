from django.apps import AppConfig


class TouchstoneConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        # Tasks published by the web process go to this app, not to Celery's default one.
        from config import celery, reports  # noqa: F401

        reports.guard()
