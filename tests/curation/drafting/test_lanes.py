"""How many calls of an endpoint may begin, and what replies and faults do to that."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db.models.functions import Now
from hypothesis import given
from hypothesis import strategies as st

from curation import endpoints
from curation.drafting import calls, engine, lanes, plan
from curation.drafting.calls import Landed
from curation.drafting.replies import Outcome, Reply, Trouble
from curation.endpoints import Profile
from curation.models import Attempt, Call, Endpoint
from tests import factories
from tests.endpoint import Fault

NOW = datetime(2026, 11, 21, tzinfo=UTC)
FAILED = Trouble(Outcome.SERVER_ERROR, "server_error: HTTP 500", again=True)
SILENT = Trouble(Outcome.UNKNOWN, "timeout", again=True)
LIMITED = Trouble(Outcome.RATE_LIMITED, "rate_limited: HTTP 429", again=True)
REPLY = Reply(outcome=Outcome.REPLIED, raw=b"{}", content="{}")


@pytest.fixture
def run(project, drafter):
    for _ in range(8):
        factories.make_item(project)
    return plan.plan(project=project, by=None).run


def catch(run, limit=8):
    return calls.claim(run_id=run.pk, endpoint_id=lane().pk, limit=limit)


def lane():
    return Endpoint.objects.annotate(now=Now()).get()


def land(run, *results):
    claimed = catch(run, len(results)).claimed
    assert len(claimed) == len(results)
    calls.keep([Landed(c, result, NOW) for c, result in zip(claimed, results, strict=True)])


def rests_for():
    found = lane()
    return (found.resting_until - found.now).total_seconds() if found.resting_until else 0


def pass_time(seconds):
    """Let the lane's past be so much longer ago."""
    for name in ("resting_until", "failing_since", "next_start"):
        if at := getattr(lane(), name):
            Endpoint.objects.update(**{name: at - timedelta(seconds=seconds)})


class TestRest:
    @pytest.mark.parametrize("seconds", [3, 3600])
    def test_a_lane_rests_as_long_as_the_endpoint_asks(self, run, seconds):
        asked = Trouble(Outcome.RATE_LIMITED, "rate_limited", again=True, retry_after=seconds)

        land(run, asked)

        assert rests_for() == pytest.approx(seconds, abs=1)
        nothing = catch(run)
        assert (nothing.claimed, nothing.later) == ([], pytest.approx(seconds, abs=1))
        assert calls.due_in(run.pk) == pytest.approx(seconds, abs=1)
        pass_time(seconds + 1)
        assert len(catch(run).claimed) == 8

    def test_a_rest_is_not_cut_short_by_one_that_was_asked_later(self, run):
        long, short = (
            Trouble(Outcome.RATE_LIMITED, "rate_limited", again=True, retry_after=seconds)
            for seconds in (60, 1)
        )
        first, second = catch(run, 2).claimed

        calls.keep([Landed(first, long, NOW)])
        calls.keep([Landed(second, short, NOW)])

        assert rests_for() == pytest.approx(60, abs=1)

    def test_a_rate_limit_without_a_date_rests_the_lane_for_a_moment(self, run):
        land(run, LIMITED)

        assert 0 < rests_for() <= 2

    def test_a_rate_limit_is_no_failure_of_the_endpoint(self, run):
        land(run, *[LIMITED] * 6)

        assert (lane().failures, lane().rest_reason) == (0, "rate_limited")

    def test_while_a_lane_rests_another_goes_on(self, project, drafter, server):
        profile = Profile(base_url=server.base_url, model="quiet-model")
        other = endpoints.add(project=project, name="other", profile=profile, by=None)
        endpoints.assign(endpoint=other, roles=["risk_tags"], by=None)
        factories.make_item(project)
        run = plan.plan(project=project, by=None).run
        Endpoint.objects.filter(pk=drafter.pk).update(resting_until=Now() + timedelta(seconds=60))

        engine.work(run_id=run.pk, seconds=1)

        assert [asked.purpose for asked in server.log] == ["risk_tags"]


