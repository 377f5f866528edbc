"""Every address of the site, and who may go there: one matrix, walked by everybody.

Whoever may not go somewhere gets, to a GET and to a POST, what they would get if it did not exist.
"""

import re
from itertools import product
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.urls import reverse

from annotation import gold, leases
from curation import escalations, taxonomy_drafts, tokens
from curation.models import BatchFile, Call, Escalation, Role, Run, Scope
from curation.permissions import MAY, Act
from tests import addresses, factories
from tests.annotation import acting

OPEN = "open"  # to strangers too
SIGNED_IN = "signed in"
STAFF = "staff"
OWN = "own"  # the holder's alone: of a seat, of a token
MATRIX = {
    "healthz": OPEN,
    "readyz": OPEN,
    "sign-in": OPEN,
    "set_language": OPEN,
    "sign-out": SIGNED_IN,
    "home": SIGNED_IN,
    "work": SIGNED_IN,
    "my-judgements": SIGNED_IN,
    "judgement-undo": OWN,
    "tokens": SIGNED_IN,
    "revoke-token": OWN,
    "new-project": STAFF,
    "work-campaign": Act.WORK,
    "work-ahead": Act.WORK,
    "work-join": Act.WORK,
    "work-leave": Act.WORK,
    "work-choices": Act.WORK,
    "seat": OWN,
    "seat-draft": OWN,
    "seat-give-back": OWN,
    "seat-skip": OWN,
    "seat-heartbeat": OWN,
    "overview": Act.CURATE,
    "items": Act.CURATE,
    "item": Act.CURATE,
    "item-correct": Act.CURATE,
    "import": Act.CURATE,
    "members": Act.CURATE,
    "member": Act.CURATE,
    "drafting": Act.CURATE,
    "budget": Act.CURATE,
    "safety": Act.CURATE,
    "safety-switch": Act.CURATE,
    "safety-contact": Act.CURATE,
    "locked": Act.CURATE,  # where no contact is named
    "locked-decide": Act.CURATE,
    "run": Act.CURATE,
    "call": Act.CURATE,
    "economics": Act.CURATE,
    "batches": Act.CURATE,
    "batch-file": Act.CURATE,
    "endpoints": Act.CURATE,
    "endpoint": Act.CURATE,
    "endpoint-test": Act.CURATE,
    "endpoint-pause": Act.CURATE,
    "endpoint-resume": Act.CURATE,
    "endpoint-adopt": Act.CURATE,
    "endpoint-forget": Act.CURATE,
    "endpoint-price": Act.CURATE,
    "subjects": Act.CURATE,
    "subject-run": Act.CURATE,
    "answers": Act.CURATE,
    "answers-ask": Act.CURATE,
    "expansion": Act.CURATE,
    "expansion-decide": Act.CURATE,
    "taxonomy": Act.CURATE,
    "taxonomy-use": Act.CURATE,
    "taxonomy-draft": Act.CURATE,
    "taxonomy-draft-tag": Act.CURATE,
    "campaigns": Act.CURATE,
    "campaign": Act.CURATE,
    "campaign-top-up": Act.CURATE,
    "campaign-overlap": Act.CURATE,
    "campaign-pause": Act.CURATE,
    "campaign-resume": Act.CURATE,
    "campaign-qualify": Act.CURATE,
    "campaign-close": Act.CURATE,
    "campaign-hand-over": Act.CURATE,
    "campaign-guideline": Act.CURATE,
    "campaign-draft": Act.CURATE,
    "disputes": Act.REVIEW,
    "matter": Act.REVIEW,
    "matter-settle": Act.REVIEW,
    "matter-unfit": Act.REVIEW,
    "matter-send-back": Act.REVIEW,
    "freeze": Act.RELEASE,
    "releases": Act.READ,
    "release": Act.READ,
    "release-file": Act.READ,
    "scores": Act.READ,
    "scores-file": Act.READ,
}
ROLES = {"cora": Role.CURATOR, "rue": Role.REVIEWER, "ada": Role.WORKER, "ben": Role.WORKER}
ROLES |= {"rea": Role.READER, "stan": None, "otto": None}
HOLDER = "ada"
METHODS = ["get", "post"]
NOBODY = 1_000_000_007  # a number nothing has
TO_SIGN_IN = "/sign-in/?next="


