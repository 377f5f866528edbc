"""The table of faults, L1 to L38.

Each case is a project of its own: five items whose calls for one role meet the fault, and ten calls
at an endpoint that is well. Steps are what the first, second, … request of a call meets.
"""

from tests.bars.drafting.case import (
    EVERY,
    Case,
    Ending,
    always,
    answers,
    done,
    failed,
    inside,
    left,
    limit,
    option,
    says,
    stopped,
)
from tests.bars.drafting.reply_cases import REPLIES
from tests.bars.drafting.sayings import LEFT_OUT
from tests.bars.drafting.scripted import GOOD

ONE_A_TOKEN = {"price": (1_000_000, 1_000_000)}  # micro-units
HTML = "<html><body><h1>Sorry!</h1><script>x()</script></body></html>"
UNPAID = {"error": {"code": "insufficient_quota", "message": "no money"}}
SUNSET = "Thu, 31 Dec 2026 23:59:59 GMT"
EARLY = {"read": 1.0, "total": 2.0}
DEAREST = {"prompt_tokens": 1_000_000, "completion_tokens": 20}
WRONG_NONCE = '{"nonce": "0123456789ab", "option": "Ask them."}'

CASES = [
    Case("L1 seconds", done(2), [limit(after=1)], gap=1.0),
    Case("L2 a date", done(2), [limit(date_after=2)], gap=0.9),
    Case("L2 milliseconds", done(2), [limit(headers={"retry-after-ms": "700"})], gap=0.7),
    Case(
        "L2 an hour",
        Ending("planned", "rate_limited: HTTP 429", None, most=5),
        [limit(headers={"retry-after": "3600"})],
        mend="an hour later",
        then=Ending("done", asks=(1, 2)),
    ),
    Case("L2 before now", done(2), [limit(headers={"retry-after": "-1"})]),
    Case("L2 nonsense", done(2), [limit(headers={"retry-after": "abc"})]),
    Case("L3 no header", failed("rate_limited: HTTP 429", 4), **always(limit()), also="doubling"),
    Case(
        "L4 no quota",
        stopped("unpaid: HTTP 429", most=5),
        **always(answers(429, UNPAID)),
        mend="all is well",
        then=Ending("done", asks=(1, 2)),
    ),
    Case("L5 three kinds", done(4), [answers(500), answers(502, HTML), answers(503, HTML)]),
    Case("L5 HTML for ever", failed("server_error: HTTP 503", 4), **always(answers(503, HTML))),
    Case("L5 overloaded", done(2), [answers(529, {"error": {"type": "overloaded_error"}})]),
    Case(
        "L6 told to retry",
        failed("rejected: HTTP 400"),
        **always(answers(400, {"error": {"code": "bad"}}, x_should_retry="true")),
    ),
    Case("L7 refused", failed("refused_connection", 0), url="http://127.0.0.1:1/v1", lost=True),
    Case("L7 reset before a byte", done(2), [{"name": "reset", "send": "reset"}]),
    Case("L7 reset for ever", failed("broken", 3), **always({"name": "reset", "send": "reset"})),
    Case("L7 reset after the headers", done(2), [{"name": "half", "send": "half"}]),
    Case("L8 no such name", failed("no_such_host", 0), url="https://nowhere.invalid/v1", lost=True),
    Case("L9 silence", done(2), [{"name": "silence", "send": "silence"}], waits=EARLY),
    Case(
        "L9 silence for ever",
        failed("timeout", 4),
        **always({"name": "silence", "send": "silence"}),
        waits={"read": 0.5, "total": 1.0},
    ),
    Case("L10 drip", done(2), [{"name": "drip", "send": "drip", "every": 0.1}], waits=EARLY),
    Case("L11 a certificate that is fine", done(1), url="fine"),
    Case("L11 of another name", failed("certificate", 0), url="other-name", lost=True, also="tls"),
    Case("L11 expired", failed("certificate", 0), url="expired", lost=True, also="tls"),
    Case("L11 signed by itself", failed("certificate", 0), url="by-itself", lost=True, also="tls"),
    Case("L12 cut", done(2), [{"name": "cut", "send": "cut"}]),
    Case("L12 cut for ever", failed("broken", 3), **always({"name": "cut", "send": "cut"})),
    Case("L13 half a body", done(2), [{"name": "half", "cut_at": 0.6}]),
    Case(
        "L13 too few tokens",
        done(2),
        [says('{"nonce": "NONCE", "opt', finish="length")],
        also="more tokens",
    ),
    Case(
        "L13 never enough tokens",
        left("truncated", 2),
        **always(says('{"nonce": "NONCE", "opt', finish="length")),
        also="more tokens",
    ),
    Case("L14 no choices", done(2), [inside({"choices": []})]),
    Case("L14 null", done(2), [inside({"choices": None})]),
    Case("L14 a limit inside", done(2), [inside({"error": {"code": 429, "message": "slow"}})]),
    Case("L14 an error inside", done(2), [inside({"error": {"code": 502, "message": "bad"}})]),
    Case(
        "L14 no quota inside",
        stopped("unpaid: insufficient_quota", most=5),
        **always(inside(UNPAID)),
        mend="all is well",
        then=Ending("done", asks=(1, 2)),
    ),
    Case("L15 null", left("empty", 2), **always(says("", message={"content": None}))),
    Case("L15 nothing", left("empty", 2), **always(says(""))),
    Case("L15 spaces", left("empty", 2), **always(says(" \n "))),
    Case("L15 once", done(2), [says("")]),
    Case(
        "L16 a refusal",
        Ending("refused", "refused", (1, 1)),
        **always(says("", message={"content": None, "refusal": "I would rather not."})),
        also="for people",
    ),
    Case(
        "L17 a filter",
        Ending("refused", "filtered", (1, 1)),
        **always(says("", finish="content_filter")),
        also="for people",
    ),
    Case(
        "L18 tools",
        left("empty", 2),
        **always(says("", message={"content": None, "tool_calls": []}, finish="tool_calls")),
    ),
    Case("L18 tools once", done(2), [says("", message={"tool_calls": []}, finish="tool_calls")]),
    *REPLIES,
    Case(
        "L27 200 MB",
        failed("too_large"),
        **always({"name": "huge", "send": "huge", "size": 200_000_000}),
        also="memory",
    ),
    Case("L27 a long option", left("wrong_shape: option", 3), **always(says(option("LONG")))),
    Case(
        "L27 a bomb",
        failed("too_large"),
        **always(
            {
                "name": "bomb",
                "send": "bomb",
                "size": 50_000_000,
                "headers": {"content-encoding": "gzip"},
            }
        ),
        also="memory",
    ),
    Case("L27 squeezed in secret", done(2), [{"name": "squeezed", "squeezed": True}]),
    Case(
        "L28 the key is taken back",
        Ending("planned", "", most=4, paused="denied: HTTP 401"),
        script={
            "key": "Bearer a-new-key-of-theirs",
            "key_from": 2,
            "denies": answers(401, {"error": {"message": "no: an-old-key-of-theirs"}}),
        },
        endpoint={"concurrency": 2, "key_env": "BARS_API_KEY"},
        mend="a new key",
        then=Ending("done", asks=(1, 2)),
        also="some done",
    ),
    Case(
        "L28 forbidden",
        stopped("denied: HTTP 403", most=2),
        **always(answers(403)),
        endpoint={"concurrency": 2},
        mend="all is well",
        then=Ending("done", asks=(1, 2)),
    ),
    Case(
        "L29 gone",
        stopped("not_found: HTTP 404", most=5),
        **always(answers(404, {"error": {"code": "model_not_found"}})),
        mend="all is well",
        then=Ending("done", asks=(1, 2)),
    ),
    Case(
        "L29 soon gone",
        done(1),
        **always({"name": "old", "headers": {"deprecation": "true", "sunset": SUNSET}}),
        also="warned",
    ),
    Case("L30 another model", done(1, "other_model"), **always({"name": "m", "model": "other"})),
    Case(
        "L30 another model, held",
        left("other_model", 1, "other_model"),
        **always({"name": "m", "model": "other"}),
        endpoint={"holds_other_models": True},
    ),
    Case(
        "L30 another system",
        done(1),
        script={"steps": [{"name": n, "system": n} for n in ("fp_1", "fp_2")], "cycle": True},
        endpoint={"concurrency": 1},
        also="systems",
    ),
    *(
        Case(
            f"L31 usage {name}",
            done(1),
            **always({"name": "usage", "usage": usage}),
            endpoint=ONE_A_TOKEN,
            cap=1_000,
            also="at its worst",
        )
        for name, usage in {
            "missing": LEFT_OUT,
            "of zero": {"prompt_tokens": 0, "completion_tokens": 0},
            "below zero": {"prompt_tokens": -5, "completion_tokens": -5},
            "in words": {"prompt_tokens": "many", "completion_tokens": 2.5},
            "beyond all": {"prompt_tokens": 10**14, "completion_tokens": 1},
        }.items()
    ),
    *(
        Case(
            f"L31 {name} too small",
            done(1),
            **always({"name": "usage", "usage": usage}),
            endpoint=ONE_A_TOKEN,
            cap=1_000,
            also="no less than can be",
        )
        for name, usage in {
            "far": {"prompt_tokens": 1, "completion_tokens": 1},
            "somewhat": {"prompt_tokens": 50, "completion_tokens": 20},
        }.items()
    ),
    Case(
        "L31 dearer than can be",
        Ending("planned", "", most=1, paused="dearer"),
        script={"steps": [{"name": "dear", "usage": DEAREST}] + [GOOD] * 99, "cycle": True},
        endpoint={**ONE_A_TOKEN, "concurrency": 1},
        cap=1_000,
        mend="more money",
        then=done(1),
        also="some done",
        others=False,
    ),
    Case(
        "L32 no money left",
        Ending("planned", "", most=2),
        **always({"name": "usage", "usage": LEFT_OUT}),
        endpoint=ONE_A_TOKEN,
        cap=2.5,
        mend="more money",
        then=done(1),
        also="some done",
        others=False,
    ),
    *(
        Case(
            f"L33 {status}",
            stopped(f"moved: HTTP {status}", most=5),
            **always({"name": "moved", "status": status, "body": "", "leads_here": True}),
            mend="all is well",
            then=Ending("done", asks=(1, 2)),
        )
        for status in (302, 307)
    ),
    Case(
        "L33 101",
        failed("broken", 3),
        **always(
            {
                "name": "101",
                "status": 101,
                "body": "",
                "headers": {"upgrade": "x", "connection": "upgrade"},
            }
        ),
    ),
    Case("L34 a cookie", done(2), [answers(500, "", set_cookie="a=b; Path=/")]),
    Case(
        "L34 large headers",
        done(1),
        **always({"name": "large", "headers": {"x-large": "a" * 64_000}}),
    ),
    Case(
        "L34 larger headers", done(2), [{"name": "larger", "headers": {"x-large": "a" * 300_000}}]
    ),
    Case("L34 a flood", done(1), **always({"name": "flood", "hints": 2_000})),
    Case("L35 of another", left("wrong_nonce", 2), **always(says(WRONG_NONCE))),
    Case("L35 once", done(2), [says(WRONG_NONCE)]),
    Case(
        "L36 told otherwise",
        Ending("done", asks=(2, 2)),
        [says(option("Ask them first."), wait=3.0), says(option("Ask them at last."))],
        endpoint={"concurrency": 10},
        jumps=True,
        lost=True,
        also="the first saved",
    ),
    Case("L37 before it is sent", done(1), role=EVERY, dies="send", lost=True),
    Case("L37 in flight", done(2), [{"name": "slow", "wait": 0.5}], role=EVERY, dies="flight"),
    Case("L37 before it is saved", done(2), role=EVERY, dies="keep"),
    Case("L37 before it is read", done(1), role=EVERY, dies="read"),
    Case(
        "L38 an hour asleep",
        Ending("done", asks=(1, 2)),
        [{"name": "slow", "wait": 1.0}],
        endpoint={"concurrency": 10},
        jumps=True,
        lost=True,
    ),
]
