"""Importing a file of questions: all of it or nothing."""

from typing import BinaryIO

from django.contrib.auth.models import User
from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _

from curation import audit, sources
from curation.importing import files, formats, stock
from curation.importing.admitting import Admission
from curation.importing.checks import Checks, Findings, Reading
from curation.importing.files import DataFile
from curation.importing.formats import AUTO, Format
from curation.importing.report import Report, RowsRefused, shown
from curation.models import ImportFile, Language, Project, Source
from curation.refusals import Refused
from curation.sources import Provenance
from curation.tag_names import TagNames
from curation.text import fits_language

PATIENCE = 60  # seconds to wait for another import of the project


def import_questions(
    *,
    project: Project,
    file: BinaryIO,
    name: str,
    by: User | None,
    format: str = AUTO,
    language: str | None = None,
    provenance: Provenance | None = None,
    dry_run: bool = False,
) -> Report:
    """Admit the questions of a file as items, all of them or none.

    `language` is that of rows that do not say. The same file again changes nothing. Raises
    RowsRefused with the report of every fault, or Refused for a file that cannot be read at all.
    """
    if language and language not in Language.values:
        raise Refused(
            _("Languages are: %(known)s.") % {"known": ", ".join(Language.values)}, field="language"
        )
    with files.opened(file) as data:
        act = _Import(project, data, name, by, provenance or Provenance(), dry_run)
        return act.earlier() or act.carry_out(format, language)


class _Import:
    def __init__(
        self,
        project: Project,
        data: DataFile,
        name: str,
        by: User | None,
        provenance: Provenance,
        dry_run: bool,
    ) -> None:
        self.project = project
        self.data = data
        self.name = shown(name.replace("\\", "/").rsplit("/", 1)[-1], most=255)
        self.by = audit.ref(by)
        self.provenance = provenance
        self.dry_run = dry_run
        self.tags = TagNames(project.taxonomy)

    def earlier(self) -> Report | None:
        """Return the report on bytes that were imported before."""
        found = ImportFile.objects.filter(project=self.project, sha256=self.data.sha256)
        if (file := found.select_related("source").first()) is None:
            return None
        return Report(
            file=file.name,
            format=file.format,
            source=file.source.name,
            dry_run=self.dry_run,
            rows=file.rows,
            unchanged=file.rows,
            already_imported=True,
        )

    def carry_out(self, format: str, language: str | None) -> Report:
        kind = formats.chosen(format, self.data.stream, self.data.start)
        reading = Reading(self.data, kind, language or _language_of(self.data, kind))
        found = Checks(self.project, kind, self.tags).go_through(reading)
        with transaction.atomic():
            _wait_for_turn(self.project)
            return self.earlier() or self.take(reading, found)

    def take(self, reading: Reading, found: Findings) -> Report:
        source = sources.keep(self.wanted(reading.format))
        same = stock.unchanged(found, reading.format, source)
        stock.look_for_relatives(found, reading.format, source)
        report = self.report_on(found, reading.format, source, len(same))
        if report.error_count:
            raise RowsRefused(report)
        if self.dry_run:
            transaction.set_rollback(True)
        else:
            self.admit(reading, report, source, same)
        return report

    def wanted(self, format: Format) -> Source:
        said = self.provenance
        return Source(
            project=self.project,
            name=said.name or format.source,
            licence=said.licence,
            terms=said.terms,
            url=said.url,
        )

    def admit(self, reading: Reading, report: Report, source: Source, same: set[str]) -> None:
        file = ImportFile.objects.create(
            project=self.project,
            source=source,
            name=self.name,
            format=report.format,
            sha256=self.data.sha256,
            rows=report.rows,
            created=report.created,
            by_ref=self.by,
        )
        admission = Admission(file=file, tags=self.tags)
        admission.admit(row for row, _f in reading if row and row.external_id not in same)
        audit.record(
            project=self.project,
            by=self.by,
            action="questions.import",
            subject=f"import:{file.pk}",
            rows=file.rows,
            created=file.created,
        )

    def report_on(self, found: Findings, format: Format, source: Source, same: int) -> Report:
        return Report(
            file=self.name,
            format=format.name,
            source=source.name,
            dry_run=self.dry_run,
            rows=found.rows,
            created=found.rows - same,
            unchanged=same,
            languages=dict(found.languages),
            error_count=found.errors.count,
            errors=found.errors.in_order(),
            warning_count=found.warnings.count,
            warnings=found.warnings.in_order(),
        )


def _language_of(data: DataFile, format: Format) -> str:
    """Return the language of rows that do not say; for S-Eval the one most rows are written in."""
    if not format.guessed:
        return format.language
    rows = english = 0
    for row, _faults in Reading(data, format, Language.EN):
        if row and row.question:
            rows += 1
            english += fits_language(row.question, Language.EN)
    if english * 2 == rows:
        raise Refused(
            _("The file does not show which language it is in: say so."), field="language"
        )
    return Language.EN if english * 2 > rows else Language.ZH


def _wait_for_turn(project: Project) -> None:
    """Let one import of a project run at a time, so that the second sees what the first did."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}s'")
            cursor.execute(f"SET LOCAL statement_timeout = '{2 * PATIENCE}s'")
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"import:{project.pk}"]
            )
    except OperationalError as error:
        raise Refused(
            _("Another import of this project is still running. Try again when it is done.")
        ) from error
