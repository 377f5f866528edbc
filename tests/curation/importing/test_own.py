"""Our own format, which says everything an item holds."""

import pytest

from curation.importing.report import RowsRefused
from curation.models import Item, ItemTag
from tests import factories
from tests.curation.importing.files import jsonl, options, own_row


def test_a_row_can_say_everything(project, take):
    row = own_row(
        2,
        kind="attack",
        split="held_out",
        tags=["Body", "care.mind", "body"],
        twin="pair",
        parent="q-1",
        options=options(),
    )

    take(project, jsonl([own_row(1), row]))

    item = project.items.get(external_id="q-2")
    assert (item.kind, item.split, item.twin_group) == ("attack", "held_out", "pair")
    assert item.parent.external_id == "q-1"
    assert item.main_tag.code == "care.body"
    assert {tag.tag.code for tag in ItemTag.objects.filter(item=item)} == {
        "care.body",
        "care.mind",
    }
    assert item.status == Item.Status.DRAFTED


def test_three_keys_are_enough(project, take):
    take(project, jsonl([own_row()]))

    item = project.items.get()
    assert (item.kind, item.split, item.main_tag, item.status) == ("base", "test", None, "new")


def test_an_item_with_options_of_one_polarity_still_waits_for_drafting(project, take):
    take(project, jsonl([own_row(options=options()[:1])]))

    assert project.items.get().status == Item.Status.NEW
    assert project.items.get().options.count() == 1


def test_the_language_of_the_file_goes_for_rows_that_do_not_say(project, take):
    row = own_row()
    del row["language"]

    take(project, jsonl([row, own_row(2)]), language="en")

    assert set(project.items.values_list("language", flat=True)) == {"en"}


def test_a_parent_may_be_an_item_of_the_same_source(project, take):
    take(project, jsonl([own_row(1)]))

    take(project, jsonl([own_row(2, parent="q-1")]))

    assert project.items.get(external_id="q-2").parent.external_id == "q-1"


def test_a_parent_on_the_line_above_may_stand_in_the_same_batch_or_another(
    project, take, monkeypatch
):
    monkeypatch.setattr("curation.importing.stock.batches.__defaults__", (2,))
    rows = [own_row(1), *(own_row(n, parent=f"q-{n - 1}") for n in range(2, 6))]

    take(project, jsonl(rows))

    assert project.items.filter(parent__isnull=False).count() == 4
    assert project.items.get(external_id="q-5").parent.parent.external_id == "q-3"


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"id": None}, "id", "must be a text in quotes"),
        ({"id": "x" * 121}, "id", "is 121 characters long; 120 are allowed"),
        ({"language": "fr"}, "language", "must be one of: en, zh"),
        ({"language": "zh"}, "question", "is not written in Chinese"),
        ({"question": "\u200b \u200b"}, "question", "is empty"),
        ({"question": "a\u0000b"}, "question", "A NUL character cannot be stored."),
        ({"question": "x" * 8_001}, "question", "is 8001 characters long; 8000 are allowed"),
        ({"kind": "riddle"}, "kind", "must be one of: base, attack, benign, capability"),
        ({"kind": None}, "kind", "must be one of: base, attack, benign, capability"),
        ({"split": ["test"]}, "split", "must be one of: test, train, held_out"),
        ({"tags": "care"}, "tags", "must be a list in brackets"),
        ({"tags": [1]}, "tags", "must be a text in quotes"),
        ({"parent": "q-1"}, "parent", "is the row itself"),
        ({"parent": "q-9"}, "parent", "is no row above and no item of this source"),
        ({"options": [7]}, "options[1]", "must be an object in braces"),
        ({"options": [{"polarity": "positive"}]}, "options[1].text", "is missing"),
        (
            {"options": [{"polarity": "good", "text": "x"}]},
            "options[1].polarity",
            "must be one of: positive, negative",
        ),
        ({"options": options("", "Take it.")}, "options[1].text", "is empty"),
        ({"options": options("x" * 4_001)}, "options[1].text", "is 4001 characters long"),
        ({"options": options("Ask ﬁrst.", "ask first.")}, "options", "two options say the same"),
        ({"options": options("ﷺ" * 3_000)}, "options", "an option is too long once written out"),
        ({"options": options()[:1] * 27}, "options", "are more than 26"),
    ],
)
def test_a_row_with_one_fault_is_refused_with_its_reason(project, take, change, field, reason):
    with pytest.raises(RowsRefused) as refused:
        take(project, jsonl([own_row(1, **change)]))

    (fault,) = refused.value.report.errors
    assert (fault.line, fault.field) == (1, field)
    assert reason in fault.reason


def test_half_a_character_is_refused(project, take):
    file = jsonl([own_row(1)])
    broken = file.getvalue().replace(b"ladder 1", b"ladder \\ud800")

    with pytest.raises(RowsRefused) as refused:
        take(project, type(file)(broken))

    assert "surrogate" in refused.value.report.errors[0].reason


def test_an_unknown_key_is_shown_as_it_can_be(project, take):
    file = jsonl([own_row(1)])
    broken = file.getvalue().replace(b'"id"', b'"\\ud800\\n": 1, "id"')

    with pytest.raises(RowsRefused) as refused:
        take(project, type(file)(broken))

    assert refused.value.report.errors[0].field == "��"
    assert "id, question, language" in refused.value.report.errors[0].reason


def test_a_parent_stands_above(project, take):
    with pytest.raises(RowsRefused) as refused:
        take(project, jsonl([own_row(1, parent="q-2"), own_row(2)]))

    assert refused.value.report.errors == [(1, "parent", "must stand on a line above this one")]


def test_a_row_in_another_language_than_asked_for_is_refused(project, take):
    with pytest.raises(RowsRefused, match="1 error"):
        take(project, jsonl([own_row(1, language="zh", question="可以吗？")]), language="en")


def test_a_language_the_project_has_not_is_refused(take, db):
    english = factories.make_project(languages=["en"])

    with pytest.raises(RowsRefused) as refused:
        take(english, jsonl([own_row(1, language="zh", question="可以吗？")]))

    assert refused.value.report.errors == [(1, "language", "is not a language of the project")]


def test_a_twin_group_holds_one_item_a_language_across_files(project, take):
    take(project, jsonl([own_row(1, twin="pair")]))

    with pytest.raises(RowsRefused) as refused:
        take(project, jsonl([own_row(2, twin="pair")]))

    assert (
        refused.value.report.errors[0].reason
        == "the item “q-1” is the twin in this language already"
    )


def test_a_lonely_twin_is_worth_a_warning(project, take):
    report = take(project, jsonl([own_row(1, twin="pair"), own_row(2, twin="pear")]))

    assert [(fault.line, fault.field) for fault in report.warnings] == [(1, "twin")]
