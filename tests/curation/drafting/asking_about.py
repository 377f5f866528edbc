"""A subject run whose answers are asked about, and endpoints that do it."""

from curation import endpoints
from curation.drafting import answer_runs, engine
from curation.endpoints import Profile
from curation.models import Purpose

PLAIN = "Ask first; it is kind and it is quick."


def named(project, server, *roles, **profile):
    name = profile.pop("name", "critic")
    profile = Profile(**{"base_url": server.base_url, "model": "quiet-model"} | profile)
    endpoint = endpoints.add(project=project, name=name, profile=profile, by=None)
    endpoints.assign(endpoint=endpoint, roles=roles, by=None)
    return endpoint


def asked_about(subject_run, purpose=Purpose.CRITIQUE):
    """Start a run and work it off; None when there is nothing to ask."""
    run = answer_runs.start(subject_run=subject_run, purpose=purpose, by=None)
    if run:
        engine.work(run_id=run.pk)
        run.refresh_from_db()
    return run
