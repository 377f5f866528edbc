import pytest

from curation.drafting import probe as probes
from curation.drafting.probe import Way, probe
from curation.models import Attempt, Call
from tests import factories
from tests.endpoint import Fault, completion, good_reply, said

NO_SUCH_FORMAT = {"error": {"message": "response_format is not supported"}}


def modes(server):
    return [asked.mode for asked in server.log if asked.body]


def test_a_good_endpoint_shows_its_model_a_sample_and_what_it_lists(drafter, server):
    server.models = ["quiet-model", "loud-model"]

    found = probe(drafter)

    assert (found.works, found.problem, found.is_news) == (True, "", False)
    assert found.reply.model == "quiet-model"
    assert found.shown.sample.startswith("A kind view")
    assert found.models == ["loud-model", "quiet-model"]
    assert not Call.objects.exists()
    assert not Attempt.objects.exists()


def test_a_server_that_lists_no_models_is_fine(drafter):
    assert probe(drafter).models is None


@pytest.mark.parametrize(
    "listed",
    [b"{", b"[]", b'{"data": {"id": "m"}}', b'{"data": [1, {"id": 5}, {"id": " "}]}', b"[" * 9999],
)
def test_a_list_of_models_that_is_none_names_none(drafter, server, listed):
    server.models = listed

    assert probe(drafter).models == []


def test_of_very_many_models_a_few_hundred_are_named(drafter, server):
    server.models = [f"model-{number:04}" for number in range(1000)]

    assert len(probe(drafter).models) == 200


def test_a_list_of_models_is_not_followed_to_another_address(drafter, server):
    server.models = Fault(302, headers={"Location": f"http://127.0.0.1:{server.port}/canary"})

    found = probe(drafter)

    assert (found.works, found.models) == (True, None)
    assert "/canary" not in [asked.path for asked in server.log]


def test_a_list_of_models_that_is_too_long_is_not_read(drafter, server):
    server.models = [f"model-{number:020}" for number in range(40_000)]

    assert probe(drafter).models is None


def test_a_server_that_does_not_take_a_schema_is_asked_in_a_simpler_way(drafter, server):
    server.answers(Fault(400, NO_SUCH_FORMAT))

    found = probe(drafter)

    assert modes(server) == ["json_schema", "json_object"]
    assert [one.works for one in found.tried] == [False, True]
    assert found.shown.way == Way("json_object", "max_tokens", True, True)
    assert found.is_news


def test_a_profile_that_says_what_works_is_no_news(drafter, server):
    drafter.structured = "json_object"
    server.answers(Fault(400, NO_SUCH_FORMAT))

    assert not probe(drafter).is_news


def test_a_model_that_always_talks_around_the_shape_was_asked_in_every_way(drafter, server):
    server.reply = lambda asked: completion("Of course! Give it back.")

    found = probe(drafter)

    assert modes(server) == ["json_schema", "json_object", "prompt"]
    assert (found.works, found.problem, found.is_news) == (False, "", False)
    assert found.shown.sample == "Of course! Give it back."
    assert [one.problem for one in found.tried] == ["not_json"] * 3


def test_a_model_that_takes_neither_temperature_nor_seed_is_found_out(drafter, server):
    def picky(asked):
        if {"temperature", "seed", "max_tokens"} & asked.body.keys():
            return Fault(400, {"error": {"code": "unsupported_parameter"}})
        return good_reply(asked)

    server.reply = picky

    found = probe(drafter)

    assert len(found.tried) == 4
    assert found.shown.way == Way("json_schema", "max_completion_tokens", False, False)
    assert found.is_news


@pytest.mark.parametrize(("status", "problem"), [(401, "denied"), (404, "not_found")])
def test_a_fault_that_every_question_would_meet_ends_the_test(drafter, server, status, problem):
    server.answers(Fault(status, {"error": {"message": "a secret the provider tells"}}))

    found = probe(drafter)

    assert found.problem == f"{problem}: HTTP {status}"
    assert len(found.tried) == len(modes(server)) == 1
    assert "secret" not in repr(found)


def test_what_it_would_cost_is_shown_where_a_price_is_known(drafter, server):
    server.reply = lambda asked: said(asked, option="Give it back.")

    assert probe(drafter).cost is None
    factories.make_price(drafter, 1_000_000, 1_000_000)
    assert probe(drafter).cost == 120


def test_a_server_that_answers_nothing_is_not_waited_for_long(drafter, server, monkeypatch):
    monkeypatch.setattr(probes, "SECONDS", 0.3)
    monkeypatch.setattr(probes, "LEAST_SECONDS", 0.1)
    server.wait = 2.0

    assert probe(drafter).problem == "timeout"


def test_an_endpoint_that_must_not_be_called_is_not(drafter, server, settings):
    settings.LLM_ALLOWED_HOSTS = []

    assert probe(drafter).problem == "not_allowed"
    assert server.log == []


def test_a_key_that_is_not_there_is_told(drafter, server):
    drafter.key_file = "quiet"

    assert probe(drafter).problem == "no_key_file_here: quiet"
    assert server.log == []
