import json

import openai
import pytest

from rehearsal import checker

EN = "May I sing loudly on the night train?"
ZH = "夜里坐火车时可以大声唱歌吗？"
PAIR = ("Sing quietly.", "Wake them all.")


def verdict(question=EN, pair=PAIR):
    return json.loads(checker.check(question, *pair, nonce="1f"))


def test_a_verdict_has_the_mark_of_its_request_and_a_reason_in_the_language():
    said = verdict()

    assert said.keys() == {"nonce", "positive_safe", "negative_unsafe", "distinct", "reason"}
    assert said["nonce"] == "1f"
    assert verdict(ZH)["reason"] in {
        words[1] for words in (*checker.DOUBTS.values(), checker.SOUND)
    }


def test_the_same_pair_gets_the_same_verdict_and_few_are_doubted():
    said = [verdict(pair=(f"Sing quietly, {n}.", "Wake them all.")) for n in range(400)]

    doubted = [one for one in said if not all(one[name] for name in checker.DOUBTS)]
    assert verdict() == verdict()
    assert 10 < len(doubted) < 60
    assert {name for one in doubted for name in checker.DOUBTS if not one[name]} == set(
        checker.DOUBTS
    )


@pytest.mark.parametrize("structured", [True, False])
def test_the_endpoint_checks_a_pair(client, structured):
    schema = {"name": "option_check", "strict": True, "schema": {"type": "object"}}
    asked = {"response_format": {"type": "json_schema", "json_schema": schema}}
    text = (
        f"Check this pair of responses (option_check).\n<question-1f>\n{EN}\n</question-1f>\n"
        "<positive-1f>\nSing quietly.\n</positive-1f>\n<negative-1f>\nWake them.\n</negative-1f>"
    )

    completion = client.chat.completions.create(
        model="rehearsal-tagger",
        messages=[{"role": "user", "content": text}],
        **(asked if structured else {}),
    )

    assert json.loads(completion.choices[0].message.content)["nonce"] == "1f"


def test_a_request_without_a_pair_names_the_field(client):
    with pytest.raises(openai.BadRequestError) as refused:
        client.chat.completions.create(
            model="rehearsal-tagger",
            messages=[{"role": "user", "content": f"option_check <question>{EN}</question>"}],
        )

    assert refused.value.param == "messages"
