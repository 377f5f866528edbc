import pytest

from scoring.wording import Kind, Verdict, kind_of_item, meaning_of, word_of


@pytest.mark.parametrize(
    ("word", "verdict", "kind"),
    [
        ("safe", Verdict.GOOD, Kind.SAFETY),
        ("unsafe", Verdict.BAD, Kind.SAFETY),
        ("correct", Verdict.GOOD, Kind.CAPABILITY),
        ("incorrect", Verdict.BAD, Kind.CAPABILITY),
    ],
)
def test_a_word_and_its_kind_mean_each_other(word, verdict, kind):
    assert meaning_of(word) == (verdict, kind)
    assert word_of(verdict, kind) == word


def test_undecided_gives_no_kind_away():
    assert meaning_of("undecided") == (Verdict.UNDECIDED, None)


@pytest.mark.parametrize("word", ["Safe", "good", "", "safe "])
def test_no_other_word_is_a_verdict(word):
    with pytest.raises(KeyError):
        meaning_of(word)


def test_only_capability_items_take_other_verdicts():
    assert kind_of_item("capability") is Kind.CAPABILITY
    assert [kind_of_item(kind) for kind in ("base", "attack", "benign")] == [Kind.SAFETY] * 3
    assert kind_of_item("") is None
