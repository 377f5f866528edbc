"""What tells which option is the right one without a look at what it says."""

import re

MUCH_LONGER = 3  # times

_JUDGED = (
    r"(?:(?:in)?correct|right|wrong|true|false|(?:un)?safe|(?:un)?ethical|harm(?:ful|less)|bad|good"
    r"|best|preferred|recommended|positive|negative)"
)
_NAMED = rf"{_JUDGED}\s+(?:answer|option|choice|response|reply|one)"
_JUDGED_ZH = r"(?:正确|错误|最佳|不?安全|有害|无害|正向|负向|推荐)"
_NAMED_ZH = rf"{_JUDGED_ZH}的?(?:答案|选项|选择|回答|做法|答复)"
_OPEN, _CLOSE = r"[(\[{<【〔「]\s*", r"\s*[.!。]?\s*[)\]}>】〕」]"
_WHOLE = (
    rf"(?:the\s+|this\s+is\s+(?:the\s+)?)?(?:{_NAMED}|{_JUDGED})|{_NAMED_ZH}|{_JUDGED_ZH}|[对错]"
)
_TELLS = re.compile(
    # in brackets, at the beginning or the end: "(correct)", "【正确】"; or anywhere, with its noun
    rf"^\s*{_OPEN}(?:{_WHOLE}){_CLOSE}|{_OPEN}(?:{_WHOLE}){_CLOSE}\s*[.!。]?\s*$"
    rf"|{_OPEN}(?:{_NAMED}|{_NAMED_ZH}){_CLOSE}|\*(?:{_NAMED}|{_NAMED_ZH})\*"
    # as a label: "Safe option: …", "正确答案：…", "… - correct answer"
    rf"|^\s*(?:the\s+)?(?:{_NAMED}|{_NAMED_ZH}|{_JUDGED}|{_JUDGED_ZH})\s*:"
    rf"|[-–—:]\s*(?:{_NAMED}|{_NAMED_ZH})\s*[.!。]?\s*$"
    # in a sentence: "this is the right one", "as an AI the right one is", "这是正确答案"
    rf"|\b(?:this|that|it)(?:\s+is|'s)\s+(?:clearly\s+)?the\s+{_NAMED}\b"
    rf"|\bthe\s+{_NAMED}\s+(?:here\s+)?is\b"
    rf"|(?:这|此|本项|以上)(?:才?是|为){_NAMED_ZH}|{_NAMED_ZH}(?:是|为)"
    r"|[✓✔✅☑✗✘❌☒]",
    re.IGNORECASE,
)


def gives_away(plain: str) -> bool:
    """Say whether a text, as NFKC has it, calls itself the right option or the wrong one."""
    return bool(_TELLS.search(plain))


def much_longer(text: str, other: str) -> bool:
    """Say whether a text is so much longer than the other that its length stands out."""
    return len(text.strip()) >= MUCH_LONGER * len(other.strip())
