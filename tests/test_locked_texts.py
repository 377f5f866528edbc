"""No page and no answer of the API holds a byte of a locked item's texts, whoever asks."""

from html import unescape
from http import HTTPStatus
from itertools import product

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotation import leases, locked
from annotation.models import Assignment, Campaign, Judgement, Matter
from curation import escalations, tokens
from curation.models import Attempt, Call, Endpoint, Option, Role, Run, RunCall, Scope
from tests import addresses, factories
from tests.annotation import acting

CANARY = "Canary bird"


@pytest.fixture
def town(project):
    """Two items under review: one judged and disputed, one in somebody's hands."""
    people = {
        name: factories.make_member(project, role, factories.make_user(name))
        for name, role in (("cora", Role.CURATOR), ("rue", Role.REVIEWER))
    }
    for name in ("ada", "ben"):
        people[name] = acting.make_worker(project, username=name).user
    for number in range(2):
        item = factories.make_item(
            project, status="drafted", external_id=f"q-{number}", question=f"{CANARY}, asked?"
        )
        for polarity in Option.Polarity.values:
            factories.make_option(item, polarity, text=f"{CANARY}, {polarity}.")
        campaign = acting.open_review(project, name=f"Review {number}")
        if number == 0:
            acting.claim_and_review(
                people["ada"].worker, campaign, negative=acting.reject(note=f"{CANARY}, noted.")
            )
        else:
            leases.claim(worker=people["ben"].worker, campaign=campaign)
        drafted(item)
    return people


def drafted(item):
    """Let a reply of a model that nobody could use be kept for the item."""
    call = acting.make_call(item, "unusable")
    Attempt.objects.create(
        call=call,
        number=1,
        outcome="replied",
        milliseconds=5,
        raw=CANARY.encode(),
        content=f"{CANARY}, drafted.",
        started_at=timezone.now(),
    )
    run = Run.objects.create(project=item.project, kind=Run.Kind.DRAFTING)
    RunCall.objects.create(run=run, call=call)


def looked_at(people, project, *, within=None):
    """Return every page and answer of the API that each of the people can get, as texts.

    `within` leaves out what nobody got when they looked before: a lock opens no door.
    """
    doors = {place for _person, place in within} if within is not None else None
    values = {
        "slug": [project.slug],
        "pk": sorted(
            {
                pk
                for model in (Assignment, Call, Campaign, Endpoint, Judgement, Matter, Run)
                for pk in model.objects.values_list("pk", flat=True)
            }
        ),
        "uid": list(project.items.values_list("uid", flat=True)),
        "id": sorted(
            {
                pk
                for model in (Assignment, Campaign, Matter, Option)
                for pk in model.objects.values_list("pk", flat=True)
            }
        ),
        "number": [1],
        "name": ["mcq.jsonl"],
    }
    found = {}
    for person, user in people.items():
        client, program = Client(), _program(user)
        client.force_login(user)
        for named, caller in ((addresses.pages(), client), (addresses.of_api(), program)):
            for name, arguments in named.items():
                for chosen in product(*(values.get(key, ["1"]) for key in arguments)):
                    place = reverse(name, kwargs=dict(zip(arguments, chosen, strict=True)))
                    if doors is not None and place not in doors:
                        continue
                    answer = caller.get(place)
                    if answer.status_code == HTTPStatus.OK:
                        found[person, place] = unescape(answer.getvalue().decode())
    return found


def _program(user):
    name = f"walk {user.tokens.count()}"
    _token, text = tokens.create(user=user, name=name, scopes=list(Scope.values))
    return Client(headers={"Authorization": f"Bearer {text}"})


def showing(found):
    return {place for place, text in found.items() if CANARY in text}


def test_nothing_shows_a_locked_item_s_texts(project, town):
    seen = looked_at(town, project)
    before = showing(seen)
    escalations.lock(list(project.items.values_list("pk", flat=True)), found="draft")

    at_once = showing(looked_at(town, project, within=seen))
    locked.withdraw()
    afterwards = showing(looked_at(town, project, within=seen))

    assert {person for person, _place in before} == set(town)
    assert len({place for _person, place in before}) > 8
    assert at_once == set()
    assert afterwards == set()
