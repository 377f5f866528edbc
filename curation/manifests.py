"""The manifest: what a release holds, where it comes from and how good it is."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.db.models import Q

from curation import canonical
from curation.drafting.completing import DRAFTING
from curation.models import (
    Attempt,
    Draft,
    Item,
    Project,
    Prompt,
    QuestionProposal,
    Release,
    SubjectRun,
)
from curation.release_contents import Contents
from curation.reply_lines import VERDICTS, answers_file

FORMAT = "touchstone-release-1"
REHEARSAL = (
    "This is a rehearsal: its options, judgements and answers were made by scripts, not by people "
    "or by real models. Nothing about any model follows from it."
)
CHOICE_ORDER = (
    "choices are sorted by text, then by one random() of Python's random.Random(choice_seed) each"
)


def manifest(
    *,
    project: Project,
    number: int,
    parent: Release | None,
    contents: Contents,
    quality: Mapping[str, object],
    note: str,
) -> str:
    """Return the bytes of manifest.json: no moment and no language of a reader in it."""
    name = f"{project.slug}/{number}"
    files = [
        file_facts(file, [line.of(name) for line in lines]) for file, lines in contents.files()
    ]
    return canonical.page(
        {
            "format": FORMAT,
            "release": name,
            "parent": str(parent) if parent else None,
            "rehearsal": project.rehearsal,
            "notice": REHEARSAL if project.rehearsal else "",
            "note": note,
            "project": project.name,
            "languages": sorted(project.languages),
            "taxonomy": {"name": project.taxonomy.name, "number": project.taxonomy.number},
            "filters": {"status": "gold", "superseded": False},
            "choice_order": CHOICE_ORDER,
            "counts": counts(contents),
            "sources": _sources(contents.items),
            "drafting": _drafting(project),
            "subjects": [_subject(run, contents) for run in contents.runs],
            "quality": quality,
            "touchstone": settings.VERSION,
            "content_sha256": contents.sha256,
            "files": files,
            # A file without rows would have no schema, and loaders fail on an empty split.
            "left_out": [] if any(file["name"] == VERDICTS for file in files) else [VERDICTS],
        }
    )


def counts(contents: Contents) -> dict[str, Any]:
    """Return how much of what is in the files."""
    lines = Counter(line.file for line in contents.lines)
    items = contents.items
    return {
        "items": len(items),
        "subjects": len(contents.runs),
        "replies": sum(lines[answers_file(run.subject.name)] for run in contents.runs),
        "verdicts": lines[VERDICTS],
        "by_language": _counted(item.language for item in items),
        "by_dimension": _counted(item.main_tag.dimension for item in items if item.main_tag),
        "by_kind": _counted(item.kind for item in items),
        "by_split": _counted(item.split for item in items),
    }


def _counted(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))


def file_facts(name: str, lines: list[str]) -> dict[str, object]:
    """Return what the manifest says of a file that holds these lines."""
    text = "".join(f"{line}\n" for line in lines)
    return {
        "name": name,
        "rows": len(lines),
        "bytes": len(text.encode()),
        "sha256": canonical.sha256(text),
    }


def _sources(items: Iterable[Item]) -> list[dict[str, object]]:
    named = Counter((item.source.name, item.source.licence, item.source.url) for item in items)
    return [
        {"name": name, "licence": licence, "url": url, "items": count}
        for (name, licence, url), count in sorted(named.items())
    ]


def _drafting(project: Project) -> dict[str, object]:
    """Return who drafted: a model must not be judged only on what it drafted itself.

    Who wrote the question of an item drafted too; who only spoke of answers did not.
    """
    gold = project.items.gold()
    asked = QuestionProposal.objects.filter(item__in=gold).values("draft")
    usable = Draft.objects.filter(parsed__isnull=False).filter(
        Q(item__in=gold, purpose__in=DRAFTING) | Q(pk__in=asked)
    )
    attempts = Attempt.objects.filter(drafts__in=usable)
    endpoints = attempts.values_list("call__endpoint__name", "call__model", "model_returned")
    prompts = Prompt.objects.filter(calls__attempts__in=attempts).values_list(
        "name", "version", "language", "checksum"
    )
    return {
        "endpoints": [
            {"name": name, "model": model, "model_returned": returned}
            for name, model, returned in sorted(set(endpoints))
        ],
        "prompts": [
            {"name": name, "version": version, "language": language, "checksum": checksum}
            for name, version, language, checksum in sorted(set(prompts))
        ],
    }


def _subject(run: SubjectRun, contents: Contents) -> dict[str, object]:
    file = answers_file(run.subject.name)
    return {
        "name": run.subject.name,
        "model": run.subject.model,
        "decoding": run.subject.decoding,
        "run": {"release": str(run.release), "number": run.number},
        "replies": sum(line.file == file for line in contents.lines),
    }