class TestBreaker:
    def test_five_failures_within_half_a_minute_let_the_lane_rest(self, run, settings):
        land(run, *[FAILED] * 4)
        assert rests_for() == 0

        land(run, SILENT)

        assert rests_for() == pytest.approx(settings.LLM_REST, abs=1)
        assert lane().rest_reason == "often_failing"
        assert catch(run).claimed == []

    def test_after_its_rest_one_call_tries_the_endpoint(self, run):
        self.opened(run)
        pass_time(3600)

        assert len(catch(run).claimed) == 1
        assert catch(run).claimed == []

    def test_a_try_that_fails_opens_it_again_at_once(self, run, settings):
        self.opened(run)
        pass_time(3600)

        land(run, FAILED)

        assert rests_for() == pytest.approx(settings.LLM_REST, abs=1)
        assert catch(run).claimed == []

    def test_a_try_that_succeeds_closes_it(self, run):
        self.opened(run)
        pass_time(3600)

        land(run, REPLY)

        found = lane()
        assert (found.failures, found.failing_since, found.rest_reason) == (0, None, "")
        assert len(catch(run).claimed) == 8

    def test_a_reply_between_failures_begins_the_count_anew(self, run):
        land(run, *[FAILED] * 4)
        land(run, REPLY)
        land(run, *[FAILED] * 4)

        assert (rests_for(), lane().failures) == (0, 4)

    def test_failures_of_long_ago_do_not_count(self, run):
        land(run, *[FAILED] * 4)
        pass_time(31)
        land(run, FAILED)

        assert (rests_for(), lane().failures) == (0, 1)

    def test_faults_of_a_request_are_none_of_the_endpoint(self, run):
        land(run, *[Trouble(Outcome.REJECTED, "rejected: HTTP 400")] * 6)

        assert (rests_for(), lane().failures) == (0, 0)

    def test_a_worker_that_is_lost_is_no_failure_of_the_endpoint(self, run):
        claimed = catch(run, 6).claimed
        Call.objects.filter(pk__in=[c.call.pk for c in claimed]).update(
            lease_expires_at=Now() - timedelta(seconds=1)
        )

        assert calls.give_back_lost() == 6

        assert (rests_for(), lane().failures) == (0, 0)

    def opened(self, run):
        land(run, *[FAILED] * 5)
        assert catch(run).claimed == []

    def test_an_endpoint_that_fails_is_left_in_peace(
        self, project, drafter, server, impatient, settings
    ):
        for _ in range(8):
            factories.make_item(project)
        server.answers(*[Fault(500)] * 100)
        run = plan.plan(project=project, by=None).run

        engine.work(run_id=run.pk)

        assert server.count() <= 5 + 8  # those in flight when the fifth failed
        assert lane().rest_reason == "often_failing"


class TestRate:
    def test_without_a_rate_as_many_begin_as_are_free(self):
        assert lanes.allowed(Endpoint(concurrency=8), now=NOW, busy=3) == (5, lanes.POLL)
        assert lanes.allowed(Endpoint(concurrency=8), now=NOW, busy=9) == (0, lanes.POLL)

    def test_a_slow_rate_lets_one_call_begin_and_says_when_the_next_may(self, project):
        endpoint = factories.make_endpoint(project, rate=6)

        assert lanes.allowed(endpoint, now=NOW, busy=0) == (1, 0)
        lanes.begun(endpoint, now=NOW, number=1)

        endpoint.refresh_from_db()
        assert lanes.allowed(endpoint, now=NOW, busy=0) == (0, 10)
        later = NOW + timedelta(seconds=10)
        assert lanes.allowed(endpoint, now=later, busy=0) == (1, 0)

    def test_time_that_passed_unused_is_not_saved_up(self, project):
        endpoint = factories.make_endpoint(project, rate=1200, concurrency=64)
        lanes.begun(endpoint, now=NOW, number=1)
        endpoint.refresh_from_db()

        allowed, _later = lanes.allowed(endpoint, now=NOW + timedelta(hours=1), busy=0)

        assert allowed == 5  # a quarter of a second's worth

    @pytest.mark.django_db
    @given(
        rate=st.integers(1, 60_000),
        steps=st.lists(st.tuples(st.floats(0, 20), st.integers(0, 64)), max_size=60),
    )
    def test_calls_never_begin_faster_than_the_rate(self, rate, steps):
        endpoint, now, begun = Endpoint(rate=rate, concurrency=64), NOW, []
        for seconds, wanted in steps:
            now += timedelta(seconds=seconds)
            free, _later = lanes.allowed(endpoint, now=now, busy=0)
            number = min(free, wanted)
            lanes.begun(endpoint, now=now, number=number)
            begun += [(now - NOW).total_seconds()] * number

        burst, ahead = max(int(rate / 60 * lanes.BURST), 1), 0.0
        for number, at in enumerate(begun):
            due = number - rate / 60 * at  # how far the calls are ahead of the rate
            ahead = min(ahead, due)
            assert due - ahead <= burst - 1 + 0.05

    def test_a_run_keeps_to_the_rate_and_makes_use_of_it(self, project, drafter, server):
        Endpoint.objects.update(rate=900)  # 15 a second
        for _ in range(8):
            factories.make_item(project)

        engine.work(run_id=plan.plan(project=project, by=None).run.pk)

        at = sorted(asked.at for asked in server.log)
        assert len(at) == 24
        assert at[-1] - at[0] >= 20 / 15  # but for a burst of 3
        assert at[-1] - at[0] < 4


