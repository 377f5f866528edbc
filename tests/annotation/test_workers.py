import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from annotation import enrolments, judgements, leases, workers
from annotation.models import Judgement, Worker
from curation.refusals import Refused
from tests import factories
from tests.annotation import acting

pytestmark = pytest.mark.django_db


def test_a_pseudonym_is_made_once_and_says_nothing_of_its_person():
    user = factories.make_user("theodora")

    first, second = workers.of(user), workers.of(user)

    assert first == second
    assert re.fullmatch(r"[a-z]+-[a-z]+-\d{3}", first.pseudonym)
    assert "theodora" not in first.pseudonym


def test_a_pseudonym_that_is_taken_is_drawn_again(monkeypatch):
    taken = workers.of(factories.make_user())
    drawn = iter([taken.pseudonym, taken.pseudonym, "keen-wren-101"])
    monkeypatch.setattr(workers, "_pseudonym", lambda: next(drawn))

    assert workers.of(factories.make_user()).pseudonym == "keen-wren-101"


def test_no_pseudonym_is_given_twice_when_all_are_taken(monkeypatch):
    taken = workers.of(factories.make_user())
    monkeypatch.setattr(workers, "_pseudonym", lambda: taken.pseudonym)

    with pytest.raises(Refused):
        workers.of(factories.make_user())


def test_the_longest_pseudonym_fits_its_column():
    longest = max(map(len, workers.ADJECTIVES.split())) + max(map(len, workers.NOUNS.split())) + 5

    assert longest <= Worker._meta.get_field("pseudonym").max_length


def test_cutting_the_link_keeps_the_evidence_and_frees_the_seat(project):
    ann = acting.make_worker(project)
    user = ann.user
    acting.drafted_item(project)
    acting.drafted_item(project)
    campaign = acting.open_review(project)
    judgement = acting.claim_and_review(ann, campaign)
    held = leases.claim(worker=ann, campaign=campaign)

    workers.cut_link(worker=ann, by=None)

    held.refresh_from_db()
    judgement.refresh_from_db()
    assert (held.status, held.owner) == ("open", None)
    assert (judgement.worker, judgement.worker.user) == (ann, None)
    assert workers.of(user) != ann
    with pytest.raises(Refused):
        enrolments.choose(
            campaign=campaign, worker=workers.of(user), languages=["en"], severity_limit=4
        )


@pytest.mark.django_db(transaction=True)
def test_the_link_is_cut_while_the_person_submits(project, monkeypatch):
    ann = acting.make_worker(project)
    acting.make_answers(project)
    campaign = acting.open_answers(project, overlap=1, quorum=1)
    seat = leases.claim(worker=ann, campaign=campaign)
    writing, cutting = threading.Event(), threading.Event()
    keep, hand_back = judgements.keep_judgement, leases.hand_back_all

    def slow_keep(**kw):
        writing.set()
        cutting.wait(5)
        threading.Event().wait(0.3)  # until the other one waits for the matter
        return keep(**kw)

    def slow_hand_back(**kw):
        cutting.set()
        return hand_back(**kw)

    def cut():
        try:
            writing.wait(5)
            return workers.cut_link(worker=Worker.objects.get(pk=ann.pk), by=None)
        finally:
            connection.close()

    monkeypatch.setattr(judgements, "keep_judgement", slow_keep)
    monkeypatch.setattr(leases, "hand_back_all", slow_hand_back)
    with ThreadPoolExecutor(1) as pool:
        gone = pool.submit(cut)
        acting.judge(ann, seat, "good")
        gone.result(20)

    ann.refresh_from_db()
    assert ann.user is None
    assert Judgement.objects.get().worker == ann
