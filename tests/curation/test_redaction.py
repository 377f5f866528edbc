import io
import json
import logging
import subprocess
import sys

import pytest

from curation import redaction
from tests import spellings

SECRET = "ts-Canary/9+x==_quiet\"one'&two\\%3three"


@pytest.fixture(autouse=True)
def remembered(monkeypatch):
    monkeypatch.setattr(redaction, "_remembered", set())
    return redaction.remember(SECRET)


@pytest.fixture
def told():
    """A logger whose handler nobody configured, and what it wrote."""
    logger, stream = logging.getLogger("tests.told"), io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger.addHandler(handler)
    yield logger, stream.getvalue
    logger.removeHandler(handler)


@pytest.mark.parametrize("spelling", spellings.EVERY, ids=lambda spelling: spelling.__name__)
def test_a_secret_is_hidden_in_every_spelling(spelling):
    shown = redaction.hidden(f"It is {spelling(SECRET)}.")

    assert "[key]" in shown
    assert spellings.found(SECRET, shown.encode()) == []
    assert shown == "It is [key]." or spelling in spellings.PARTLY


def test_a_body_that_is_not_text_loses_the_secret_and_nothing_else():
    body = bytes(range(256)) + SECRET.encode() + b"\xff\xfe"

    assert redaction.without(SECRET, body) == bytes(range(256)) + b"[key]\xff\xfe"


@pytest.mark.parametrize("body", [b"", b"\\" * 9, b'{"a": "\\u0041%41&#65;"}', b"caf\xc3\xa9"])
def test_a_body_without_the_secret_stays_as_it_came(body):
    assert redaction.without(SECRET, body) == body


def test_what_is_too_short_to_be_told_from_a_word_is_no_secret():
    redaction.remember("ollama")

    assert redaction.hidden("ollama says hello") == "ollama says hello"
    assert redaction.without("ollama", b"ollama") == b"ollama"


@pytest.mark.parametrize(
    "words",
    ["sk-abcdefgh", "it is sk-proj-12_34-56.", "Authorization: Bearer abc.def", "Bearer  x"],
)
def test_what_looks_like_a_key_is_hidden_whosever_it_is(words):
    assert "[key]" in redaction.hidden(words)
    assert b"[key]" in redaction.without_keys(words.encode())


@pytest.mark.parametrize("words", ["a risk-averse-person", "sk-short", "the bearer of news"])
def test_words_that_look_like_no_key_stay(words):
    assert redaction.hidden(words) == words


def test_a_log_hides_secrets_in_message_arguments_and_stack(told):
    logger, written = told

    logger.error("Key %s of %r", SECRET, {"authorization": f"Bearer {SECRET}"}, stack_info=True)
    logger.error(f"Again {SECRET}")
    logger.error("In bytes: %r", [SECRET.encode()])
    logger.error("Too many %s", SECRET, "arguments")

    assert "Key [key] of" in written()
    assert "[b'[key]']" in written()
    assert spellings.found(SECRET, written().encode()) == []


def test_a_log_hides_secrets_in_exceptions_and_their_causes(told):
    logger, written = told

    try:
        try:
            raise ValueError(SECRET)
        except ValueError as error:
            raise RuntimeError(f"{SECRET}!") from error
    except RuntimeError:
        logger.exception("It broke")

    assert "RuntimeError: [key]!" in written()
    assert "ValueError: [key]" in written()
    assert spellings.found(SECRET, written().encode()) == []


def test_a_record_that_other_handlers_see_holds_no_secret(caplog):
    logging.getLogger("tests.told").error("Key %s", SECRET)

    assert SECRET not in str(vars(caplog.records[0]))


def test_what_ends_a_process_is_told_without_secrets():
    program = (
        "from curation import redaction\n"
        f"redaction.install(); redaction.remember({SECRET!r})\n"
        f"raise SystemError('it is ' + {json.dumps(SECRET)})\n"
    )

    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert ended.returncode == 1
    assert "SystemError: it is [key]" in ended.stderr
