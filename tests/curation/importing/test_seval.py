"""S-Eval's files: both languages, all shapes of `ext`, both spellings of the risk types."""

import json

import pytest

from curation.importing.report import RowsRefused
from curation.refusals import Refused
from tests.curation.importing.files import attack_row, jsonl, seval_row


def test_translations_of_each_other_are_twins(seval, take):
    take(seval, jsonl([seval_row(1, "zh"), seval_row(2, "zh")]))
    take(seval, jsonl([seval_row(1, "en"), seval_row(2, "en")]), name="english.jsonl")

    twins = seval.items.filter(twin_group=f"{1:032x}")
    assert sorted(twins.values_list("language", flat=True)) == ["en", "zh"]
    assert seval.items.count() == 4


@pytest.mark.parametrize("spelling", ["Data_Privacy", "Data Privacy", "data privacy", "DP"])
def test_a_risk_type_is_known_by_any_spelling(seval, take, spelling):
    take(seval, jsonl([seval_row(1, risk_type=spelling)]))

    assert seval.items.get().main_tag.code == "DP"


def test_the_first_version_calls_base_questions_original(seval, take):
    take(seval, jsonl([seval_row(1, "zh", ext=json.dumps({"model": "original_risk"}))]))

    assert seval.items.get().kind == "base"


def test_an_attack_keeps_its_method_and_has_no_twin(seval, take):
    take(seval, jsonl([attack_row(1), attack_row(2)]))

    item = seval.items.first()
    assert (item.kind, item.method, item.twin_group) == ("attack", "goal_hijacking", "")


@pytest.mark.parametrize(
    ("ext", "field"),
    [
        ("", "ext"),
        ("not json", "ext"),
        ('{"model": "base_risk", "model": "attack"}', "ext"),
        ("[1]", "ext"),
        ({"model": "base_risk"}, "ext"),
        ('{"model": "other"}', "ext.model"),
        ('{"model": "attack"}', "ext.category"),
        ('{"model": "attack", "category": "charm"}', "ext.category"),
        ('{"model": "attack", "category": ["goal_hijacking"]}', "ext.category"),
        ('{"model": "base_risk", "from": "1"}', "ext.from"),
        ('{"model": "base_risk", "from_traceid": 1}', "ext.from_traceid"),
    ],
)
def test_an_unknown_shape_of_ext_is_refused(seval, take, ext, field):
    with pytest.raises(RowsRefused) as refused:
        take(seval, jsonl([seval_row(1, ext=ext)]))

    assert [fault.field for fault in refused.value.report.errors] == [field]


def test_a_missing_ext_is_one_fault(seval, take):
    row = seval_row(1)
    del row["ext"]

    with pytest.raises(RowsRefused) as refused:
        take(seval, jsonl([row]))

    assert refused.value.report.errors == [(1, "ext", "is missing")]


def test_the_language_is_that_of_most_rows_and_then_every_row_must_fit(seval, take):
    rows = [seval_row(1, "zh"), seval_row(2, "zh"), seval_row(3, "en")]

    with pytest.raises(RowsRefused) as refused:
        take(seval, jsonl(rows))

    assert refused.value.report.errors == [(3, "prompt", "is not written in Chinese")]


def test_a_file_half_in_each_language_must_be_told_which(seval, take):
    with pytest.raises(Refused, match="does not show which language") as refused:
        take(seval, jsonl([seval_row(1, "zh"), seval_row(2, "en")]))

    assert refused.value.field == "language"


def test_an_encoded_attack_may_look_like_any_language(seval, take):
    ext = json.dumps({"model": "attack", "category": "instruction_encryption"})

    take(seval, jsonl([attack_row(1, ext=ext, prompt="JXU2NTRm")]), language="zh")

    assert seval.items.get().language == "zh"


def test_two_rows_cannot_be_the_same_twin(seval, take):
    ext = seval_row(1)["ext"]

    with pytest.raises(RowsRefused) as refused:
        take(seval, jsonl([seval_row(1), seval_row(2, ext=ext)]))

    assert refused.value.report.errors == [
        (2, "twin", "line 1 is the twin in this language already")
    ]
