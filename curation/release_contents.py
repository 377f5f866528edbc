"""What a release would hold if it were frozen now."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from django.db.models import F, Prefetch
from django.utils.translation import gettext as _

from curation.exporting import MCQ, Line, item_lines
from curation.models import Item, ItemTag, Option, Project, SubjectRun
from curation.refusals import Refused
from curation.reply_lines import replies_of, settled_on, verdicts_of
from scoring.reports import RECORDED

_NAMED = 5  # how many items a refusal spells out


@dataclass(frozen=True)
class Contents:
    """Lines in the order of the files, the items behind them, the runs whose replies are in."""

    lines: list[Line]
    items: list[Item]
    runs: list[SubjectRun]

    def files(self) -> Iterator[tuple[str, list[Line]]]:
        """Yield each file with its lines; a file without lines is left out of a release."""
        for name, lines in groupby(self.lines, key=lambda line: line.file):
            yield name, list(lines)

    @cached_property
    def sha256(self) -> str:
        """The hash of the content alone: equal for releases that differ only in their name."""
        return content_sha256((line.file, line.of("")) for line in self.lines)


def content_sha256(lines: Iterable[tuple[str, str]]) -> str:
    """Hash files and their nameless lines, which come in the order of the files."""
    digest = hashlib.sha256()
    for file, text in lines:
        digest.update(f"{file}\t{text}\n".encode())
    return digest.hexdigest()


def gather(project: Project, judgements: Mapping[int, int]) -> Contents:
    """Collect gold as it stands; `judgements` counts those on an item, by its key."""
    items = gold_items(project)
    _refuse_unpaired(items)
    lines = [
        line
        for item in items
        for line in item_lines(item, _chosen(item), _tags(item), judgements.get(item.pk, 0))
    ]
    mcq = {line.item_id: line for line in lines if line.file == MCQ}
    runs = settled_runs(project)
    for run in runs:
        verdicts = settled_on(run)
        lines += [*replies_of(run, mcq, verdicts), *verdicts_of(run, mcq, verdicts)]
    # Python compares by code point, whatever the collation of the database.
    lines.sort(key=lambda line: (line.file, line.key))
    return Contents(lines, items, runs)


def gold_items(project: Project) -> list[Item]:
    """Return the gold items with the options and tags that were accepted."""
    options = Option.objects.accepted().annotate(drafter=F("draft__attempt__model_returned"))
    tags = ItemTag.objects.filter(accepted=True).select_related("tag")
    return list(
        project.items.gold()
        .select_related("project", "source", "main_tag")
        .prefetch_related(
            Prefetch("options", options, to_attr="chosen"),
            Prefetch("item_tags", tags, to_attr="accepted_tags"),
        )
    )


def settled_runs(project: Project) -> list[SubjectRun]:
    """Return the latest settled run of each subject whose replies are all here.

    Outcomes that were read elsewhere (FINE's result file) come without replies to publish.
    """
    runs = (
        SubjectRun.objects.settled()
        .filter(subject__project=project)
        .exclude(picks__parser=RECORDED)
        .select_related("subject", "release__project")
    )
    latest = {run.subject.name: run for run in runs.order_by("id")}
    return [latest[name] for name in sorted(latest)]


def _chosen(item: Item) -> list[Option]:
    return item.chosen  # type: ignore[attr-defined]


def _tags(item: Item) -> list[str]:
    codes = {item_tag.tag.code for item_tag in item.accepted_tags}  # type: ignore[attr-defined]
    main = item.main_tag.code if item.main_tag else ""
    return [main, *sorted(codes - {main})]


def _refuse_unpaired(items: Iterable[Item]) -> None:
    unpaired = sorted(
        item.external_id
        for item in items
        if {option.polarity for option in _chosen(item)} != set(Option.Polarity.values)
    )
    if unpaired:
        raise Refused(
            _("%(count)s gold items lack a positive or a negative option: %(names)s.")
            % {"count": len(unpaired), "names": ", ".join(unpaired[:_NAMED])}
        )