@pytest.fixture
def town(db):
    """Two projects with one of everything, and everybody signed in."""
    users = {
        name: factories.make_user(name, is_staff=name == "otto", is_superuser=name == "otto")
        for name in ROLES
    }
    return SimpleNamespace(
        here=a_project("here", users),
        there=a_project("there", {"cora": users["cora"]}, releases=2),
        sessions={name: signed_in(user) for name, user in users.items()},
    )


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def a_project(slug, users, releases=1):
    project = factories.make_project(slug)
    for _number in range(releases):
        item = factories.make_gold_item(project)
        release = gold.freeze(project=project, by=None)
    for name, user in users.items():
        if ROLES[name]:
            factories.make_member(project, ROLES[name], user)
    worker = acting.make_worker(project)
    subject_run = factories.make_subject_run(release)
    for _number in range(3):
        acting.drafted_item(project)
    campaign = acting.open_review(project)
    acting.claim_and_review(worker, campaign, positive=acting.reject())
    holder = users[HOLDER].worker if HOLDER in users else worker
    judgement = acting.claim_and_review(holder, campaign)
    seat = leases.claim(worker=holder, campaign=campaign)
    endpoint = factories.make_endpoint(project)
    draft = taxonomy_drafts.begin(project=project, by=None)
    token, _text = tokens.create(
        user=users.get(HOLDER) or worker.user, name=slug, scopes=[Scope.EXPORT_READ]
    )
    found = {
        "seat": seat.pk,
        "judgement": judgement.pk,
        "campaign": campaign.pk,
        "matter": campaign.matters.disputed().earliest("pk").pk,
        "endpoint": endpoint.pk,
        "run": Run.objects.create(project=project, kind=Run.Kind.DRAFTING).pk,
        "call": a_call(item, endpoint).pk,
        "subject": subject_run.subject_id,
        "answers": subject_run.pk,
        "member": project.memberships.get(user=worker.user).pk,
        "token": token.pk,
        "taxonomy": draft.tags.first().pk,
        "safety": project.taxonomy.tags.get(code="law").pk,
        "locked": locked_item(project).pk,
    }
    BatchFile.objects.create(
        project=project,
        run_id=found["run"],
        endpoint=endpoint,
        number=releases,
        lines=1,
        sha256="a" * 64,
    )
    return SimpleNamespace(project=project, item=item, **found)


def a_call(item, endpoint):
    return Call.objects.create(
        item=item,
        endpoint=endpoint,
        model="m",
        purpose="open_answer",
        target="item:1",
        messages=[{"role": "user", "content": "Is it?"}],
        parameters={"max_tokens": 9},
        key=uuid4().hex * 2,
    )


def locked_item(project):
    """An item that waits for its project's escalation contact."""
    item = factories.make_item(project)
    escalations.lock([item.pk], found=Escalation.Found.QUESTION)
    return item.escalations.get()


def places_of(name, town):
    """Return the address of the thing here, of nothing, and of one that is there but not here."""
    kinds = {"work": "campaign", "revoke": "token", "batches": "run", "batch": "run"}
    kind = kinds.get(name.split("-")[0], name.split("-")[0])
    arguments = addresses.pages()[name]
    here = {
        "slug": "here",
        "pk": getattr(town.here, kind, None),
        "uid": town.here.item.uid,
        "number": 1,
        "name": "manifest.json",
    }
    nothing = {"slug": "nowhere", "pk": NOBODY}
    there = {"pk": getattr(town.there, kind, None), "uid": town.there.item.uid, "number": 2}

    def address(values):
        return reverse(name, kwargs={key: values[key] for key in arguments})

    return address(here), address(here | nothing), address(here | there)


