import os

import pytest

from curation import keys
from curation.keys import NoKey
from curation.refusals import Refused

OTHER = "another-master-key-0123456789-abcdefghijklmnopqrstuvwxyz"
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

    assert keys.from_file("quiet.key") == "a-real-key"


def test_a_link_inside_the_folder_is_followed_as_clusters_make_them(folder):
    (folder / "..data").mkdir()
    keep(folder / "..data" / "quiet")
    (folder / "quiet").symlink_to("..data/quiet")

    assert keys.from_file("quiet") == "a-real-key"


def test_a_link_out_of_the_folder_is_not(folder, tmp_path):
    (folder / "quiet").symlink_to(keep(tmp_path / "elsewhere"))

    with pytest.raises(NoKey, match="quiet is no file with a key"):
        keys.from_file("quiet")


@pytest.mark.parametrize("name", ["../elsewhere", "/etc/hostname", "a/b", "", ".hidden", "a\0b"])
def test_a_name_is_never_a_path(folder, tmp_path, name):
    keep(tmp_path / "elsewhere")

    with pytest.raises(NoKey):
        keys.from_file(name)


@pytest.mark.parametrize("name", ["master-key", "secret-key"])
def test_the_sites_own_secrets_are_no_keys_wherever_the_folder_is(folder, name):
    keep(folder / name)

    with pytest.raises(NoKey, match="no file with a key"):
        keys.from_file(name)


@pytest.mark.parametrize("mode", [0o604, 0o602, 0o666])
def test_a_file_that_everybody_may_read_or_write_is_refused_in_words(folder, mode):
    keep(folder / "quiet", mode=mode)

    with pytest.raises(NoKey, match="Everybody may read") as refusal:
        keys.from_file("quiet")

    assert refusal.value.problem == "no_key_file: quiet"


def test_a_file_that_is_not_there_is_told_by_name(folder):
    with pytest.raises(NoKey, match="There is no file quiet"):
        keys.from_file("quiet")


def test_a_pipe_is_no_file_and_is_not_waited_for(folder):
    os.mkfifo(folder / "quiet", 0o600)

    with pytest.raises(NoKey, match="no file with a key"):
        keys.from_file("quiet")


@pytest.mark.parametrize("text", ["", "two words", "schlüssel", "k" * 5000])
def test_what_cannot_be_a_key_is_never_repeated(folder, text):
    keep(folder / "quiet", text)

    with pytest.raises(NoKey, match="cannot be a key") as refusal:
        keys.from_file("quiet")

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
