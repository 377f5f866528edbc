"""A project has a taxonomy, languages, and always somebody who keeps it."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from curation import projects
from curation.models import AuditEvent, Membership, Project, Role
from curation.refusals import Refused
from tests import factories


@pytest.fixture
def make(db):
    def make(**kw):
        return projects.create(
            **{
                "slug": "mild",
                "name": "Mild",
                "taxonomy": "faef",
                "languages": ["en", "zh"],
                "by": None,
            }
            | kw
        )

    return make


def test_a_project_loads_its_taxonomy(make):
    project = make(rehearsal=True)

    assert project.taxonomy.tags.count() == 5
    assert (project.languages, project.rehearsal) == (["en", "zh"], True)
    assert AuditEvent.objects.get().action == "project.create"


def test_who_makes_a_project_is_its_curator(make):
    user = factories.make_user()

    project = make(by=user)

    assert project.memberships.get().user == user
    assert project.memberships.get().role == Role.CURATOR


def test_a_curator_can_be_named_instead(make):
    maker, named = factories.make_user(), factories.make_user()

    assert make(by=maker, curator=named).memberships.get().user == named


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"slug": "a b"}, "slug"),
        ({"slug": ""}, "slug"),
        ({"slug": "é"}, "slug"),
        ({"slug": "x" * 51}, "slug"),
        ({"slug": "new"}, "slug"),
        ({"name": " "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": "a\u202eb"}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"taxonomy": "none"}, "taxonomy"),
        ({"languages": []}, "languages"),
        ({"languages": ["en", "fr"]}, "languages"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_by_its_field(make, change, field):
    with pytest.raises(Refused) as refused:
        make(**change)

    assert refused.value.field == field
    assert not Project.objects.exists()


def test_a_slug_is_taken_once(make):
    make()

    with pytest.raises(projects.SlugTaken):
        make(name="Other")


def test_a_language_named_twice_is_one(make):
    assert make(languages=["zh", "en", "zh"]).languages == ["zh", "en"]


def test_a_second_role_takes_the_place_of_the_first(project, curator, worker):
    projects.add_member(project=project, user=worker, role=Role.REVIEWER, by=curator)

    assert project.memberships.get(user=worker).role == Role.REVIEWER
    assert AuditEvent.objects.get().detail == {"role": "reviewer"}


def test_the_same_role_again_changes_nothing(project, worker):
    projects.add_member(project=project, user=worker, role=Role.WORKER, by=None)

    assert not AuditEvent.objects.exists()


def test_an_unknown_role_is_refused(project, worker):
    with pytest.raises(Refused, match="worker, reviewer, curator, reader"):
        projects.add_member(project=project, user=worker, role="owner", by=None)


@pytest.mark.parametrize("role", [Role.WORKER, Role.READER])
def test_the_last_curator_stays_one(project, curator, role):
    with pytest.raises(projects.LastCurator, match="cora is the only curator"):
        projects.add_member(project=project, user=curator, role=role, by=curator)

    assert project.memberships.get(user=curator).role == Role.CURATOR


def test_the_last_curator_cannot_be_taken_out(project, curator):
    with pytest.raises(projects.LastCurator):
        projects.remove_member(project=project, user=curator, by=curator)


def test_a_closed_account_does_not_count_as_a_curator(project, curator):
    factories.make_member(project, Role.CURATOR, factories.make_user(is_active=False))

    with pytest.raises(projects.LastCurator):
        projects.add_member(project=project, user=curator, role=Role.WORKER, by=None)


def test_one_of_two_curators_may_go(project, curator):
    factories.make_member(project, Role.CURATOR)

    projects.remove_member(project=project, user=curator, by=curator)

    assert not Membership.objects.filter(user=curator).exists()


def test_taking_out_who_is_no_member_changes_nothing(project, stranger):
    projects.remove_member(project=project, user=stranger, by=None)

    assert not AuditEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_curators_who_demote_each_other_at_once_leave_one(project, curator):
    pair = [curator, factories.make_member(project, Role.CURATOR)]
    together = threading.Barrier(2)

    def demote(user):
        try:
            together.wait(timeout=30)
            projects.add_member(project=project, user=user, role=Role.WORKER, by=None)
        except projects.LastCurator:
            return "refused"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(demote, pair))

    assert sorted(found, key=str) == [None, "refused"]
    assert project.memberships.filter(role=Role.CURATOR).count() == 1