@pytest.fixture
def ask(town):
    """Send a request and undo what it did; return its status and what it says but for itself."""

    def request(person, method, address):
        client = Client()
        if person:
            client.cookies[settings.SESSION_COOKIE_NAME] = town.sessions[person]
        with transaction.atomic():
            answer = getattr(client, method)(address, **({"data": {}} if method == "post" else {}))
            said = answer.getvalue().decode()
            transaction.set_rollback(True)
        said = said.replace(address, "")
        said = re.sub(r'(name="csrfmiddlewaretoken" value=|"x-csrftoken": )"\w+"', "", said)
        return SimpleNamespace(
            status=answer.status_code, to=answer.headers.get("Location", ""), said=said
        )

    return request


def may_go(person, rule):
    if rule in (OPEN, SIGNED_IN):
        return True
    if rule == STAFF:
        return person == "otto"
    if rule == OWN:
        return person == HOLDER
    return ROLES[person] in MAY[rule]


def test_every_address_has_a_line_in_the_matrix():
    assert addresses.pages().keys() == MATRIX.keys()


def test_strangers_are_asked_to_sign_in(town, ask):
    def sent_to_sign_in(name, method):
        places = {place: place if method == "get" else "/" for place in places_of(name, town)}
        return {ask(None, method, place).to == f"{TO_SIGN_IN}{to}" for place, to in places.items()}

    found = {(name, method): sent_to_sign_in(name, method) for name in MATRIX for method in METHODS}

    assert found == {place: {MATRIX[place[0]] != OPEN} for place in found}


def what_is_behind(ask, person, name, town):
    here, nothing, _elsewhere = places_of(name, town)
    answers = [ask(person, method, here) for method in METHODS]
    statuses = {answer.status for answer in answers}
    if statuses <= {200, 204, 302, 405, 409, 422} and statuses != {405}:
        return "sign-in" if answers[0].to.startswith(TO_SIGN_IN) else "the page"
    if statuses <= {404, 405} and answers == [ask(person, method, nothing) for method in METHODS]:
        return "nothing"
    return statuses


@pytest.mark.parametrize("person", ROLES)
def test_whoever_may_goes_in_and_for_the_others_nothing_is_there(town, ask, person):
    closed = {name: rule for name, rule in MATRIX.items() if rule != OPEN}

    found = {name: what_is_behind(ask, person, name, town) for name in closed}

    assert found == {
        name: "the page" if may_go(person, rule) else "nothing" for name, rule in closed.items()
    }


def test_what_belongs_to_another_project_is_not_found_under_this_one(town, ask):
    below = [name for name, of in addresses.pages().items() if "slug" in of and len(of) > 1]
    assert len(below) >= 20
    for name, method in product(below, METHODS):
        here, _nothing, elsewhere = places_of(name, town)

        status = ask("cora", method, elsewhere).status

        assert status == 404 or status == ask("cora", method, here).status == 405, name


# What the API is like is told to everybody; what it gives is not.
OF_API_OPEN = {"api-schema", "api-docs"}
# What one does over the API: with which method and scope, and who may.
ACTS_OF_API = {
    "api-campaign": ("get", Scope.WORK, Act.WORK),
    "api-claim": ("post", Scope.WORK, Act.WORK),
    "api-join": ("post", Scope.WORK, Act.WORK),
    "api-leave": ("post", Scope.WORK, Act.WORK),
    "api-assignment": ("get", Scope.WORK, OWN),
    "api-draft": ("put", Scope.WORK, OWN),
    "api-submit": ("post", Scope.WORK, OWN),
    "api-heartbeat": ("post", Scope.WORK, OWN),
    "api-give-back": ("post", Scope.WORK, OWN),
    "api-skip": ("post", Scope.WORK, OWN),
    "api-undo": ("post", Scope.WORK, OWN),
    "api-matter": ("get", Scope.REVIEW, Act.REVIEW),
    "api-settle": ("post", Scope.REVIEW, Act.REVIEW),
    "api-option": ("patch", Scope.CURATE, Act.CURATE),
    "api-guideline-draft": ("put", Scope.CURATE, Act.CURATE),
    "api-tag-draft": ("put", Scope.CURATE, Act.CURATE),
    "api-tag-drafts": ("post", Scope.CURATE, Act.CURATE),
    "api-taxonomy-draft": ("delete", Scope.CURATE, Act.CURATE),
    "api-taxonomy-draft-publish": ("post", Scope.CURATE, Act.CURATE),
    "api-taxonomy-use": ("post", Scope.CURATE, Act.CURATE),
}


