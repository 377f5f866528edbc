import pytest

from rehearsal.fillable import CannotFill, Form
from rehearsal.markup import parse

REVIEW = """
<form method="post" action="/work/7/">
  <input type="hidden" name="token" value="3">
  <input type="radio" name="act" value="accept" checked>
  <input type="radio" name="act" value="reject">
  <input type="checkbox" name="tags" value="law" checked>
  <input type="checkbox" name="tags" value="care">
  <input type="checkbox" name="sure"> <input type="radio" name="unfit" value="" checked>
  <select name="main">
    <option value="">Choose</option> <option value="law" selected>Law</option>
  </select>
  <select name="why"><option>unclear</option><option>other</option></select>
  <textarea name="text">
a first line</textarea>
  <input name="note" disabled value="never sent"> <input type="file" name="attached">
  <button>Submit</button> <button name="go" value="skip">Skip</button>
  <button type="button">Nothing</button>
</form>"""


@pytest.fixture
def form():
    return Form(parse(REVIEW).first("form"))


def test_an_untouched_form_sends_what_the_page_gave(form):
    assert form.pairs() == [
        ("token", "3"),
        ("act", "accept"),
        ("tags", "law"),
        ("unfit", ""),
        ("main", "law"),
        ("why", "unclear"),
        ("text", "a first line"),
    ]


def test_what_is_filled_in_replaces_what_was_there(form):
    form.fill(act="reject", tags=["law", "care"], sure="on", text="mine")

    assert ("act", "reject") in form.pairs()
    assert [value for name, value in form.pairs() if name == "tags"] == ["law", "care"]
    assert ("sure", "on") in form.pairs()
    assert ("text", "mine") in form.pairs()


def test_the_button_that_is_pressed_is_sent_too(form):
    assert form.pairs(("go", "skip"))[-1] == ("go", "skip")
    assert [button.text for button in form.buttons()] == ["Submit", "Skip"]


def test_a_choice_the_page_does_not_offer_is_refused_with_those_it_does(form):
    with pytest.raises(CannotFill, match=r"'act' offers \['accept', 'reject'\], not \['rewrite'\]"):
        form.fill(act="rewrite")


def test_a_field_the_page_does_not_have_is_refused(form):
    with pytest.raises(CannotFill, match="no field 'verdict' here"):
        form.fill(verdict="safe")


def test_a_disabled_field_is_not_there(form):
    assert "note" not in form.names
    assert "attached" in form.names
