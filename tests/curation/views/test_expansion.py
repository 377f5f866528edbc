"""Asking for more questions, and deciding on them."""

import pytest

from curation.drafting import engine
from curation.models import DraftRole, Item, QuestionProposal, Run
from tests import factories
from tests.curation.drafting.asking_about import named
from tests.endpoint import said

ADDRESS = "/projects/everyday/expansion/"
DECIDE = f"{ADDRESS}decide/"
NEW = ["May I borrow a bicycle?", "May I borrow a boat?", "May I borrow <b>a tent</b>?"]
ASK = {"number": 5, "variants": 3, "act": "ask"}


@pytest.fixture
def signed_in(client, curator):
    client.force_login(curator)
    return client


@pytest.fixture
def expander(project, server):
    server.reply = lambda asked: said(asked, questions=NEW)
    return named(project, server, DraftRole.EXPANDER, name="widener")


@pytest.fixture
def waiting(signed_in, project, expander):
    factories.make_item(project, question="May I borrow a ladder?")
    signed_in.post(ADDRESS, ASK)
    engine.work(run_id=Run.objects.get().pk)
    return list(QuestionProposal.objects.order_by("pk"))


@pytest.mark.parametrize("person", ["reviewer", "worker", "reader", "stranger"])
def test_for_others_the_page_is_not_there(client, project, expander, request, person):
    client.force_login(request.getfixturevalue(person))

    assert client.get(ADDRESS).status_code == 404
    assert client.post(ADDRESS, ASK).status_code == 404
    assert client.post(DECIDE, {"accept": "ticked"}).status_code == 404
    assert not Run.objects.exists()


def test_without_an_expander_the_page_says_so(signed_in, project):
    page = signed_in.get(ADDRESS).text

    assert "No endpoint fills these roles yet: question expander" in page
    assert "Nothing waits." in page


def test_an_estimate_asks_nothing(signed_in, project, expander):
    factories.make_item(project)

    page = signed_in.post(ADDRESS, ASK | {"act": "estimate"}).text

    assert "1 calls, about" in page
    assert not Run.objects.exists()


def test_questions_are_listed_beside_their_items(signed_in, waiting):
    page = signed_in.get(ADDRESS).text

    assert "May I borrow a boat?" in page
    assert "&lt;b&gt;a tent" in page
    assert (
        "A model proposes more questions"
        in signed_in.get(f"/projects/everyday/runs/{Run.objects.get().pk}/").text
    )
    assert "More questions" in signed_in.get("/projects/everyday/drafting/").text


def test_ticked_ones_are_accepted_together(signed_in, waiting):
    data = {"accept": "ticked", "question": [waiting[0].pk, waiting[2].pk]}

    page = signed_in.post(DECIDE, data, follow=True).text

    assert "2 questions became items." in page
    assert list(Item.objects.filter(method="expanded").values_list("question", flat=True)) == [
        NEW[0],
        NEW[2],
    ]
    assert NEW[1] in page


def test_one_button_is_for_one_question_whatever_is_ticked(signed_in, waiting):
    data = {"refuse": waiting[0].pk, "question": [waiting[1].pk]}

    page = signed_in.post(DECIDE, data, follow=True).text

    assert "1 question is refused." in page
    assert [row.status for row in QuestionProposal.objects.order_by("pk")] == [
        "refused",
        "proposed",
        "proposed",
    ]


@pytest.mark.parametrize(
    "data",
    [
        {"accept": "ticked"},
        {"accept": "ticked", "question": ["x", "-1", "9" * 40, "\0"]},
        {"accept": "999999999"},
        {"refuse": "²"},
    ],
)
def test_nothing_ticked_is_said(signed_in, waiting, data):
    page = signed_in.post(DECIDE, data, follow=True).text

    assert "None of these questions waits for a decision." in page
    assert not Item.objects.filter(method="expanded").exists()


@pytest.mark.parametrize("change", [{"variants": 11}, {"number": 0}, {"tag": "moon"}])
def test_a_choice_that_makes_no_sense_is_shown_again(signed_in, project, expander, change):
    factories.make_item(project)

    answer = signed_in.post(ADDRESS, ASK | change)

    assert answer.status_code == 200
    assert not Run.objects.exists()


def test_when_all_was_asked_the_page_says_so(signed_in, waiting):
    page = signed_in.post(ADDRESS, ASK, follow=True).text

    assert "Every such item was asked about already." in page
    assert Run.objects.count() == 1
