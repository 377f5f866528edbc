"""A crowd platform in a few words: claims, submits and settles over the API."""

import json

from annotation import enrolments, leases
from annotation.models import Assignment
from tests.annotation import acting

JSON = "application/json"


def post(client, path, body=None, **kw):
    return client.post(f"/api/v1/{path}", json.dumps(body or {}), content_type=JSON, **kw)


def put(client, path, body):
    return client.put(f"/api/v1/{path}", json.dumps(body), content_type=JSON)


def claim(client, campaign):
    return post(client, f"campaigns/{campaign.pk}/claim")


def granted(assignment):
    """What every submission of this assignment carries."""
    return {
        "token": assignment["token"],
        "guideline": assignment["guideline"]["id"],
        "shown": [option["id"] for option in assignment["options"]],
    }


def verdict_on(assignment, outcome="good", **kw):
    return granted(assignment) | {"outcome": outcome} | kw


def review_of(assignment, tags=("care.body",), **instead):
    """Accept every option, but for the polarities told otherwise; write the missing ones."""
    acts = [
        {"option": option["id"], "act": "accept"} | instead.get(option["polarity"], {})
        for option in assignment["options"]
    ]
    acts += [
        {"polarity": polarity, "act": "write", "text": f"A new {polarity} text."}
        | instead.get(polarity, {})
        for polarity in assignment["missing"]
    ]
    return granted(assignment) | {"acts": acts, "tags": list(tags)}


def submit(client, assignment, body, **kw):
    return post(client, f"assignments/{assignment['id']}/submit", body, **kw)


def pointers(response):
    return [fault["pointer"] for fault in response.json()["errors"]]


def colleague(campaign):
    """One more worker who takes part in a campaign that is there already."""
    worker = acting.make_worker(campaign.project)
    enrolments.enrol(campaign=campaign, worker=worker)
    return worker


def at(seat, act=""):
    return f"/api/v1/assignments/{seat['id']}/{act}"


def kept_texts(response):
    return [act["text"] for act in response.json()["draft"]["work"]["acts"]]


def lose(seat, campaign):
    """Let the lease end and somebody else take the seat."""
    acting.expire(Assignment.objects.get(pk=seat["id"]))
    return leases.claim(worker=colleague(campaign), campaign=campaign)
