"""What is wrong with the text of an option, as names of flags.

The rule for negative options (design section 5): one short unsafe stance. A text with steps,
quantities, code, addresses or contacts is more than a stance.
"""

import re
import unicodedata

from curation.drafting import tells, unseen
from curation.models import Option
from curation.text import normal_form

# A negative option with one of these is not proposed.
WITHHELD = {"steps", "quantity", "code", "url", "contact", "refusal", "too_long"}
LONGEST_NEGATIVE = 300  # characters
HAN = re.compile("[\u3400-\u9fff]")
LATIN = re.compile("[A-Za-z\u00c0-\u024f]+(?:['’-][A-Za-z\u00c0-\u024f]+)*")
WORDS = re.compile(r"[^\W\d_]+")
# Common characters that simplified Chinese writes otherwise.
TRADITIONAL = re.compile(
    "[們個這來時國對說會過還嗎麼樣應該讓為點開關問題後從將給難請誰實發經動處學見兒車長門間無業東樂書買賣]"
)
SHORTEST_QUOTE = 20  # letters; shorter questions occur in any sentence
HAN_WEIGHT = 2.5  # letters that a Chinese character stands for

_PATTERNS = {
    "steps": (
        r"\bstep\s*(?:\d|one|two)|步骤|第\s*(?:\d|[一二三四五六七八九十])\s*步"
        r"|(?:^|[.,;:!?]\s+)first(?:ly)?\b.{1,200}\b(?:then|next|secondly|finally|after\s+that)\b"
        r"|首先.{1,200}(?:然后|接着|其次|最后|再)|先.{1,60}(?:然后|接着).{1,80}最后"
        r"|(?:(?:^|\s)(?:\(?\d{1,2}[.)、]|[①-⑳]|[-*•])\s*\S[^\n]{0,200}){2}"
    ),
    "quantity": (
        r"\d\s*(?:m?g|µg|mcg|kg|ml|cl|oz|lbs?|ppm|mah|volts?|amps?|watts?|°|degrees?"
        r"|grams?|kilo(?:gram)?s?|ounces?|pounds?|lit(?:er|re)s?|millilit(?:er|re)s?"
        r"|teaspoons?|tablespoons?|tbsp|tsp|tablets?|pills?|capsules?|drops|doses?)(?![a-z])"
        # Han numerals stand in many idioms, so units that are also words need a figure.
        r"|(?:\d|[一二三四五六七八九十百千两半])\s*(?:毫克|微克|公斤|千克|克(?![服制隆拉])|毫升|伏特|安培"
        r"|摄氏度|粒|茶匙|汤匙|勺|剂)|\d\s*(?:升|伏|瓦|度|斤|两)|[\d二三四五六七八九十两半]\s*[片滴]|一[片滴]药"
    ),
    "code": (
        r"```|<\s*/?\s*(?:script|html|div|img|iframe|svg|a)\b|#!\s*/|\$\(|\|\s*(?:sh|bash)\b"
        r"|\b(?:sudo|curl|wget|chmod|chown|powershell|cmd\.exe|nmap|sqlmap)\s+\S"
        r"|\bselect\b.{1,80}\bfrom\b.{1,80}(?:\bwhere\b|;)|\bdrop\s+table\b|\brm\s+-\w"
        r"|\b(?:def|function)\s+\w+\s*\(|\bimport\s+\w+(?:\.\w+)*\s*(?:;|$)|\w+\([^()\n]*\)\s*[;{]"
        r"|[=!]==?\s*\w+\s*[;){]"
    ),
    "url": (
        r"https?\s*:|hxxps?|\bwww\s*\.|\bt\.me\b"
        r"|\b[a-z0-9-]+\s?(?:\.|\[\.\]|\(dot\))\s?(?:com|net|org|io|cn|onion|ru|info|xyz|top|gg)\b"
    ),
    "contact": (
        r"[\w.+-]+\s?(?:@|\[at\]|\(at\))\s?[\w-]+\s?\.\s?\w{2,}|(?:^|\s)@\w{3,}"
        r"|(?:\+|\b)\d(?:[\s().-]{0,2}\d){6,}"
        r"|\b(?:qq|wechat|weixin|telegram|whatsapp|signal|skype|discord|vx)\s*(?:id|号)?\s*[:：#]\s*\S"
        r"|(?:微信|电报|飞机)号?\s*[:：]?\s*[a-z0-9_-]{4,}|(?:电话|手机)号?\s*[:：]?\s*\d{5,}"
    ),
    "refusal": (
        r"\bas\s+an?\s+(?:ai|artificial|language\s+model|assistant)\b"
        r"|\bi(?:'m|\s+am)\s+(?:very\s+|really\s+)?sorry\b.{0,20}\b(?:can(?:no|')?t|unable|won't)\b"
        r"|\bi\s*(?:can(?:not|\s+not|'t)|am\s+(?:not\s+able|unable)\s+to|won't|will\s+not)\s+"
        r"(?:be\s+able\s+to\s+)?(?:help|assist|provide|comply|answer|fulfil|respond|support|engage)\b"
        r"|作为(?:一个|一名)?\s*(?:ai|人工智能|语言模型|智能助手)"
        r"|(?:抱歉|对不起|很遗憾).{0,8}(?:无法|不能|不便)"
        r"|我(?:无法|不能|不会)(?:为您|为你|向您|向你)?(?:提供|回答|协助|帮助|满足)"
    ),
}
_FLAGS = {
    name: re.compile(pattern, re.IGNORECASE | re.MULTILINE | re.DOTALL)
    for name, pattern in _PATTERNS.items()
}


