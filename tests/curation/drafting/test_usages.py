import pytest

from curation.drafting import usages
from curation.drafting.replies import Outcome, Reply, Trouble, Usage
from curation.drafting.requests import Request

# About 4 characters a token in English, and at least 0.6 tokens a Chinese character.
ENGLISH = "I would ask my neighbour first, and listen to what she has to say about the dog. "
CHINESE = "我会先问邻居，听听她对这只狗有什么说法。"


def request(content=ENGLISH * 40):
    messages = [{"role": "user", "content": content}]
    return Request(key="k", model="m", messages=messages, fields={"max_tokens": 500})


def reply(*usage, content="Ask first."):
    return Reply(outcome=Outcome.REPLIED, raw=b"{}", content=content, usage=Usage(*usage))


@pytest.mark.parametrize(("text", "true"), [(ENGLISH, len(ENGLISH) / 5), (CHINESE, 0.5 * 20)])
def test_the_bound_is_below_every_true_count_and_not_nothing(text, true):
    assert 40 * true / 4 < usages.fewest([text] * 20 + [text * 20]) < 40 * true


@pytest.mark.parametrize("text", [" " * 10_000, "=" * 10_000, "", "哈" * 10_000])
def test_what_may_be_one_token_is_none_for_certain(text):
    assert usages.fewest([text]) == 0


@pytest.mark.parametrize(
    ("told", "counts"),
    [
        ((800, 3), (800, 3)),
        ((1, 3), (202, 3)),
        ((800, 0, 10), (800, 0, 10)),
        ((0, 3), (0, 3)),
        ((None, 3), (None, 3)),
        ((800, None), (800, None)),
    ],
)
def test_too_little_counts_as_what_it_must_have_been(told, counts):
    assert usages.at_least(request(), reply(*told)) == Usage(*counts)


def test_too_little_for_a_long_reply_counts_as_what_it_must_have_been():
    assert usages.at_least(request(), reply(800, 1, content=ENGLISH * 40)) == Usage(800, 202)


@pytest.mark.parametrize(
    "told",
    [(), (0, 0), (None, 20), (800, None), (1, 20), (201, 20), (10**6, 20), (800, 501)],
)
def test_usage_that_cannot_be_is_flagged(told):
    assert usages.flags(request(), reply(*told)) == ["odd_usage"]


@pytest.mark.parametrize("told", [(800, 3), (202, 500), (3_000, 20, 3_000)])
def test_usage_that_can_be_is_not(told):
    assert usages.flags(request(), reply(*told)) == []


def test_where_nothing_came_back_nothing_is_odd():
    assert usages.flags(request(), Trouble(Outcome.UNKNOWN, "timeout")) == []


def test_without_the_request_only_the_reply_is_measured():
    unknown = Request(key="k", model="m", messages=[], fields={})

    assert usages.flags(unknown, reply(1, 10**6)) == []
    assert usages.flags(unknown, reply(1, 1, content=ENGLISH)) == ["odd_usage"]
