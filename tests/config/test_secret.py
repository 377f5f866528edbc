import os
import stat
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import secret


@pytest.mark.parametrize(
    "key",
    [
        "short",
        "a" * 64,
        "django-insecure-" + "k3j4h5g6f7d8s9a0q1w2e3r4t5y6u7i8o9p0",
        "changeme-0123456789-abcdefghijklmnopqrstuvwxyz",
    ],
)
def test_a_key_that_can_be_guessed_is_refused(key):
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY"):
        secret.checked(key)


def test_the_site_does_not_start_with_a_guessable_key(tmp_path):
    environment = {**os.environ, "SECRET_KEY": "short", "DATABASE_URL": "postgresql://nobody@/none"}

    tried = subprocess.run(
        [sys.executable, "manage.py", "check"], env=environment, capture_output=True, text=True
    )

    assert tried.returncode != 0
    assert "SECRET_KEY is too short" in tried.stderr


def test_a_key_is_made_once_and_readable_by_its_owner_only(tmp_path):
    path = tmp_path / "data" / "secret-key"

    first = secret.kept_in(path)
    second = secret.kept_in(path)

    assert first == second
    assert len(first) >= secret.SHORTEST
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [child.name for child in path.parent.iterdir()] == ["secret-key"]


def test_two_installations_get_different_keys(tmp_path):
    assert secret.kept_in(tmp_path / "a") != secret.kept_in(tmp_path / "b")


def test_many_processes_that_start_at_once_agree_on_one_key(tmp_path):
    words = [
        sys.executable,
        "-c",
        "import sys, pathlib; from config import secret;"
        " print(secret.kept_in(pathlib.Path(sys.argv[1])))",
        str(tmp_path / "key"),
    ]
    started = [subprocess.Popen(words, stdout=subprocess.PIPE, text=True) for _ in range(8)]

    keys = {process.communicate(timeout=60)[0] for process in started}

    assert len(keys) == 1


def test_several_keys_are_given_newest_first_or_one_is_made(tmp_path):
    first, second = (f"{name}-0123456789-abcdefghijklmnopqrstuvwxyz" for name in ("one", "two"))

    assert secret.several(f"{first}, {second}\n", tmp_path / "key", "NAME") == [first, second]
    assert not (tmp_path / "key").exists()
    [made] = secret.several("", tmp_path / "key", "NAME")
    assert secret.several(" ", tmp_path / "key", "NAME") == [made]


def test_each_of_several_keys_must_be_hard_to_guess(tmp_path):
    good = "one-0123456789-abcdefghijklmnopqrstuvwxyz"

    with pytest.raises(ImproperlyConfigured, match="NAME is too short"):
        secret.several(f"{good},short", tmp_path / "key", "NAME")
