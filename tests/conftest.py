"""What every test may ask for: a project and its people."""

import pytest
from django.db.backends.base.operations import BaseDatabaseOperations

from curation.models import Role
from tests import factories


@pytest.fixture(scope="session", autouse=True)
def emptying_between_tests():
    """Let the flush after a transactional test empty evidence too: its triggers say no."""
    plain = BaseDatabaseOperations.execute_sql_flush

    def flush(self, sql_list):
        plain(self, ["SET LOCAL session_replication_role = replica", *sql_list])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", flush)
        yield


@pytest.fixture
def project(db):
    """A project with two dimensions, in both languages."""
    return factories.make_project("everyday", name="Everyday risks")


@pytest.fixture
def curator(project):
    return factories.make_member(project, Role.CURATOR, factories.make_user("cora"))


@pytest.fixture
def reviewer(project):
    return factories.make_member(project, Role.REVIEWER, factories.make_user("rue"))


@pytest.fixture
def worker(project):
    return factories.make_member(project, Role.WORKER, factories.make_user("ada"))


@pytest.fixture
def reader(project):
    return factories.make_member(project, Role.READER, factories.make_user("rea"))


@pytest.fixture
def stranger(db):
    """Somebody with an account and no role in the project."""
    return factories.make_user("stan")
