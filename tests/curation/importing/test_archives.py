"""The one data file of a zip comes through; anything odd about a zip is refused."""

import io
import random
import stat
import struct
import zipfile

import pytest

from curation.importing import archives
from curation.refusals import Refused
from tests.curation.importing.files import zipped
from tests.curation.importing.test_files import content_of

DATA = b'{"a": 1}\n'


def test_what_macos_adds_is_left_out():
    file = zipped(
        [
            ("set/", b""),
            ("set/data.jsonl", DATA),
            ("__MACOSX/set/._data.jsonl", b"\x00\x05\x16\x07"),
            ("set/.DS_Store", b"x"),
        ]
    )

    assert content_of(file) == DATA


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ([], "this one holds 0"),
        ([("__MACOSX/._a", b"x")], "this one holds 0"),
        ([("a.jsonl", DATA), ("b.jsonl", DATA)], "this one holds 2: a.jsonl, b.jsonl"),
        ([("../a.jsonl", DATA)], "leads elsewhere"),
        ([("/a.jsonl", DATA)], "leads elsewhere"),
        ([("C:/a.jsonl", DATA)], "leads elsewhere"),
        ([("..\\a.jsonl", DATA)], "leads elsewhere"),
        ([("a.zip", DATA)], "another archive"),
        ([("a.jsonl", zipped([("b", DATA)]).getvalue())], "another archive"),
        ([("a.jsonl", b"")], "The file is empty"),
    ],
)
def test_a_zip_that_is_not_one_data_file_is_refused(entries, reason):
    with pytest.raises(Refused, match=reason):
        content_of(zipped(entries))


def test_a_link_is_refused():
    link = zipfile.ZipInfo("a.jsonl")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16

    with pytest.raises(Refused, match="a link"):
        content_of(zipped([(link, b"/etc/hostname")]))


def test_an_encrypted_zip_is_refused():
    packed = bytearray(zipped([("a.jsonl", DATA)]).getvalue())
    packed[packed.index(b"PK\x01\x02") + 8] |= 1

    with pytest.raises(Refused, match="encrypted"):
        content_of(io.BytesIO(packed))


def test_an_unusual_packing_is_refused():
    with pytest.raises(Refused, match="unusual way"):
        content_of(zipped([("a.jsonl", DATA)], compression=zipfile.ZIP_LZMA))


def test_a_bomb_is_refused_while_it_unpacks():
    bomb = zipped([("a.jsonl", b"\n" * 3_000_000)])

    with pytest.raises(Refused, match="far more than it can honestly hold"):
        content_of(bomb)


@pytest.mark.parametrize("share", [0.05, 0.5, 0.95])
def test_a_cut_off_zip_is_refused(share):
    whole = zipped([("a.jsonl", bytes(range(32, 127)) * 50)]).getvalue()

    with pytest.raises(Refused, match="cut off or damaged"):
        content_of(io.BytesIO(whole[: int(len(whole) * share)]))


def test_a_damaged_byte_is_found():
    packed = bytearray(zipped([("a.jsonl", DATA * 50)]).getvalue())
    packed[45] ^= 0xFF

    with pytest.raises(Refused, match="cut off or damaged"):
        content_of(io.BytesIO(packed))


def test_a_table_of_contents_without_end_is_refused_unread():
    packed = bytearray(zipped([("a.jsonl", DATA)]).getvalue())
    at = packed.rindex(b"PK\x05\x06") + 12
    packed[at : at + 4] = struct.pack("<L", archives.DIRECTORY_LIMIT + 1)

    with pytest.raises(Refused, match="too many entries"):
        content_of(io.BytesIO(packed))


def test_a_name_with_odd_characters_is_shown_as_it_can_be():
    with pytest.raises(Refused) as refused:
        content_of(zipped([("a\u202e.jsonl", DATA), ("b.jsonl", DATA)]))

    assert "a?.jsonl" in str(refused.value)


@pytest.mark.parametrize("bit", [0, 5, 6])
def test_flags_that_zip_readers_stumble_over_are_refused(bit):
    data = bytearray(zipped([("a.jsonl", DATA)]).getvalue())
    directory = data.index(b"PK\x01\x02")
    for place in (6, directory + 8):  # general purpose flags, APPNOTE 4.3.7 and 4.3.12
        flags = struct.unpack_from("<H", data, place)[0]
        struct.pack_into("<H", data, place, flags | 1 << bit)

    with pytest.raises(Refused):
        content_of(io.BytesIO(data))


@pytest.mark.parametrize("name", [".", "./", "/"])
def test_an_entry_without_a_name_is_refused(name):
    with pytest.raises(Refused):
        content_of(zipped([(name, DATA)]))


def test_a_damaged_zip_is_refused_wherever_the_damage_is():
    whole = zipped([("a.jsonl", DATA * 50)]).getvalue()
    source = random.Random(4)

    for _ in range(400):
        data = bytearray(whole)
        data[source.randrange(len(data))] ^= 1 << source.randrange(8)
        try:
            content_of(io.BytesIO(data))
        except Refused:
            pass  # anything else would be an error on the page
