"""The files of a release, as bytes: one at a time, or all of them as a folder."""

import json
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from curation import canonical, releases
from curation.models import Release
from curation.refusals import Refused

MANIFEST, SUMS = "manifest.json", "SHA256SUMS"
_BATCH = 500


@dataclass(frozen=True)
class ReleaseFile:
    """One file of a release; `rows` is None for those that are not made of rows."""

    release: Release
    name: str
    size: int  # bytes
    sha256: str
    rows: int | None = None
    text: str = ""

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes, the same at every call."""
        if self.rows is None:
            yield self.text.encode()
            return
        lines = self.release.rows.filter(file=self.name).values_list("line", flat=True)
        for line in lines.order_by("position").iterator(chunk_size=_BATCH):
            yield f"{line}\n".encode()


def files(release: Release) -> list[ReleaseFile]:
    """Return every file of the export folder, in byte order of the names."""
    of_rows = [
        ReleaseFile(release, file["name"], file["bytes"], file["sha256"], file["rows"])
        for file in json.loads(release.manifest)["files"]
    ]
    listed = [*of_rows, _of_text(release, MANIFEST, release.manifest)]
    sums = "".join(f"{file.sha256}  {file.name}\n" for file in sorted(listed, key=_name))
    return sorted([*listed, _of_text(release, SUMS, sums)], key=_name)


def file(release: Release, name: str) -> ReleaseFile | None:
    """Return the file of that name, if the release has it."""
    return next((file for file in files(release) if file.name == name), None)


def _of_text(release: Release, name: str, text: str) -> ReleaseFile:
    return ReleaseFile(release, name, len(text.encode()), canonical.sha256(text), text=text)


def _name(file: ReleaseFile) -> bytes:
    return file.name.encode()


def export(*, release: Release, to: Path) -> list[ReleaseFile]:
    """Write the export folder, whole or not at all, after checking every hash.

    A folder that holds this very release is made whole again; any other that is not empty is
    refused and left as it is.
    """
    verification = releases.verify(release)
    if verification.fault:
        raise releases.Damaged(release, verification)
    try:
        return _export(release, to.resolve())
    except OSError as error:
        raise Refused(
            _("%(folder)s cannot be written: %(why)s.") % {"folder": to, "why": error.strerror}
        ) from error


def _export(release: Release, to: Path) -> list[ReleaseFile]:
    same = _holds(to, release)
    if not same and to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise Refused(_("%(folder)s is not empty and holds something else.") % {"folder": to})
    to.parent.mkdir(parents=True, exist_ok=True)
    made = to.with_name(f".{to.name}.{uuid.uuid4().hex}")
    try:
        written = _write(release, made)
        if same:
            _move_each(written, made, to)
        else:
            made.replace(to)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return written


def _holds(folder: Path, release: Release) -> bool:
    manifest = folder / MANIFEST
    return manifest.is_file() and manifest.read_bytes() == release.manifest.encode()


def _write(release: Release, folder: Path) -> list[ReleaseFile]:
    written = files(release)
    for file in written:
        path = folder / file.name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as out:
            out.writelines(file.chunks())
    return written


def _move_each(written: list[ReleaseFile], made: Path, to: Path) -> None:
    for file in written:
        (to / file.name).parent.mkdir(parents=True, exist_ok=True)
        (made / file.name).replace(to / file.name)
