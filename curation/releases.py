"""Freeze gold into a release, and check that a release is still what was frozen."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from curation import audit, canonical, manifests
from curation.exporting import named
from curation.models import Project, Release, ReleaseRow
from curation.models.base import NOTE_LENGTH, storable
from curation.refusals import Refused
from curation.release_contents import Contents, content_sha256, gather

_BATCH = 1_000


class NothingNew(Refused):
    """A release already holds exactly this."""


def numbered(project: Project, number: int) -> Release:
    """Return the release of that number, or refuse saying that there is none."""
    release = project.releases.filter(number=number).first()
    if release is None:
        raise Refused(
            _("Project %(slug)s has no release %(number)s.")
            % {"slug": project.slug, "number": number}
        )
    return release


@contextmanager
def one_moment() -> Iterator[None]:
    """Read everything as it stands at one moment, whatever others commit meanwhile."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def freeze(
    *,
    project: Project,
    by: User | None,
    quality: Mapping[str, object],
    note: str = "",
    judgements: Mapping[int, int] | None = None,
) -> Release:
    """Freeze the gold items, and the replies and verdicts of settled runs, as the next release.

    `quality` goes into the manifest as it is; `judgements` counts those on an item, by its key.
    Refuses when nothing is gold, and when a release already holds exactly this.
    """
    _check_note(note)
    try:
        with one_moment():
            project = Project.objects.select_for_update(of=("self",), no_key=True).get(
                pk=project.pk
            )
            release = _frozen(project, by, quality, note, judgements or {})
    except IntegrityError as error:
        if "one_release_a_number_and_project" not in str(error):
            raise
        raise Refused(_("Somebody else has just frozen a release. Load the page again.")) from error
    return release


def _check_note(note: str) -> None:
    if len(note) > NOTE_LENGTH:
        raise Refused(
            _("A note has at most %(limit)s characters.") % {"limit": NOTE_LENGTH}, field="note"
        )
    try:
        storable(note)
    except ValidationError as error:
        raise Refused(error.messages[0], field="note") from error


def _frozen(
    project: Project,
    by: User | None,
    quality: Mapping[str, object],
    note: str,
    judgements: Mapping[int, int],
) -> Release:
    contents = gather(project, judgements)
    _refuse_nothing_new(project, contents)
    parent = project.releases.order_by("-number").first()
    number = parent.number + 1 if parent else 1
    manifest = manifests.manifest(
        project=project,
        number=number,
        parent=parent,
        contents=contents,
        quality=quality,
        note=note,
    )
    release = Release.objects.create(
        project=project,
        number=number,
        parent=parent,
        manifest=manifest,
        manifest_sha256=canonical.sha256(manifest),
        content_sha256=contents.sha256,
        counts=manifests.counts(contents),
        note=note,
        by_ref=audit.ref(by),
    )
    ReleaseRow.objects.bulk_create(_rows(release, contents), batch_size=_BATCH)
    audit.record(
        project=project, by=audit.ref(by), action="release.freeze", subject=f"release:{release}"
    )
    return release


def _refuse_nothing_new(project: Project, contents: Contents) -> None:
    if not contents.items:
        raise Refused(_("Nothing is gold yet: a release needs at least one signed-off item."))
    if same := project.releases.filter(content_sha256=contents.sha256).first():
        raise NothingNew(
            _("Nothing has changed: release %(number)s already holds exactly this.")
            % {"number": same.number}
        )


def _rows(release: Release, contents: Contents) -> Iterator[ReleaseRow]:
    for file, lines in contents.files():
        for position, line in enumerate(lines, 1):
            text = line.of(str(release))
            yield ReleaseRow(
                release=release,
                file=file,
                position=position,
                key=line.key,
                item_id=line.item_id,
                option_ids=line.option_ids,
                line=text,
                sha256=canonical.sha256(text),
            )


@dataclass(frozen=True)
class Verification:
    """What was recomputed; `fault` is empty when everything is as it was frozen."""

    rows: int
    files: int
    fault: str = ""


class Damaged(Refused):
    """A release is no longer what was frozen."""

    def __init__(self, release: Release, verification: Verification) -> None:
        super().__init__(
            _("Release %(release)s is damaged: %(fault)s.")
            % {"release": release, "fault": verification.fault}
        )


class _Changed(Exception):
    """Something is not what was frozen."""


def verify(release: Release) -> Verification:
    """Recompute every hash of the release; the first fault is named with its file and line."""
    seen: list[ReleaseRow] = []
    files: dict[str, list[str]] = {}
    try:
        manifest = _manifest(release)
        for row in release.rows.iterator(chunk_size=_BATCH):
            _check(row, expected=len(files.setdefault(row.file, [])) + 1)
            files[row.file].append(row.line)
            seen.append(row)
        _compare(manifest, files)
        if content_sha256((row.file, _nameless(row)) for row in seen) != release.content_sha256:
            raise _Changed(_("the rows are not the ones the release was hashed over"))
    except _Changed as fault:
        return Verification(len(seen), len(files), str(fault))
    return Verification(len(seen), len(files))


def _manifest(release: Release) -> dict[str, list[dict[str, object]]]:
    if canonical.sha256(release.manifest) != release.manifest_sha256:
        raise _Changed(_("manifest.json is not the text that was frozen"))
    manifest: dict[str, list[dict[str, object]]] = json.loads(release.manifest)
    return manifest


def _check(row: ReleaseRow, *, expected: int) -> None:
    place = {"file": row.file, "line": row.position, "key": row.key, "expected": expected}
    if row.position != expected:
        raise _Changed(_("%(file)s: line %(expected)s is not there") % place)
    if canonical.sha256(row.line) != row.sha256:
        raise _Changed(
            _("%(file)s, line %(line)s (%(key)s) is not the text that was frozen") % place
        )


def _compare(
    manifest: Mapping[str, list[dict[str, object]]], files: Mapping[str, list[str]]
) -> None:
    if sorted(files) != sorted(str(file["name"]) for file in manifest["files"]):
        raise _Changed(_("the files are not the ones the manifest names"))
    for file in manifest["files"]:
        if manifests.file_facts(str(file["name"]), files[str(file["name"])]) != file:
            raise _Changed(
                _("%(file)s is not the file of the manifest: a line was added, removed or changed")
                % {"file": file["name"]}
            )


def _nameless(row: ReleaseRow) -> str:
    return canonical.line(named(json.loads(row.line), ""))
