from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from curation import audit, endpoints
from curation.drafting import plan
from curation.endpoints import NoKey, Profile
from curation.models import AuditEvent, DraftRole, Endpoint, Run
from curation.refusals import Refused
from tests import factories

LOCAL = Profile(base_url="http://127.0.0.1:9/v1", model="quiet-model")


@pytest.fixture
def endpoint(project):
    return endpoints.add(project=project, name="quiet", profile=LOCAL, by=None)


def test_an_endpoint_is_added_as_described(project, curator):
    profile = replace(LOCAL, key_env="QUIET_API_KEY", rate=60, takes_seed=False)

    endpoint = endpoints.add(project=project, name="quiet", profile=profile, by=curator)

    assert endpoints.profile_of(Endpoint.objects.get()) == profile
    assert endpoint.name == "quiet"
    assert AuditEvent.objects.get().actor_ref == f"user:{curator.pk}"


def test_a_name_is_taken_once_in_a_project(endpoint, project):
    with pytest.raises(Refused, match="quiet") as refusal:
        endpoints.add(project=project, name="quiet", profile=LOCAL, by=None)

    assert refusal.value.field == "name"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"base_url": "http://evil.example/v1"}, "base_url"),
        ({"model": " "}, "model"),
        ({"key_env": "SECRET_KEY"}, "key_env"),
        ({"key_env": "TOUCHSTONE_CURATOR_PASSWORD"}, "key_env"),
        ({"key_env": "ACME_BILLING_DB_PASSWORD"}, "key_env"),
        ({"structured": "yaml"}, "structured"),
        ({"token_parameter": "tokens"}, "token_parameter"),
        ({"rate": 0}, "rate"),
        ({"rate": 60_001}, "rate"),
        ({"key_file": "../key"}, "key_file"),
        ({"key_file": "key", "key_env": "QUIET_API_KEY"}, "key_file"),
        ({"concurrency": 0}, "concurrency"),
        ({"concurrency": 65}, "concurrency"),
        ({"extra_body": {"stream": True}}, "extra_body"),
        ({"extra_body": {"api_key": "sk-abcdefgh12"}}, "extra_body"),
        ({"extra_body": {"max_tokens": 0}}, "extra_body"),
        ({"extra_body": {"max_tokens": None}}, "extra_body"),
        ({"extra_body": {"note": "x" * 3000}}, "extra_body"),
        ({"extra_body": {"note": "a\0b"}}, "extra_body"),
        ({"extra_body": {"note": "\ud800"}}, "extra_body"),
        ({"extra_body": {"top_p": float("nan")}}, "extra_body"),
        ({"key_env": "sk-a-real-key"}, "key_env"),
        ({"model": "m" * 121}, "model"),
        ({"model": "a\0b"}, "model"),
    ],
)
def test_a_profile_that_cannot_be_is_refused_with_its_field(project, change, field):
    with pytest.raises(Refused) as refusal:
        endpoints.add(project=project, name="quiet", profile=replace(LOCAL, **change), by=None)

    assert refusal.value.field == field
    assert not Endpoint.objects.exists()


def test_a_name_that_cannot_stand_in_an_address_is_refused(project):
    with pytest.raises(Refused) as refusal:
        endpoints.add(project=project, name="two words", profile=LOCAL, by=None)

    assert refusal.value.field == "name"


@pytest.mark.parametrize(("model", "marked"), [("rehearsal-drafter", True), ("quiet-model", False)])
def test_a_scripted_model_makes_its_project_a_rehearsal(project, model, marked):
    endpoints.add(project=project, name="q", profile=replace(LOCAL, model=model), by=None)

    project.refresh_from_db()
    assert project.rehearsal is marked


def test_an_update_names_what_changed_and_the_same_again_changes_nothing(endpoint):
    other = replace(LOCAL, model="loud-model", concurrency=2)

    assert endpoints.update(endpoint=endpoint, profile=other, by=None) == ["model", "concurrency"]
    assert endpoints.update(endpoint=endpoint, profile=other, by=None) == []
    assert AuditEvent.objects.filter(action="endpoint.update").count() == 1


