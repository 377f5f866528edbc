"""One small factory per model. Each makes what it needs; name only what the test is about."""

import hashlib
from datetime import date
from itertools import count
from typing import Any

from django.contrib.auth.models import User

from curation import items
from curation.models import (
    Endpoint,
    ImportFile,
    Item,
    ItemTag,
    Membership,
    Option,
    Price,
    Project,
    Release,
    ReleaseRow,
    RiskTag,
    Role,
    Source,
    Subject,
    SubjectRun,
    TaxonomyVersion,
)
from curation.text import content_hash, normal_form

_numbers = count(1)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def make_user(username: str = "", **kw: Any) -> User:
    return User.objects.create_user(
        username=username or f"user-{next(_numbers)}",
        password=kw.pop("password", "a quiet garden"),
        **kw,
    )


def make_taxonomy(name: str = "") -> TaxonomyVersion:
    """Make two dimensions, "care" and "law"; only "care" has leaves of its own."""
    version = TaxonomyVersion.objects.create(
        name=name or f"taxonomy-{next(_numbers)}", title_en="Small risks", title_zh="小风险"
    )
    care = make_tag(version, "care", name_en="Care", name_zh="关怀", severity=1)
    make_tag(version, "care.body", parent=care, name_en="Body", name_zh="身体", severity=2)
    make_tag(version, "care.mind", parent=care, name_en="Mind", name_zh="心理", severity=3)
    make_tag(version, "law", name_en="Law", name_zh="法律", severity=4)
    return version


def make_tag(version: TaxonomyVersion, code: str, **kw: Any) -> RiskTag:
    return RiskTag.objects.create(
        version=version,
        code=code,
        **{
            "level": code.count(".") + 1,
            "position": version.tags.count(),
            "name_en": code,
            "name_zh": code,
        }
        | kw,
    )


def make_project(slug: str = "", **kw: Any) -> Project:
    return Project.objects.create(
        slug=slug or f"project-{next(_numbers)}",
        taxonomy=kw.pop("taxonomy", None) or make_taxonomy(),
        **{"name": "Everyday risks", "languages": ["en", "zh"]} | kw,
    )


def make_member(project: Project, role: Role | str, user: User | None = None) -> User:
    user = user or make_user()
    Membership.objects.create(project=project, user=user, role=role)
    return user


def make_source(project: Project, **kw: Any) -> Source:
    return Source.objects.create(
        project=project, **{"name": f"source {next(_numbers)}", "licence": "CC0"} | kw
    )


def make_import_file(project: Project, **kw: Any) -> ImportFile:
    name = f"file-{next(_numbers)}.jsonl"
    return ImportFile.objects.create(
        project=project,
        source=kw.pop("source", None) or make_source(project),
        **{
            "name": name,
            "format": "jsonl",
            "sha256": sha256(name),
            "rows": 1,
            "created": 1,
            "by_ref": "system",
        }
        | kw,
    )


def make_item(project: Project | None = None, **kw: Any) -> Item:
    """Make an item tagged "care.body", unless `main_tag` says otherwise."""
    project = project or make_project()
    number = next(_numbers)
    question = kw.pop("question", f"May I borrow a neighbour's ladder number {number}?")
    if "main_tag" not in kw:
        kw["main_tag"] = project.taxonomy.tags.filter(level=2).first()
    return Item.objects.create(
        project=project,
        source=kw.pop("source", None)
        or project.sources.first()
        or make_source(project, name="sample"),
        question=question,
        content_hash=content_hash(question),
        **{"external_id": f"q-{number}", "language": "en"} | kw,
    )


def make_option(
    item: Item | None = None, polarity: str = Option.Polarity.POSITIVE, text: str = "", **kw: Any
) -> Option:
    text = text or f"A {polarity} answer, number {next(_numbers)}."
    return Option.objects.create(
        item=item or make_item(),
        polarity=polarity,
        text=text,
        normal_form=normal_form(text),
        **{"origin": Option.Origin.IMPORT, "author_ref": "import:1"} | kw,
    )


