"""What the bars share: where their clients find the test's own database."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from tests import site as sites
from tests.bars.crew import Plan
from tests.bars.report import Watch


@dataclass(frozen=True)
class Ground:
    """The database of the test, and a folder for the logs."""

    folder: Path
    name: str

    def plan(self, work, *, processes, threads, seed, faults=(), **given) -> Plan:
        """Return a plan for clients that log in as the app role, as the product does."""
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": sites.named(settings.DATABASE_URL, self.name),
            "DATABASE_OWNER_URL": sites.named(settings.DATABASE_OWNER_URL, self.name),
        }
        environment.pop("TOUCHSTONE_AS_OWNER", None)
        return Plan(
            work=work,
            processes=processes,
            threads=threads,
            folder=self.folder,
            seed=seed,
            environment=environment,
            given=given,
            faults=faults,
        )

    def watch(self) -> Watch:
        return Watch(settings.DATABASE_OWNER_URL, self.name)


@pytest.fixture
def ground(transactional_db, tmp_path):
    return Ground(tmp_path / "logs", connection.settings_dict["NAME"])
