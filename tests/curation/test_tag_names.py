"""A tag is found by whatever others call it."""

import pytest

from curation import taxonomies
from curation.tag_names import TagNames

pytestmark = pytest.mark.django_db


@pytest.fixture
def names():
    return TagNames(taxonomies.load("s-eval"))


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("CI", "CI"),
        ("ci", "CI"),
        ("CI.pc", "CI.pc"),
        ("Crimes and Illegal Activities", "CI"),
        ("Crimes_and_Illegal_Activities", "CI"),
        (" crimes  AND illegal-activities ", "CI"),
        ("犯罪违法", "CI"),
        ("Pornography Prohibition", "CI.pc"),
        ("Drug Crime", "CI.dc"),
        ("Economic_Crime", "CI.ec"),
        ("Cyber Violence", "HS.cy"),
        ("Physical Health", "PM.ph"),
        ("Threats and Intimidation", "HS.ti"),
        ("CS", "CS"),
        ("dw", "CI.dw"),
        ("Law", "IS.law"),
    ],
)
def test_code_name_and_alias_all_lead_to_the_tag(names, name, code):
    assert names.find(name).code == code


def test_a_name_of_two_tags_leads_nowhere_and_says_so(names):
    assert names.find("cs") is None
    assert names.complaint("cs") == "“cs” may mean CS, DP.cs: write the code."


@pytest.mark.parametrize("name", ["", "Fairness", "CI.", "C I .", "Crimes"])
def test_an_unknown_name_leads_nowhere(names, name):
    assert names.find(name) is None


def test_the_complaint_names_what_is_known(names):
    assert "knows: Crimes and Illegal Activities; Cybersecurity;" in names.complaint("Fairness")


def test_every_name_of_a_built_in_tag_is_its_own():
    for name in ("faef", "s-eval"):
        names = TagNames(taxonomies.load(name))

        shared = {key: codes for key, codes in names.codes.items() if len(codes) > 1}

        # Cybersecurity's code is the short id another project gives to commercial secrets.
        assert shared in ({}, {"cs": {"CS", "DP.cs"}})
