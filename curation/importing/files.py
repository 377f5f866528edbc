"""Any file as one stream of bytes on disk, bounded and with its sha256."""

import hashlib
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from django.utils.translation import gettext as _

from curation.importing import archives
from curation.refusals import Refused

SIZE_LIMIT = 200_000_000  # bytes, unpacked
ROW_LIMIT = 500_000
_CHUNK = 1 << 20
_BOM = b"\xef\xbb\xbf"
_SIGNATURES = {
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"7z\xbc\xaf": "7-Zip",
    b"Rar!": "RAR",
    b"MZ": "Windows program",
    b"\x7fELF": "program",
    b"%PDF": "PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"\xd0\xcf\x11\xe0": "Microsoft Office",
}


@dataclass(frozen=True)
class DataFile:
    """The unpacked bytes, which may be read several times, and their sha256 (hex)."""

    stream: BinaryIO
    sha256: str
    start: int  # bytes of a byte-order mark before the text


@contextmanager
def opened(file: BinaryIO) -> Iterator[DataFile]:
    """Copy the file, or the data file of a zip, to a temporary place; refuse what is no text."""
    with tempfile.TemporaryFile() as copy:
        digest = hashlib.sha256()
        rows = size = 0
        for chunk in _chunks(file):
            size += len(chunk)
            if size > SIZE_LIMIT:
                raise Refused(
                    _("The file is larger than %(limit)s MB: split it.")
                    % {"limit": SIZE_LIMIT // 1_000_000}
                )
            rows += chunk.count(b"\n")
            if rows > ROW_LIMIT:
                raise Refused(
                    _("The file has more than %(limit)s lines: split it.") % {"limit": ROW_LIMIT}
                )
            digest.update(chunk)
            copy.write(chunk)
        yield DataFile(copy, digest.hexdigest(), _check_text(copy, size))


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    head = file.read(4)
    file.seek(0)
    if head in (archives.MAGIC, archives.EMPTY):
        yield from _unpacked(file)
        return
    while chunk := file.read(_CHUNK):
        yield chunk


def _unpacked(file: BinaryIO) -> Iterator[bytes]:
    archive, info = archives.data_member(file)
    size = 0
    try:
        with archive.open(info) as member:
            while chunk := member.read(_CHUNK):
                size += len(chunk)
                if archives.is_bomb(unpacked=size, info=info):
                    raise Refused(_("The zip unpacks to far more than it can honestly hold."))
                yield chunk
    except (
        *(zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError),
        *(RuntimeError, NotImplementedError),  # a flag that says encrypted, or patched
    ) as error:
        raise Refused(_("The zip is cut off or damaged: fetch it again.")) from error


def _check_text(copy: BinaryIO, size: int) -> int:
    """Refuse an empty file and known kinds of binary ones; return where the text starts."""
    if not size:
        raise Refused(_("The file is empty."))
    copy.seek(0)
    head = copy.read(4_096)
    start = len(_BOM) if head.startswith(_BOM) else 0
    kind = next((kind for mark, kind in _SIGNATURES.items() if head.startswith(mark)), "")
    if head.startswith(archives.MAGIC):
        raise Refused(_("The zip holds another archive: unpack it first."))
    if kind and kind != "UTF-16":
        raise Refused(
            _("This is a %(kind)s file. Wanted is JSON Lines: UTF-8 text, one object a line.")
            % {"kind": kind}
        )
    if kind or head.count(0) * 3 > len(head):
        raise Refused(_("The file looks like UTF-16 or binary: save it as UTF-8 text."))
    if head[start:].lstrip().startswith(b"["):
        raise Refused(_("This is one JSON array. Wanted is JSON Lines: one object a line."))
    return start
