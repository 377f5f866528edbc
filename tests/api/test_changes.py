"""What changed while somebody worked is told over the API, beside what they were shown."""

import pytest

from annotation import guidelines
from annotation.models import Assignment, Campaign
from curation import options
from tests import factories
from tests.api import crowd

pytestmark = pytest.mark.django_db


def test_a_new_guideline_is_told_beside_the_old_one(api, review, seat):
    now = guidelines.publish(
        campaign=Campaign.objects.get(pk=review.pk),
        follows=review.guideline_id,
        text_en="Look twice.",
        text_zh="请看两遍。",
        by=None,
    )

    response = crowd.submit(api, seat, crowd.review_of(seat))

    said = response.json()
    assert (response.status_code, said["type"]) == (409, "urn:touchstone:changed")
    assert said["shown"]["guideline"] == seat["guideline"]
    assert (said["now"]["guideline"]["id"], said["now"]["guideline"]["text_en"]) == (
        now.pk,
        "Look twice.",
    )
    again = crowd.review_of(seat) | {"guideline": now.pk}
    assert crowd.submit(api, seat, again).status_code == 200


def test_new_options_are_told_beside_the_old_ones(api, seat):
    item = Assignment.objects.get(pk=seat["id"]).matter.item
    new = options.rewrite(
        option=item.options.get(polarity="positive"),
        text="Ask, then borrow.",
        author_ref="swift-fox-101",
        origin="worker",
        decision_ref="judgement:1",
    )
    body = crowd.review_of(seat, positive={"act": "rewrite", "text": "Typed meanwhile."})

    response = crowd.submit(api, seat, body)

    said = response.json()
    assert (response.status_code, said["type"]) == (409, "urn:touchstone:changed")
    assert [option["text"] for option in said["shown"]["options"]] == [
        option["text"] for option in seat["options"]
    ]
    assert new.pk in [option["id"] for option in said["now"]["options"]]
    assert crowd.kept_texts(response)[0] == "Typed meanwhile."


def test_a_new_question_is_told_beside_the_old_one(api, project, seat):
    item = Assignment.objects.get(pk=seat["id"]).matter.item
    item.superseded_by = factories.make_item(project, question="May I use the new ladder?")
    item.save()

    said = crowd.submit(api, seat, crowd.review_of(seat)).json()

    assert (said["type"], said["shown"]["question"]) == ("urn:touchstone:changed", seat["question"])
    assert said["now"]["question"] == "May I use the new ladder?"
