"""Message catalogues without a system gettext: `python -m config.catalogues COMMAND`."""

import argparse
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po, write_po

from config import extraction

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = Path("locale") / extraction.LOCALE / "LC_MESSAGES" / "django.po"
# Fixed, so that a catalogue changes only when its words do.
HEADER = """\
# Simplified Chinese of Touchstone. The msgids are the English.
msgid ""
msgstr ""
"Project-Id-Version: Touchstone\\n"
"Language: zh_Hans\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}|</?[a-z]+")


def read(path: Path) -> Catalog:
    """Read a catalogue; the line of a message is where its msgid stands."""
    with path.open("rb") as file:
        return read_po(file, locale="zh_Hans_CN", abort_invalid=True)


def translated(root: Path, known: Catalog) -> Catalog:
    """Give every message of the sources the translation already known for it."""
    fresh = extraction.template(root)
    for message in fresh:
        old = known.get(message.id, message.context) if message.id else None
        if old and not old.fuzzy and old.pluralizable == message.pluralizable:
            message.string = old.string
            message.user_comments = old.user_comments
    return fresh


def written(catalog: Catalog) -> bytes:
    """Word a catalogue the same way each time: sorted, without dates and line numbers."""
    body = BytesIO()
    write_po(body, catalog, width=100, omit_header=True, sort_output=True, include_lineno=False)
    return HEADER.encode() + body.getvalue().lstrip(b"\n")


def update(root: Path) -> int:
    """Bring the catalogue to the sources; translations of words that are gone go too."""
    path = root / CATALOGUE
    path.parent.mkdir(parents=True, exist_ok=True)
    catalog = translated(root, read(path) if path.exists() else Catalog())
    path.write_bytes(written(catalog))
    missing = sum(not _complete(message) for message in catalog if message.id)
    _say(f"{len(catalog)} messages, {missing} of them without a translation")
    return 0


def compiled(root: Path) -> int:
    """Write the binary form beside each catalogue, whole or not at all."""
    for path in sorted((root / "locale").rglob("*.po")):
        binary, fresh = path.with_suffix(".mo"), BytesIO()
        write_mo(fresh, read(path))
        if not binary.exists() or binary.read_bytes() != fresh.getvalue():
            unfinished = binary.with_suffix(f".{os.getpid()}")
            unfinished.write_bytes(fresh.getvalue())
            unfinished.replace(binary)
    return 0


def check(root: Path) -> int:
    """Name every fault of the catalogue; 0 when there is none."""
    found = list(faults(root))
    for fault in found:
        _say(fault)
    return 1 if found else 0


def faults(root: Path) -> Iterator[str]:
    """Yield each fault as `file:line "msgid": what is wrong`."""
    path = root / CATALOGUE
    if not path.exists():
        yield f"{CATALOGUE.as_posix()}:1: no such catalogue"
        return
    known, fresh = read(path), extraction.template(root)
    for message in fresh:
        if message.id and (message.id, message.context) not in _keys(known):
            place, line = message.locations[0]
            yield f"{place}:{line} {_quoted(message)}: not in the catalogue"
    for message in known:
        if message.id:
            yield from (
                f"{CATALOGUE.as_posix()}:{message.lineno} {_quoted(message)}: {fault}"
                for fault in _faults_of(message, fresh)
            )
    for message in known.obsolete.values():
        yield f"{CATALOGUE.as_posix()}:{message.lineno} {_quoted(message)}: obsolete"
    if path.read_bytes() != written(translated(root, known)):
        yield f"{CATALOGUE.as_posix()}:1: not up to date, run `python -m config.catalogues update`"


def _faults_of(message: Message, fresh: Catalog) -> Iterator[str]:
    if (message.id, message.context) not in _keys(fresh):
        yield "obsolete"
    if message.fuzzy:
        yield "fuzzy"
    if not _complete(message):
        yield "no translation"
    elif not _same_placeholders(message):
        yield "its placeholders differ from the translation's"


def _keys(catalog: Catalog) -> set[tuple[object, str | None]]:
    return {(message.id, message.context) for message in catalog}


def _forms(words: object) -> list[str]:
    return [words] if isinstance(words, str) else [word or "" for word in words or [""]]  # type: ignore[attr-defined]


def _complete(message: Message) -> bool:
    return all(_forms(message.string))


def _same_placeholders(message: Message) -> bool:
    """Compare with the last English form: a singular may leave its number out."""
    wanted = Counter(PLACEHOLDER.findall(_forms(message.id)[-1]))
    return all(Counter(PLACEHOLDER.findall(form)) == wanted for form in _forms(message.string))


def _quoted(message: Message) -> str:
    return f'"{_forms(message.id)[0]}"'


def merge(root: Path, folder: Path, *, replace: bool = False) -> int:
    """Take translations from a folder of fragments; what is translated stays, unless replaced."""
    path = root / CATALOGUE
    path.parent.mkdir(parents=True, exist_ok=True)
    catalog = translated(root, read(path) if path.exists() else Catalog())
    taken: set[tuple[object, str | None]] = set()
    for fragment in sorted(folder.glob("*.po")):
        for message in read(fragment):
            if message.id and _complete(message):
                _take(catalog, message, fragment.name, taken, replace)
    path.write_bytes(written(catalog))
    missing = [message for message in catalog if message.id and not _complete(message)]
    for message in missing:
        _say(f"{message.locations[0][0]} {_quoted(message)}: still without a translation")
    return 0


def _take(
    catalog: Catalog,
    message: Message,
    source: str,
    taken: set[tuple[object, str | None]],
    replace: bool,
) -> None:
    key = (message.id, message.context)
    mine = catalog.get(message.id, message.context)
    where = f"{source}:{message.lineno} {_quoted(message)}"
    if mine is None or mine.pluralizable != message.pluralizable:
        _say(f"{where}: in no source, left out")
    elif not _complete(mine) or (replace and key not in taken):
        mine.string = message.string
        taken.add(key)
    elif mine.string != message.string:
        _say(f"{where}: {message.string!r} left out, it is {mine.string!r} already")


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def main(arguments: list[str] | None = None) -> int:
    """Run one command on the catalogues of a source tree."""
    parser = argparse.ArgumentParser(prog="python -m config.catalogues")
    parser.add_argument("--root", type=Path, default=ROOT, help="the source tree")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, words in (
        ("extract", "print every message of the sources"),
        ("update", "bring the catalogue to the sources"),
        ("compile", "write the binary form"),
        ("check", "fail on what is missing, fuzzy, obsolete or broken"),
        ("merge", "take translations from *.po fragments"),
    ):
        command = commands.add_parser(name, help=words)
        if name == "merge":
            command.add_argument("folder", type=Path)
            command.add_argument("--replace", action="store_true")
    options = parser.parse_args(arguments)
    try:
        return _run(options)
    except (PoFileError, SyntaxError) as error:
        _say(f"{error}")
        return 1


def _run(options: argparse.Namespace) -> int:
    if options.command == "extract":
        sys.stdout.buffer.write(written(extraction.template(options.root)))
        return 0
    if options.command == "merge":
        return merge(options.root, options.folder, replace=options.replace)
    return {"update": update, "compile": compiled, "check": check}[options.command](options.root)


if __name__ == "__main__":
    sys.exit(main())
