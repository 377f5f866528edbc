"""The next version of a project's taxonomy while it is written, tag by tag.

Nobody saves over what they have not read. Every change locks the draft first, then looks at what
stands, so that those who are at it together come one after the other.
"""

from typing import NamedTuple

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from curation import audit, tag_words, taxonomies
from curation.models import Project, RiskTag, TagDraft, TaxonomyDraft, TaxonomyVersion
from curation.refusals import Refused
from curation.tag_words import TagWords


class Seen(NamedTuple):
    """What an edit began from: a row, of a tag or of the draft, and its version."""

    row: int
    version: int

    def __str__(self) -> str:
        return f"{self.row}.{self.version}"


class NoDraft(Refused):
    """The project has no draft of a taxonomy."""

    def __init__(self) -> None:
        super().__init__(_("There is no draft of the taxonomy."))


class Overtaken(Refused):
    """Somebody saved, published or discarded meanwhile; `now` is what stands, if anything does."""

    def __init__(self, now: TagDraft | TaxonomyDraft | None) -> None:
        super().__init__(
            _("Somebody else was faster. What you typed is kept: compare the two and save again.")
            if isinstance(now, TagDraft)
            else _("Somebody else was faster: this has changed or is gone. Look at what stands.")
        )
        self.now = now


def seen_in(words: str) -> Seen | None:
    """Read what `str(seen)` wrote; None when it is nothing of the kind."""
    parts = words.split(".")
    if len(parts) != 2 or not all(p.isascii() and p.isdigit() and len(p) < 19 for p in parts):
        return None
    return Seen(*map(int, parts))


def seen_of(row: TagDraft | TaxonomyDraft) -> Seen:
    return Seen(row.pk, row.version)


def standing(project: Project) -> TaxonomyDraft | None:
    """Return the draft of the project as it stands now."""
    found = TaxonomyDraft.objects.select_related("follows", "opened_by", "project")
    return found.filter(project=project).first()


def tag_standing(project: Project, row: int) -> TagDraft | None:
    """Return a tag of the project's draft as it stands now."""
    found = TagDraft.objects.select_related("draft__follows", "saved_by")
    return found.filter(draft__project=project, pk=row).first()


def in_order(draft: TaxonomyDraft) -> list[TagDraft]:
    """Return the tags of the draft, each before what is below it."""
    tags = list(draft.tags.select_related("saved_by").order_by("position", "pk"))
    places = {tag.code: (tag.position, tag.pk) for tag in tags}

    def path(tag: TagDraft) -> list[tuple[int, int]]:
        codes = tag.code.split(".")
        return [places[".".join(codes[:level])] for level in range(1, len(codes) + 1)]

    return sorted(tags, key=path)


@transaction.atomic
def begin(*, project: Project, by: User | None) -> TaxonomyDraft:
    """Open a draft: a copy of the version that the project uses now."""
    used = Project.objects.select_for_update(no_key=True).get(pk=project.pk).taxonomy
    if TaxonomyDraft.objects.filter(project=project).exists():
        raise Refused(_("A draft of the taxonomy is open already."))
    draft = TaxonomyDraft.objects.create(project=project, follows=used, opened_by=by)
    TagDraft.objects.bulk_create(
        TagDraft(draft=draft, position=tag.position, code=tag.code, **tag_words.of(tag)._asdict())
        for tag in used.tags.all()
    )
    _record(project, by, "taxonomy.draft", number=used.number)
    return draft


@transaction.atomic
def save(*, project: Project, seen: Seen, words: TagWords, by: User | None) -> TagDraft:
    """Save what a tag says over the one that was seen. Raises `Overtaken`."""
    words = tag_words.checked(words)
    draft = _locked(project)
    same = draft.tags.filter(pk=seen.row, version=seen.version)
    values = {**words._asdict(), "version": F("version") + 1, "saved_by": by, "saved_at": Now()}
    if not same.update(**values):
        raise Overtaken(tag_standing(project, seen.row))
    _changed(draft)
    return draft.tags.get(pk=seen.row)


