"""Calls as a worker holds them: claimed, answered, lost."""

from datetime import UTC, datetime, timedelta

from django.db.models.functions import Now

from curation.drafting import calls
from curation.drafting.calls import Landed
from curation.drafting.replies import Outcome, Reply
from curation.models import Call, Endpoint

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def reply(content='{"option": "Ask first."}', **kw):
    return Reply(outcome=Outcome.REPLIED, raw=b"{}", content=content, **kw)


def claim(run, limit=1):
    endpoint = Endpoint.objects.get()
    return calls.claim(run_id=run.pk, endpoint_id=endpoint.pk, limit=limit).claimed


def keep(claimed, result):
    calls.keep([Landed(claimed, result, NOW)])
    return Call.objects.get(pk=claimed.call.pk)


def expire(*claimed):
    Call.objects.filter(pk__in=[c.call.pk for c in claimed]).update(
        lease_expires_at=Now() - timedelta(seconds=1)
    )
