"""What every view of the API shares."""

from functools import cached_property
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request

from annotation import workers
from annotation.models import Worker
from api.pagination import ORDER, Cursor
from curation.models import Project, Scope
from curation.permissions import Act, may

Row = TypeVar("Row", bound=Model)
PAGING = {"cursor", "page_size", ORDER}
SLUG = OpenApiParameter("slug", str, OpenApiParameter.PATH, description="The project.")
NUMBER = OpenApiParameter("number", int, OpenApiParameter.PATH, description="The release.")


def ordered_by(*words: str) -> OpenApiParameter:
    """Describe the orderings of a list."""
    return OpenApiParameter(ORDER, str, enum=list(words), default=words[0])


class ReadView(GenericAPIView[Row]):
    """Reads only, and refuses a parameter it does not know or gets twice."""

    scope: Scope | None = None
    http_method_names = ["get", "head"]
    pagination_class = Cursor
    orderings: dict[str, tuple[str, ...]] = {}
    parameters: frozenset[str] = frozenset()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        filters = getattr(self, "filterset_class", None)
        known = self.parameters | (PAGING if self.orderings else set())
        known |= set(filters.base_filters) if filters else set()
        faults = {
            name: [_("There is no such parameter.") if name not in known else _("Given twice.")]
            for name, values in request.query_params.lists()
            if name not in known or len(values) > 1
        }
        if faults:
            raise ValidationError(faults)


class ProjectView(ReadView[Row]):
    """Reads of one project. Who may not do its act there finds nothing."""

    act: Act

    @cached_property
    def project(self) -> Project:
        found = Project.objects.select_related("taxonomy").filter(slug=self.kwargs["slug"]).first()
        if found is None or not may(self.request.user, self.act, found):
            raise NotFound
        return found

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.project  # noqa: B018 - closed before anything else is looked at

    def get_queryset(self) -> QuerySet[Row]:
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        return self.rows()

    def rows(self) -> QuerySet[Row]:
        """Return what the list is of, in the project."""
        raise NotImplementedError


class ByWorker:
    """What a view of people's work asks for: the pseudonym of the token's user."""

    request: Any

    @cached_property
    def worker(self) -> Worker:
        return workers.of(self.request.user)