class TestLearning:
    REFUSED = Trouble(Outcome.REJECTED, "no_structured: HTTP 400")

    def test_a_way_to_ask_that_is_not_taken_is_remembered_for_all_calls(self, run):
        first, second = catch(run, 2).claimed

        calls.keep([Landed(first, self.REFUSED, NOW), Landed(second, self.REFUSED, NOW)])

        assert (lane().structured, lane().structured_found) == ("json_schema", "json_object")
        assert {c.request.structured for c in catch(run).claimed} == {"json_object"}

    def test_what_is_learnt_later_of_an_older_call_does_not_go_up_again(self, run):
        first, second = catch(run, 2).claimed
        calls.keep([Landed(first, self.REFUSED, NOW)])
        Endpoint.objects.update(structured_found="prompt")

        calls.keep([Landed(second, self.REFUSED, NOW)])

        assert lane().structured_found == "prompt"

    def test_an_endpoint_that_takes_no_format_is_asked_in_words_after_one_look_at_each(
        self, project, drafter, server
    ):
        factories.make_item(project)
        Endpoint.objects.update(concurrency=1)
        server.answers(*[Fault(400, {"error": {"param": "response_format"}})] * 2)

        engine.work(run_id=plan.plan(project=project, by=None).run.pk)

        assert [asked.mode for asked in server.log] == [
            *("json_schema", "json_object", "prompt", "prompt", "prompt"),
        ]
        assert lane().structured_found == "prompt"
        assert set(Call.objects.values_list("status", flat=True)) == {"done"}
        turns = Call.objects.order_by("pk").first().attempts.order_by("number")
        assert [turn.turn for turn in turns] == ["first", "lower"]


class TestNotes:
    def said(self, run, **told):
        land(run, replace(REPLY, **told))

    def test_the_last_reply_says_whether_its_model_goes_away(self, run):
        self.said(run, notice="sunset: soon")
        assert lane().notice == "sunset: soon"

        self.said(run)
        assert lane().notice == ""

    def test_trouble_says_nothing_of_it(self, run):
        self.said(run, notice="sunset: soon")

        land(run, SILENT)

        assert lane().notice == "sunset: soon"

    def test_another_system_is_known_by_the_one_before(self, run):
        self.said(run, fingerprint="fp_1")
        since = lane().fingerprint_since
        self.said(run, fingerprint="fp_1")
        self.said(run, fingerprint="")
        assert (lane().fingerprint_before, lane().fingerprint_since) == ("", since)

        self.said(run, fingerprint="fp_2")

        assert (lane().fingerprint_before, lane().fingerprint) == ("fp_1", "fp_2")
        assert lane().fingerprint_since > since

    def test_both_are_kept_with_each_attempt(self, run):
        self.said(run, notice="sunset: soon", fingerprint="fp_1")

        attempt = Attempt.objects.get()
        assert (attempt.notice, attempt.fingerprint) == ("sunset: soon", "fp_1")

    @pytest.mark.parametrize(
        ("changes", "left"), [({"concurrency": 2}, "fp_1"), ({"model": "another"}, "")]
    )
    def test_another_model_has_said_nothing_yet(self, run, changes, left):
        self.said(run, notice="sunset: soon", fingerprint="fp_1")
        endpoint = Endpoint.objects.get()

        profile = replace(endpoints.profile_of(endpoint), **changes)
        said = endpoints.update(endpoint=endpoint, profile=profile, by=None)

        assert said == list(changes)
        assert (lane().fingerprint, bool(lane().notice)) == (left, bool(left))