def test_no_address_of_the_api_answers_without_a_token(town, ask):
    values = {"slug": "here", "uid": town.here.item.uid, "number": 1, "name": "mcq.jsonl", "id": 1}
    values |= {"code": "care"}
    named = addresses.of_api()
    assert named.keys() >= OF_API_OPEN
    for name in named.keys() - OF_API_OPEN:
        place = reverse(name, kwargs={key: values[key] for key in named[name]})
        for method in ("get", "post", "put", "patch", "delete"):
            for person in (None, "cora"):  # a session opens nothing here
                assert ask(person, method, place).status == 401, (name, method, person)


@pytest.fixture
def call(town):
    """Send a request with a token of the person, and undo what it did."""
    texts = {}

    def request(person, name, thing, scopes=tuple(Scope.values)):
        if (person, scopes) not in texts:
            user = User.objects.get(username=person)
            name_of_token = f"{person} {len(texts)}"
            texts[person, scopes] = tokens.create(user=user, name=name_of_token, scopes=scopes)[1]
        client = Client(headers={"Authorization": f"Bearer {texts[person, scopes]}"})
        method, _scope, _rule = ACTS_OF_API[name]
        address = reverse(name, kwargs=thing)
        with transaction.atomic():
            answer = client.generic(method.upper(), address, "{}", content_type="application/json")
            transaction.set_rollback(True)
        return answer.status_code, answer.text.replace(address, "")

    return request


def thing_of(name, place):
    """Return what an act of the API is done to, as its address names it."""
    _method, scope, rule = ACTS_OF_API[name]
    if name == "api-option":
        number = place.item.options.first().pk
    elif scope == Scope.REVIEW:
        number = place.matter
    else:
        number = place.seat if rule == OWN else place.campaign
    named = {"id": number, "slug": place.project.slug, "uid": place.item.uid, "code": "care"}
    return {key: named[key] for key in addresses.of_api()[name]}


def nothing_like(thing):
    """Return what is not there: an id or a code of nothing, or else a project."""
    nothing = {"id": NOBODY, "code": "nothing", "slug": "nowhere"}
    key = next(key for key in nothing if key in thing)
    return thing | {key: nothing[key]}


def test_every_act_of_the_api_has_a_line_in_its_matrix():
    acts = {name for name, of in addresses.of_api().items() if "id" in of}

    assert acts == {name for name in ACTS_OF_API if "taxonomy" not in name and "tag" not in name}


@pytest.mark.parametrize("person", ROLES)
def test_over_the_api_nothing_is_there_for_who_may_not(town, call, person):
    for name, (_method, _scope, rule) in ACTS_OF_API.items():
        thing = thing_of(name, town.here)
        nothing = call(person, name, nothing_like(thing))

        status, said = call(person, name, thing)

        assert nothing[0] == 404, name
        assert may_go(person, rule) == (status in {200, 204, 400, 409, 428}), name
        assert may_go(person, rule) or (status, said) == nothing, name


def test_over_the_api_a_project_without_a_role_shows_nothing(town, call):
    for name in ACTS_OF_API:
        assert call("rue", name, thing_of(name, town.there))[0] == 404, name


def test_an_act_of_the_api_needs_its_own_scope(town, call):
    for name, (_method, scope, _rule) in ACTS_OF_API.items():
        others = tuple(other for other in Scope.values if other != scope)

        assert call(HOLDER, name, thing_of(name, town.here), others)[0] == 403, name
