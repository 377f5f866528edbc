"""Moments as people read them: in the zone of the site, which is named.

`static/js/times.js` puts every `<time data-show>` into the reader's own zone.
"""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _


def clock(moment: datetime | None, *, seconds: bool = False) -> str:
    """Word the time of day, with its date unless that is today."""
    if moment is None:
        return "–"
    local = timezone.localtime(moment)
    if local.date() != timezone.localdate():
        return in_full(moment)
    return f"{date_format(local, 'H:i:s' if seconds else 'H:i')} {local.tzname()}"


def in_full(moment: datetime) -> str:
    """Word the date and the time of day."""
    local = timezone.localtime(moment)
    # Translators: letters of Django's date format, such as j M Y, H:i
    return f"{date_format(local, _('j M Y, H:i'))} {local.tzname()}"


def element(moment: datetime, words: str, *, show: str, title: str = "") -> SafeString:
    """Return a `<time>`; `show` tells the script what it holds: clock, seconds, full or ago."""
    return format_html(
        '<time datetime="{}" data-show="{}"{}>{}</time>',
        moment.isoformat(timespec="seconds"),
        show,
        format_html(' title="{}"', title) if title else "",
        words,
    )
