"""The factories make rows that every constraint accepts."""

import pytest

from curation.models import AuditEvent
from tests import factories


def test_a_release_row_shows_the_options_of_its_item(project):
    positive, negative = factories.make_options(factories.make_item(project))

    row = factories.make_release_row(item=positive.item)

    assert row.option_ids == [positive.pk, negative.pk]
    assert row.release.project == project


def test_every_person_has_their_role(project, curator, reviewer, worker, reader, stranger):
    roles = dict(project.memberships.values_list("user__username", "role"))

    assert roles == {"cora": "curator", "rue": "reviewer", "ada": "worker", "rea": "reader"}


@pytest.mark.django_db(transaction=True)
def test_a_test_may_leave_evidence_behind():
    AuditEvent.objects.create(actor_ref="system", action="try", subject_ref="nothing")

    assert AuditEvent.objects.count() == 1


def test_the_evidence_a_test_left_is_gone(db):
    assert not AuditEvent.objects.exists()
