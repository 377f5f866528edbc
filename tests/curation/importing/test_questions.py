"""A file comes in whole or not at all, and once."""

import io
import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections

from curation import copying
from curation.importing import admitting, report
from curation.importing.questions import import_questions
from curation.importing.report import RowsRefused
from curation.models import AuditEvent, ImportFile, Item, Option, Source
from curation.refusals import Refused
from curation.sources import Provenance
from tests import factories
from tests.curation.importing.files import jsonl, options, own_row


def rows(count=5, **changes):
    return [own_row(n, options=options(), **changes) for n in range(1, count + 1)]


def test_a_good_file_leaves_its_evidence(project, curator, take):
    taken = take(project, jsonl(rows()), name="mild.jsonl", by=curator)

    file = ImportFile.objects.get()
    assert (file.name, file.format, file.rows, file.created) == ("mild.jsonl", "jsonl", 5, 5)
    assert file.by_ref == f"user:{curator.pk}"
    assert AuditEvent.objects.get(action="questions.import").detail == {"rows": 5, "created": 5}
    assert taken.summary == "Imported: 5 items are new, 0 were there unchanged."


def test_the_same_file_again_changes_nothing(project, take):
    take(project, jsonl(rows()))

    again = take(project, jsonl(rows()), name="other-name.jsonl")

    assert (again.already_imported, again.created, again.unchanged) == (True, 0, 5)
    assert Item.objects.count() == 5
    assert ImportFile.objects.count() == 1


def test_another_project_may_have_the_same_file(project, take):
    take(project, jsonl(rows()))

    assert take(factories.make_project(), jsonl(rows())).created == 5


def test_one_bad_row_keeps_out_all_others(project, take):
    lines = jsonl(rows(60)).getvalue().splitlines(keepends=True)
    lines[49] = b'{"id": "q-50", \n'

    with pytest.raises(RowsRefused, match="1 error") as refused:
        take(project, io.BytesIO(b"".join(lines)))

    assert [fault.line for fault in refused.value.report.errors] == [50]
    for model in (Item, Option, ImportFile, Source):
        assert not model.objects.exists()


def test_every_fault_is_listed_up_to_the_limit_and_counted_beyond(project, take, monkeypatch):
    monkeypatch.setattr(report, "LISTED", 3)

    with pytest.raises(RowsRefused) as refused:
        take(project, jsonl(rows(5, question="")))

    assert refused.value.report.error_count == 5
    assert [fault.line for fault in refused.value.report.errors] == [1, 2, 3]


def test_an_id_twice_in_a_file_names_both_lines(project, take):
    with pytest.raises(RowsRefused) as refused:
        take(project, jsonl([own_row(1), own_row(2), own_row(1, question="May I, please?")]))

    assert refused.value.report.errors == [(3, "id", "“q-1” stands on line 1 already")]


def test_a_longer_file_adds_only_what_is_new(project, take):
    take(project, jsonl(rows(3)))

    longer = take(project, jsonl(rows(5)))

    assert (longer.created, longer.unchanged) == (2, 3)
    assert Item.objects.count() == 5


@pytest.mark.parametrize(
    "change",
    [
        {"question": "May I borrow another thing?"},
        {"question": "May I borrow ladder 2  without asking?"},
        {"kind": "benign"},
        {"split": "train"},
        {"tags": ["law"]},
        {"twin": "other"},
        {"parent": "q-1"},
        {"options": options("Ask them first.")},
        {"options": options("Just take it.", "Ask first.")},
        {"options": []},
    ],
)
def test_a_known_id_with_other_content_is_refused(project, take, change):
    take(project, jsonl(rows(3)))

    with pytest.raises(RowsRefused) as refused:
        take(
            project, jsonl([own_row(1, options=options()), own_row(2, options=options()) | change])
        )

    (fault,) = refused.value.report.errors
    assert (fault.line, fault.field) == (2, "id")
    assert "“q-2” is an item with other content" in fault.reason


def test_under_another_source_the_same_id_is_another_item(project, take):
    take(project, jsonl(rows(3)))

    other = take(
        project,
        jsonl([own_row(1, question="May I sing at night?")]),
        provenance=Provenance(name="a choir", licence="CC0"),
    )

    assert other.created == 1
    assert Item.objects.filter(external_id="q-1").count() == 2


def test_what_people_made_of_an_item_does_not_count_as_other_content(project, take):
    take(project, jsonl(rows(2)))
    item = Item.objects.get(external_id="q-1")
    item.options.update(status="rejected", decision_ref="judgement:1", decided_at=item.created_at)
    factories.make_option(item, "positive", origin="worker", author_ref="w-1")

    assert take(project, jsonl(rows(3))).unchanged == 2