@transaction.atomic
def add(*, project: Project, parent: str, name: str, words: TagWords, by: User | None) -> TagDraft:
    """Add a tag under the one with the code `parent`, or a dimension under none.

    Its code is the parent's, a dot and `name`.
    """
    words, code = tag_words.checked(words), tag_words.code_of(parent, name)
    draft = _locked(project)
    taken = set(draft.tags.values_list("code", flat=True))
    if parent and parent not in taken:
        raise Refused(_("There is no tag “%(code)s” here.") % {"code": parent}, field="parent")
    if code in taken:
        raise Refused(_("The code “%(code)s” stands twice.") % {"code": code}, field="code")
    if len(taken) >= tag_words.MOST_TAGS:
        raise Refused(
            _("A taxonomy has at most %(limit)s tags.") % {"limit": tag_words.MOST_TAGS},
            field="code",
        )
    last = max(draft.tags.values_list("position", flat=True), default=0)
    made = TagDraft.objects.create(
        draft=draft, code=code, position=last + 1, fresh=True, saved_by=by, **words._asdict()
    )
    _changed(draft)
    return made


@transaction.atomic
def remove(*, project: Project, seen: Seen, by: User | None) -> None:
    """Take a tag out again that was added in this draft. Raises `Overtaken`."""
    draft = _locked(project)
    tag = draft.tags.filter(pk=seen.row, version=seen.version).first()
    if tag is None:
        raise Overtaken(tag_standing(project, seen.row))
    if not tag.fresh:
        raise Refused(
            _("“%(code)s” is published: its code stays, only what it says can change.")
            % {"code": tag.code}
        )
    if draft.tags.filter(code__startswith=f"{tag.code}.").exists():
        raise Refused(_("“%(code)s” has tags below it: remove those first.") % {"code": tag.code})
    tag.delete()
    _changed(draft)


@transaction.atomic
def publish(*, project: Project, seen: Seen, by: User | None) -> TaxonomyVersion:
    """Make the draft that was seen the next version, and be done with it. Raises `Overtaken`.

    The project goes on using the version it uses: `taxonomies.use` changes that.
    """
    draft = _seen_whole(project, seen)
    tags = in_order(draft)
    if [_said(tag) for tag in tags] == [_said(tag) for tag in draft.follows.tags.all()]:
        raise Refused(
            _("The draft says what the version in use says: there is nothing to publish.")
        )
    made = taxonomies.follow(draft.follows, project=project)
    _copied(tags, made)
    draft.delete()
    _record(project, by, "taxonomy.publish", number=made.number, tags=len(tags))
    return made


@transaction.atomic
def discard(*, project: Project, seen: Seen, by: User | None) -> None:
    """Throw the draft away, if it is the one that was seen. Raises `Overtaken`."""
    _seen_whole(project, seen).delete()
    _record(project, by, "taxonomy.discard")


def _said(tag: TagDraft | RiskTag) -> tuple[str, TagWords]:
    return tag.code, tag_words.of(tag)


def _copied(tags: list[TagDraft], version: TaxonomyVersion) -> None:
    made: dict[str, RiskTag] = {}
    for position, tag in enumerate(tags, 1):
        made[tag.code] = RiskTag.objects.create(
            version=version,
            parent=made.get(tag.above),
            code=tag.code,
            level=tag.code.count(".") + 1,
            position=position,
            **tag_words.of(tag)._asdict(),
        )


def _locked(project: Project) -> TaxonomyDraft:
    mine = TaxonomyDraft.objects.filter(project=project)
    found = mine.select_for_update(of=("self",)).select_related("follows").first()
    if found is None:
        raise NoDraft
    return found


def _seen_whole(project: Project, seen: Seen) -> TaxonomyDraft:
    draft = _locked(project)
    if seen_of(draft) != seen:
        raise Overtaken(draft)
    return draft


def _changed(draft: TaxonomyDraft) -> None:
    TaxonomyDraft.objects.filter(pk=draft.pk).update(version=F("version") + 1)


def _record(project: Project, by: User | None, action: str, **detail: int) -> None:
    subject = f"project:{project.slug}"
    audit.record(project=project, by=audit.ref(by), action=action, subject=subject, **detail)
