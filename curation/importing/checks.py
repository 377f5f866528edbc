"""What holds of each row beyond its own format, and across the rows of a file."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from curation.importing import lines
from curation.importing.files import DataFile
from curation.importing.formats import Format
from curation.importing.report import Fault, Faults, shown
from curation.importing.rows import Row
from curation.importing.values import Values
from curation.models import Project
from curation.models.base import OPTION_LENGTH
from curation.tag_names import TagNames
from curation.text import content_hash, fits_language, normal_form


@dataclass(frozen=True)
class Reading:
    """A file, the format to read it in, and the language of rows that do not say."""

    data: DataFile
    format: Format
    language: str

    def __iter__(self) -> Iterator[tuple[Row | None, list[Fault]]]:
        """Yield each row with what is wrong with it by itself."""
        for line in lines.read(self.data.stream, self.data.start):
            if line.fault:
                yield None, [Fault(line.number, "", line.fault)]
            else:
                values = Values(line.number, line.values)
                row = self.format.read(values, self.language)
                yield row, values.faults


@dataclass
class Findings:
    """What is remembered of a file: little for each row, so that a large file needs little."""

    rows: int = 0
    languages: Counter[str] = field(default_factory=Counter)
    errors: Faults = field(default_factory=Faults)
    warnings: Faults = field(default_factory=Faults)
    lines: dict[str, int] = field(default_factory=dict)  # by external id
    prints: dict[str, bytes] = field(default_factory=dict)  # fingerprints by external id
    questions: dict[str, int] = field(default_factory=dict)  # lines by content hash
    twins: dict[tuple[str, str], int] = field(default_factory=dict)  # by group and language
    parents: dict[str, int] = field(default_factory=dict)  # ids no row above has, with a line
    trimmed: list[int] = field(default_factory=list)


class Checks:
    """Goes through the rows of a file from top to bottom."""

    def __init__(self, project: Project, format: Format, tags: TagNames) -> None:
        self.languages = project.languages
        self.format = format
        self.tags = tags
        self.found = Findings()

    def go_through(self, reading: Reading) -> Findings:
        found = self.found
        for row, faults in reading:
            found.rows += 1
            found.errors.add(faults)
            if row:
                # A text that was refused is empty here; one complaint about it is enough.
                named = {fault.field for fault in faults}
                found.errors.add(fault for fault in self.faults_of(row) if fault.field not in named)
                digest = content_hash(row.question) if row.question else ""
                found.warnings.add(self.doubts_about(row, digest))
                self.remember(row, digest)
        if not found.rows:
            found.errors.add([Fault(1, "", _("the file holds no rows"))])
        found.warnings.add(self.doubts_about_all())
        return found

    def faults_of(self, row: Row) -> Iterator[Fault]:
        at, names = row.line, self.format
        if row.external_id in self.found.lines:
            yield Fault(
                at,
                names.id,
                _("“%(id)s” stands on line %(line)s already")
                % {"id": shown(row.external_id), "line": self.found.lines[row.external_id]},
            )
        if row.language not in self.languages:
            yield Fault(at, "language", _("is not a language of the project"))
        elif not (row.encoded or _fits(row.question, row.language)):
            yield Fault(at, names.question, _wrong_script(row.language))
        for name in filter(None, row.tags):
            if self.tags.find(name) is None:
                yield Fault(at, names.tags, self.tags.complaint(name))
        yield from self.faults_of_options(row)
        yield from self.faults_of_family(row)

    def faults_of_options(self, row: Row) -> Iterator[Fault]:
        forms = [normal_form(text) for _polarity, text in row.options if text]
        if len(set(forms)) < len(forms):
            yield Fault(row.line, "options", _("two options say the same"))
        if any(len(form) > OPTION_LENGTH for form in forms):
            yield Fault(row.line, "options", _("an option is too long once written out"))

    def faults_of_family(self, row: Row) -> Iterator[Fault]:
        if row.parent and row.parent == row.external_id:
            yield Fault(row.line, "parent", _("is the row itself"))
        if row.twin and (line := self.found.twins.get((row.twin, row.language))):
            yield Fault(
                row.line,
                "twin",
                _("line %(line)s is the twin in this language already") % {"line": line},
            )

    def doubts_about(self, row: Row, digest: str) -> Iterator[Fault]:
        if line := self.found.questions.get(digest):
            yield Fault(
                row.line,
                self.format.question,
                _("asks the same as line %(line)s") % {"line": line},
            )
        for _polarity, text in row.options:
            if not _fits(text, row.language):
                yield Fault(row.line, "options", _wrong_script(row.language))

    def remember(self, row: Row, digest: str) -> None:
        found = self.found
        found.languages[row.language] += 1
        if row.trimmed:
            found.trimmed.append(row.line)
        if digest:
            found.questions.setdefault(digest, row.line)
        if row.twin:
            found.twins.setdefault((row.twin, row.language), row.line)
        if row.parent not in ("", row.external_id) and row.parent not in found.lines:
            found.parents.setdefault(row.parent, row.line)
        if row.external_id:
            found.lines.setdefault(row.external_id, row.line)
            found.prints[row.external_id] = self.print_of(row)

    def print_of(self, row: Row) -> bytes:
        tags = (tag.code for tag in map(self.tags.find, row.tags) if tag)
        return fingerprint(
            texts=(row.question, row.language, row.kind, row.method, row.split),
            family=(row.twin, row.parent),
            tags=tags,
            options=row.options,
        )

    def doubts_about_all(self) -> Iterator[Fault]:
        if lines := self.found.trimmed:
            yield Fault(
                lines[0],
                "",
                _("space around texts was taken off, here and on %(count)s more lines")
                % {"count": len(lines) - 1},
            )
        groups = Counter(group for group, _language in self.found.twins)
        alone = [at for (group, _l), at in self.found.twins.items() if groups[group] == 1]
        if alone and self.format.name == "jsonl":
            yield Fault(
                alone[0],
                "twin",
                _("no other row of the file has this twin, here and on %(count)s more lines")
                % {"count": len(alone) - 1},
            )


def fingerprint(
    *,
    texts: Iterable[str],
    family: Iterable[str],
    tags: Iterable[str],
    options: Iterable[tuple[str, str]],
) -> bytes:
    """Return what is the same for two items with the same content, and only for those."""
    content = (tuple(texts), tuple(family), sorted(set(tags)), sorted(options))
    return hashlib.sha256(json.dumps(content).encode()).digest()[:16]


def _fits(text: str, language: str) -> bool:
    return not text or fits_language(text, language)


def _wrong_script(language: str) -> str:
    if language == "zh":
        return _("is not written in Chinese")
    return _("is not written in English")
