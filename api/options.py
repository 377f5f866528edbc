"""Correcting an option. Its id is its ETag: a text is never edited, only followed."""

from functools import cached_property
from typing import Any, cast

from django.contrib.auth.models import User
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from annotation import corrections
from annotation.corrections import Overtaken
from api.base import SLUG, ProjectView
from api.bodies import Body, Text, said
from api.items import OptionSerializer
from api.preconditions import IF_MATCH, MISSING, STALE, etag_of, matched
from api.refusals import Told
from curation.models import Option, Scope
from curation.models.base import OPTION_LENGTH
from curation.permissions import Act

UID = OpenApiParameter("uid", str, OpenApiParameter.PATH, description="The item.")
ID = OpenApiParameter("id", int, OpenApiParameter.PATH, description="The option.")
REFUSED = OpenApiResponse(description="Refused: it is decided, or somebody is working on it.")


class CorrectionBody(Body):
    """What an option should say."""

    text = Text(max_length=OPTION_LENGTH)


class OptionDetail(ProjectView[Option]):
    """One option of an item, whatever became of it."""

    queryset = Option.objects.none()
    serializer_class: Any = OptionSerializer
    http_method_names = ["get", "head", "patch"]
    scope = Scope.CURATE
    act = Act.CURATE

    def rows(self) -> QuerySet[Option]:
        items = self.project.items.shown().filter(uid=self.kwargs["uid"])
        return Option.objects.filter(item__in=items)

    @cached_property
    def option(self) -> Option:
        found = self.rows().filter(pk=self.kwargs["id"]).first()
        if found is None:
            raise NotFound
        return found

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.option  # noqa: B018 - closed before anything else is looked at

    def answer(self, option: Option) -> Response:
        return Response(self.get_serializer(option).data, headers={"ETag": etag_of(option.pk)})

    @extend_schema(parameters=[SLUG, UID, ID])
    def get(self, request: Request, **kwargs: Any) -> Response:
        """One option as it stands."""
        return self.answer(self.option)

    @extend_schema(
        parameters=[SLUG, UID, ID, IF_MATCH],
        request=CorrectionBody,
        responses={200: OptionSerializer, 409: REFUSED, 412: STALE, 428: MISSING},
    )
    def patch(self, request: Request, **kwargs: Any) -> Response:
        """Follow the option by a corrected text, which is a new option that others sign."""
        seen = matched(request)
        text = said(request, CorrectionBody)["text"]
        try:
            if seen != str(self.option.pk):
                live = self.option.status in Option.LIVE
                raise Overtaken(self.option if live else corrections.instead_of(self.option))
            made = corrections.correct(option=self.option, text=text, by=cast(User, request.user))
        except Overtaken as overtaken:
            now = self.get_serializer(overtaken.now).data if overtaken.now else None
            raise Told(overtaken, yours={"text": text}, now=now) from overtaken
        return self.answer(made)
