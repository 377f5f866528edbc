"""The page of a run's batch files."""

import json

import pytest

from curation import escalations
from curation.drafting import plan, runs
from curation.models import BatchFile, Budget, Call, Escalation
from tests import factories
from tests.curation.drafting.batching import file_of, result


@pytest.fixture
def run(project, drafter):
    factories.make_item(project)
    return plan.plan(project=project, by=None).run


@pytest.fixture
def page(client, curator, run, settings, tmp_path):
    settings.DATA = tmp_path
    client.force_login(curator)
    return f"/projects/everyday/runs/{run.pk}/batches/"


def write(client, page, **fields):
    endpoint = BatchFile.endpoint.field.related_model.objects.get().pk
    given = {"act": "export", "endpoint": endpoint, "price_percent": 50} | fields
    return client.post(page, given, follow=True)


def fetched(client, page, number=1):
    answer = client.get(f"{page}{number}/")
    return answer, [json.loads(line) for line in b"".join(answer).splitlines()]


def uploaded(lines):
    file = file_of(lines)
    file.name = "results.jsonl"
    return file


@pytest.mark.parametrize("person", ["reviewer", "worker", "reader", "stranger"])
def test_for_others_the_page_and_its_files_are_not_there(client, page, request, person):
    write(client, page)
    client.force_login(request.getfixturevalue(person))

    assert client.get(page).status_code == 404
    assert client.get(f"{page}1/").status_code == 404
    assert client.post(page, {"act": "give-back"}).status_code == 404
    assert set(Call.objects.values_list("status", flat=True)) == {"batched"}


def test_a_file_is_written_and_fetched(client, page):
    text = write(client, page).text

    assert "The file is written: 3 requests." in text
    answer, requests = fetched(client, page)
    assert len(requests) == 3
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert BatchFile.objects.get().price_percent == 50


def test_results_are_brought_and_told(client, page):
    write(client, page)
    _answer, requests = fetched(client, page)

    answer = client.post(
        page, {"act": "import", "file": uploaded([*map(result, requests), {"odd": 1}])}
    )

    assert answer.status_code == 200
    assert "line 4: not the result of a batch request" in answer.text
    assert set(Call.objects.values_list("status", flat=True)) == {"done"}


def test_what_is_missing_is_given_back(client, page):
    write(client, page)

    text = client.post(page, {"act": "give-back"}, follow=True).text

    assert "3 calls are planned again." in text
    assert set(Call.objects.values_list("status", flat=True)) == {"planned"}


def test_a_file_written_elsewhere_is_listed_and_not_given(client, page, settings, tmp_path):
    write(client, page)
    settings.DATA = tmp_path / "other"

    assert "by a command, elsewhere" in client.get(page).text
    assert client.get(f"{page}1/").status_code in (302, 409)
    assert client.get(f"{page}2/").status_code == 404


@pytest.mark.parametrize(
    "fields", [{"price_percent": 101}, {"price_percent": "x"}, {"endpoint": 999}]
)
def test_a_file_that_cannot_be_is_refused_where_it_was_asked(client, page, fields):
    answer = write(client, page, **fields)

    assert answer.status_code == 422
    assert not BatchFile.objects.exists()


def test_an_endpoint_of_another_project_is_no_choice(client, page):
    other = factories.make_endpoint(factories.make_project())

    endpoint = {"act": "export", "endpoint": other.pk, "price_percent": 1}
    assert client.post(page, endpoint).status_code == 422


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"\x00\xff", b"[" * 5_000, b'{"custom_id": "\\u0000"}']
)
def test_any_file_is_answered(client, page, content):
    write(client, page)
    file = file_of([])
    file.write(content)
    file.seek(0)
    file.name = "odd.jsonl"

    answer = client.post(page, {"act": "import", "file": file}, headers={"Referer": page})

    assert answer.status_code in (200, 302, 422)
    assert set(Call.objects.values_list("status", flat=True)) == {"batched"}


def test_no_file_and_no_act_do_no_harm(client, page):
    assert client.post(page, {"act": "import"}).status_code == 422
    assert client.post(page, {"act": "explode"}).status_code == 200


def test_a_step_that_cannot_be_is_told(client, page, run):
    refused = client.post(
        page, {"act": "give-back"}, headers={"Referer": f"http://testserver{page}"}
    )

    assert refused.status_code == 302
    assert "No call of this run is in a batch file." in client.get(page).text


@pytest.mark.parametrize("given_back", [False, True])
def test_a_file_with_a_locked_item_in_it_is_not_given_any_more(client, page, project, given_back):
    item, other = Call.objects.first().item, factories.make_item(project)
    plan.plan(project=project, by=None)
    write(client, page)
    escalations.lock([item.pk], found=Escalation.Found.QUESTION)
    if given_back:
        client.post(page, {"act": "give-back"})

    answer = client.get(f"{page}1/", follow=True)

    assert "is locked now" in answer.text
    assert item.question not in answer.text
    assert other.question not in answer.text


def test_a_file_written_after_an_item_was_locked_is_given(client, page, project, run):
    locked = factories.make_item(project)
    escalations.lock([locked.pk], found=Escalation.Found.QUESTION)
    write(client, page)

    answer, requests = fetched(client, page)

    assert answer.status_code == 200
    assert len(requests) == 3


def test_lines_of_another_run_are_taken_and_named(client, page, project, run):
    write(client, page)
    _answer, mine = fetched(client, page)
    factories.make_item(project)
    other = plan.plan(project=project, by=None).run
    write(client, f"/projects/everyday/runs/{other.pk}/batches/")
    _answer, theirs = fetched(client, f"/projects/everyday/runs/{other.pk}/batches/")

    lines = uploaded([result(request) for request in [*mine, *theirs]])
    text = client.post(page, {"act": "import", "file": lines}).text

    assert "Lines of other runs of this project were in it" in text
    assert f'<a href="/projects/everyday/runs/{other.pk}/">Run {other.pk}</a> (3)' in text
    assert f"Run {run.pk}</a> (3)" not in text
    assert set(Call.objects.values_list("status", flat=True)) == {"done"}


def test_giving_back_is_asked_about_first(client, page):
    write(client, page)

    before, _name, _after = client.get(page).text.partition('name="act" value="give-back"')

    assert before.rindex("<details") > before.rindex("</details>")
    assert "3 calls are planned again" in before


def test_a_cancelled_run_lets_go_of_its_files_and_of_the_money_for_them(
    client, page, project, run, drafter
):
    factories.make_price(drafter, 1_000_000, 1_000_000)
    Budget.objects.create(project=project, cap=10**9)
    write(client, page)
    assert Budget.objects.get().reserved > 0

    runs.cancel(run=run, by=None)

    assert Budget.objects.get().reserved == 0
    assert set(Call.objects.values_list("status", flat=True)) == {"planned"}
    text = client.get(page).text
    assert "what was in its files is not asked" in text
    assert "Give back what is missing" not in text
