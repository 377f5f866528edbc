"""Every address of the site, from the resolver itself: a test that walks them forgets none."""

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


def pages() -> dict[str, URLPattern]:
    """Return the addresses that are not the API's, by name."""
    return {pattern.name: pattern for route, pattern in every() if not route.startswith("api/")}


def of_api() -> dict[str, URLPattern]:
    """Return the addresses of the API by name."""
    return {pattern.name: pattern for route, pattern in every() if route.startswith("api/")}
