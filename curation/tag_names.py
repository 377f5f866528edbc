"""Finding the risk tag that somebody else's name for it means."""

import re

from django.utils.translation import gettext as _

from curation.models import RiskTag, TaxonomyVersion
from curation.text import normal_form


class TagNames:
    """Knows the tags of a taxonomy version by code, by name in either language, and by alias.

    Case, spaces, underscores and hyphens make no difference. Where two tags share a name, only
    the exact code will do.
    """

    def __init__(self, version: TaxonomyVersion) -> None:
        self.taxonomy = version.name
        tags = list(version.tags.order_by("position"))
        self.dimensions = [tag.name_en for tag in tags if tag.level == 1]
        self.by_code = {tag.code: tag for tag in tags}
        self.codes: dict[str, set[str]] = {}
        for tag in tags:
            for name in (tag.code, tag.name_en, tag.name_zh, *tag.aliases):
                self.codes.setdefault(folded(name), set()).add(tag.code)

    def find(self, name: str) -> RiskTag | None:
        """Return the tag, or None where no tag or more than one has the name."""
        if name in self.by_code:
            return self.by_code[name]
        codes = self.codes.get(folded(name), set())
        return self.by_code[next(iter(codes))] if len(codes) == 1 else None

    def complaint(self, name: str) -> str:
        """Say why the name was not found, and what is known."""
        if codes := self.codes.get(folded(name)):
            return _("“%(name)s” may mean %(codes)s: write the code.") % {
                "name": name,
                "codes": ", ".join(sorted(codes)),
            }
        return _("“%(name)s” is not in the taxonomy %(taxonomy)s, which knows: %(known)s.") % {
            "name": name,
            "taxonomy": self.taxonomy,
            "known": "; ".join(self.dimensions),
        }


def folded(name: str) -> str:
    """Return the name without case, spaces, underscores and hyphens."""
    return re.sub(r"[\s_-]+", "", normal_form(name))
