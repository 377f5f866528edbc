"""Seats over the API: shown while held, kept alive, handed back, with their drafts."""

import pytest
from django.db import OperationalError
from psycopg import errors

from annotation import work_drafts
from annotation.models import Assignment, Decline, WorkDraft
from curation.models import Role
from tests.annotation import acting
from tests.api import crowd

pytestmark = pytest.mark.django_db


def test_a_seat_is_shown_as_long_as_it_is_held(api, review, seat):
    assert api.get(crowd.at(seat)).json() == seat

    crowd.lose(seat, review)
    response = api.get(crowd.at(seat))

    assert (response.status_code, response.json()["type"]) == (409, "urn:touchstone:lease-lost")
    assert "question" not in response.json()


def test_a_draft_is_kept_and_given_back_as_it_was_typed(api, seat):
    body = crowd.review_of(
        seat,
        tags=["", "law"],
        positive={"act": "rewrite", "text": "half a sen"},
        negative={"act": ""},
    ) | {"unfit": "", "note": "  spaces stay "}

    saved = crowd.put(api, f"assignments/{seat['id']}/draft", body).json()

    assert saved["work"]["tags"] == ["", "law"]
    assert saved["work"]["note"] == "  spaces stay "
    assert [act["option"] for act in saved["work"]["acts"]] == body["shown"]
    assert [act["act"] for act in saved["work"]["acts"]] == ["rewrite", ""]
    assert api.get(crowd.at(seat, "draft")).json() == saved
    assert api.get(crowd.at(seat)).json()["draft"] == saved


def test_a_draft_of_the_api_shows_on_the_page(client, api, ann, seat):
    body = crowd.review_of(seat, negative={"act": "rewrite", "text": "half a sen"})
    crowd.put(api, f"assignments/{seat['id']}/draft", body)
    client.force_login(ann.user)

    page = client.get(f"/work/seats/{seat['id']}/").text

    assert "half a sen" in page
    assert page.count('value="rewrite" data-key="r" checked') == 1


def test_a_draft_of_the_page_is_given_by_the_api(client, api, ann, judging):
    client.force_login(ann.user)
    typed = {"key": judging["key"], "outcome": "bad", "reason": "Caref"}
    client.post(f"/work/seats/{judging['id']}/draft/", typed)

    work = api.get(crowd.at(judging, "draft")).json()["work"]

    assert (work["outcome"], work["reason"]) == ("bad", "Caref")


def test_without_a_draft_there_is_nothing_kept(api, seat):
    assert api.get(crowd.at(seat, "draft")).json() == {"saved_at": None, "work": None}


def test_a_draft_survives_the_loss_of_the_seat(api, review, seat):
    crowd.lose(seat, review)
    body = crowd.review_of(seat, positive={"act": "rewrite", "text": "Late words."})

    assert crowd.put(api, f"assignments/{seat['id']}/draft", body).status_code == 200
    assert api.get(crowd.at(seat, "draft")).json()["work"]["acts"][0]["text"] == "Late words."


def test_a_draft_of_what_is_judged_is_refused(api, judging):
    crowd.submit(api, judging, crowd.verdict_on(judging))

    response = crowd.put(api, f"assignments/{judging['id']}/draft", {"token": judging["token"]})

    assert (response.status_code, response.json()["judged"]) == (409, True)
    assert not WorkDraft.objects.exists()


def test_a_draft_too_long_to_keep_is_refused(api, seat):
    acts = (
        [{"option": pk, "act": "rewrite", "text": "梯" * 20_000} for pk in seat["shown"] or [1]]
        if "shown" in seat
        else []
    )
    acts = [
        {"option": option["id"], "act": "rewrite", "text": "梯" * 20_000}
        for option in seat["options"]
    ]

    response = crowd.put(
        api, f"assignments/{seat['id']}/draft", {"token": seat["token"], "acts": acts}
    )

    assert response.status_code == 409


def test_a_heartbeat_renews_the_lease_up_to_a_cap(api, seat):
    acting.expire(Assignment.objects.get(pk=seat["id"]))  # leased at midnight, for 20 minutes

    response = crowd.post(api, f"assignments/{seat['id']}/heartbeat", {"token": seat["token"]})

    assert response.json() == {"lease_expires_at": "2020-01-01T01:20:00Z"}


def test_a_heartbeat_tells_of_a_lost_seat_with_what_is_kept(api, review, seat):
    body = crowd.review_of(seat, positive={"act": "rewrite", "text": "Kept."})
    crowd.put(api, f"assignments/{seat['id']}/draft", body)
    crowd.lose(seat, review)

    response = crowd.post(api, f"assignments/{seat['id']}/heartbeat", {"token": seat["token"]})

    assert (response.status_code, response.json()["type"]) == (409, "urn:touchstone:lease-lost")
    assert crowd.kept_texts(response)[0] == "Kept."


def test_a_seat_is_given_back(api, seat):
    for _ in range(2):  # again changes nothing
        path = f"assignments/{seat['id']}/give-back"
        assert crowd.post(api, path, {"token": seat["token"]}).status_code == 204

    assert Assignment.objects.get().status == "open"
    assert api.get(crowd.at(seat)).status_code == 409


def test_a_seat_is_skipped_for_good(api, review, seat):
    body = {"token": seat["token"], "reason": "harms_me"}
    for _ in range(2):
        assert crowd.post(api, f"assignments/{seat['id']}/skip", body).status_code == 204

    assert Decline.objects.get().reason == "harms_me"
    assert crowd.submit(api, seat, crowd.review_of(seat)).json()["skipped"] is True
    assert crowd.claim(api, review).status_code == 409


@pytest.mark.parametrize("reason", ["", "bored", None, 7])
def test_a_skip_says_why(api, seat, reason):
    body = {"token": seat["token"], "reason": reason}

    response = crowd.post(api, f"assignments/{seat['id']}/skip", body)

    assert (response.status_code, crowd.pointers(response)) == (400, ["#/reason"])


ACTS = ["submit", "heartbeat", "give-back", "skip"]


@pytest.mark.parametrize("who", ["a colleague", "who left", "nobody"])
def test_the_seat_of_another_is_not_there(bearer, api, project, ann, seat, who):
    client, pk = api, seat["id"]
    if who == "a colleague":
        client = bearer(acting.make_worker(project, Role.CURATOR).user, "work")
    elif who == "who left":
        ann.user.memberships.all().delete()
    else:
        pk = 10**30
    places = [
        client.get(f"/api/v1/assignments/{pk}/"),
        client.get(f"/api/v1/assignments/{pk}/draft"),
    ]
    places += [crowd.post(client, f"assignments/{pk}/{act}", {"token": 1}) for act in ACTS]
    places += [crowd.put(client, f"assignments/{pk}/draft", {"token": 1})]

    assert {place.status_code for place in places} == {404}
    assert not WorkDraft.objects.exists()


def test_a_busy_table_is_told_as_such(api, seat, monkeypatch):
    def busy(**kw):
        raise OperationalError from errors.LockNotAvailable()

    monkeypatch.setattr(work_drafts, "save", busy)

    response = crowd.put(api, f"assignments/{seat['id']}/draft", {"token": 1})

    assert (response.status_code, response["Retry-After"]) == (503, "5")
