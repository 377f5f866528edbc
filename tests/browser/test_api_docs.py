"""The page of the API draws itself under the site's own policy, from the site's own files."""

import json
from urllib.request import Request, urlopen

import pytest

pytestmark = pytest.mark.browser


def operations_of(site):
    """Return the group of each operation of the schema, in its order."""
    asked = Request(
        f"{site.url}/api/schema/", headers={"Accept": "application/vnd.oai.openapi+json"}
    )
    with urlopen(asked) as answer:
        paths = json.load(answer)["paths"]
    return [operation["tags"][0] for path in paths.values() for operation in path.values()]


def test_the_page_of_the_api_draws_every_operation_and_says_nothing_on_the_console(browser, site):
    operations = operations_of(site)
    page = browser.new_page(base_url=site.url)
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))

    page.goto("/api/docs/")
    page.wait_for_selector(".opblock")

    assert page.locator(".opblock").count() == len(operations)
    assert page.locator(".opblock-tag").all_inner_texts() == list(dict.fromkeys(operations))
    assert said == []
    assert all(url.startswith((site.url, "data:")) for url in asked)
    page.close()
