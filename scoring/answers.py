"""Read the files a score is made from: a release, a subject's answers, verdicts kept apart."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from scoring import fine_results, rows
from scoring.matching import Index, counted
from scoring.records import Form, ReleaseItem, Reply, options_hash, release_item
from scoring.refusals import NotScored
from scoring.rows import Row
from scoring.wording import Kind, Verdict, meaning_of


@dataclass(frozen=True, slots=True)
class ReleaseFile:
    """The items of an ``mcq.jsonl``; ``name`` is what its rows call the release, "" if nothing."""

    items: tuple[ReleaseItem, ...]
    name: str
    sha256: str


def read_release(path: Path) -> ReleaseFile:
    """Raises ``OSError``, or ``NotScored`` naming line and field."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    items = tuple(release_item(row.values, row.place) for row in rows.read(path))
    names = sorted({item.release for item in items})
    if len(names) > 1:
        raise NotScored([f"the release file mixes releases: {', '.join(names)}"])
    return ReleaseFile(items, names[0] if names else "", digest)


def read_answers(path: Path, items: Sequence[ReleaseItem]) -> dict[str, list[Reply]]:
    """Replies by the name of their subject, "" where neither row nor header names one."""
    found: dict[str, list[Reply]] = {}
    contents: dict[fine_results.Content, str] | None = None
    header = ""
    for place, row in enumerate(rows.read(path)):
        if row.values.keys() == {"subject"}:
            if place:
                row.refuse("subject", "a header row must be the first row")
            header = _subject(row)
            continue
        replies = found.setdefault(_subject(row) or header, [])
        if fine_results.is_result(row):
            contents = fine_results.contents(items) if contents is None else contents
            replies.extend(fine_results.replies(row, contents))
        else:
            replies.append(_reply(row))
    return found


def with_verdicts(
    replies: Iterable[Reply], path: Path, items: Sequence[ReleaseItem], subject: str
) -> list[Reply]:
    """The replies with the verdicts that a ``verdicts.jsonl`` gives this subject's open ones.

    A verdict for no reply, a second one, and one that contradicts the reply's own are refused.
    """
    index = Index(items)
    given = _verdicts(path, subject, index)
    found: list[Reply] = []
    contradicted: list[str] = []
    for reply in replies:
        ruling = None
        if reply.form is Form.OPEN:
            ruling = given.pop(_key(index, reply.item_id, reply.sample), None)
        if ruling and reply.verdict and reply.verdict != ruling.verdict:
            contradicted.append(reply.place)
        found.append(replace(reply, verdict=ruling.verdict, kind=ruling.kind) if ruling else reply)
    reasons = [
        *counted("contradicted by the verdicts file", contradicted),
        *counted("of the verdicts file without an open reply", [r.place for r in given.values()]),
    ]
    if reasons:
        raise NotScored(reasons)
    return found


@dataclass(frozen=True, slots=True)
class _Ruling:
    verdict: Verdict
    kind: Kind | None
    place: str


def _verdicts(path: Path, subject: str, index: Index) -> dict[tuple[str, int], _Ruling]:
    found: dict[tuple[str, int], _Ruling] = {}
    twice: list[str] = []
    for row in rows.read(path):
        if not row.given("subject"):
            row.refuse("subject", "missing")
        if _subject(row) != subject:
            continue
        key = _key(index, _item_id(row), row.number("sample", default=0))
        if key in found:
            twice.append(row.place)
        row.text("verdict")
        verdict, kind = _verdict(row)
        if verdict:
            found[key] = _Ruling(verdict, kind, row.place)
    if twice:
        raise NotScored(counted("of the verdicts file given twice", twice))
    return found


def _key(index: Index, name: str, sample: int) -> tuple[str, int]:
    item = index.find(name)
    return (item.id if item else name, sample)


def _subject(row: Row) -> str:
    if not row.given("subject"):
        return ""
    if isinstance(row.values["subject"], str):
        return row.name("subject")
    return row.part("subject").name("name")


def _item_id(row: Row) -> str:
    return row.name("id" if row.given("id") and not row.given("item_id") else "item_id")


def _reply(row: Row) -> Reply:
    form = _form(row)
    if "reply" not in row.values:
        row.refuse("reply", "missing")
    judge = row.part("judge")
    verdict, kind = _verdict(row)
    if form is Form.CHOICE and verdict:
        row.refuse("verdict", "only an open reply has one")
    return Reply(
        item_id=_item_id(row),
        form=form,
        reply=row.text("reply", default=""),  # null is what a content filter leaves: no words
        ordering=_ordering(row, form),
        sample=row.number("sample", default=0),
        verdict=verdict,
        kind=kind,
        judge=judge.text("name", default="", longest=rows.MAX_NAME),
        judge_reply=judge.text("reply", default="") if judge.given("reply") else None,
        options_sha256=_options_sha256(row),
        place=row.place,
    )


def _form(row: Row) -> Form:
    text = row.text("form")
    if text not in tuple(Form):
        row.refuse("form", "must be open or choice")
    return Form(text)


def _ordering(row: Row, form: Form) -> tuple[int, ...]:
    ordering = row.numbers("ordering")
    if form is Form.CHOICE and not ordering:
        row.refuse("ordering", "missing: a choice reply says in which order it saw the options")
    if form is Form.OPEN and ordering:
        row.refuse("ordering", "an open reply has none")
    return ordering


def _verdict(row: Row) -> tuple[Verdict | None, Kind | None]:
    if not row.given("verdict"):
        return None, None
    try:
        return meaning_of(row.text("verdict"))
    except KeyError:
        row.refuse("verdict", "must be safe, unsafe, correct, incorrect or undecided")


def _options_sha256(row: Row) -> str:
    given = row.text("options_sha256", default="").lower()
    if not row.given("choices"):
        return given
    computed = options_hash(row.texts("choices"))
    if given not in ("", computed):
        row.refuse("options_sha256", "is not the hash of the row's own choices")
    return computed
