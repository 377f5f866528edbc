"""A real HTTP server that plays the models, and an endpoint that leads to it."""

import pytest

from curation import endpoints
from curation.drafting import turns
from curation.endpoints import Profile
from curation.models import DraftRole
from tests.endpoint import serving

DRAFTING_ROLES = (DraftRole.POSITIVE, DraftRole.NEGATIVE, DraftRole.TAGGER)


@pytest.fixture
def server():
    with serving() as server:
        yield server


@pytest.fixture
def drafter(project, server):
    """An endpoint that fills the three roles of drafting."""
    profile = Profile(base_url=server.base_url, model="quiet-model", concurrency=8)
    endpoint = endpoints.add(project=project, name="quiet", profile=profile, by=None)
    endpoints.assign(endpoint=endpoint, roles=DRAFTING_ROLES, by=None)
    return endpoint


@pytest.fixture
def impatient(monkeypatch):
    """Let a call be tried again at once."""
    monkeypatch.setattr(turns, "FIRST_WAIT", 0.02)
