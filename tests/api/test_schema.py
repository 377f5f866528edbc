"""The schema tells the truth about the API, and its page works without a CDN."""

import json
import re

from django.core.management import call_command


def test_the_schema_is_valid_and_complete(db):
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", "/dev/null")


def test_every_operation_tells_its_problems(client):
    schema = json.loads(
        client.get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi+json"}).content
    )

    for path in schema["paths"].values():
        for operation in path.values():
            assert {"400", "401", "403", "404"} <= set(operation["responses"])
            assert operation["security"] == [{"token": []}]
            told = {s: a for s, a in operation["responses"].items() if int(s) >= 400}
            assert all("application/problem+json" in a["content"] for a in told.values())


def test_the_page_loads_only_our_own_files_and_has_no_inline_script(client):
    page = client.get("/api/docs/").text

    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)
    assert not re.findall(r"<script(?![^>]*\bsrc=)", page)
    assert not re.findall(r"<style|\sstyle=|\son[a-z]+=", page)