def test_the_same_question_elsewhere_is_worth_a_warning(project, take):
    take(project, jsonl([own_row(1)]))
    same = own_row(1)["question"].upper() + " "

    found = take(project, jsonl([own_row(2, question=same), own_row(3, question=same)]))

    assert (1, "question", "asks the same as the item “q-1” of “JSONL file”") in found.warnings
    assert (2, "question", "asks the same as line 1") in found.warnings


def test_space_around_texts_goes_and_is_told_once(project, take):
    padded = [own_row(n, question=f" May I borrow {n}? \n") for n in (1, 2, 3)]

    found = take(project, jsonl(padded))

    assert found.warnings == [(1, "", "space around texts was taken off, here and on 2 more lines")]
    assert Item.objects.get(external_id="q-2").question == "May I borrow 2?"


def test_a_text_keeps_everything_inside_it(project, take):
    odd = "May I\n\tborrow\u202e \\N a \u200b‘ladder’?\r\nPlease: \U0001f642"

    take(project, jsonl([own_row(1, question=odd)]))

    assert Item.objects.get().question == odd


def test_a_dry_run_reports_and_writes_nothing(project, take):
    found = take(project, jsonl(rows()), dry_run=True)

    assert found.created == 5
    assert "Dry run, nothing was written: 5 items" in found.summary
    for model in (Item, Option, ImportFile, Source, AuditEvent):
        assert not model.objects.exists()


def test_a_dry_run_of_a_bad_file_is_refused_like_the_real_one(project, take):
    with pytest.raises(RowsRefused):
        take(project, jsonl(rows(question="")), dry_run=True)


def test_a_file_of_blank_lines_has_no_rows(project, take):
    with pytest.raises(RowsRefused) as refused:
        take(project, io.BytesIO(b"\n \n"), format="jsonl")

    assert refused.value.report.errors == [(1, "", "the file holds no rows")]


def test_the_licence_of_a_source_is_filled_in_but_never_changed(project, take):
    take(project, jsonl(rows(1)), provenance=Provenance(name="mine"))
    take(project, jsonl(rows(2)), provenance=Provenance(name="mine", licence="CC0"))

    with pytest.raises(Refused, match="another licence") as refused:
        take(project, jsonl(rows(3)), provenance=Provenance(name="mine", licence="MIT"))

    assert refused.value.field == "licence"
    assert Source.objects.get().licence == "CC0"
    assert Item.objects.count() == 2


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"name": "a\u202eb"}, "source"),
        ({"name": "x" * 121}, "source"),
        ({"licence": "a\0b"}, "licence"),
        ({"terms": "a\0b"}, "terms"),
        ({"terms": "x" * 4_001}, "terms"),
        ({"url": "javascript:1"}, "url"),
    ],
)
def test_a_source_that_cannot_be_kept_is_refused(project, take, said, field):
    with pytest.raises(Refused) as refused:
        take(project, jsonl(rows()), provenance=Provenance(**said))

    assert refused.value.field == field
    assert not Item.objects.exists()


def test_a_failure_half_way_leaves_nothing(project, take, monkeypatch):
    monkeypatch.setattr("curation.importing.stock.batches.__defaults__", (2,))
    plain, calls = copying.add, []

    def failing(model, wanted):
        calls.append(model)
        if len(calls) > 4:
            raise RuntimeError("pulled the plug")
        return plain(model, wanted)

    monkeypatch.setattr(admitting.copying, "add", failing)

    with pytest.raises(RuntimeError):
        take(project, jsonl(rows(6)))

    for model in (Item, Option, ImportFile, Source):
        assert not model.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_process_killed_half_way_leaves_nothing(project, monkeypatch):
    reached, written = os.pipe()
    connections.close_all()
    if (child := os.fork()) == 0:
        plain = copying.add

        def last_words(model, wanted):
            plain(model, wanted)
            os.write(written, b"x")
            signal.pause()

        admitting.copying.add = last_words
        import_questions(project=project, file=jsonl(rows()), name="f", by=None)
        os._exit(0)
    os.read(reached, 1)

    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)

    assert not Item.objects.exists()
    assert import_questions(project=project, file=jsonl(rows()), name="f", by=None).created == 5


@pytest.mark.django_db(transaction=True)
def test_the_same_file_at_once_comes_in_once(project):
    together = threading.Barrier(4)

    def act(number):
        try:
            together.wait(timeout=30)
            return import_questions(
                project=project, file=jsonl(rows(50)), name=f"{number}.jsonl", by=None
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(act, range(4)))

    assert sorted(r.already_imported for r in found) == [False, True, True, True]
    assert sum(r.created for r in found) == 50
    assert Item.objects.count() == 50
    assert ImportFile.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_files_with_the_same_ids_at_once_make_each_item_once(project):
    together = threading.Barrier(2)

    def act(count):
        try:
            together.wait(timeout=30)
            return import_questions(
                project=project, file=jsonl(rows(count)), name="f.jsonl", by=None
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(act, (40, 50)))

    assert sum(r.created for r in found) == 50
    assert Item.objects.count() == 50
