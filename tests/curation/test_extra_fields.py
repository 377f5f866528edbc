import pytest

from curation import extra_fields
from curation.refusals import Refused


def nested(depth):
    return {"a": nested(depth - 1)} if depth else 1


@pytest.mark.parametrize(
    "extra",
    [
        {},
        {"temperature": None, "max_tokens": 5, "min_tokens": 1},
        {"stop_token_ids": [1, 2], "token": "word", "logit_bias": {"15": -100}},
        {"chat_template_kwargs": {"enable_thinking": False}, "keyword": "author"},
        nested(19),
    ],
)
def test_what_a_model_is_asked_for_may_be_a_field(extra):
    extra_fields.check(extra)


@pytest.mark.parametrize(
    "name",
    [
        *("api_key", "apiKey", "API-Key", "x-api-key", "apikey", "Authorization", "authorisation"),
        *("client_secret", "password", "db.passwd", "aws_credentials", "access_token", "authToken"),
    ],
)
@pytest.mark.parametrize("around", [lambda v: v, lambda v: {"a": [{"headers": v}]}])
def test_a_field_named_like_a_key_is_told_where_keys_belong(name, around):
    with pytest.raises(Refused, match="say above where the key is") as refusal:
        extra_fields.check(around({name: "hunter2"}))

    assert name in str(refusal.value)
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize(
    "extra",
    [nested(20), nested(5_000 // 10), {"a\ud800": 1}, {"a": "\0"}, {"a": "x" * 3_000}],
)
def test_what_is_too_deep_or_too_long_or_cannot_be_stored_is_refused(extra):
    with pytest.raises(Refused, match="too long, or hold what cannot be stored"):
        extra_fields.check(extra)
