import io

import pytest

from rehearsal.telling import Teller, table


@pytest.fixture
def teller():
    return Teller(io.StringIO())


def test_a_step_is_told_with_its_number_its_figures_and_its_seconds(teller):
    with teller.step("Import") as step:
        step.done = "64 questions"
    with teller.step("Draft") as step:
        step.already = "64 drafts"

    lines = teller.out.getvalue().splitlines()
    assert lines[0] == " 1  Import"
    assert lines[1].startswith("      64 questions  ")
    assert lines[1].endswith(" 0.0 s")
    assert lines[2] == " 2  Draft"
    assert lines[3].startswith("      already there: 64 drafts  ")
    assert len(lines[1]) == len(lines[3])


def test_progress_that_comes_too_soon_is_left_out(teller):
    with teller.step("Draft"):
        teller.progress("1 of 64")
        teller._last -= 10
        teller.progress("2 of 64")
        teller.progress("3 of 64")

    assert "2 of 64" in teller.out.getvalue()
    assert "1 of 64" not in teller.out.getvalue()
    assert "3 of 64" not in teller.out.getvalue()


def test_a_step_that_fails_has_no_figures(teller):
    with pytest.raises(RuntimeError), teller.step("Import"):
        raise RuntimeError

    assert teller.out.getvalue() == " 1  Import\n"


def test_figures_stand_in_columns():
    assert list(table([["", "n", "CSS"], ["consistent", "64", "98 %"], ["fake", "6", "-"]])) == [
        "             n   CSS",
        "consistent  64  98 %",
        "fake         6     -",
    ]