def test_an_endpoint_fills_exactly_the_roles_it_is_given(endpoint, project):
    endpoints.assign(endpoint=endpoint, roles=["positive_option", "risk_tags"], by=None)

    changed = endpoints.assign(endpoint=endpoint, roles=["risk_tags", "judge"], by=None)

    assert changed == ["judge", "positive_option"]
    assert set(endpoints.filled_roles(project)) == {DraftRole.TAGGER, DraftRole.JUDGE}


def test_a_role_moves_from_one_endpoint_to_the_next(endpoint, project):
    endpoints.assign(endpoint=endpoint, roles=[DraftRole.TAGGER], by=None)
    other = endpoints.add(project=project, name="loud", profile=LOCAL, by=None)

    endpoints.assign(endpoint=other, roles=[DraftRole.TAGGER], by=None)

    assert endpoints.filled_roles(project) == {DraftRole.TAGGER: other}


def test_the_same_roles_again_are_no_event(endpoint):
    endpoints.assign(endpoint=endpoint, roles=[DraftRole.TAGGER], by=None)

    assert endpoints.assign(endpoint=endpoint, roles=[DraftRole.TAGGER], by=None) == []
    assert AuditEvent.objects.filter(action="endpoint.assign").count() == 1


def test_a_pause_keeps_its_first_reason_and_a_change_lifts_it(endpoint):
    endpoints.pause(endpoint_id=endpoint.pk, reason="denied: HTTP 401")
    endpoints.pause(endpoint_id=endpoint.pk, reason="not_found: HTTP 404")
    endpoint.refresh_from_db()
    assert endpoint.paused_reason == "denied: HTTP 401"

    endpoints.update(endpoint=endpoint, profile=replace(LOCAL, key_env="NEW_API_KEY"), by=None)

    endpoint.refresh_from_db()
    assert endpoint.paused_reason == ""


def test_a_pause_by_hand_holds_until_a_person_resumes_it(endpoint, curator):
    endpoints.pause(endpoint_id=endpoint.pk, reason="denied: HTTP 401")

    assert endpoints.pause(endpoint_id=endpoint.pk, reason=endpoints.BY_HAND, by=curator)
    assert not endpoints.pause(endpoint_id=endpoint.pk, reason=endpoints.BY_HAND, by=curator)
    endpoints.pause(endpoint_id=endpoint.pk, reason="not_found: HTTP 404")
    endpoints.update(endpoint=endpoint, profile=replace(LOCAL, key_env="NEW_API_KEY"), by=None)

    endpoint.refresh_from_db()
    assert endpoint.paused_reason == "by_hand"
    event = AuditEvent.objects.get(action="endpoint.pause", detail__reason="by_hand")
    assert event.actor_ref == audit.ref(curator)
    assert endpoints.resume(endpoint=endpoint, by=curator)
    assert not endpoints.resume(endpoint=endpoint, by=curator)
    assert Endpoint.objects.get().paused_reason == ""


def test_endpoints_that_rest_are_those_that_go_on_by_themselves(project):
    later, before = (timezone.now() + timedelta(hours=way) for way in (1, -1))
    rests = factories.make_endpoint(project, name="rests", resting_until=later)
    factories.make_endpoint(project, name="rested", resting_until=before)
    factories.make_endpoint(project, name="paused", resting_until=later, paused_reason="denied")
    factories.make_endpoint(project, name="well")

    assert list(endpoints.resting(project)) == [rests]


def test_a_change_forgets_what_the_endpoint_showed_and_touches_nothing_else(endpoint):
    Endpoint.objects.update(structured_found="prompt", failures=3, next_start=timezone.now())
    stale = endpoint  # as it was before a worker moved the lane

    endpoints.update(endpoint=stale, profile=replace(LOCAL, concurrency=9), by=None)

    endpoint = Endpoint.objects.get()
    assert (endpoint.structured_found, endpoint.concurrency) == ("", 9)
    assert endpoint.next_start is not None


def test_a_resting_endpoint_is_asked_again_at_once_when_somebody_says_so(endpoint):
    later = timezone.now() + timedelta(hours=5)
    Endpoint.objects.update(resting_until=later, rest_reason="often_failing", failures=7)

    endpoints.resume(endpoint=endpoint, by=None)

    endpoint.refresh_from_db()
    assert (endpoint.resting_until, endpoint.rest_reason, endpoint.failures) == (None, "", 0)


