"""What a token opens. What its user may see is decided by their role, as on the pages."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from curation.models import Token


class HasScope(BasePermission):
    """The token carries the scope of the view; a view with scope None opens to any token."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not isinstance(request.auth, Token):
            return False
        scope = view.scope  # a view that forgot it fails closed
        self.message = _("This token does not carry the scope “%(scope)s”.") % {"scope": scope}
        return scope is None or scope in request.auth.scopes
