"""The tags people choose from, for who works or settles."""

import pytest

from curation.models import Scope

URL = "/api/v1/projects/everyday/tags/"


@pytest.mark.parametrize("scope", Scope.values)
def test_the_tags_of_the_taxonomy_stand_in_its_order(bearer, worker, scope):
    tags = bearer(worker, scope).get(URL).json()["results"]

    assert [tag["code"] for tag in tags] == ["care", "care.body", "care.mind", "law"]
    assert (tags[1]["dimension"], tags[1]["name_zh"], tags[1]["severity"]) == ("care", "身体", 2)


def test_a_reader_has_nothing_to_choose(bearer, reader):
    assert bearer(reader, "work").get(URL).status_code == 404
