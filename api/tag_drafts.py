"""The tags of a taxonomy's draft, each edited by who has seen what stands."""

from functools import cached_property
from http import HTTPStatus
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from api.assignments import DONE
from api.base import SLUG
from api.bodies import Body, Number, Text, said
from api.preconditions import IF_MATCH, MISSING, STALE
from api.taxonomy_drafts import NO, NONE, CuratorView, TagDraftSerializer
from curation import taxonomy_drafts
from curation.models import TagDraft
from curation.models.base import NAME_LENGTH, NOTE_LENGTH
from curation.models.taxonomy import CODE_LENGTH
from curation.tag_words import HIGHEST, MOST_ALIASES, TagWords
from curation.taxonomy_drafts import NoDraft, Overtaken, Seen

CODE = OpenApiParameter("code", str, OpenApiParameter.PATH, description="The tag, such as CI.dc.")


class TagBody(Body):
    """Everything a tag says."""

    name_en = Text(max_length=NAME_LENGTH)
    name_zh = Text(max_length=NAME_LENGTH)
    definition_en = Text(max_length=NOTE_LENGTH, allow_blank=True)
    definition_zh = Text(max_length=NOTE_LENGTH, allow_blank=True)
    aliases = serializers.ListField(child=Text(max_length=NAME_LENGTH), max_length=MOST_ALIASES)
    severity = Number(min_value=0, max_value=HIGHEST)


class NewTagBody(TagBody):
    """A tag to add: under `parent`, or a dimension; `code` is its own part of the code."""

    parent = Text(max_length=CODE_LENGTH, allow_blank=True)  # type: ignore[assignment]
    code = Text(max_length=CODE_LENGTH)


def words_in(body: dict[str, Any]) -> TagWords:
    said = {name: body[name] for name in TagWords._fields}
    return TagWords(**said | {"aliases": tuple(body["aliases"])})


class TagDraftList(CuratorView):
    queryset: Any = TagDraft.objects.none()
    serializer_class: Any = TagDraftSerializer
    http_method_names = ["post"]

    @extend_schema(
        parameters=[SLUG],
        request=NewTagBody,
        responses={201: TagDraftSerializer, 404: NONE, 409: NO},
    )
    def post(self, request: Request, **kwargs: Any) -> Response:
        """Add a tag to the draft."""
        body = said(request, NewTagBody)
        try:
            made = taxonomy_drafts.add(
                project=self.project,
                parent=body["parent"],
                name=body["code"],
                words=words_in(body),
                by=self.user,
            )
        except NoDraft as none:
            raise NotFound from none
        made.refresh_from_db()
        return self.answer(made, HTTPStatus.CREATED)


class TagDraftDetail(CuratorView):
    queryset: Any = TagDraft.objects.none()
    serializer_class: Any = TagDraftSerializer
    http_method_names = ["get", "head", "put", "delete"]

    @cached_property
    def tag(self) -> TagDraft:
        drafted = TagDraft.objects.filter(draft__project=self.project)
        found = drafted.filter(code=self.kwargs["code"]).first()
        if found is None:
            raise NotFound
        return found

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.tag  # noqa: B018 - closed before anything else is looked at

    def seen(self, request: Request) -> Seen:
        """Return what was seen of this tag; the ETag of another one has seen nothing of it."""
        seen = super().seen(request)
        return seen if seen.row == self.tag.pk else Seen(self.tag.pk, 0)

    @extend_schema(parameters=[SLUG, CODE], responses={200: TagDraftSerializer, 404: NONE})
    def get(self, request: Request, **kwargs: Any) -> Response:
        """One tag of the draft as it stands."""
        return self.answer(self.tag)

    @extend_schema(
        parameters=[SLUG, CODE, IF_MATCH],
        request=TagBody,
        responses={200: TagDraftSerializer, 404: NONE, 412: STALE, 428: MISSING},
    )
    def put(self, request: Request, **kwargs: Any) -> Response:
        """Save what a tag says over what was read."""
        seen, body = self.seen(request), said(request, TagBody)
        try:
            saved = taxonomy_drafts.save(
                project=self.project, seen=seen, words=words_in(body), by=self.user
            )
        except Overtaken as overtaken:
            self.tell(overtaken, **body)
        except NoDraft:
            self.tell(Overtaken(None), **body)
        return self.answer(saved)

    @extend_schema(
        parameters=[SLUG, CODE, IF_MATCH],
        responses={204: DONE, 404: NONE, 409: NO, 412: STALE, 428: MISSING},
    )
    def delete(self, request: Request, **kwargs: Any) -> Response:
        """Take a tag out again that was added in this draft."""
        seen = self.seen(request)
        try:
            taxonomy_drafts.remove(project=self.project, seen=seen, by=self.user)
        except Overtaken as overtaken:
            self.tell(overtaken)
        except NoDraft as none:
            raise NotFound from none
        return Response(status=HTTPStatus.NO_CONTENT)
