"""What the next release would add to the last one, without building it."""

from dataclasses import dataclass

from curation.exporting import MCQ
from curation.models import Option, Project, Release
from curation.release_contents import settled_runs
from curation.scores import is_frozen


@dataclass(frozen=True)
class Preview:
    """How the gold of now compares with the last release, if there is one."""

    last: Release | None
    items: int
    new: int
    changed: int  # gold items with other options than the last release has
    gone: int  # items of the last release that are no longer gold
    subjects: list[str]  # whose replies and verdicts would go in for the first time

    @property
    def is_news(self) -> bool:
        return bool(self.new or self.changed or self.gone or self.subjects)


def preview(project: Project) -> Preview:
    """Compare what is gold now with what the last release holds."""
    last = project.releases.order_by("-number").first()
    now = _options_now(project)
    then = _options_then(last)
    return Preview(
        last=last,
        items=len(now),
        new=len(now.keys() - then.keys()),
        changed=sum(now[item] != then[item] for item in now.keys() & then.keys()),
        gone=len(then.keys() - now.keys()),
        subjects=[
            run.subject.name
            for run in settled_runs(project)
            if last is None or not is_frozen(last, run)
        ],
    )


def _options_now(project: Project) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {
        pk: set() for pk in project.items.gold().values_list("pk", flat=True)
    }
    accepted = Option.objects.accepted().filter(item__in=project.items.gold())
    for item, option in accepted.values_list("item_id", "pk"):
        found[item].add(option)
    return found


def _options_then(release: Release | None) -> dict[int, set[int]]:
    if release is None:
        return {}
    rows = release.rows.filter(file=MCQ).values_list("item_id", "option_ids")
    return {item: set(options) for item, options in rows}
