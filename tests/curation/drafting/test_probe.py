import pytest

from curation.drafting.probe import probe
from curation.models import Call
from tests.endpoint import Fault, completion


def test_a_good_endpoint_shows_its_model_and_a_sample(drafter):
    found = probe(drafter)

    assert (found.model, found.structured, found.problem) == ("quiet-model", True, "")
    assert found.sample.startswith("A kind view")
    assert not Call.objects.exists()


def test_a_model_that_talks_around_the_shape_is_shown_as_such(drafter, server):
    server.answers(Fault(body=completion("Of course! Give it back.")))

    found = probe(drafter)

    assert (found.structured, found.sample) == (False, "Of course! Give it back.")


@pytest.mark.parametrize("structured", ["json_object", "prompt"])
def test_the_endpoint_is_asked_in_its_own_way(drafter, server, structured):
    drafter.structured = structured

    assert probe(drafter).structured
    assert server.log[0].body.get("response_format", {}).get("type") in (None, "json_object")


def test_what_failed_is_told_in_our_own_words(drafter, server):
    server.answers(Fault(401, {"error": {"message": "a secret the provider tells"}}))

    found = probe(drafter)

    assert (found.problem, found.http_status) == ("denied: HTTP 401", 401)
    assert "secret" not in repr(found)


def test_an_endpoint_that_must_not_be_called_is_not(drafter, server, settings):
    settings.LLM_ALLOWED_HOSTS = []

    assert probe(drafter).problem == "not_allowed"
    assert server.log == []
