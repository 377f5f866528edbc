"""The life of a taxonomy version: it is loaded or published, and never changes again."""

from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from curation import taxonomy_files
from curation.models import Project, RiskTag, TaxonomyVersion
from curation.refusals import Refused
from curation.taxonomy_files import FACTS, TaxonomyFile


def choices() -> list[tuple[str, str]]:
    """Return name and title of every taxonomy that a project may take."""
    language = "title_zh" if (get_language() or "").startswith("zh") else "title_en"
    titles = {
        name: getattr(taxonomy_files.read(path), language)
        for name, path in taxonomy_files.built_in().items()
    }
    titles |= _for_all().order_by("number").values_list("name", language)
    return sorted(titles.items())


def latest(name: str) -> TaxonomyVersion:
    """Return the latest version of a taxonomy; one that comes with the product is loaded.

    What the curators of a project have published stays with their project.
    """
    found = _for_all().filter(name=name).order_by("-number").first()
    return found or load(name)


def _for_all() -> QuerySet[TaxonomyVersion]:
    return TaxonomyVersion.objects.filter(project__isnull=True)


def open_to(project: Project) -> QuerySet[TaxonomyVersion]:
    """Return the versions of its taxonomy that a project may use, the latest first."""
    mine = TaxonomyVersion.objects.filter(Q(project__isnull=True) | Q(project=project))
    return mine.filter(name=project.taxonomy.name).order_by("-number")


def load(name: str) -> TaxonomyVersion:
    """Load a taxonomy that comes with the product. Loading it again changes nothing."""
    path = taxonomy_files.built_in().get(name)
    if path is None:
        raise Refused(
            _("There is no taxonomy “%(name)s”. There are: %(known)s.")
            % {"name": name, "known": ", ".join(known for known, _title in choices())},
            field="taxonomy",
        )
    return load_file(path)


@transaction.atomic
def load_file(path: Path) -> TaxonomyVersion:
    """Load a taxonomy file. A version that is there with other content is never overwritten."""
    file = taxonomy_files.read(path)
    version, created = TaxonomyVersion.objects.get_or_create(
        name=file.name,
        number=file.number,
        defaults={"title_en": file.title_en, "title_zh": file.title_zh},
    )
    if created:
        _add_tags(version, file)
    elif _content_of(version) != _content_in(file):
        raise Refused(
            _("Version %(number)s of “%(name)s” is loaded with other content: raise its number.")
            % {"number": file.number, "name": file.name}
        )
    return version


def follow(version: TaxonomyVersion, *, project: Project) -> TaxonomyVersion:
    """Make the version that comes after all of its name, for one project, without tags yet."""
    family = TaxonomyVersion.objects.filter(name=version.name)
    # The first one is locked, whoever publishes: two at once do not get the same number.
    family.order_by("number").select_for_update(no_key=True)[:1].get()
    return TaxonomyVersion.objects.create(
        name=version.name,
        number=1 + family.latest("number").number,
        title_en=version.title_en,
        title_zh=version.title_zh,
        project=project,
    )


def _add_tags(version: TaxonomyVersion, file: TaxonomyFile) -> None:
    made: dict[str, RiskTag] = {}
    for position, (parent, tag) in enumerate(file.walk(), 1):
        made[tag.code] = RiskTag.objects.create(
            version=version,
            parent=made[parent.code] if parent else None,
            level=tag.code.count(".") + 1,
            position=position,
            **tag.facts(),
        )


def _content_of(version: TaxonomyVersion) -> list[tuple[Any, ...]]:
    tags = version.tags.order_by("position").values_list(*FACTS)
    return [(version.title_en, version.title_zh), *tags]


def _content_in(file: TaxonomyFile) -> list[tuple[Any, ...]]:
    tags = (tuple(tag.facts().values()) for _parent, tag in file.walk())
    return [(file.title_en, file.title_zh), *tags]
