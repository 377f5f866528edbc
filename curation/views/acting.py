"""Who acts in a request."""

from typing import cast

from django.contrib.auth.models import User
from django.http import HttpRequest


def who(request: HttpRequest) -> User:
    """Return the user; behind the door of a project there is one."""
    return cast(User, request.user)
