import pytest

from curation import severe_tags
from curation.models import SevereSwitch
from tests import factories

ADDRESS = "/projects/everyday/safety/"


@pytest.fixture
def law(project):
    return project.taxonomy.tags.get(code="law")


@pytest.mark.parametrize("person", ["reviewer", "worker", "reader", "stranger"])
def test_for_others_the_page_is_not_there(client, project, law, request, person):
    client.force_login(request.getfixturevalue(person))

    assert client.get(ADDRESS).status_code == 404
    assert client.post(f"{ADDRESS}tags/{law.pk}/", {"on": "1"}).status_code == 404
    assert not SevereSwitch.objects.exists()


def test_a_curator_switches_a_severe_tag_on_and_off(client, project, curator, law):
    client.force_login(curator)
    factories.make_item(project, main_tag=law)
    before = client.get(ADDRESS).text

    on = client.post(f"{ADDRESS}tags/{law.pk}/", {"on": "1"}, follow=True).text
    off = client.post(f"{ADDRESS}tags/{law.pk}/", follow=True).text

    assert "by people only" in before
    assert "Law is switched on" in on
    assert "by models" in on
    assert "Law is switched off" in off
    assert [tag.on for tag in severe_tags.of(project)] == [False]


def test_a_mild_tag_has_no_switch(client, project, curator):
    client.force_login(curator)
    mild = project.taxonomy.tags.get(code="care")

    assert client.post(f"{ADDRESS}tags/{mild.pk}/", {"on": "1"}).status_code == 404
