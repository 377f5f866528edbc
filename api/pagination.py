"""Pages by cursor: stable while rows are added, and as quick at the end as at the start."""

from typing import Any

from django.core.exceptions import ValidationError as InvalidValue
from django.db import DataError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.views import APIView

ORDER = "ordering"


class Cursor(CursorPagination):
    """`?cursor=`, `?page_size=` up to 500, and `?ordering=` among the view's `orderings`.

    `orderings` maps each word to the fields it stands for, which are unique together; the first
    one is the default.
    """

    page_size = 100
    max_page_size = 500
    page_size_query_param = "page_size"

    def get_page_size(self, request: Request) -> int:
        asked = request.query_params.get("page_size", str(self.page_size))
        if not asked.isascii() or not asked.isdecimal() or not 1 <= len(asked) <= 4:
            raise ValidationError({"page_size": [_("A number is expected.")]})
        if not 1 <= int(asked) <= self.max_page_size:
            raise ValidationError(
                {
                    "page_size": [
                        _("At least 1 and at most %(most)s.") % {"most": self.max_page_size}
                    ]
                }
            )
        return int(asked)

    def get_ordering(
        self, request: Request, queryset: QuerySet[Any], view: APIView
    ) -> tuple[str, ...]:
        orderings: dict[str, tuple[str, ...]] = view.orderings  # type: ignore[attr-defined]
        asked = request.query_params.get(ORDER, next(iter(orderings)))
        if asked not in orderings:
            raise ValidationError(
                {ORDER: [_("One of: %(names)s.") % {"names": ", ".join(orderings)}]}
            )
        return orderings[asked]

    def paginate_queryset(
        self, queryset: Any, request: Request, view: APIView | None = None
    ) -> list[Any] | None:
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValueError, InvalidValue, DataError) as error:
            raise NotFound(_("There is no such page.")) from error
