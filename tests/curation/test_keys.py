import os

import pytest

from curation import keys
from curation.keys import NoKey
from curation.refusals import Refused

OTHER = "another-master-key-0123456789-abcdefghijklmnopqrstuvwxyz"
AT = "https://api.example/v1"
NEWEST = "newest-master-key-0123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@pytest.fixture
def folder(settings, tmp_path):
    settings.SECRETS = tmp_path / "secrets"
    settings.SECRETS.mkdir()
    return settings.SECRETS


def keep(path, text="a-real-key\n", mode=0o600):
    path.write_text(text)
    path.chmod(mode)
    return path


def test_a_key_lies_in_a_file_of_the_folder_for_secrets(folder):
    keep(folder / "quiet.key", mode=0o640)

    assert keys.from_file("quiet.key", base_url=AT) == "a-real-key"


def test_a_link_inside_the_folder_is_followed_as_clusters_make_them(folder):
    (folder / "..data").mkdir()
    keep(folder / "..data" / "quiet")
    (folder / "quiet").symlink_to("..data/quiet")

    assert keys.from_file("quiet", base_url=AT) == "a-real-key"


def test_a_link_out_of_the_folder_is_not(folder, tmp_path):
    (folder / "quiet").symlink_to(keep(tmp_path / "elsewhere"))

    with pytest.raises(NoKey, match="quiet is no file with a key"):
        keys.from_file("quiet", base_url=AT)


@pytest.mark.parametrize("name", ["../elsewhere", "/etc/hostname", "a/b", "", ".hidden", "a\0b"])
def test_a_name_is_never_a_path(folder, tmp_path, name):
    keep(tmp_path / "elsewhere")

    with pytest.raises(NoKey):
        keys.from_file(name, base_url=AT)


@pytest.mark.parametrize("name", ["master-key", "secret-key"])
def test_the_sites_own_secrets_are_no_keys_wherever_the_folder_is(folder, name):
    keep(folder / name)

    with pytest.raises(NoKey, match="no file with a key"):
        keys.from_file(name, base_url=AT)


@pytest.mark.parametrize("mode", [0o604, 0o602, 0o666])
def test_a_file_that_everybody_may_read_or_write_is_refused_in_words(folder, mode):
    keep(folder / "quiet", mode=mode)

    with pytest.raises(NoKey, match="Everybody may read") as refusal:
        keys.from_file("quiet", base_url=AT)

    assert refusal.value.problem == "no_key_file: quiet"


def test_a_file_that_is_not_there_is_told_by_name(folder):
    with pytest.raises(NoKey, match="There is no file quiet"):
        keys.from_file("quiet", base_url=AT)


def test_a_pipe_is_no_file_and_is_not_waited_for(folder):
    os.mkfifo(folder / "quiet", 0o600)

    with pytest.raises(NoKey, match="no file with a key"):
        keys.from_file("quiet", base_url=AT)


@pytest.mark.parametrize("text", ["", "two words", "schlüssel", "k" * 5000])
def test_what_cannot_be_a_key_is_never_repeated(folder, text):
    keep(folder / "quiet", text)

    with pytest.raises(NoKey, match="cannot be a key") as refusal:
        keys.from_file("quiet", base_url=AT)

    assert not text or text not in str(refusal.value)


def test_a_sealed_key_opens_again_and_shows_nothing():
    token = keys.sealed("sk-quiet-0123456789")

    assert b"quiet" not in token
    assert keys.opened(memoryview(token)) == "sk-quiet-0123456789"
    assert keys.sealed("sk-quiet-0123456789") != token


def test_another_master_key_does_not_open_it(settings):
    token = keys.sealed("a-real-key")
    settings.MASTER_KEYS = [OTHER]

    with pytest.raises(NoKey, match="another master key") as refusal:
        keys.opened(token)

    assert refusal.value.problem == "not_opened"
    assert not keys.opens(token, "a-real-key")


