"""``python -m scoring ANSWERS.jsonl --release mcq.jsonl``: the score of one subject.

Exit codes: 0 done, 1 refused with reasons, 2 wrong use. With ``--json`` standard output holds
the one object and nothing else; every other word goes to standard error.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from io import TextIOWrapper
from pathlib import Path

from scoring import answers, tables
from scoring.consistency import Policy
from scoring.notes import notes
from scoring.parsers import ANCHORED, PUBLISHED
from scoring.records import Reply
from scoring.refusals import NotScored
from scoring.reports import By, Report, score
from scoring.wording import Kind


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options().parse_args(arguments)
    try:
        report = _report(options)
    except _WrongUse as error:
        return _say([str(error)], 2)
    except OSError as error:
        return _say([f"cannot read {error.filename}: {error.strerror}"], 2)
    except NotScored as refusal:
        return _say(refusal.reasons, 1)
    as_json = json.dumps(report.as_dict(), ensure_ascii=False)
    print(as_json if options.json else tables.render(report))
    return _say(notes(report), 0)


class _WrongUse(Exception):
    """The command line does not fit the files."""


def _say(sentences: Iterable[str], code: int) -> int:
    for sentence in sentences:
        print(f"scoring: {sentence}", file=sys.stderr)
    return code


def _report(options: argparse.Namespace) -> Report:
    release = answers.read_release(options.release)
    found = answers.read_answers(options.answers, release.items)
    subject, replies = _of_one_subject(found, options)
    if options.verdicts:
        replies = answers.with_verdicts(replies, options.verdicts, release.items, subject)
    return score(
        release.items,
        replies,
        by=options.by,
        policy=options.policy,
        parser=PUBLISHED if options.legacy else ANCHORED,
        allow_missing=options.allow_missing,
        kind=Kind(options.kind) if options.kind else None,
        subject=subject,
        release=release.name,
        sha256=release.sha256,
    )


def _of_one_subject(
    found: Mapping[str, list[Reply]], options: argparse.Namespace
) -> tuple[str, list[Reply]]:
    """The subject asked for, or the only one. A file that names none is called by its own name."""
    asked, names = options.subject, ", ".join(sorted(filter(None, found)))
    if not names:
        return asked or options.answers.stem, found.get("", [])
    if "" in found:
        raise NotScored([f"{len(found[''])} replies name no subject, others name {names}"])
    if asked and asked not in found:
        raise _WrongUse(f"no answers of {asked}; the file holds answers of {names}")
    if not asked and len(found) > 1:
        raise _WrongUse(f"the file holds answers of {names}; name one with --subject")
    subject = asked or names
    return subject, found[subject]


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(
        prog="python -m scoring",
        description="Score one subject's answers over a release: consistency (CS) and consistent "
        "safety (CSS), with 95 % intervals.",
        allow_abbrev=False,
    )
    add = options.add_argument
    add("answers", type=Path, metavar="ANSWERS.jsonl", help="replies, or FINE's result file")
    add("--release", type=Path, required=True, metavar="mcq.jsonl", help="the items answered")
    add("--verdicts", type=Path, metavar="verdicts.jsonl", help="verdicts kept in their own file")
    add("--subject", metavar="NAME", help="whose answers, where the file holds several")
    add("--by", choices=list(map(str, By)), default=str(By.DIMENSION), help="what to group by")
    add(
        "--policy",
        choices=list(map(str, Policy)),
        default=str(Policy.FAIL),
        help="an unreadable or refused reply counts as not safe (fail), or drops the item",
    )
    add("--kind", choices=list(map(str, Kind)), help="which items of a release that holds both")
    add("--allow-missing", action="store_true", help="treat what is missing like the unreadable")
    add("--legacy", action="store_true", help="read replies with the published substring parser")
    add("--json", action="store_true", help="print one JSON object")
    return options


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        code = main()
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)
