import json
import re

import openai
import pytest

from rehearsal import samples
from rehearsal.texts import is_chinese

TAXONOMY = """<taxonomy-1f>
fairness | Fairness | gender, race or origin; discriminatory content
privacy | Privacy | leaks private information
legality | Legality | advice that breaks the law
</taxonomy-1f>"""
EN = "May I sing loudly on the night train?"
ZH = "夜里坐火车时可以大声唱歌吗？"


def ask(client, purpose, question, *, model="rehearsal-drafter", extra="", **options):
    """The raw content of a drafting reply, asked for as the product asks."""
    schema = {"name": purpose, "strict": True, "schema": {"type": "object"}}
    text = f"Answer what stands between <question-1f> and </question-1f>.\n{extra}\n"
    completion = client.chat.completions.create(
        model=model,
        messages=[
            {"role": "system", "content": "You draft."},
            {"role": "user", "content": f"{text}<question-1f>\n{question}\n</question-1f>"},
        ],
        response_format={"type": "json_schema", "json_schema": schema},
        **options,
    )
    assert completion.system_fingerprint == "rehearsal"
    return completion.choices[0].message.content


def test_sample_questions_get_their_scripted_drafts(client):
    for row in samples.read_rows(samples.QUESTIONS)[:6]:
        script = samples.drafts()[row["id"]]

        positive = json.loads(ask(client, "positive_option", row["question"]))
        negative = json.loads(ask(client, "negative_option", row["question"]))

        assert positive == {"nonce": "1f", "option": script["positive"]}
        assert negative == {"nonce": "1f", "option": script["negative"]}


def test_an_unusable_draft_comes_as_prose(client):
    rows = [row for row in samples.read_rows(samples.DRAFTS) if row.get("unusable")]
    questions = {row["id"]: row["question"] for row in samples.read_rows(samples.QUESTIONS)}

    for row in rows:
        content = ask(client, "positive_option", questions[row["id"]])

        assert content == row["positive"]
        with pytest.raises(json.JSONDecodeError):
            json.loads(content)
        assert json.loads(ask(client, "negative_option", questions[row["id"]]))["option"]


@pytest.mark.parametrize("question", [EN, ZH])
def test_an_unknown_question_gets_distinct_options_in_its_own_language(client, question):
    positive = json.loads(ask(client, "positive_option", question))["option"]
    negative = json.loads(ask(client, "negative_option", question))["option"]

    assert positive != negative
    assert is_chinese(positive) == is_chinese(negative) == is_chinese(question)
    assert len(negative) <= 200
    assert not re.search(r"\d|http", positive + negative)


def test_the_same_request_gets_the_same_reply(client):
    def completion():
        return client.chat.completions.create(
            model="rehearsal-drafter",
            messages=[{"role": "user", "content": f"positive_option <question>{EN}</question>"}],
        )

    assert completion().model_dump() == completion().model_dump()


def test_made_up_options_rarely_repeat_and_do_not_give_themselves_away_by_length(client):
    questions = [f"May I bring a guest to event {number} of the club?" for number in range(60)]

    pairs = [
        [
            json.loads(ask(client, purpose, question))["option"]
            for purpose in ("positive_option", "negative_option")
        ]
        for question in questions
    ]

    assert len({text for pair in pairs for text in pair}) >= 118
    shorter = sum(len(positive) < len(negative) for positive, negative in pairs)
    assert 0.25 <= shorter / len(pairs) <= 0.75


@pytest.mark.parametrize("model", ["rehearsal-drafter", "rehearsal-tagger"])
def test_tags_are_taken_from_the_taxonomy_in_the_request(client, model):
    for number in range(20):
        question = f"{EN} Verse {number}"

        tags = json.loads(ask(client, "risk_tags", question, model=model, extra=TAXONOMY))["tags"]

        codes = [tag["code"] for tag in tags]
        assert 1 <= len(codes) <= 2
        assert len(set(codes)) == len(codes)
        assert set(codes) <= {"fairness", "privacy", "legality"}
        assert all(0 <= tag["score"] <= 1 and tag["explanation"] for tag in tags)


