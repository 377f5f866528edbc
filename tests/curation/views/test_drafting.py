"""The drafting page: what is wanted, what it takes, and the start."""

import pytest

from curation import endpoints
from curation.drafting import engine, plan
from curation.models import Budget, Call, Run
from tests import factories
from tests.endpoint import completion

ADDRESS = "/projects/everyday/drafting/"


@pytest.fixture
def signed_in(client, curator):
    client.force_login(curator)
    return client


@pytest.mark.parametrize("person", ["reviewer", "worker", "reader", "stranger"])
def test_for_others_the_page_is_not_there(client, drafter, project, request, person):
    factories.make_item(project)
    client.force_login(request.getfixturevalue(person))

    assert client.get(ADDRESS).status_code == 404
    assert client.post(ADDRESS).status_code == 404
    assert client.post(ADDRESS + "budget/", {"cap": "5"}).status_code == 404
    assert not Run.objects.exists()


def test_a_project_without_items_is_told_to_import(signed_in, project):
    assert "Import questions first." in signed_in.get(ADDRESS).text


def test_roles_that_nobody_fills_are_shown(signed_in, project):
    factories.make_item(project)

    page = signed_in.get(ADDRESS).text

    assert "Somebody must do the drafting" in page
    assert page.count("nobody") == 3


def test_the_page_says_what_would_be_drafted_and_about_what_it_costs(signed_in, drafter, project):
    factories.make_price(drafter, 150_000, 600_000)
    factories.make_item(project)
    factories.make_item(project, main_tag=project.taxonomy.tags.get(severity=4))

    page = signed_in.get(ADDRESS).text

    assert "5 calls, about" in page
    assert "USD" in page
    assert "1 item has a tag of severity 4" in page


def test_what_very_many_items_lack_is_counted_when_it_is_asked_for(
    signed_in, drafter, project, monkeypatch
):
    monkeypatch.setattr("curation.views.drafting.COUNTED", 0)
    factories.make_item(project)

    first, then = signed_in.get(ADDRESS).text, signed_in.get(ADDRESS + "?estimate=1").text

    assert 'hx-get="?estimate=1"' in first
    assert "Start drafting" in first
    assert "tokens." not in first
    assert "3 calls, about" in then
    assert "hx-trigger" not in then


def test_a_run_over_many_items_shows_that_it_is_being_planned(
    signed_in, drafter, project, monkeypatch
):
    monkeypatch.setattr("curation.views.drafting.AT_ONCE", 0)
    factories.make_item(project)

    page = signed_in.post(ADDRESS, follow=True).text

    assert Run.objects.get().status == Run.Status.PLANNING
    assert "A worker is writing down what this run asks for" in page
    assert 'hx-trigger="every 2s"' in page


def test_start_plans_a_run_and_leads_to_it(signed_in, drafter, project, curator):
    factories.make_item(project)

    answer = signed_in.post(ADDRESS)

    run = Run.objects.get()
    assert answer["Location"] == f"/projects/everyday/runs/{run.pk}/"
    assert run.by == curator


def test_a_start_with_nothing_to_draft_says_so(signed_in, drafter, project):
    answer = signed_in.post(ADDRESS, follow=True)

    assert "Models were asked for everything that could be drafted." in answer.text
    assert not Run.objects.exists()


def test_a_second_start_makes_no_second_run(signed_in, drafter, project):
    factories.make_item(project)
    signed_in.post(ADDRESS)
    signed_in.post(ADDRESS)

    assert (Run.objects.count(), Call.objects.count()) == (1, 3)


def test_a_paused_endpoint_is_a_banner(signed_in, drafter, project):
    endpoints.pause(endpoint_id=drafter.pk, reason="unpaid: HTTP 402")

    assert "no money or quota left" in signed_in.get(ADDRESS).text


def test_a_budget_is_set_and_taken_away(signed_in, project):
    signed_in.post(ADDRESS + "budget/", {"cap": "12.5"})
    assert Budget.objects.get().cap == 12_500_000
    assert 'value="12.5"' in signed_in.get(ADDRESS).text

    signed_in.post(ADDRESS + "budget/", {"cap": ""})
    assert not Budget.objects.exists()


@pytest.mark.parametrize("cap", ["-1", "much", "NaN", "1e99"])
def test_an_impossible_budget_is_refused_beside_its_field(signed_in, project, cap):
    answer = signed_in.post(ADDRESS + "budget/", {"cap": cap})

    assert answer.status_code == 200
    assert "errorlist" in answer.text or "aria-invalid" in answer.text
    assert not Budget.objects.exists()


@pytest.mark.parametrize(("cap", "warned"), [("0.000001", True), ("5", False)])
def test_a_budget_that_leaves_too_little_is_told_before_the_start(
    signed_in, drafter, project, cap, warned
):
    factories.make_price(drafter, 150_000, 600_000)
    factories.make_item(project)
    signed_in.post(ADDRESS + "budget/", {"cap": cap})

    assert ("The budget leaves less than that" in signed_in.get(ADDRESS).text) is warned


def test_runs_are_listed(signed_in, drafter, project):
    factories.make_item(project)
    run = plan.plan(project=project, by=None).run

    assert f"/projects/everyday/runs/{run.pk}/" in signed_in.get(ADDRESS).text


def test_a_start_whose_cost_nobody_knows_says_so_on_the_button(signed_in, drafter, project):
    factories.make_item(project)
    assert "Start drafting (cost unknown: 1 endpoint has no price)" in signed_in.get(ADDRESS).text

    factories.make_price(drafter, 150_000, 600_000)

    text = signed_in.get(ADDRESS).text
    assert "Start drafting" in text
    assert "cost unknown" not in text


def test_replies_that_could_not_be_used_are_never_called_options(
    signed_in, drafter, project, server
):
    factories.make_item(project)
    server.reply = lambda asked: completion("ERR")
    run = plan.plan(project=project, by=None).run
    engine.work(run_id=run.pk)

    text = signed_in.get(ADDRESS).text

    assert "every item has its options" not in text
    assert "1 item still lacks an option" in text
    assert "3 drafts could not be used." in text
    assert f'<a href="/projects/everyday/runs/{run.pk}/">Run {run.pk}</a> (3)' in text


def test_a_run_under_way_is_named_and_whole_items_are_called_whole(
    signed_in, drafter, project, server
):
    factories.make_item(project)
    run = plan.plan(project=project, by=None).run
    assert "Nothing else is left to draft: a run is at it." in signed_in.get(ADDRESS).text

    engine.work(run_id=run.pk)

    assert "Nothing is left to draft: every item has its options." in signed_in.get(ADDRESS).text
