"""Who asks: the bearer of a token, never a session."""

from django.contrib.auth.models import User
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, ParseError
from rest_framework.request import Request

from curation import tokens
from curation.models import Token

# Addresses end up in logs and histories.
NEVER_IN_AN_ADDRESS = {"token", "access_token", "api_key"}


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer ts_…`"""

    def authenticate(self, request: Request) -> tuple[User, Token] | None:
        if NEVER_IN_AN_ADDRESS & set(request.query_params):
            raise ParseError(
                _("A token goes into the Authorization header, never into an address.")
            )
        scheme, _space, text = request.headers.get("Authorization", "").partition(" ")
        if not scheme:
            return None
        token = tokens.find(text.strip()) if scheme.lower() == "bearer" else None
        if token is None:
            raise AuthenticationFailed(_("This token is not in force."))
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="touchstone"'