def test_an_endpoint_that_neither_rests_nor_is_paused_is_not_resumed(endpoint):
    endpoints.resume(endpoint=endpoint, by=None)

    assert not AuditEvent.objects.filter(action="endpoint.resume").exists()


def test_a_paused_endpoint_is_missed_by_its_roles_and_by_calls_of_running_runs(project):
    names = ("idle", "filling", "called", "well")
    idle, filling, called, well = (factories.make_endpoint(project, name=name) for name in names)
    drafting = ["positive_option", "negative_option", "risk_tags"]
    endpoints.assign(endpoint=called, roles=drafting, by=None)
    factories.make_item(project)
    plan.plan(project=project, by=None)
    endpoints.assign(endpoint=well, roles=drafting, by=None)
    endpoints.assign(endpoint=filling, roles=["judge"], by=None)
    for endpoint in (idle, filling, called):
        endpoints.pause(endpoint_id=endpoint.pk, reason="denied")

    assert endpoints.missed(project) == [called, filling]
    Run.objects.update(status=Run.Status.CANCELLED)
    assert endpoints.missed(project) == [filling]


def test_a_resumed_endpoint_sends_hints_for_the_runs_that_wait(
    endpoint, project, monkeypatch, django_capture_on_commit_callbacks
):
    sent = []
    monkeypatch.setattr("curation.hints._send", lambda name, ids: sent.append((name, ids)))
    run = Run.objects.create(project=project, kind=Run.Kind.DRAFTING)
    Run.objects.create(project=project, kind=Run.Kind.DRAFTING, status=Run.Status.PAUSED)
    endpoints.pause(endpoint_id=endpoint.pk, reason="denied")

    with django_capture_on_commit_callbacks(execute=True):
        endpoints.resume(endpoint=endpoint, by=None)

    assert sent == [("curation.tasks.work", {"run_id": run.pk})]


def test_the_key_comes_from_the_environment(db, monkeypatch):
    monkeypatch.setenv("QUIET_API_KEY", " a-real-key\n")

    assert endpoints.key_of(factories.make_endpoint(key_env="QUIET_API_KEY")) == "a-real-key"
    assert endpoints.key_of(factories.make_endpoint()) == ""


@pytest.mark.parametrize("value", [None, "", "  ", "two words", "schlüssel", "a\x01b"])
def test_a_key_that_is_missing_or_impossible_is_refused_by_the_name_of_its_variable(
    db, monkeypatch, value
):
    monkeypatch.delenv("QUIET_API_KEY", raising=False)
    if value is not None:
        monkeypatch.setenv("QUIET_API_KEY", value)

    with pytest.raises(NoKey, match="QUIET_API_KEY") as refusal:
        endpoints.key_of(factories.make_endpoint(key_env="QUIET_API_KEY"))

    assert not (value or "").strip() or value not in str(refusal.value)


def test_a_secret_of_the_site_is_never_sent_as_a_key(endpoint, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "not-for-others")
    Endpoint.objects.update(key_env="SECRET_KEY")  # as written past the form

    with pytest.raises(NoKey, match="SECRET_KEY"):
        endpoints.key_of(Endpoint.objects.get())


