"""Every address of the site, from the resolver itself: a test that walks them forgets none."""

import re
from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver


def every(
    resolver: URLResolver | None = None, before: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    """Yield (route, pattern) of each address."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from every(pattern, route)
        else:
            yield route, pattern


def pages() -> dict[str, list[str]]:
    """Return what the addresses that are not the API's are made of, by name."""
    return {p.name: _arguments(route) for route, p in every() if not route.startswith("api/")}


def of_api() -> dict[str, list[str]]:
    """Return what the addresses of the API are made of, by name."""
    return {p.name: _arguments(route) for route, p in every() if route.startswith("api/")}


def _arguments(route: str) -> list[str]:
    return re.findall(r"<(?:\w+:)?(\w+)>", route)