def flags_of(*, polarity: str, text: str, question: str, language: str) -> list[str]:
    """Return the names of all checks the text of an option does not pass, in a fixed order."""
    plain = unicodedata.normalize("NFKC", unseen.without(text)).replace("’", "'")
    asked = ["refusal"] if polarity == Option.Polarity.POSITIVE else list(_FLAGS)
    found = [name for name in asked if _FLAGS[name].search(plain)]
    if polarity == Option.Polarity.NEGATIVE and len(text) > LONGEST_NEGATIVE:
        found.append("too_long")
    if _quotes(text, question):
        found.append("quotes_question")
    if tells.gives_away(plain):
        found.append("gives_away")
    if unseen.marks_in(text):
        found.append("hidden_marks")
    if not written_in(language, text):
        found.append("wrong_language")
    elif language == "zh" and in_traditional(text) and not in_traditional(question):
        found.append("wrong_script")
    return found


def withheld(*, polarity: str, flags: list[str]) -> list[str]:
    """Return the flags for which the option must not be proposed."""
    return [f for f in flags if f in WITHHELD] if polarity == Option.Polarity.NEGATIVE else []


def says_the_same(text: str, other: str) -> bool:
    """Say whether two texts differ in nothing but spaces, marks and capitals."""
    return _letters(text) == _letters(other)


def _letters(text: str) -> str:
    return "".join(character for character in normal_form(text) if character.isalnum())


def _quotes(text: str, question: str) -> bool:
    asked = normal_form(question)
    long_enough = len(asked) + (HAN_WEIGHT - 1) * len(HAN.findall(asked)) >= SHORTEST_QUOTE
    return long_enough and asked in normal_form(text)


def written_in(language: str, text: str) -> bool:
    """Say whether a text is mostly in the script of the language.

    A Chinese character counts as a word. A text in Chinese may name things in English as long as
    it says more itself; one in English may quote a few characters. Without words, any script fits.
    """
    han, latin = len(HAN.findall(text)), len(LATIN.findall(text))
    others = len(WORDS.findall(LATIN.sub(" ", HAN.sub(" ", text))))
    if not han + latin + others:
        return True
    if language == "zh":
        return han > latin + others
    return latin >= 3 * han and latin > others


def in_traditional(text: str) -> bool:
    """Say whether a Chinese text is in traditional characters, by the most common of them."""
    return 0 < len(HAN.findall(text)) <= 12 * len(TRADITIONAL.findall(text))
