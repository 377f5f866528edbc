"""The draft of a campaign's guideline, for curators."""

from functools import cached_property
from http import HTTPStatus
from typing import Any, NoReturn, cast

from django.contrib.auth.models import User
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from annotation import guideline_drafts
from annotation.guideline_drafts import Overtaken, Seen
from annotation.guidelines import LENGTH
from annotation.models import Campaign, GuidelineDraft
from api.assignments import DONE
from api.base import SLUG, ProjectView
from api.bodies import Body, Text, said
from api.preconditions import IF_MATCH, MISSING, STALE, etag_of, matched
from api.refusals import Told
from curation.models import Scope
from curation.permissions import Act

ID = OpenApiParameter("id", int, OpenApiParameter.PATH, description="The campaign.")


class GuidelineDraftSerializer(serializers.ModelSerializer[GuidelineDraft]):
    """The draft, or with version 0 the guideline in force, from which one would begin."""

    etag = serializers.SerializerMethodField()
    follows = serializers.IntegerField(source="campaign.guideline.number")
    saved_at = serializers.DateTimeField(allow_null=True)

    class Meta:
        model = GuidelineDraft
        fields = ["etag", "version", "follows", "text_en", "text_zh", "saved_at"]

    def get_etag(self, draft: GuidelineDraft) -> str:
        return etag_of(guideline_drafts.seen_of(draft))

    def to_representation(self, instance: GuidelineDraft) -> dict[str, Any]:
        if instance.pk is None:
            instance.saved_at = None  # the database would say when
        return dict(super().to_representation(instance))


class GuidelineDraftBody(Body):
    """Both texts as far as they have got."""

    text_en = Text(max_length=LENGTH, allow_blank=True)
    text_zh = Text(max_length=LENGTH, allow_blank=True)


class GuidelineDraftDetail(ProjectView[GuidelineDraft]):
    queryset = GuidelineDraft.objects.none()
    serializer_class: Any = GuidelineDraftSerializer
    http_method_names = ["get", "head", "put", "delete"]
    scope = Scope.CURATE
    act = Act.CURATE

    @cached_property
    def campaign(self) -> Campaign:
        campaigns = Campaign.objects.filter(project=self.project).select_related("project")
        found = campaigns.filter(pk=self.kwargs["id"]).first()
        if found is None:
            raise NotFound
        return found

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.campaign  # noqa: B018 - closed before anything else is looked at

    def answer(self, draft: GuidelineDraft) -> Response:
        shown = self.get_serializer(draft).data
        return Response(shown, headers={"ETag": shown["etag"]})

    def seen(self, request: Request) -> Seen:
        """Return what was seen; a tag that never was ours has seen nothing that stands."""
        return guideline_drafts.seen_in(matched(request)) or Seen(0, 0, 0)

    def tell(self, overtaken: Overtaken, **yours: str) -> NoReturn:
        now = self.get_serializer(overtaken.now).data
        raise Told(overtaken, yours=yours or None, now=now) from overtaken

    @extend_schema(parameters=[SLUG, ID])
    def get(self, request: Request, **kwargs: Any) -> Response:
        """The next version of a campaign's guideline as far as it is written."""
        return self.answer(guideline_drafts.standing(self.campaign))

    @extend_schema(
        parameters=[SLUG, ID, IF_MATCH],
        request=GuidelineDraftBody,
        responses={200: GuidelineDraftSerializer, 412: STALE, 428: MISSING},
    )
    def put(self, request: Request, **kwargs: Any) -> Response:
        """Save the draft over the one that was read, or begin it."""
        seen, body = self.seen(request), said(request, GuidelineDraftBody)
        try:
            saved = guideline_drafts.save(
                campaign=self.campaign, seen=seen, by=cast(User, request.user), **body
            )
        except Overtaken as overtaken:
            self.tell(overtaken, **body)
        return self.answer(saved)

    @extend_schema(parameters=[SLUG, ID, IF_MATCH], responses={204: DONE, 412: STALE, 428: MISSING})
    def delete(self, request: Request, **kwargs: Any) -> Response:
        """Throw the draft away that was read."""
        seen = self.seen(request)
        try:
            guideline_drafts.discard(campaign=self.campaign, seen=seen, by=cast(User, request.user))
        except Overtaken as overtaken:
            self.tell(overtaken)
        return Response(status=HTTPStatus.NO_CONTENT)
