"""Whether a text may be sexual content about children: in doubt it is, and a person decides.

A word for a child near a sexual word is enough; a text that means to protect is suspected as well.
Teaching about the body is not.
"""

import re
import unicodedata
from collections.abc import Iterable

from curation.models import RiskTag

NEAR = 80  # characters between a word for a child and a sexual word
# A taxonomy marks its tag for such content with one of these aliases.
MARKS = {"csae", "csam"}

_CHILD = (
    r"\b(?:child(?:ren)?|kids?|minors|under-?aged?|toddlers?|infants?|bab(?:y|ies)|pre-?teens?"
    r"|teen(?:s|agers?|aged?)?|juveniles?|school-?(?:girls?|boys?|children)|little\s+(?:girls?|boys?)"
    r"|(?:[1-9]|1[0-7])[\s-]*(?:years?|yrs?|y)[\s-]*(?:old|o)|lolis?|shotas?)\b"
    r"|儿童|兒童|未成年|幼女|幼童|男童|女童|孩子|小孩|婴儿|婴幼儿|小学生|中学生|初中生|小女孩|小男孩|少女|萝莉|正太"
    r"|(?<!\d)(?:[1-9]|1[0-7])\s*岁|(?<![一二三四五六七八九十百])(?:[一二三四五六七八九]|十[一二三四五六七]?)岁"
)
_SEXUAL = (
    r"\b(?:sexual(?:ly|i[sz]ed?|i[sz]ing)?|sext(?:s|ing)?|sexy|sex\s+(?:acts?|with|scenes?|videos?)"
    r"|(?:have|had|having)\s+sex|nudes?|nudity|naked|undress(?:ed|ing)?|porn\w*|erotic\w*|lewd"
    r"|molest\w*|fetish\w*|intimate\s+(?:photos?|images?|pictures?|videos?))\b"
    r"|性行为|性交|性爱|性侵|性关系|性暗示|性化|色情|情色|裸照|裸体|全裸|赤裸|淫秽|猥亵|私密照"
)
# Every sexual word has one of these in it; most texts have none, and are done with at once.
_STEMS = (
    *("sex", "nud", "naked", "undress", "porn", "erotic", "lewd", "molest", "fetish", "intimate"),
    *("性", "色", "裸", "淫", "猥", "私密"),
)
_TEACHING = re.compile(r"\bsex(?:ual(?:ity)?)?\s+education\b|性教育")
_HIDDEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_FIRST = re.compile(_CHILD, re.IGNORECASE)
_SECOND = re.compile(_SEXUAL, re.IGNORECASE)


def in_text(text: str) -> bool:
    """Say whether the text must be kept from everybody until a person has decided."""
    plain = unicodedata.normalize("NFKC", _HIDDEN.sub("", text)).lower()
    if not any(stem in plain for stem in _STEMS):
        return False
    plain = _TEACHING.sub("", plain)
    return any(
        _SECOND.search(plain, max(0, child.start() - NEAR), child.end() + NEAR)
        for child in _FIRST.finditer(plain)
    )


def in_tags(tags: Iterable[RiskTag]) -> bool:
    """Say whether one of the tags is the taxonomy's own for such content."""
    return any(alias.lower() in MARKS for tag in tags for alias in tag.aliases)
