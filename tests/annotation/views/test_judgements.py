import pytest
from django.urls import reverse

from annotation.models import Judgement
from tests.annotation import acting
from tests.annotation.views.pages import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(project):
    return acting.make_worker(project)


@pytest.fixture
def judging(project, ann):
    acting.make_answers(project, count=2)
    return acting.open_answers(project)


@pytest.fixture
def judge(client, ann, judging):
    """Judge the next answer on its page, and return the page that follows."""

    def through_the_page():
        client.force_login(ann.user)
        page = client.get(reverse("work-campaign", args=[judging.pk]), follow=True)
        seat = page.context["sheet"].seat
        fields = {
            "key": f"{seat.pk}.{seat.token}",
            "guideline": judging.guideline_id,
            "outcome": "good",
        }
        return client.post(reverse("seat", args=[seat.pk]), fields, follow=True)

    return through_the_page


def undo(client, judgement):
    return client.post(reverse("judgement-undo", args=[judgement.pk]), follow=True)


def test_what_was_just_submitted_can_be_undone_from_the_next_page(client, judge):
    page = judge()
    address = reverse("judgement-undo", args=[Judgement.objects.get().pk])
    assert address in page.content.decode()

    answer = client.post(address, follow=True)

    assert "Taken back." in text_of(answer)
    assert 'value="good" data-key="1" required checked' in answer.content.decode()


def test_my_judgements_offer_it_for_the_last_one_alone(client, judge):
    judge()
    judge()
    first, last = Judgement.objects.order_by("pk")

    page = client.get(reverse("my-judgements")).content.decode()

    assert reverse("judgement-undo", args=[last.pk]) in page
    assert reverse("judgement-undo", args=[first.pk]) not in page


def test_what_cannot_be_undone_is_told_in_words(client, judge):
    judge()
    judge()

    answer = undo(client, Judgement.objects.order_by("pk")[0])

    assert "Only the last judgement can be taken back." in text_of(answer)
    assert not Judgement.objects.filter(takes_back=True).exists()


def test_a_judgement_of_another_is_not_there(client, project, judge):
    judge()
    client.force_login(acting.make_worker(project).user)

    assert undo(client, Judgement.objects.get()).status_code == 404