def test_a_new_master_key_seals_anew_while_the_old_one_still_opens(settings):
    settings.MASTER_KEYS = [OTHER]
    token = keys.sealed("a-real-key")
    settings.MASTER_KEYS = [NEWEST, OTHER]

    resealed = keys.resealed(token)

    settings.MASTER_KEYS = [NEWEST]
    assert keys.opened(resealed) == "a-real-key"
    with pytest.raises(Refused):
        keys.opened(token)


@pytest.mark.parametrize(
    ("key", "hint"), [("sk-0123456789-abcd", "abcd"), ("short-key", ""), ("x" * 15, "")]
)
def test_only_of_a_long_key_the_end_is_shown(key, hint):
    assert keys.hint_of(key) == hint


@pytest.fixture
def operator(settings, monkeypatch):
    """Return a function by which the operator lists names, in a process with many variables."""
    for name in ("ACME_BILLING_DB_PASSWORD", "ACME_API_KEY", "ACME_API_TOKEN"):
        monkeypatch.setenv(name, "a-real-secret")

    def lists(*names):
        settings.LLM_KEYS = list(names)

    return lists


@pytest.mark.parametrize(
    "name", ["ACME_BILLING_DB_PASSWORD", "TOUCHSTONE_API_KEY", "SECRET_KEY", "ACME_API_KEY_OLD"]
)
def test_of_the_processs_variables_only_those_that_end_like_keys_are_sent_away(operator, name):
    with pytest.raises(NoKey, match=name) as refusal:
        keys.from_variable(name, base_url=AT)

    assert "a-real-secret" not in str(refusal.value)


@pytest.mark.parametrize("name", ["ACME_API_KEY", "ACME_API_TOKEN"])
def test_a_name_that_ends_like_a_key_needs_no_list(operator, name):
    assert keys.from_variable(name, base_url=AT) == "a-real-secret"


def test_a_list_of_the_operator_is_the_whole_of_it(operator):
    operator("ACME_BILLING_DB_PASSWORD")

    assert keys.from_variable("ACME_BILLING_DB_PASSWORD", base_url=AT) == "a-real-secret"
    with pytest.raises(NoKey, match="does not list ACME_API_KEY"):
        keys.from_variable("ACME_API_KEY", base_url=AT)


def test_no_list_gives_a_secret_of_the_site_away(operator, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://quiet")
    operator("DATABASE_URL")

    with pytest.raises(NoKey, match="no key of an endpoint"):
        keys.from_variable("DATABASE_URL", base_url=AT)


@pytest.mark.parametrize(
    ("place", "base_url", "goes"),
    [
        ("api.example", "https://api.example/v1", True),
        ("API.example", "https://api.example:8443/v1", True),
        ("api.example:443", "https://api.example/v1", True),
        ("api.example:443", "https://api.example:8443/v1", False),
        ("[::1]:8000", "http://[::1]:8000/v1", True),
        ("api.example", "https://api.example.evil.example/v1", False),
        ("api.example", "https://other.example/api.example", False),
        ("", "https://api.example/v1", False),
    ],
)
def test_a_bound_key_goes_to_its_host_alone(operator, place, base_url, goes):
    operator(f"ACME_API_KEY@{place}")

    assert (keys.why_not_variable("ACME_API_KEY", base_url) == "") is goes


def test_a_key_may_be_bound_to_several_hosts(operator):
    operator("ACME_API_KEY@a.example", "ACME_API_KEY@b.example")

    assert keys.from_variable("ACME_API_KEY", base_url="https://b.example/v1") == "a-real-secret"


def test_files_are_listed_and_bound_in_the_same_way(folder, operator):
    keep(folder / "quiet")
    keep(folder / "loud")
    operator("quiet@api.example")

    assert keys.from_file("quiet", base_url=AT) == "a-real-key"
    with pytest.raises(NoKey, match="keeps quiet for another host"):
        keys.from_file("quiet", base_url="https://other.example/v1")
    with pytest.raises(NoKey, match="does not list loud"):
        keys.from_file("loud", base_url=AT)
