from rehearsal.accounts import Secrets


def test_the_password_is_made_once_and_kept_closed(tmp_path):
    path = tmp_path / "rehearsal-accounts.json"

    first = Secrets(path)
    first.keep("token", "t0")
    again = Secrets(path)

    assert again.password == first.password
    assert again.token == "t0"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_two_installations_have_different_passwords(tmp_path):
    assert Secrets(tmp_path / "a.json").password != Secrets(tmp_path / "b.json").password
