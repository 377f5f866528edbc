"""The site that browser tests drive: real processes that work with the rights they should have."""

import os
from contextlib import closing

import psycopg
import pytest
from django.conf import settings

from rehearsal.browser import Browser
from tests import site as sites


def test_the_site_is_ready_and_serves_its_files(site):
    with closing(Browser(site.url)) as browser:
        page = browser.get("/sign-in/")
        ready = browser.get("/readyz")
        style = browser.get(page.element("link", rel="stylesheet")["href"])

    assert ready.status == 200
    assert "color-scheme" in style.html


def test_the_site_works_as_the_app_role(site):
    if settings.DATABASE_URL == settings.DATABASE_OWNER_URL:
        pytest.skip("one login does everything here")

    with (
        psycopg.connect(site.environment["DATABASE_URL"]) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("DELETE FROM curation_auditevent")


def test_databases_of_killed_runs_are_found_and_no_others():
    name = f"{sites.PREFIX}{2**22 + 1}"  # no process has this number on Linux
    with psycopg.connect(settings.DATABASE_OWNER_URL, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            left = sites._left_behind(connection)
        finally:
            connection.execute(f"DROP DATABASE {name}")

    assert name in left
    assert f"{sites.PREFIX}{os.getpid()}" not in left
