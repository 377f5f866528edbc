import pytest
from django.db import connection

from config import health

pytestmark = pytest.mark.django_db


def test_a_living_process_says_so_without_the_database(client, django_db_blocker):
    with django_db_blocker.block():
        assert client.get("/healthz").json() == {"status": "alive"}


def test_readiness_names_what_is_not_there(client, settings, tmp_path):
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_in": str(tmp_path / "gone")}

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == {"status": "not ready", "database": True, "broker": False}


def test_a_site_with_database_migrations_and_broker_is_ready(client, settings, tmp_path):
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_in": str(tmp_path)}

    assert client.get("/readyz").status_code == 200


def test_a_missing_migration_makes_the_site_not_ready():
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'annotation'")

    assert health._database() is False


def test_a_broker_that_cannot_be_reached_makes_the_site_not_ready(settings):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {}

    assert health._broker() is False