def make_options(item: Item | None = None, **kw: Any) -> tuple[Option, Option]:
    """Make a positive and a negative option of one item."""
    item = item or make_item()
    return make_option(item, "positive", **kw), make_option(item, "negative", **kw)


def make_item_tag(item: Item, tag: RiskTag | None = None, **kw: Any) -> ItemTag:
    return ItemTag.objects.create(
        item=item, tag=tag or item.main_tag, **{"origin": ItemTag.Origin.SOURCE} | kw
    )


def make_endpoint(project: Project | None = None, **kw: Any) -> Endpoint:
    """An endpoint; `input_price` and `output_price` are what it has cost from long ago on."""
    number = next(_numbers)
    prices = {name: kw.pop(name) for name in ("input_price", "output_price") if name in kw}
    endpoint = Endpoint.objects.create(
        project=project or make_project(),
        **{
            "name": f"endpoint-{number}",
            "base_url": "http://127.0.0.1:9/v1",
            "model": "quiet-model",
        }
        | kw,
    )
    if prices:
        make_price(endpoint, **prices)
    return endpoint


def make_price(endpoint: Endpoint, input_price: int, output_price: int, **kw: Any) -> Price:
    """Let an endpoint cost this from long ago on."""
    endpoint.__dict__.pop("price", None)
    return Price.objects.create(
        endpoint=endpoint,
        input_price=input_price,
        output_price=output_price,
        **{"since": date(2020, 1, 1)} | kw,
    )


def make_release(project: Project | None = None, **kw: Any) -> Release:
    project = project or make_project()
    number = kw.pop("number", project.releases.count() + 1)
    manifest = kw.pop("manifest", f'{{"release": "{project.slug}/{number}"}}')
    return Release.objects.create(
        project=project,
        number=number,
        manifest=manifest,
        **{
            "manifest_sha256": sha256(manifest),
            "content_sha256": sha256(f"{manifest} {next(_numbers)}"),
            "counts": {},
            "by_ref": "system",
        }
        | kw,
    )


def make_release_row(
    release: Release | None = None, item: Item | None = None, **kw: Any
) -> ReleaseRow:
    """Make a line of "mcq.jsonl" that shows the item's live options, positive first."""
    release = release or make_release(item.project if item else None)
    item = item or make_item(release.project)
    options = item.options.live().order_by("-polarity", "id")
    line = kw.pop("line", f'{{"id": "{item.uid}"}}')
    return ReleaseRow.objects.create(
        release=release,
        item=item,
        line=line,
        sha256=sha256(line),
        **{
            "file": "mcq.jsonl",
            "position": release.rows.filter(file=kw.get("file", "mcq.jsonl")).count() + 1,
            "key": str(item.uid),
            "option_ids": [option.pk for option in options],
        }
        | kw,
    )


def make_gold_item(project: Project | None = None, *, ref: str = "judgement:1", **kw: Any) -> Item:
    """Make an item whose two options and main tag were signed."""
    item = make_item(project, status=Item.Status.IN_REVIEW, **kw)
    return items.make_gold(
        item=item,
        options=make_options(item),
        tags=[],
        main_tag=item.main_tag,
        tag_origin=ItemTag.Origin.PEOPLE,
        by="system",
        decision_ref=ref,
    )


def make_subject_run(release: Release, name: str = "", **kw: Any) -> SubjectRun:
    """Make an uploaded run of a subject over a release."""
    subject, _ = Subject.objects.get_or_create(
        project=release.project, name=name or f"subject-{next(_numbers)}"
    )
    return SubjectRun.objects.create(
        subject=subject,
        release=release,
        **{
            "number": SubjectRun.objects.filter(subject=subject, release=release).count() + 1,
            "upload_sha256": sha256(f"upload {next(_numbers)}"),
        }
        | kw,
    )
