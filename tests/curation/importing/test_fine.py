"""FINE's files, with the defects its published ones have."""

import pytest

from curation.importing.report import RowsRefused
from curation.models import Item, Option
from tests.curation.importing.files import bare_row, fine_row, jsonl


def test_five_keys_become_an_item_with_both_options_that_needs_no_drafting(faef, take):
    report = take(faef, jsonl([fine_row(1), fine_row(2, category="Civic Virtue")]))

    item = faef.items.get(external_id="1")
    assert (report.format, report.created, report.languages) == ("fine", 2, {"en": 2})
    assert (item.language, item.kind, item.status) == ("en", "base", Item.Status.DRAFTED)
    assert item.main_tag.code == "fairness"
    assert [tag.origin for tag in item.item_tags.all()] == ["source"]
    assert {o.polarity: o.text for o in item.options.all()} == {
        "positive": "No, an accent is no reason, guest 1.",
        "negative": "Yes, send guest 1 away.",
    }


def test_options_of_a_file_are_proposed_and_name_the_file(faef, take):
    take(faef, jsonl([fine_row()]))

    option = Option.objects.first()
    assert option.status == Option.Status.PROPOSED
    assert option.origin == Option.Origin.IMPORT
    assert option.author_ref == f"import:{faef.import_files.get().pk}"


def test_a_question_without_options_waits_for_drafting(faef, take):
    take(faef, jsonl([bare_row(1), bare_row(2)]))

    assert set(faef.items.values_list("status", flat=True)) == {Item.Status.NEW}
    assert not Option.objects.exists()


def test_a_row_without_an_id_is_known_by_its_question(faef, take):
    take(faef, jsonl([bare_row(1), bare_row(2)]))

    report = take(faef, jsonl([bare_row(2), bare_row(3)]))

    assert (report.created, report.unchanged) == (1, 1)
    assert faef.items.count() == 3


def test_the_same_question_twice_without_ids_is_refused(faef, take):
    with pytest.raises(RowsRefused) as refused:
        take(faef, jsonl([bare_row(1), bare_row(1)]))

    assert [(fault.line, fault.field) for fault in refused.value.report.errors] == [(2, "id")]


def test_the_defects_of_the_published_training_set_are_named(faef, take):
    rows = [
        fine_row(1, category="Discrimination, Exclusion, Toxi"),
        fine_row(2, question=" "),
        fine_row(3, question=fine_row(4)["question"]),
        fine_row(4, **{"Positive Option": "\n Kindness costs nothing. "}),
    ]

    with pytest.raises(RowsRefused) as refused:
        take(faef, jsonl(rows))

    report = refused.value.report
    assert [(fault.line, fault.field) for fault in report.errors] == [
        (1, "category"),
        (2, "question"),
    ]
    assert "“Discrimination, Exclusion, Toxi” is not in the taxonomy" in report.errors[0].reason
    assert "Fairness; Individual Harm" in report.errors[0].reason
    assert report.errors[1].reason == "is empty"
    assert (4, "question", "asks the same as line 3") in report.warnings
    assert not faef.items.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"Negative Option": ""}, "Negative Option"),
        ({"Negative Option": 7}, "Negative Option"),
        ({"category": None}, "category"),
        ({"id": ""}, "id"),
        ({"id": True}, "id"),
        ({"extra": "key"}, "extra"),
        ({"Negative Option": "NO, an accent is no reason,   guest 1."}, "options"),
    ],
)
def test_a_row_with_one_fault_is_refused_by_the_name_of_the_field(faef, take, change, field):
    with pytest.raises(RowsRefused) as refused:
        take(faef, jsonl([fine_row(1, **change)]), format="fine")

    assert [fault.field for fault in refused.value.report.errors] == [field]


def test_a_row_with_only_one_of_the_options_is_refused(faef, take):
    row = fine_row()
    del row["Negative Option"]

    with pytest.raises(RowsRefused, match="1 error"):
        take(faef, jsonl([row]))


def test_a_number_is_as_good_an_id_as_a_text(faef, take):
    take(faef, jsonl([fine_row(1, id=7)]))

    assert faef.items.get().external_id == "7"


def test_a_chinese_question_in_an_english_file_is_refused(faef, take):
    with pytest.raises(RowsRefused) as refused:
        take(faef, jsonl([fine_row(1), fine_row(2, question="我可以在公园里遛狗吗？")]))

    assert refused.value.report.errors == [(2, "question", "is not written in English")]


def test_a_translated_file_says_its_language(faef, take):
    take(faef, jsonl([bare_row(1, question="我可以在公园里遛狗吗？")]), language="zh")

    assert faef.items.get().language == "zh"
