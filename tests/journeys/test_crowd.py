"""A crowd platform drives all work of a campaign over HTTP, on a real site, sending all twice."""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

ANSWERS = 12
MAKE_CAMPAIGN = """
import json, sys, django
django.setup()
from curation import tokens
from tests import factories
from tests.annotation import acting
project = factories.make_project("crowd", name="Crowd", taxonomy=factories.make_taxonomy("crowd"))
crew = [acting.make_worker(project, username=f"crowd-{n}") for n in range(5)]
rue = acting.make_reviewer(project)
acting.make_answers(project, count=int(sys.argv[1]))
campaign = acting.open_answers(project)
def token(user): return tokens.create(user=user, name="crowd", scopes=["work", "review"])[1]
print(json.dumps({
    "campaign": campaign.pk,
    "crew": [token(worker.user) for worker in crew],
    "reviewer": token(rue.user),
}))
"""
COUNT = """
import json, sys, django
django.setup()
from annotation.models import Campaign
campaign = Campaign.objects.get(pk=sys.argv[1])
print(json.dumps([
    {"status": matter.status, "judges": [j.worker_id for j in matter.judgements.standing()]}
    for matter in campaign.matters.all()
]))
"""


@pytest.fixture(scope="module")
def world(site):
    return site.tell(sys.executable, "-c", MAKE_CAMPAIGN, str(ANSWERS))


@dataclass(frozen=True)
class Platform:
    """One person's token, and how often at once the platform sends what has a key."""

    url: str
    token: str
    copies: int = 1

    def ask(self, method, path, body=None, key=""):
        """Send a request, and return its status and what it says, which all copies do alike."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        headers |= {"Idempotency-Key": key} if key else {}
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.url}/api/v1/{path}", data, headers, method=method)
        copies = self.copies if key else 1
        with ThreadPoolExecutor(copies) as sending:
            answers = set(sending.map(lambda _copy: sent(request), range(copies)))
        assert len(answers) == 1, answers
        status, said = answers.pop()
        return status, json.loads(said or "null")


def sent(request):
    try:
        with urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except HTTPError as error:
        with error:
            return error.code, error.read()


def work_until_nothing_is_left(platform, campaign, place):
    """Judge what there is, each in one of three ways; return how many were judged.

    What others hold may come free, so it is waited for.
    """
    judged = 0
    for _try in range(500):
        status, given = platform.ask("POST", f"campaigns/{campaign}/claim", {})
        if status == 409:
            if {reason["code"] for reason in given["reasons"]} & {"held"} or not given["reasons"]:
                time.sleep(0.1)
                continue
            return judged
        outcome = ("good", "bad", "cannot_tell")[(given["id"] + place) % 3]
        body = {
            "token": given["token"],
            "guideline": given["guideline"]["id"],
            "outcome": outcome,
        }
        status, receipt = platform.ask(
            "POST", f"assignments/{given['id']}/submit", body, key=f"click-{given['key']}"
        )
        assert (status, receipt["outcome"]) == (200, outcome)
        judged += 1
    raise AssertionError("the campaign does not end")


def test_five_workers_and_a_reviewer_settle_a_campaign_over_http(site, world):
    crew = [Platform(site.url, token, copies=2) for token in world["crew"]]

    with ThreadPoolExecutor(len(crew)) as working:
        judgements = sum(
            working.map(
                lambda place: work_until_nothing_is_left(crew[place], world["campaign"], place),
                range(len(crew)),
            )
        )
    reviewer = Platform(site.url, world["reviewer"], copies=3)
    _status, disputes = reviewer.ask("GET", "projects/crowd/disputes/?page_size=100")
    for row in disputes["results"]:
        decision = {"outcome": "good", "reason": "It asks first."}
        status, _led_to = reviewer.ask(
            "POST", f"matters/{row['id']}/settle", decision, key=f"decision-{row['id']}"
        )
        assert status == 200

    matters = site.tell(sys.executable, "-c", COUNT, str(world["campaign"]))
    assert {matter["status"] for matter in matters} == {"settled"}
    assert sum(len(matter["judges"]) for matter in matters) == judgements
    assert all(len(set(matter["judges"])) == len(matter["judges"]) for matter in matters)
    assert all(2 <= len(matter["judges"]) <= 3 for matter in matters)
