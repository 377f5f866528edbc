from curation.drafting import targets
from curation.models import Call
from curation.models.drafting import TARGET_LENGTH
from tests import factories


def test_an_ordering_can_be_read_back_from_its_target(project):
    item = factories.make_item(project)

    target = targets.of_choice(item, (2, 0, 1))

    assert target == f"item:{item.uid}:v1:2,0,1"
    assert targets.ordering_of(target) == (2, 0, 1)


def test_the_longest_target_fits(project):
    item = factories.make_item(project, revision=999)

    longest = targets.of_choice(item, range(26))

    assert len(longest) <= TARGET_LENGTH == Call._meta.get_field("target").max_length
