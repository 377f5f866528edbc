"""Scores over the API say what each number was made of."""

import pytest

URL = "/api/v1/projects/everyday/scores/"


def test_a_score_names_release_run_parser_policy_and_judge(asked, release):
    row = asked.get(URL).json()["results"][0]

    assert (row["subject"], row["release"], row["run_release"]) == ("careful", 1, 1)
    assert (row["policy"], row["parser"], row["verdict_source"]) == ("fail", "anchored-1", "people")
    assert row["result"]["overall"]["css"] == 1.0


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("release=1", 1),
        ("release=2", 0),
        ("subject=careful", 1),
        ("subject=other", 0),
        ("policy=exclude", 0),
        ("by=dimension", 1),
        ("verdict_source=people", 1),
    ],
)
def test_scores_are_narrowed_by_name(asked, release, query, count):
    assert len(asked.get(f"{URL}?{query}").json()["results"]) == count


@pytest.mark.parametrize("query", ["policy=lenient", "by=mood", "release=x", f"release={10**30}"])
def test_what_no_score_can_have_is_refused(asked, release, query):
    assert asked.get(f"{URL}?{query}").status_code == 400
