import pytest
from django import forms
from django.test.html import parse_html

from annotation.forms.fields import QuickChecks, QuickSelect

CHOICES = [
    ("", "Choose the main tag"),
    ("Suggested", [("care.body", "Body"), ("law", 'Law & "order" <b>')]),
    ("Care", [("care", "Care"), ("care.mind", "Mind")]),
]
FLAT = [("care", "Care"), ("law", 'Law & "order" <b>'), ("care.mind", "Mind")]


@pytest.mark.parametrize("chosen", ["", "law", "care", None])
def test_a_quick_select_says_what_djangos_own_says(chosen):
    attrs = {"data-key": "t", "id": "id_main_tag"}
    quick = QuickSelect(attrs, CHOICES).render("main_tag", chosen)
    own = forms.Select(attrs, CHOICES).render("main_tag", chosen)

    assert parse_html(quick) == parse_html(own)


@pytest.mark.parametrize("chosen", [[], ["law"], ["care", "care.mind"], None])
def test_quick_boxes_say_what_djangos_own_say(chosen):
    attrs = {"id": "id_tags"}
    quick = QuickChecks(attrs, FLAT).render("tags", chosen)
    own = forms.CheckboxSelectMultiple(attrs, FLAT).render("tags", chosen)

    assert parse_html(quick) == parse_html(own)
