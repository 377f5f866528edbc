"""When two names mean the same model."""

import pytest

from curation import families


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("quiet-model", "quiet-model"),
        ("quiet-model", "Vendor/Quiet-Model"),
        ("quiet-4", "quiet-4-2025-01-31"),
        ("quiet-4-latest", "quiet-4-20250131"),
        ("quiet:latest", "quiet"),
    ],
)
def test_prefixes_and_dates_make_no_other_model(first, second):
    assert families.same(first, second)


@pytest.mark.parametrize(
    ("first", "second"),
    [("", ""), ("quiet-model", ""), ("quiet-4", "quiet-5"), ("quiet:7b", "quiet:72b")],
)
def test_other_names_are_other_models(first, second):
    assert not families.same(first, second)


def test_models_whose_names_begin_alike_are_kin():
    assert families.kin("quiet-4-mini", "vendor/quiet-5")
    assert families.kin("qwen2.5:7b", "qwen3-32b")
    assert not families.kin("quiet-4", "loud-4")
    assert not families.kin("", "")


def test_scripted_models_are_all_one_program_and_said_of_none():
    assert not families.kin("rehearsal-drafter", "rehearsal-consistent")
