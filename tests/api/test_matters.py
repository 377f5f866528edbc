"""A matter over the API: everything said of it, for who may decide on it."""

import pytest

from annotation import adjudication, enrolments
from annotation.models import Matter
from curation.models import Role
from tests import factories
from tests.annotation import acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def bea(project):
    return acting.make_worker(project)


@pytest.fixture
def api(bearer, project):
    return bearer(acting.make_reviewer(project).user, "review")


@pytest.fixture
def disputed(project, ann, bea):
    """A rewritten option, then a rejected one."""
    acting.drafted_item(project)
    campaign = acting.open_review(project)
    acting.claim_and_review(ann, campaign, positive=acting.rewrite("Ask them first."))
    acting.claim_and_review(bea, campaign, negative=acting.reject("refusal", note="Says nothing."))
    return campaign.matters.disputed().get()


def of(matter):
    return f"/api/v1/matters/{matter.pk}/"


def test_a_matter_holds_what_every_person_said_in_every_round(api, ann, bea, disputed):
    case = api.get(of(disputed)).json()

    first, second = case["judgements"]
    assert [(first["worker"], first["round"]), (second["worker"], second["round"])] == [
        (ann.pseudonym, 1),
        (bea.pseudonym, 2),
    ]
    rewrite = next(act for act in first["acts"] if act["act"] == "rewrite")
    reject = next(act for act in second["acts"] if act["act"] == "reject")
    assert (rewrite["made_text"], rewrite["note"]) == ("Ask them first.", "")
    assert (reject["reason"], reject["note"]) == ("refusal", "Says nothing.")
    assert case["main_tags"] == {"care.body": 2}
    assert case["why_not"] == ""


def test_a_matter_holds_the_texts_that_may_be_taken(api, ann, disputed):
    texts = api.get(of(disputed)).json()["candidates"]

    live = [text for text in texts if text["is_live"]]
    assert [(text["polarity"], text["origin"]) for text in live] == [
        ("positive", "worker"),
        ("negative", "import"),
    ]
    assert live[0]["author"] == ann.pseudonym
    assert live[0]["before"] == next(text["text"] for text in texts if not text["is_live"])


def test_an_answer_in_dispute_holds_the_counts(api, project, ann, bea):
    cid = acting.make_worker(project)
    acting.make_answers(project)
    campaign = acting.open_answers(project)
    for worker, outcome in ((ann, "good"), (bea, "bad"), (cid, "cannot_tell")):
        acting.claim_and_judge(worker, campaign, outcome, reason=f"It is {outcome}.")

    case = api.get(of(campaign.matters.get())).json()

    assert case["answer"] == "Ask before you borrow it."
    assert case["outcomes"] == {"good": 1, "bad": 1, "cannot_tell": 1}
    assert [said["reason"] for said in case["judgements"]][1] == "It is bad."
    assert case["candidates"] == []


def test_an_earlier_decision_stands_among_what_was_said(api, bearer, project, disputed):
    reviewer = acting.make_reviewer(project)
    enrolments.enrol(campaign=disputed.campaign, worker=acting.make_worker(project))
    following = adjudication.send_back(matter=disputed, by=reviewer, note="Look at the tone.")

    [decision] = api.get(of(following)).json()["decisions"]

    assert decision["adjudication"]["reason"] == "Look at the tone."
    assert (decision["round"], decision["adjudication"]["by"]) == (2, reviewer.pseudonym)


def test_who_judged_it_is_told_why_it_is_not_theirs(bearer, project, disputed):
    project.memberships.filter(user__worker__isnull=False).update(role=Role.REVIEWER)
    judge = disputed.judgements.get().worker

    case = bearer(judge.user, "review").get(of(disputed)).json()

    assert case["why_not"] == "You judged this yourself, so somebody else has to settle it."


def test_for_a_reviewer_who_may_yet_judge_it_the_matter_is_not_there(bearer, project):
    acting.drafted_item(project)
    campaign = acting.open_review(project)
    reviewer = acting.make_reviewer(project)
    enrolments.enrol(campaign=campaign, worker=reviewer)
    client = bearer(reviewer.user, "review")
    matter = campaign.matters.get()

    assert client.get(of(matter)).status_code == 404


def test_while_a_reviewer_may_take_their_judgement_back_the_matter_is_not_there(
    bearer, project, ann
):
    acting.make_answers(project)
    campaign = acting.open_answers(project, overlap=3)
    reviewer = acting.make_reviewer(project)
    enrolments.enrol(campaign=campaign, worker=reviewer)
    acting.claim_and_judge(ann, campaign, "good")
    acting.claim_and_judge(reviewer, campaign, "cannot_tell")
    client = bearer(reviewer.user, "review")

    assert client.get(of(campaign.matters.get())).status_code == 404


@pytest.mark.parametrize("role", [Role.WORKER, Role.READER, None])
def test_for_who_may_not_settle_the_matter_is_not_there(bearer, project, disputed, role):
    user = factories.make_user()
    if role:
        factories.make_member(project, role, user)

    assert bearer(user, "review").get(of(disputed)).status_code == 404


@pytest.mark.parametrize("pk", [10**9, 10**30])
def test_a_number_that_no_matter_has_is_not_there(api, disputed, pk):
    assert api.get(of(Matter(pk=pk))).status_code == 404
