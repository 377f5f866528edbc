"""Zip files: the one data file inside, or a refusal."""

import stat
import struct
import zipfile
from pathlib import PurePosixPath
from typing import BinaryIO

from django.utils.translation import gettext as _

from curation.refusals import Refused

MAGIC = b"PK\x03\x04"
EMPTY = b"PK\x05\x06"
DIRECTORY_LIMIT = 1_000_000  # bytes of the zip's table of contents
RATIO_LIMIT = 200  # unpacked over packed; text of questions stays below 30
RATIO_FREE = 1_000_000  # bytes that may be unpacked at any ratio
NESTED = {".zip", ".gz", ".bz2", ".xz", ".7z", ".rar", ".tar", ".zst"}
_ENCRYPTED = 0x1
_END = struct.Struct("<4s4H2LH")  # end of central directory, APPNOTE 4.3.16


def data_member(file: BinaryIO) -> tuple[zipfile.ZipFile, zipfile.ZipInfo]:
    """Return the archive and the one data file in it; what macOS adds beside it is left out."""
    _check_directory(file)
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise Refused(_damaged()) from error
    found = [i for i in archive.infolist() if not (i.filename.endswith("/") or _is_fork(i))]
    if len(found) != 1:
        raise Refused(
            _("A zip holds exactly one data file; this one holds %(count)s: %(names)s")
            % {"count": len(found), "names": ", ".join(map(_shown, found[:5])) or "–"}
        )
    _check_member(found[0])
    return archive, found[0]


def _check_directory(file: BinaryIO) -> None:
    """Refuse a cut-off zip, and one whose table of contents alone would fill the memory."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _END.size - 0xFFFF))
    tail = file.read()
    file.seek(0)
    at = tail.rfind(EMPTY)
    if at < 0 or len(tail) - at < _END.size:
        raise Refused(_damaged())
    directory = _END.unpack_from(tail, at)[5]
    if directory > DIRECTORY_LIMIT or b"PK\x06\x07" in tail[max(0, at - 20) : at]:
        raise Refused(_("The zip holds far too many entries."))


def _check_member(info: zipfile.ZipInfo) -> None:
    name = info.filename
    path = PurePosixPath(name.replace("\\", "/"))
    if not path.name:
        raise Refused(_damaged())
    if "\\" in name or path.is_absolute() or ".." in path.parts or ":" in name:
        raise Refused(
            _("The zip holds a path that leads elsewhere: %(name)s") % {"name": _shown(info)}
        )
    if stat.S_ISLNK(info.external_attr >> 16):
        raise Refused(_("The zip holds a link instead of a file."))
    if info.flag_bits & _ENCRYPTED:
        raise Refused(_("The zip is encrypted: unpack it first."))
    if path.suffix.lower() in NESTED:
        raise Refused(_("The zip holds another archive: unpack it first."))
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Refused(_("The zip is packed in an unusual way: pack it with “deflate”."))


def is_bomb(*, unpacked: int, info: zipfile.ZipInfo) -> bool:
    """Say whether so many bytes from this entry cannot be honest text."""
    return unpacked > max(RATIO_FREE, RATIO_LIMIT * info.compress_size)


def _is_fork(info: zipfile.ZipInfo) -> bool:
    parts = PurePosixPath(info.filename).parts or ("",)
    return parts[:1] == ("__MACOSX",) or parts[-1].startswith("._") or parts[-1] == ".DS_Store"


def _shown(info: zipfile.ZipInfo) -> str:
    return "".join(c if c.isprintable() else "?" for c in info.filename[:80])


def _damaged() -> str:
    return _("The zip is cut off or damaged: fetch it again.")
