"""The page that brings in files."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from curation import uploads
from curation.models import Item
from tests.curation.importing.files import jsonl, options, own_row, zipped

ADDRESS = "/projects/everyday/import/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def signed_in(client, curator):
    client.force_login(curator)
    return client


def upload(content, name="mild.jsonl"):
    return SimpleUploadedFile(name, content)


def good(count=3):
    return upload(jsonl([own_row(n, options=options()) for n in range(1, count + 1)]).getvalue())


def bad():
    return upload(jsonl([own_row(1), own_row(2, question=""), own_row(1)]).getvalue())


def form(file, **changes):
    return {"file": file, "format": "auto", "act": "import"} | changes


@pytest.mark.parametrize("person", ["reviewer", "worker", "reader", "stranger"])
def test_for_others_the_page_is_not_there(client, project, request, person):
    client.force_login(request.getfixturevalue(person))

    assert client.get(ADDRESS).status_code == 404
    assert client.post(ADDRESS, form(good())).status_code == 404
    assert not Item.objects.exists()


def test_a_good_file_leads_to_its_items(signed_in, curator):
    answer = signed_in.post(ADDRESS, form(good()), follow=True)

    assert answer.redirect_chain == [("/projects/everyday/items/", 302)]
    assert "Imported: 3 items are new" in answer.text
    assert Item.objects.first().import_file.by_ref == f"user:{curator.pk}"


def test_with_htmx_the_report_takes_its_place(signed_in):
    answer = signed_in.post(ADDRESS, form(good()), headers=HTMX)

    assert answer.status_code == 200
    assert answer.text.strip().startswith('<section id="import-report"')
    assert "Imported: 3 items are new" in answer.text
    assert "/projects/everyday/items/" in answer.text


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_check_writes_nothing(signed_in, headers):
    answer = signed_in.post(ADDRESS, form(good(), act="check"), headers=headers)

    assert answer.status_code == 200
    assert "Dry run, nothing was written: 3 items" in answer.text
    assert not Item.objects.exists()


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_bad_file_is_answered_with_every_line(signed_in, headers):
    answer = signed_in.post(ADDRESS, form(bad()), headers=headers)

    assert answer.status_code == 422
    assert "Nothing was imported: the file has 2 errors." in answer.text
    assert "is empty" in answer.text
    assert "“q-1” stands on line 1 already" in answer.text
    assert not Item.objects.exists()


def test_a_refusal_keeps_what_was_typed(signed_in):
    answer = signed_in.post(
        ADDRESS,
        form(bad(), language="en", source="A choir", licence="CC0", terms="Sing softly"),
    )

    assert 'value="A choir"' in answer.text
    assert 'value="CC0"' in answer.text
    assert "Sing softly</textarea>" in answer.text
    assert '<option value="en" selected>' in answer.text


def test_the_same_file_again_says_so_and_lists_the_first(signed_in):
    signed_in.post(ADDRESS, form(good()))

    answer = signed_in.post(ADDRESS, form(good()), headers=HTMX)

    assert "imported already" in answer.text
    assert Item.objects.count() == 3
    assert "mild.jsonl" in signed_in.get(ADDRESS).text


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("", "This field is required."),
        (upload(b"", "a.jsonl"), "The submitted file is empty."),
        (upload(b"MZ\x90\0" + bytes(range(256)), "setup.exe"), "This is a Windows program file."),
        (upload(b"question\nMay I?\n", "a.csv"), "one JSON object a line"),
        (upload(b"PK\x03\x04cut", "a.zip"), "cut off or damaged"),
        (upload(zipped([("../a", b"x")]).getvalue(), "a.zip"), "leads elsewhere"),
        (upload(b"<svg onload='x()'/>", "a.svg"), "one JSON object a line"),
        (upload(b'{"a":1}', "x" * 300 + ".jsonl"), "one JSON object a line"),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_anything_odd_gets_a_clear_answer(signed_in, file, reason, headers):
    if file:
        file.seek(0)

    answer = signed_in.post(ADDRESS, form(file), headers=headers)

    assert answer.status_code == 422
    assert reason in answer.text


def test_a_file_that_is_no_file_field_is_no_file(signed_in):
    answer = signed_in.post(ADDRESS, {"file": "text", "format": "auto"})

    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"format": "csv"}, "Select a valid choice."),
        ({"language": "fr"}, "Select a valid choice."),
        ({"source": "a\0b"}, "Null characters are not allowed."),
        ({"source": "a\u202eb"}, "invisible"),
        ({"licence": "x" * 121}, "at most 120 characters"),
        ({"url": "javascript:alert(1)"}, "Enter a valid URL."),
        ({"terms": "x" * 4_001}, "at most 4000 characters"),
    ],
)
def test_a_field_that_makes_no_sense_is_named(signed_in, change, reason):
    answer = signed_in.post(ADDRESS, form(good(), **change))

    assert answer.status_code == 422
    assert reason in answer.text
    assert not Item.objects.exists()


def test_an_upload_over_the_limit_is_dropped_with_a_word(signed_in, monkeypatch):
    monkeypatch.setattr(uploads, "LIMIT", 100_000)

    answer = signed_in.post(ADDRESS, form(upload(b"x" * 200_000)))

    assert answer.status_code == 422
    assert "200 MB is the limit" in answer.text


def test_a_large_upload_goes_through_the_disk(signed_in, settings):
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 100

    answer = signed_in.post(ADDRESS, form(good(50)), follow=True)

    assert "Imported: 50 items are new" in answer.text


def test_faults_beyond_the_limit_are_counted(signed_in, monkeypatch):
    monkeypatch.setattr("curation.importing.report.LISTED", 2)
    rows = [own_row(n, question="") for n in range(1, 6)]

    answer = signed_in.post(ADDRESS, form(upload(jsonl(rows).getvalue())))

    assert "has 5 errors" in answer.text
    assert "The first 2 are listed." in answer.text


def test_markup_in_a_file_stays_text(signed_in):
    rows = [own_row("<b>1</b>", **{"<img src=x>": 1, "question": ""})]

    answer = signed_in.post(ADDRESS, form(upload(jsonl(rows).getvalue(), "<b>.jsonl")))

    assert "<img src=x>" not in answer.text
    assert "&lt;img src=x&gt;" in answer.text


def test_page_and_report_come_in_chinese_too(signed_in):
    signed_in.cookies["django_language"] = "zh-hans"

    assert signed_in.get(ADDRESS).status_code == 200
    assert signed_in.post(ADDRESS, form(bad())).status_code == 422
