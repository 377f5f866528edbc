"""What every test may ask for: a project and its people, the site in processes, a browser."""

import os

import pytest
from django.conf import settings
from django.db.backends.base.operations import BaseDatabaseOperations
from django.utils import translation
from playwright.sync_api import sync_playwright

from curation.models import Role
from tests import chromium, factories
from tests import site as sites


@pytest.fixture(scope="session", autouse=True)
def emptying_between_tests():
    """Let the flush after a transactional test empty evidence too: its triggers say no."""
    plain = BaseDatabaseOperations.execute_sql_flush

    def flush(self, sql_list):
        plain(self, ["SET LOCAL session_replication_role = replica", *sql_list])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", flush)
        yield


@pytest.fixture(autouse=True)
def in_english():
    """Begin every test in English: a page shown in Chinese leaves its language in the thread."""
    translation.activate("en")


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


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The real site in processes of its own, with an empty database that all who ask share."""
    with sites.running(
        tmp_path_factory.mktemp("site"), settings.DATABASE_OWNER_URL, settings.DATABASE_URL
    ) as running:
        yield running


# Not for the whole session: while Playwright runs, Django takes every query for an async one.
@pytest.fixture(scope="module")
def browser():
    """A Chromium; without one a test is skipped, or fails where REQUIRE_BROWSER says so."""
    path = chromium.path()
    if not path:
        say = pytest.fail if os.environ.get("REQUIRE_BROWSER") else pytest.skip
        say("no Chromium is installed")
    with sync_playwright() as playwright:
        engine = playwright.chromium.launch(executable_path=path, args=chromium.QUIET.split())
        yield engine
        engine.close()