class TestStoredKeys:
    KEY = "sk-canary-0123456789-wxyz"

    @pytest.fixture
    def sealed(self, project):
        return endpoints.add(project=project, name="quiet", profile=LOCAL, key=self.KEY, by=None)

    def test_it_is_given_back_to_the_caller_of_the_endpoint_alone(self, sealed):
        kept = Endpoint.objects.get()

        assert endpoints.key_of(kept) == self.KEY
        assert kept.key_hint == "wxyz"
        assert self.KEY.encode() not in bytes(kept.key_sealed)

    def test_it_is_in_no_event_and_no_representation(self, sealed):
        events = str(list(AuditEvent.objects.values("action", "detail", "subject_ref")))

        assert "canary" not in events + repr(sealed) + str(endpoints.profile_of(sealed))

    def test_a_new_one_lifts_the_pause_and_the_same_again_changes_nothing(self, sealed):
        endpoints.pause(endpoint_id=sealed.pk, reason="denied: HTTP 401")

        new = "sk-another-0123456789-abcd"
        assert endpoints.update(endpoint=sealed, profile=LOCAL, key=new, by=None) == ["key_sealed"]
        assert endpoints.update(endpoint=sealed, profile=LOCAL, key=new, by=None) == []

        kept = Endpoint.objects.get()
        assert (kept.paused_reason, kept.key_hint, endpoints.key_of(kept)) == ("", "abcd", new)

    def test_silence_keeps_it_and_another_place_takes_it_away(self, sealed, monkeypatch):
        monkeypatch.setenv("QUIET_API_KEY", "from-outside")
        endpoints.update(endpoint=sealed, profile=replace(LOCAL, model="other"), by=None)
        assert endpoints.key_of(Endpoint.objects.get()) == self.KEY

        endpoints.update(endpoint=sealed, profile=replace(LOCAL, key_env="QUIET_API_KEY"), by=None)

        kept = Endpoint.objects.get()
        assert (bytes(kept.key_sealed), kept.key_hint) == (b"", "")
        assert endpoints.key_of(kept) == "from-outside"

    def test_it_can_be_forgotten(self, sealed):
        endpoints.update(endpoint=sealed, profile=LOCAL, key="", by=None)

        assert endpoints.key_of(Endpoint.objects.get()) == ""

    @pytest.mark.parametrize(
        "base_url", ["http://127.0.0.1:99/v1", "https://127.0.0.1:9/v1", "http://localhost:9/v1"]
    )
    def test_it_is_not_sent_to_another_server_until_it_is_given_again(self, sealed, base_url):
        elsewhere = replace(LOCAL, base_url=base_url)

        with pytest.raises(Refused, match="stays with its server") as refusal:
            endpoints.update(endpoint=sealed, profile=elsewhere, by=None)

        assert refusal.value.field == "key"
        assert Endpoint.objects.get().base_url == LOCAL.base_url
        endpoints.update(endpoint=sealed, profile=elsewhere, key=self.KEY, by=None)
        assert Endpoint.objects.get().base_url == base_url

    def test_it_stays_when_only_the_path_moves(self, sealed):
        moved = replace(LOCAL, base_url="http://127.0.0.1:9/v2")

        assert endpoints.update(endpoint=sealed, profile=moved, by=None) == ["base_url"]

    @pytest.mark.parametrize("key", ["two words", "schlüssel", "a\0b", "k" * 1001])
    def test_what_cannot_be_a_key_is_refused_beside_it(self, project, key):
        with pytest.raises(Refused) as refusal:
            endpoints.add(project=project, name="quiet", profile=LOCAL, key=key, by=None)

        assert refusal.value.field == "key"
        assert key not in str(refusal.value)

    @pytest.mark.parametrize("place", ["key_env", "key_file"])
    def test_two_places_are_refused(self, project, place):
        profile = replace(LOCAL, **{place: "QUIET_API_KEY"})

        with pytest.raises(Refused, match="in one way") as refusal:
            endpoints.add(project=project, name="quiet", profile=profile, key=self.KEY, by=None)

        assert refusal.value.field == "key"

    def test_all_are_sealed_anew_with_the_newest_master_key(self, sealed, settings):
        factories.make_endpoint()
        newest = "newest-master-key-0123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        settings.MASTER_KEYS = [newest, *settings.MASTER_KEYS]

        assert endpoints.reseal() == 1

        settings.MASTER_KEYS = [newest]
        assert endpoints.key_of(Endpoint.objects.get(pk=sealed.pk)) == self.KEY


def test_a_key_in_a_file_is_looked_up_there(endpoint, settings, tmp_path):
    settings.SECRETS = tmp_path
    (tmp_path / "quiet").write_text("from-a-file")
    (tmp_path / "quiet").chmod(0o600)
    endpoints.update(endpoint=endpoint, profile=replace(LOCAL, key_file="quiet"), by=None)

    assert endpoints.key_of(Endpoint.objects.get()) == "from-a-file"
