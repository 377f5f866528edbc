"""What every page shares: its language, its frame, and how it says no."""

import json
import re

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory

from config import middleware
from curation.refusals import Refused

pytestmark = pytest.mark.django_db


def test_a_stranger_may_switch_the_language_and_stays_where_they_were(client):
    answer = client.post("/language/", {"language": "zh-hans", "next": "/sign-in/?next=/work/"})

    page = client.get(answer.url)
    assert answer.url == "/sign-in/?next=/work/"
    assert '<html lang="zh-Hans" dir="ltr">' in page.text
    assert "用户名" in page.text


@pytest.mark.parametrize(("language", "other"), [("en", "简体中文"), ("zh-hans", "English")])
def test_the_switch_names_the_other_language_in_its_own_words(client, language, other):
    client.cookies["django_language"] = language

    switch = re.search(r'<button name="language".*?>(.*?)</button>', client.get("/sign-in/").text)

    assert switch[1] == other


def test_htmx_is_told_to_run_nothing_and_to_keep_no_pages(client):
    page = client.get("/sign-in/").text

    settings = json.loads(re.search(r"name=\"htmx-config\" content='(.*?)'", page)[1])
    assert settings["allowEval"] is settings["allowScriptTags"] is False
    assert settings["selfRequestsOnly"] is True
    assert settings["includeIndicatorStyles"] is False
    assert settings["historyCacheSize"] == 0


@pytest.mark.parametrize("address", ["/sign-in/", "/nowhere/", "/sign-in/?x=%00"])
def test_no_page_styles_or_runs_anything_inline(client, address):
    page = client.get(address).text

    assert not re.search(r"<[^>]+\s(style|on\w+)=", page)
    assert "<style" not in page
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", page))


def test_the_page_of_a_broken_server_needs_nothing():
    page = render_to_string("500.html")

    assert "Something broke on our side" in page
    assert re.findall(r'(?:href|src)="([^"]+)"', page) == ["/static/css/site.css", "/", "/"]


def test_a_field_ties_its_label_help_and_errors_together(client):
    page = client.post("/sign-in/", {"username": "", "password": "x"}).text

    assert '<label for="id_username">' in page
    assert 'aria-describedby="id_username_error"' in page
    assert 'id="id_username_error"' in page
    assert 'aria-invalid="true"' in page


def test_a_refusal_to_htmx_lands_beside_the_form_not_in_its_place():
    request = RequestFactory().post("/somewhere/", headers={"hx-request": "true"})

    answer = middleware.refusals(lambda request: None).process_exception(request, Refused("No."))

    assert answer.headers["HX-Retarget"] == "#messages"
    assert answer.headers["HX-Reswap"] == "innerHTML"
