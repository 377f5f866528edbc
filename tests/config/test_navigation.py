import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db

TABS = (
    "overview",
    "items",
    "drafting",
    "campaigns",
    "disputes",
    "releases",
    "subjects",
    "scores",
    "taxonomy",
    "members",
    "safety",
)


@pytest.mark.parametrize(
    ("person", "page", "tabs"),
    [
        ("curator", "overview", set(TABS)),
        ("reviewer", "disputes", {"disputes"}),
        ("reader", "scores", {"releases", "scores"}),
    ],
)
def test_a_person_sees_only_the_tabs_they_may_open(client, request, project, person, page, tabs):
    client.force_login(request.getfixturevalue(person))

    shown = client.get(reverse(page, args=[project.slug])).text

    for tab in TABS:
        link = f'<a href="{reverse(tab, args=[project.slug])}"'
        assert (link in shown) == (tab in tabs), tab


def test_the_tab_of_the_page_is_marked(client, project, curator):
    client.force_login(curator)

    page = client.get(reverse("members", args=[project.slug])).text

    address = reverse("members", args=[project.slug])
    assert f'<a href="{address}" aria-current="page">' in page
    assert page.count('aria-current="page">Members') <= 2
