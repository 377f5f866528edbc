import pytest

from rehearsal.shell import Refused, run


def test_a_command_answers_with_the_object_it_prints_and_is_heard_meanwhile():
    heard = []
    code = "import sys, json; print('half way', file=sys.stderr); print(json.dumps({'n': 2}))"

    assert run("-c", code, hear=heard.append) == {"n": 2}
    assert heard == ["half way"]


def test_a_refusal_is_raised_with_the_words_of_the_command():
    with pytest.raises(Refused, match=r"exit 1: .*no such project"):
        run("-c", "import sys; sys.exit('no such project')")


def test_a_secret_reaches_the_command_as_its_environment():
    code = "import os, json; print(json.dumps(os.environ['PASSWORD_OF_ADA']))"

    assert run("-c", code, secrets={"PASSWORD_OF_ADA": "k7d2"}) == "k7d2"
