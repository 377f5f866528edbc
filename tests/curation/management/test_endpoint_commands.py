"""Where the key is, what the model can do and what it costs, said at a shell."""

import io
import json
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from curation import endpoints
from curation.models import Endpoint
from tests import factories

LOCAL = ("--base-url", "http://127.0.0.1:9/v1", "--model", "quiet-model")
KEY = "sk-canary-0123456789-wxyz"


@pytest.fixture
def add(project, capsys):
    """Name the endpoint and give what the command printed, on stdout and on stderr."""

    def add(*words):
        call_command("add_endpoint", "everyday", "--name", "quiet", *LOCAL, *words, "--json")
        said = capsys.readouterr()
        return json.loads(said.out), said.out + said.err

    return add


@pytest.fixture
def typed(monkeypatch):
    def typed(text):
        monkeypatch.setattr("sys.stdin", io.StringIO(text))

    return typed


def test_a_key_that_is_typed_is_stored_sealed_and_printed_nowhere(add, typed):
    typed(f"{KEY}\nmore\n")

    _said, printed = add("--key-stdin")

    assert endpoints.key_of(Endpoint.objects.get()) == KEY
    assert "canary" not in printed


def test_the_same_key_again_changes_nothing_and_a_file_takes_its_place(add, typed):
    typed(KEY)
    add("--key-stdin")
    typed(KEY)

    same, _printed = add("--key-stdin")
    moved, _printed = add("--key-file", "quiet")

    assert same["changed"] == []
    assert moved["changed"] == ["key_file", "key_sealed"]
    endpoint = Endpoint.objects.get()
    assert (endpoint.key_file, bytes(endpoint.key_sealed)) == ("quiet", b"")


def test_a_variable_takes_the_place_of_a_file(add):
    add("--key-file", "quiet")

    add("--key-env", "QUIET_API_KEY")

    endpoint = Endpoint.objects.get()
    assert (endpoint.key_env, endpoint.key_file) == ("QUIET_API_KEY", "")


def test_what_the_model_can_do_is_said_and_stays_said(add):
    said = ("--no-temperature", "--no-seed", "--hold-other-models", "--rate", 90)
    said += ("--critic-format", "score_text")
    add(*said, "--token-parameter", "max_completion_tokens")

    same, _printed = add()

    assert same["changed"] == []
    profile = endpoints.profile_of(Endpoint.objects.get())
    assert (profile.takes_temperature, profile.takes_seed, profile.rate) == (False, False, 90)
    assert profile.holds_other_models
    assert profile.critic_format == "score_text"
    add("--seed", "--no-hold-other-models")
    assert Endpoint.objects.get().takes_seed


def test_prices_are_said_with_the_day_they_hold_from(add):
    prices = ("--input-price", "1.5", "--output-price", 6, "--cached-price", "0.15")
    first, _printed = add(*prices, "--since", "2026-01-31")
    again, _printed = add(*prices, "--since", "2026-01-31")

    assert (first["changed"], again["changed"]) == (["created", "price"], [])
    price = Endpoint.objects.get().price
    assert (price.since, price.cached_price) == (date(2026, 1, 31), 150_000)


@pytest.mark.parametrize(
    "words",
    [
        ("--key-env", "A", "--key-file", "b"),
        ("--key-stdin", "--key-file", "b"),
        ("--since", "soon", "--input-price", 1, "--output-price", 1),
        ("--since", "2026-01-31"),
    ],
)
def test_wrong_use_is_told_apart(add, words):
    with pytest.raises(CommandError):
        add(*words)

    assert not Endpoint.objects.exists()


def test_stored_keys_are_sealed_anew(db, settings, capsys):
    newest = "newest-master-key-0123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    endpoint = factories.make_endpoint()
    endpoints.update(endpoint=endpoint, profile=endpoints.profile_of(endpoint), key=KEY, by=None)
    settings.MASTER_KEYS = [newest, *settings.MASTER_KEYS]

    call_command("reseal_keys")

    settings.MASTER_KEYS = [newest]
    assert endpoints.key_of(Endpoint.objects.get()) == KEY
    assert capsys.readouterr().out == "Sealed anew: 1.\n"


def test_without_the_old_master_key_resealing_is_refused(db, settings, capsys):
    endpoint = factories.make_endpoint()
    endpoints.update(endpoint=endpoint, profile=endpoints.profile_of(endpoint), key=KEY, by=None)
    settings.MASTER_KEYS = ["newest-master-key-0123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZ"]

    with pytest.raises(SystemExit) as stopped:
        call_command("reseal_keys")

    assert stopped.value.code == 1
    assert "another master key" in capsys.readouterr().err
