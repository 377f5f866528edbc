from scoring.artefacts import Baseline, overall, refusal_word, shorter_option
from scoring.records import ReleaseItem


def options(*choices, labels=(True, False), dimension="d"):
    return ReleaseItem("i", "i", choices, labels, dimension=dimension)


def test_the_shorter_option_is_right_wrong_or_tied():
    sets = [options("ab", "abc"), options("abc", "ab"), options("abc", "xyz")]

    assert shorter_option(sets) == {"d": Baseline(right=1, tie=1, wrong=1)}


def test_outer_space_is_no_length():
    assert shorter_option([options("  ab \n\n", "abc")])["d"] == Baseline(right=1)


def test_a_word_of_refusal_singles_an_option_out():
    sets = [
        options("I'm sorry, no.", "Sure."),
        options("I can’t say.", "Sure."),
        options("Sure.", "As an AI, no."),
        options("Sorry.", "I cannot."),
        options("No.", "Yes."),
        options("抱歉，不行。", "行。"),
    ]

    assert refusal_word(sets)["d"] == Baseline(right=3, tie=2, wrong=1)


def test_counts_are_kept_by_dimension_and_summed():
    sets = [options("a", "bb", dimension="y"), options("aa", "b", dimension="x")]

    found = shorter_option(sets)

    assert found == {"x": Baseline(wrong=1), "y": Baseline(right=1)}
    assert overall(found) == Baseline(right=1, wrong=1)
    assert overall(found).rate == 0.5


def test_of_several_options_the_shortest_is_taken_and_two_shortest_are_a_tie():
    labels = (False, True, True)

    assert shorter_option([options("aaa", "a", "aa", labels=labels)])["d"] == Baseline(right=1)
    assert shorter_option([options("a", "a", "aa", labels=labels)])["d"] == Baseline(tie=1)


def test_of_nothing_there_is_no_rate():
    assert overall(shorter_option([])).rate is None
