"""The draft of a project's taxonomy as a whole, and the version a project uses, for curators."""

from http import HTTPStatus
from typing import Any, NoReturn, cast

from django.contrib.auth.models import User
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from api.assignments import DONE
from api.base import SLUG, ProjectView
from api.bodies import Body, Nothing, an_id, said
from api.preconditions import IF_MATCH, MISSING, STALE, etag_of, matched
from api.refusals import Told
from curation import taxonomy_drafts, taxonomy_use
from curation.models import Scope, TagDraft, TaxonomyDraft, TaxonomyVersion
from curation.permissions import Act
from curation.taxonomy_drafts import NoDraft, Overtaken, Seen, in_order, seen_in, seen_of

NO = OpenApiResponse(description="Refused, and why.")
NONE = OpenApiResponse(description="No draft is open.")


class VersionSerializer(serializers.ModelSerializer[TaxonomyVersion]):
    class Meta:
        model = TaxonomyVersion
        fields = ["name", "number"]


class TagDraftSerializer(serializers.ModelSerializer[TagDraft]):
    """A tag of the draft. `fresh` says that no published version has it yet."""

    etag = serializers.SerializerMethodField()
    parent = serializers.CharField(source="above")  # type: ignore[assignment] # Field has one

    class Meta:
        model = TagDraft
        fields = [
            "code",
            "etag",
            "version",
            "parent",
            "fresh",
            "name_en",
            "name_zh",
            "definition_en",
            "definition_zh",
            "aliases",
            "severity",
            "saved_at",
        ]

    def get_etag(self, tag: TagDraft) -> str:
        return etag_of(seen_of(tag))


class TaxonomyDraftSerializer(serializers.ModelSerializer[TaxonomyDraft]):
    """The whole draft: its ETag changes with every change of any tag."""

    etag = serializers.SerializerMethodField()
    follows = VersionSerializer()
    tags = serializers.SerializerMethodField()

    class Meta:
        model = TaxonomyDraft
        fields = ["etag", "version", "follows", "opened_at", "tags"]

    def get_etag(self, draft: TaxonomyDraft) -> str:
        return etag_of(seen_of(draft))

    @extend_schema(responses=TagDraftSerializer(many=True))
    def get_tags(self, draft: TaxonomyDraft) -> list[dict[str, Any]]:
        return list(TagDraftSerializer(in_order(draft), many=True).data)


class UseBody(Body):
    """Which version the project should use."""

    number = an_id()


class CuratorView(ProjectView[Any]):
    queryset: Any = TaxonomyDraft.objects.none()
    serializer_class: Any = TaxonomyDraftSerializer
    scope = Scope.CURATE
    act = Act.CURATE

    @property
    def user(self) -> User:
        return cast(User, self.request.user)

    def seen(self, request: Request) -> Seen:
        """Return what was seen; a tag that never was ours has seen nothing that stands."""
        return seen_in(matched(request)) or Seen(0, 0)

    def answer(self, row: Any, status: int = HTTPStatus.OK) -> Response:
        shown = self.get_serializer(row).data
        return Response(shown, status=status, headers={"ETag": shown["etag"]})

    def tell(self, overtaken: Overtaken, **yours: Any) -> NoReturn:
        now = self.get_serializer(overtaken.now).data if overtaken.now else None
        raise Told(overtaken, yours=yours or None, now=now) from overtaken


class TaxonomyDraftDetail(CuratorView):
    http_method_names = ["get", "head", "post", "delete"]

    @extend_schema(parameters=[SLUG], responses={200: TaxonomyDraftSerializer, 404: NONE})
    def get(self, request: Request, **kwargs: Any) -> Response:
        """The next version of the project's taxonomy as far as it is written."""
        draft = taxonomy_drafts.standing(self.project)
        if draft is None:
            raise NotFound
        return self.answer(draft)

    @extend_schema(
        parameters=[SLUG], request=Nothing, responses={201: TaxonomyDraftSerializer, 409: NO}
    )
    def post(self, request: Request, **kwargs: Any) -> Response:
        """Open a draft: a copy of the version the project uses."""
        said(request, Nothing)
        made = taxonomy_drafts.begin(project=self.project, by=self.user)
        made.refresh_from_db()
        return self.answer(made, HTTPStatus.CREATED)

    @extend_schema(
        parameters=[SLUG, IF_MATCH], responses={204: DONE, 404: NONE, 412: STALE, 428: MISSING}
    )
    def delete(self, request: Request, **kwargs: Any) -> Response:
        """Throw the draft away that was read."""
        seen = self.seen(request)
        try:
            taxonomy_drafts.discard(project=self.project, seen=seen, by=self.user)
        except Overtaken as overtaken:
            self.tell(overtaken)
        except NoDraft as none:
            raise NotFound from none
        return Response(status=HTTPStatus.NO_CONTENT)


class TaxonomyDraftPublish(CuratorView):
    http_method_names = ["post"]

    @extend_schema(
        parameters=[SLUG, IF_MATCH],
        request=Nothing,
        responses={201: VersionSerializer, 404: NONE, 409: NO, 412: STALE, 428: MISSING},
    )
    def post(self, request: Request, **kwargs: Any) -> Response:
        """Publish the draft that was read; the project does not use it yet."""
        seen = self.seen(request)
        said(request, Nothing)
        try:
            made = taxonomy_drafts.publish(project=self.project, seen=seen, by=self.user)
        except Overtaken as overtaken:
            self.tell(overtaken)
        except NoDraft as none:
            raise NotFound from none
        return Response(VersionSerializer(made).data, status=HTTPStatus.CREATED)


class TaxonomyUse(CuratorView):
    http_method_names = ["post"]

    @extend_schema(parameters=[SLUG], request=UseBody, responses={200: VersionSerializer, 409: NO})
    def post(self, request: Request, **kwargs: Any) -> Response:
        """Let the project use a version; the tags of its items follow by their codes."""
        number = said(request, UseBody)["number"]
        version = taxonomy_use.use(project=self.project, number=number, by=self.user)
        return Response(VersionSerializer(version).data)
