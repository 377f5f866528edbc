"""Letting a project use another version of its taxonomy: its items' tags follow by their codes.

What was accepted stays as it was signed, at the version people had before them; what is frozen in
a release is text and does not change either.
"""

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from curation import audit, taxonomies
from curation.models import Item, ItemTag, Project, RiskTag, TaxonomyDraft, TaxonomyVersion
from curation.refusals import Refused

TOLD = 10  # codes named in one refusal


@transaction.atomic
def use(*, project: Project, number: int, by: User | None) -> TaxonomyVersion:
    """Let the project use the version. Using the one in use again brings late comers along."""
    # Waits for imports under way, whose items nobody else can see yet, and keeps others out.
    locked = Project.objects.select_for_update(of=("self",)).get(pk=project.pk)
    version = taxonomies.open_to(locked).filter(number=number).first()
    if version is None:
        raise Refused(_("There is no version %(number)s.") % {"number": number}, field="number")
    if TaxonomyDraft.objects.filter(project=locked).exclude(follows=version).exists():
        raise Refused(_("A draft of the taxonomy is open: publish it or throw it away first."))
    tags = {tag.code: tag for tag in version.tags.all()}
    _keep_every_tag(locked, version, set(tags))
    moved = sum(_move(locked, tag) for tag in tags.values())
    Project.objects.filter(pk=locked.pk).update(taxonomy=version)
    project.taxonomy = version
    _record(locked, by, version, moved)
    return version


def _record(project: Project, by: User | None, version: TaxonomyVersion, moved: int) -> None:
    audit.record(
        project=project,
        by=audit.ref(by),
        action="taxonomy.use",
        subject=f"project:{project.slug}",
        number=version.number,
        items=moved,
    )


def _keep_every_tag(project: Project, version: TaxonomyVersion, codes: set[str]) -> None:
    live = Item.objects.current().filter(project=project).exclude(status=Item.Status.REJECTED)
    used = set(live.filter(main_tag__isnull=False).values_list("main_tag__code", flat=True))
    used |= set(ItemTag.objects.filter(item__in=live).values_list("tag__code", flat=True))
    if gone := sorted(used - codes):
        raise Refused(
            _("Items carry tags that version %(number)s does not have: %(codes)s.")
            % {"number": version.number, "codes": ", ".join(gone[:TOLD])},
            field="number",
        )


def _move(project: Project, tag: RiskTag) -> int:
    """Let what points to the same code of another version point to this tag; count the items."""
    old = RiskTag.objects.filter(version__name=tag.version.name, code=tag.code).exclude(pk=tag.pk)
    former = list(old.values_list("pk", flat=True))
    proposed = ItemTag.objects.filter(item__project=project, tag__in=former, accepted=False)
    beside = ItemTag.objects.filter(item=OuterRef("item"), origin=OuterRef("origin"))
    later = beside.filter(tag__in=former, accepted=False, pk__gt=OuterRef("pk"))
    # A tag stands once for an item and origin: of several, only the latest comes along.
    alone = proposed.exclude(Exists(beside.filter(tag=tag))).exclude(Exists(later))
    ItemTag.objects.filter(pk__in=alone.values("pk")).update(tag=tag)
    return Item.objects.filter(project=project, main_tag__in=former).update(main_tag=tag)
