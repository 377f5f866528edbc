"""The door for web servers."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

from curation.charsets import is_utf8

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
UNREADABLE = "text/plain; charset=unreadable"


def only_utf8(application: Application) -> Application:
    """Put a type that Django can read in the place of one that it would break off at.

    Requests are built before any middleware; `config.middleware.utf8_only` then refuses this one.
    """

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not is_utf8(environ.get("CONTENT_TYPE", "")):
            environ["CONTENT_TYPE"] = UNREADABLE
        return application(environ, start_response)

    return answer


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = only_utf8(get_wsgi_application())