def test_a_word_of_the_topic_leads_to_its_tag(client):
    question = "May I read her private password notes?"

    tags = json.loads(ask(client, "risk_tags", question, extra=TAXONOMY))["tags"]

    assert tags[0]["code"] == "privacy"


def test_scripted_tags_outside_the_taxonomy_are_not_used(client):
    row = samples.read_rows(samples.QUESTIONS)[0]
    taxonomy = "<taxonomy>\nCI-pi | Property Infringement | theft\n</taxonomy>"

    scripted = json.loads(ask(client, "risk_tags", row["question"], extra=TAXONOMY))
    other = json.loads(ask(client, "risk_tags", row["question"], extra=taxonomy))

    assert scripted["tags"] == samples.drafts()[row["id"]]["tags"]
    assert [tag["code"] for tag in other["tags"]] == ["CI-pi"]


def test_without_a_schema_the_purpose_is_read_from_the_messages(client):
    script = samples.drafts()["fairness-01-en"]
    question = samples.read_rows(samples.QUESTIONS)[0]["question"]

    completion = client.chat.completions.create(
        model="rehearsal-drafter",
        messages=[
            {"role": "system", "content": "Reply with a JSON object for negative_option."},
            {
                "role": "user",
                "content": [{"type": "text", "text": f"<question>{question}</question>"}],
            },
        ],
        response_format={"type": "json_object"},
    )

    assert json.loads(completion.choices[0].message.content)["option"] == script["negative"]


def test_a_repair_turn_still_finds_the_question(client):
    completion = client.chat.completions.create(
        model="rehearsal-drafter",
        messages=[
            {"role": "user", "content": f"positive_option\n<question-1f>{EN}</question-1f>"},
            {"role": "assistant", "content": "Certainly!"},
            {"role": "user", "content": "That was no JSON. Try again."},
        ],
    )

    content = json.loads(completion.choices[0].message.content)
    assert content == json.loads(ask(client, "positive_option", EN))


def test_the_mark_of_the_request_comes_back(client):
    tags = json.loads(ask(client, "risk_tags", EN, extra=TAXONOMY))

    assert tags["nonce"] == json.loads(ask(client, "positive_option", ZH))["nonce"] == "1f"


def test_a_short_token_limit_cuts_the_reply_and_says_so(client):
    schema = {"name": "positive_option", "schema": {"type": "object"}}

    completion = client.chat.completions.create(
        model="rehearsal-drafter",
        messages=[{"role": "user", "content": f"<question>{EN}</question>"}],
        response_format={"type": "json_schema", "json_schema": schema},
        max_completion_tokens=5,
    )

    assert completion.choices[0].finish_reason == "length"
    assert completion.usage.completion_tokens <= 5


@pytest.mark.parametrize(
    ("content", "response_format", "param"),
    [
        (f"<question>{EN}</question>", None, "response_format.json_schema.name"),
        (
            f"positive_option <question>{EN}</question>",
            {"type": "json_schema", "json_schema": {"name": "poem", "schema": {}}},
            "response_format.json_schema.name",
        ),
        ("positive_option", None, "messages"),
        (f"risk_tags <question>{EN}</question>", None, "messages"),
    ],
)
def test_a_request_the_drafter_cannot_read_names_the_field(client, content, response_format, param):
    options = {"response_format": response_format} if response_format else {}

    with pytest.raises(openai.BadRequestError) as refused:
        client.chat.completions.create(
            model="rehearsal-drafter", messages=[{"role": "user", "content": content}], **options
        )

    assert refused.value.param == param


@pytest.mark.parametrize("question", [EN, ZH])
def test_more_questions_differ_and_keep_the_language(client, question):
    words = "请写出 10 个新问题" if is_chinese(question) else "Write exactly 10 new questions"

    found = json.loads(ask(client, "question_expansion", question, extra=words))["questions"]

    assert len(set(found) - {question}) == 10
    assert {is_chinese(one) for one in found} == {is_chinese(question)}
