"""The risk tags of an item."""

from collections.abc import Iterable
from typing import Annotated, Any, ClassVar

from pydantic import Field

from curation import known_tags, severe_tags
from curation.drafting.purposes.base import Work
from curation.drafting.reading import Reading, Unusable, shaped
from curation.drafting.requests import nonce_of
from curation.drafting.shapes import Exact, Marked, closed, exactly, text
from curation.models import (
    Attempt,
    Call,
    Draft,
    DraftRole,
    Item,
    ItemTag,
    Purpose,
    RiskTag,
    TaxonomyVersion,
)

LONGEST_EXPLANATION = 1_000  # characters
MOST_TAGS = 8


class TagReply(Exact):
    """One tag, how sure the model is (0–1), and why."""

    code: Annotated[str, Field(min_length=1, max_length=80)]
    score: Annotated[float, Field(ge=0, le=1)]
    explanation: Annotated[str, Field(max_length=LONGEST_EXPLANATION)]


class TagsReply(Marked):
    tags: Annotated[list[TagReply], Field(max_length=MOST_TAGS)]


_TAG = exactly(
    code=text(80),
    score={"type": "number", "minimum": 0, "maximum": 1},
    explanation=text(LONGEST_EXPLANATION, 0),
)


class RiskTags(Work):
    purpose = Purpose.TAGS
    role = DraftRole.TAGGER
    defaults: ClassVar[dict[str, Any]] = {"temperature": 0, "max_tokens": 1000, "seed": 0}
    schema: ClassVar[dict[str, Any]] = closed(
        tags={"type": "array", "items": _TAG, "maxItems": MOST_TAGS}
    )
    shape = TagsReply

    def slots(self, call: Call) -> dict[str, str]:
        block = taxonomy_block(call.about["taxonomy"], call.item.language)
        return {"question": call.item.question, "taxonomy": block}

    def read(self, call: Call, attempt: Attempt) -> Reading:
        """Read risk tags. Codes that the taxonomy does not know stay in the value, with a flag."""
        try:
            value, flags = shaped(
                attempt.content,
                self.shape,
                nonce=nonce_of(call.key),
            )
            named = [tag["code"] for tag in value["tags"]]
            if len(set(named)) < len(named):
                raise Unusable("wrong_shape: tags")
        except Unusable as reason:
            return Reading(reason=str(reason))
        unknown = set(named) - set(_tags(call.about["taxonomy"]))
        return Reading(value, flags=flags + (["unknown_tag"] if unknown else []))

    def apply(self, drafts: Iterable[Draft]) -> dict[int, str]:
        """Put the known tags on the items; the likeliest becomes the main tag where none is.

        A negative option that was drafted before its item proved to be severe is taken back.
        """
        tags: list[ItemTag] = []
        mains: list[Item] = []
        for draft in drafts:
            known = _tags(draft.item.project.taxonomy_id)
            assert draft.parsed is not None  # noqa: S101 - a draft without a reason has a value
            proposed = [tag for tag in draft.parsed["tags"] if tag["code"] in known]
            tags += [_tag(draft, known[tag["code"]], tag) for tag in proposed]
            if proposed and draft.item.main_tag_id is None:
                best = max(proposed, key=lambda tag: tag["score"])
                draft.item.main_tag = known[best["code"]]
                mains.append(draft.item)
        ItemTag.objects.bulk_create(
            tags,
            update_conflicts=True,
            unique_fields=["item", "tag", "origin"],
            update_fields=["score", "explanation", "draft"],
        )
        Item.objects.bulk_update(mains, ["main_tag"])
        severe_tags.take_back(
            {tag.item_id for tag in tags if tag.tag.severity == severe_tags.SEVERE}
        )
        return {}


def taxonomy_block(version: TaxonomyVersion | int, language: str) -> str:
    """Return one line a tag, `code | name | definition`, in the language of the item."""
    suffix = "zh" if language == "zh" else "en"
    pk = version if isinstance(version, int) else version.pk
    return "\n".join(
        " | ".join(
            " ".join(cell.replace("|", "/").split())
            for cell in (
                tag.code,
                getattr(tag, f"name_{suffix}"),
                getattr(tag, f"definition_{suffix}"),
            )
        )
        for tag in _tags(pk).values()
    )


def _tags(version: int) -> dict[str, RiskTag]:
    return {tag.code: tag for tag in known_tags.of_version(version)}


def _tag(draft: Draft, tag: RiskTag, said: dict[str, Any]) -> ItemTag:
    return ItemTag(
        item=draft.item,
        tag=tag,
        origin=ItemTag.Origin.MODEL,
        score=said["score"],
        explanation=said["explanation"],
        draft=draft,
    )
