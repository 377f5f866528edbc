"""What every page knows."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """Give templates the languages of the switch, each under its own name."""
    return {"site_languages": settings.LANGUAGES}
