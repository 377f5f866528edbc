"""The page of the API draws itself under the site's own policy, from the site's own files."""

import pytest

pytestmark = pytest.mark.browser


def test_the_page_of_the_api_draws_every_operation_and_says_nothing_on_the_console(browser, site):
    page = browser.new_page(base_url=site.url)
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))

    page.goto("/api/docs/")
    page.wait_for_selector(".opblock")

    assert page.locator(".opblock").count() == 8
    assert page.locator(".opblock-tag").all_inner_texts() == [
        "projects",
        "items",
        "releases",
        "scores",
    ]
    assert said == []
    assert all(url.startswith((site.url, "data:")) for url in asked)
    page.close()
