"""One charset: another one in a Content-Type would decide how an address and a form are read."""

from codecs import lookup

from django.utils.http import parse_header_parameters


def is_utf8(content_type: str) -> bool:
    """Say whether text of this type is UTF-8, which it is too where it does not say."""
    try:
        charset = parse_header_parameters(content_type)[1].get("charset", "utf-8")
        return lookup(charset).name == "utf-8"
    except (LookupError, TypeError, ValueError):
        return False
