"""What the process tells about itself when something goes wrong, without any secret."""

import os
from collections.abc import ItemsView, Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from django.utils.safestring import SafeString
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from curation import redaction


def guard() -> None:
    """Hide the secrets of this installation in all that is logged and reported from now on."""
    redaction.install()
    for secret in _configured():
        redaction.remember(secret)


def _configured() -> Iterator[str]:
    yield settings.SECRET_KEY
    yield from map(str, settings.SECRET_KEY_FALLBACKS)
    yield from settings.MASTER_KEYS
    yield os.environ.get("TOUCHSTONE_CURATOR_PASSWORD", "")
    for url in (settings.DATABASE_URL, settings.DATABASE_OWNER_URL, settings.CELERY_BROKER_URL):
        password = urlsplit(url).password or ""
        yield from (password, unquote(password))


class Filter(SafeExceptionReporterFilter):
    """Hides what is typed into a field for a key, and whatever holds a secret, in DEBUG too."""

    def get_post_parameters(self, request: HttpRequest | None) -> Any:
        typed = super().get_post_parameters(request)
        return self.get_cleansed_multivaluedict(request, typed) if request else typed

    def get_cleansed_multivaluedict(self, request: HttpRequest | None, multivaluedict: Any) -> Any:
        """Return it without secrets, also in a report of a request that marked none as such."""
        cleansed: MultiValueDict[str, Any] = MultiValueDict()
        for name, values in multivaluedict.lists():
            cleansed.setlist(name, [self.cleanse_setting(name, value) for value in values])
        return cleansed

    def get_traceback_frame_variables(
        self, request: HttpRequest | None, tb_frame: Any
    ) -> ItemsView[str, Any]:
        found = super().get_traceback_frame_variables(request, tb_frame)
        return {name: self._shown(name, value) for name, value in found}.items()

    def _shown(self, name: str, value: Any) -> Any:
        value = self.cleanse_setting(name, value)
        try:
            # Here and not on the whole page, for a long value is broken into lines there.
            words = repr(value)
        except Exception:  # the report says so itself
            return value
        return value if redaction.hidden(words) == words else self.cleansed_substitute


class Reporter(ExceptionReporter):
    """Says what Django says, and hides secrets in the words of exceptions too."""

    def get_traceback_html(self) -> SafeString:
        return SafeString(redaction.hidden(super().get_traceback_html()))

    def get_traceback_text(self) -> SafeString:
        return SafeString(redaction.hidden(super().get_traceback_text()))
