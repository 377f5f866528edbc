"""From the text of a reply to a value."""

import json

import pytest

from curation.drafting import completions
from curation.drafting.purposes.options import OptionReply
from curation.drafting.reading import shaped
from tests.endpoint import completion


@pytest.mark.parametrize(
    ("said", "flags"),
    [
        ('{"nonce": "abc", "option": "Ask \\ud83d them."}', ["repaired"]),  # escaped by the model
        ('{"nonce": "abc", "option": "Ask \ud83d them."}', ["repaired"]),  # and by the server
        ('{"nonce": "abc", "option": "Ask \\u0000 them."}', ["repaired"]),
        ('{"nonce": "abc", "option": "Ask them."}', []),
    ],
)
def test_what_could_not_be_stored_is_replaced_and_flagged_wherever_it_stood(said, flags):
    reply = completions.read(json.dumps(completion(said)).encode())

    value, found = shaped(reply.content, OptionReply, structured="json_schema", nonce="abc")

    assert found == flags
    assert value["option"] in ("Ask \ufffd them.", "Ask them.")
