"""Releases: what they hold, their rows, and their files to the byte."""

import json
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.reverse import reverse

from api.base import NUMBER, SLUG, ProjectView, ordered_by
from curation import downloads, release_files
from curation.exporting import MCQ
from curation.models import Release, ReleaseRow, Scope
from curation.permissions import Act


class ReleaseSerializer(serializers.ModelSerializer[Release]):
    """A release without its rows."""

    release = serializers.SerializerMethodField()
    parent = serializers.SlugRelatedField[Any]("number", read_only=True)  # type: ignore[assignment]

    class Meta:
        model = Release
        fields = [
            "release",
            "number",
            "parent",
            "note",
            "counts",
            "manifest_sha256",
            "content_sha256",
            "created_at",
        ]

    def get_release(self, release: Release) -> str:
        return str(release)


class FileSerializer(serializers.Serializer[Any]):
    """A file of a release and where its bytes are."""

    name = serializers.CharField()
    rows = serializers.IntegerField(allow_null=True)
    bytes = serializers.IntegerField(source="size")
    sha256 = serializers.CharField()
    url = serializers.SerializerMethodField()

    def get_url(self, file: release_files.ReleaseFile) -> str:
        release = file.release
        return reverse(
            "api-release-file",
            args=[release.project.slug, release.number, file.name],
            request=self.context["request"],
        )


class WholeReleaseSerializer(ReleaseSerializer):
    """A release with its manifest and its files."""

    manifest = serializers.SerializerMethodField()
    files = serializers.SerializerMethodField()

    class Meta(ReleaseSerializer.Meta):
        fields = [*ReleaseSerializer.Meta.fields, "manifest", "files"]

    def get_manifest(self, release: Release) -> dict[str, Any]:
        manifest: dict[str, Any] = json.loads(release.manifest)
        return manifest

    @extend_schema_field(FileSerializer(many=True))
    def get_files(self, release: Release) -> Any:
        return FileSerializer(release_files.files(release), many=True, context=self.context).data


class ReleaseView(ProjectView[Release]):
    queryset = Release.objects.none()
    serializer_class = ReleaseSerializer
    scope = Scope.EXPORT_READ
    act = Act.READ

    def rows(self) -> QuerySet[Release]:
        return self.project.releases.select_related("parent", "project")


@extend_schema(parameters=[SLUG, ordered_by("-number", "number")])
class ReleaseList(ReleaseView, ListAPIView[Release]):
    """The releases of a project."""

    orderings = {"-number": ("-number",), "number": ("number",)}


@extend_schema(parameters=[SLUG, NUMBER])
class ReleaseDetail(ReleaseView, RetrieveAPIView[Release]):
    """A release with its manifest and where its files are."""

    serializer_class = WholeReleaseSerializer
    lookup_field = "number"


class OfRelease(ProjectView[ReleaseRow]):
    """What is below one release."""

    queryset = ReleaseRow.objects.none()
    scope = Scope.EXPORT_READ
    act = Act.READ

    @cached_property
    def release(self) -> Release:
        release = self.project.releases.filter(number=self.kwargs["number"]).first()
        if release is None:
            raise NotFound
        return release


class RowSerializer(serializers.Serializer[ReleaseRow]):
    """A row exactly as the file holds it; its keys are those of the file."""

    def to_representation(self, row: ReleaseRow) -> dict[str, Any]:
        values: dict[str, Any] = json.loads(row.line)
        return values


@extend_schema(
    parameters=[
        SLUG,
        NUMBER,
        ordered_by("position"),
        OpenApiParameter("file", str, default=MCQ, description="A file of the release."),
    ],
    responses=serializers.ListSerializer(child=serializers.DictField()),
)
class RowList(OfRelease, ListAPIView[ReleaseRow]):
    """The rows of one file of a release, in the order of the file."""

    serializer_class = RowSerializer
    orderings = {"position": ("position",)}
    parameters = frozenset({"file"})

    def rows(self) -> QuerySet[ReleaseRow]:
        name = self.request.query_params.get("file", MCQ)
        file = release_files.file(self.release, name)
        if file is None or file.rows is None:
            raise ValidationError({"file": [_("The release has no rows of this file.")]})
        return self.release.rows.filter(file=name)


class AnyType(BaseContentNegotiation):
    """A file has one form: whoever asks for it gets that."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        return renderers[0], renderers[0].media_type


class ReleaseFileView(OfRelease):
    """The files of a release."""

    serializer_class = RowSerializer
    content_negotiation_class = AnyType

    @extend_schema(
        operation_id="v1_projects_releases_file",
        parameters=[
            SLUG,
            NUMBER,
            OpenApiParameter("name", str, OpenApiParameter.PATH, description="Such as mcq.jsonl."),
        ],
        responses={(200, "application/x-ndjson"): OpenApiTypes.BINARY, 304: None},
    )
    def get(self, request: Request, **kwargs: Any) -> HttpResponseBase:
        """A file of a release, exactly as exported. Its ETag is its sha256."""
        file = release_files.file(self.release, kwargs["name"])
        if file is None:
            raise NotFound
        plain: HttpRequest = request._request
        return downloads.download(plain, file)
