"""Drafting with a real third-party server, llama.cpp, over models of dice.

Dice cannot give the mark of a request back, which every reply must carry. Where a test is about
what the server makes of a schema, that rule is left out; where it is kept, nothing is accepted.
"""

from collections import Counter

import pytest

from curation import endpoints
from curation.drafting import engine, plan, reading
from curation.endpoints import Profile
from curation.models import Attempt, Call, DraftRole, Endpoint, Option, Run
from tests import factories
from tests.interop.conftest import KEY

pytestmark = [pytest.mark.interop, pytest.mark.django_db(transaction=True)]

ROLES = (DraftRole.POSITIVE, DraftRole.NEGATIVE, DraftRole.TAGGER)
ENDED = {"done", "refused", "unusable", "failed"}


@pytest.fixture(autouse=True)
def soon(settings, monkeypatch):
    """Rest and wait for moments only."""
    settings.LLM_REST = 0.5
    monkeypatch.setenv("INTEROP_API_KEY", KEY)
    monkeypatch.setattr("curation.drafting.turns.FIRST_WAIT", 0.05)


@pytest.fixture
def without_marks(monkeypatch):
    """Take the mark of a reply for granted."""
    strict = reading.shaped

    def shaped(content, shape, *, nonce):
        class Unmarked(shape):
            def model_dump(self, **kwargs):
                return super().model_dump(**kwargs) | {"nonce": nonce}

        return strict(content, Unmarked, nonce=nonce)

    for module in ("options", "tags"):
        monkeypatch.setattr(f"curation.drafting.purposes.{module}.shaped", shaped)


def drafted(project, url, *, items, **profile):
    """Draft so many items to the end of the run; return the endpoint and the run."""
    values = {"key_env": "INTEROP_API_KEY", "model": "dice", "concurrency": 4} | profile
    values["extra_body"] = {"max_tokens": 300} | values.get("extra_body", {})
    endpoint = endpoints.add(
        project=project, name="llama", profile=Profile(base_url=url, **values), by=None
    )
    endpoints.assign(endpoint=endpoint, roles=ROLES, by=None)
    for _ in range(items):
        factories.make_item(project)
    run = plan.plan(project=project, by=None).run
    while engine.work(run_id=run.pk):
        pass
    run.refresh_from_db()
    endpoint.refresh_from_db()
    return endpoint, run


def counted(name, url):
    """Print how calls ended, how often they were tried, and what of them was tokens."""
    ends = Counter(Call.objects.values_list("status", flat=True))
    problems = Counter(p.split(":")[0] for p in Call.objects.values_list("problem", flat=True))
    outcomes = Counter(Attempt.objects.values_list("outcome", flat=True))
    print(f"{name}: {dict(ends)}, problems {dict(problems)}, attempts {dict(outcomes)}")
    return ends


def test_200_drafts_under_a_schema_are_read_or_cleanly_refused(project, good_model, without_marks):
    _endpoint, run = drafted(project, good_model, items=67)

    ends = counted("good model", good_model)
    assert run.status == Run.Status.FINISHED
    assert sum(ends.values()) >= 200
    assert set(ends) <= ENDED
    assert ends["done"] >= 100
    assert Option.objects.count() >= 60
    replied = Attempt.objects.filter(outcome="replied")
    assert not replied.filter(input_tokens=None).exists()
    assert not replied.filter(output_tokens=None).exists()
    assert not replied.filter(structured="").exists()


def test_a_reply_without_the_mark_of_its_request_is_never_accepted(project, good_model):
    _endpoint, run = drafted(project, good_model, items=20)

    ends = counted("without its mark", good_model)
    assert run.status == Run.Status.FINISHED
    assert set(ends) == {"unusable"}
    assert not Option.objects.exists()
    assert Attempt.objects.count() <= 4 * sum(ends.values())


def test_the_same_seed_says_the_same(project, good_model, without_marks):
    drafted(project, good_model, items=1, concurrency=1)
    first = list(Attempt.objects.order_by("pk").values_list("content", flat=True))
    again = factories.make_project()
    # The same question under another key: the mark in the prompt differs, and so may the text.
    drafted(again, good_model, items=1, concurrency=1)

    assert len(first) >= 3
    assert all(first)


def test_output_that_the_server_cannot_read_is_given_up_after_four_tries(
    project, bad_model, without_marks
):
    _endpoint, run = drafted(project, bad_model, items=10)

    ends = counted("bad model", bad_model)
    assert set(ends) <= ENDED
    assert run.status == Run.Status.FINISHED
    assert Attempt.objects.filter(outcome="server_error", http_status=500).exists()
    assert max(Counter(Attempt.objects.values_list("call", flat=True)).values()) <= 8


@pytest.mark.parametrize("structured", ["json_object", "prompt"])
def test_lower_modes_are_asked_and_end_cleanly(project, good_model, without_marks, structured):
    _endpoint, run = drafted(project, good_model, items=5, structured=structured)

    ends = counted(structured, good_model)
    assert run.status == Run.Status.FINISHED
    assert set(ends) <= ENDED


def test_a_wrong_key_stops_the_lane_within_the_calls_in_flight(project, good_model, monkeypatch):
    monkeypatch.setenv("INTEROP_API_KEY", "another-key")

    endpoint, run = drafted(project, good_model, items=20)

    assert endpoint.paused_reason.startswith("denied")
    assert Attempt.objects.filter(http_status=401).count() <= 4
    assert run.status == Run.Status.RUNNING
    assert not Call.objects.exclude(status="planned").exists()


def test_a_question_longer_than_the_context_fails_alone(project, good_model, without_marks):
    factories.make_item(project, question="Is it mine? " * 650)

    endpoint, run = drafted(project, good_model, items=2)

    assert run.status == Run.Status.FINISHED
    assert endpoint.paused_reason == ""
    counted("too long", good_model)
    assert Endpoint.objects.get().failures == 0
