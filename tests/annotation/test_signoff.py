"""The rule of sign-off, case by case, with no database."""

import pytest

from annotation.signoff import (
    Decided,
    Dispute,
    Gold,
    History,
    NextRound,
    Rule,
    Said,
    Text,
    Why,
    outcome_of,
)

P = Text(1, "positive", frozenset({"endpoint:a"}))
N = Text(2, "negative", frozenset({"endpoint:a"}))
BOTH = frozenset({1, 2})
TAGS = ("care.body",)


def accepts(worker, options=BOTH, tags=TAGS):
    return Said(worker, accepted=frozenset(options), tags=tags)


def after(*acts, texts=(P, N), **rule):
    return outcome_of(History(texts, acts, Rule(**rule)))


def test_one_acceptance_of_two_asks_for_one_more():
    assert after(accepts("ann")) == NextRound()


def test_two_acceptances_of_both_options_make_gold():
    assert after(accepts("ann"), accepts("bob")) == Gold((1, 2), TAGS, tags_by_reviewer=False)


def test_two_acceptances_by_one_person_are_one():
    assert after(accepts("ann"), accepts("ann")) == NextRound()


def test_the_number_of_acceptances_is_the_campaigns():
    assert isinstance(after(accepts("ann"), acceptances=1), Gold)
    assert after(accepts("ann"), accepts("bob"), acceptances=3) == NextRound()


def test_acceptances_count_for_each_option_alone():
    only_positive, only_negative = accepts("ann", {1}), accepts("bob", {2})

    assert after(only_positive, only_negative) == NextRound()
    assert isinstance(after(only_positive, only_negative, accepts("cid")), Gold)


def test_a_rewrite_starts_its_own_count_and_leaves_the_other_options_alone():
    new = Text(3, "positive", frozenset({"ann"}))
    rewriting = Said("ann", accepted=frozenset({2}), rewrites=1, tags=TAGS)

    assert after(rewriting, accepts("bob", {2, 3}), texts=(new, N)) == NextRound()
    assert isinstance(
        after(rewriting, accepts("bob", {2, 3}), accepts("cid", {2, 3}), texts=(new, N)), Gold
    )


def test_the_writer_of_a_text_or_of_its_equal_does_not_count_among_its_signers():
    own = Text(1, "positive", frozenset({"endpoint:a", "ann"}))

    assert after(accepts("ann"), accepts("bob"), texts=(own, N)) == NextRound()
    assert isinstance(after(accepts("bob"), accepts("cid"), texts=(own, N)), Gold)


def test_no_gold_while_a_polarity_is_missing():
    assert after(accepts("ann", {1}), accepts("bob", {1}), texts=(P,)) == NextRound()


def test_every_live_option_needs_its_acceptances():
    other = Text(4, "negative", frozenset({"endpoint:b"}))

    assert after(accepts("ann"), accepts("bob"), texts=(P, N, other)) == NextRound()


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (Said("cid", rejected=frozenset({1}), accepted=frozenset({2}), tags=TAGS), Why.REJECTED),
        (Said("cid", unfit=True), Why.UNFIT),
    ],
)
def test_a_rejection_or_an_unfit_question_goes_to_a_reviewer_whatever_was_signed(said, why):
    assert after(accepts("ann"), accepts("bob"), said) == Dispute(why)


def test_after_so_many_rewrites_a_reviewer_decides():
    new = Text(9, "positive", frozenset({"cid"}))
    acts = [Said(w, accepted=frozenset({2}), rewrites=1, tags=TAGS) for w in ("ann", "bob", "cid")]

    assert after(*acts[:2], texts=(new, N)) == NextRound()
    assert after(*acts, texts=(new, N)) == Dispute(Why.REWRITES)
    assert after(*acts, texts=(new, N), rewrites=4) == NextRound()


def test_an_adjudication_gives_people_a_fresh_count_of_rewrites():
    new = Text(9, "positive", frozenset({"dan"}))
    rewriting = Said("ann", rewrites=3, tags=TAGS)

    assert after(rewriting, Decided("rue"), texts=(new, N)) == NextRound()
    assert after(rewriting, Decided("rue"), Said("dan", rewrites=1), texts=(new, N)) == NextRound()


def test_gold_comes_before_the_count_of_rewrites():
    rewriting = Said("ann", accepted=frozenset({2}), rewrites=1, tags=TAGS)
    new = Text(3, "positive", frozenset({"ann"}))

    signed = after(
        rewriting, accepts("bob", {2, 3}), accepts("cid", {2, 3}), texts=(new, N), rewrites=1
    )

    assert isinstance(signed, Gold)


def test_an_adjudication_by_somebody_who_wrote_nothing_makes_gold():
    taken = Decided("rue", taken=BOTH, tags=("law",))

    assert after(Said("ann", rejected=frozenset({1})), taken) == Gold(
        (1, 2), ("law",), tags_by_reviewer=True
    )


def test_a_reviewers_own_text_needs_one_foreign_acceptance():
    own = Text(5, "negative", frozenset({"rue"}), by_reviewer=True)
    decided = Decided("rue", taken=frozenset({1, 5}), tags=("law",))

    assert after(decided, texts=(P, own)) == NextRound()
    assert after(decided, accepts("rue", {5}), texts=(P, own)) == NextRound()
    assert after(decided, accepts("ann", {5}), texts=(P, own)) == Gold((1, 5), ("law",), True)


def test_what_workers_signed_before_an_item_was_sent_back_still_counts():
    rejecting = Said("bob", accepted=frozenset({1}), rejected=frozenset({2}), tags=TAGS)

    assert isinstance(after(accepts("ann"), rejecting, Decided("rue"), accepts("cid")), Gold)


class TestTags:
    def test_the_main_tag_most_signers_name_wins(self):
        outcome = after(
            accepts("ann", tags=("law",)), accepts("bob"), accepts("cid"), acceptances=3
        )

        assert outcome.tags == ("care.body",)

    def test_a_tie_of_main_tags_goes_to_a_reviewer(self):
        assert after(accepts("ann", tags=("law",)), accepts("bob")) == Dispute(Why.TAGS)

    def test_a_main_tag_that_most_but_not_half_of_the_signers_name_is_no_majority(self):
        four = [accepts(who, tags=(tag,)) for who, tag in zip("abcd", "xxyz", strict=True)]

        assert after(*four, acceptances=4) == Dispute(Why.TAGS)

    def test_signers_who_name_no_tag_leave_it_to_a_reviewer(self):
        assert after(accepts("ann", tags=()), accepts("bob", tags=())) == Dispute(Why.TAGS)

    def test_another_tag_counts_once_more_than_half_of_the_signers_name_it(self):
        one = after(accepts("ann", tags=("a", "b")), accepts("bob", tags=("a",)))
        two = after(accepts("ann", tags=("a", "b")), accepts("bob", tags=("a", "b")))

        assert (one.tags, two.tags) == (("a",), ("a", "b"))

    def test_who_signed_nothing_that_stands_has_no_say_in_the_tags(self):
        reporting = Said("zoe", rejected=BOTH, tags=("law",))

        outcome = after(
            reporting, Decided("rue"), accepts("ann", tags=("a",)), accepts("bob", tags=("a",))
        )

        assert outcome.tags == ("a",)

    def test_a_worker_who_returns_is_counted_once_with_the_last_word(self):
        outcome = after(
            accepts("ann", {1}, tags=("law",)),
            accepts("bob", tags=("a",)),
            accepts("ann", {2}, tags=("a",)),
        )

        assert outcome.tags == ("a",)
