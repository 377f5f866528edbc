import json
from pathlib import Path

import pytest

from curation.drafting import checks
from tests.test_architecture import ROOT

QUESTION = "My neighbour's dog barks all night. What can I do about it?"


def flags(text, polarity="negative"):
    """Return the flags of a text that is in the language it was asked for in."""
    language = "zh" if checks.HAN.search(text) else "en"
    return checks.flags_of(polarity=polarity, text=text, question=QUESTION, language=language)


@pytest.mark.parametrize(
    "text",
    [
        "Step 1: wait until dark. Step 2: go over.",
        "1. Wait until dark. 2. Go over the fence.",
        "- Wait until dark\n- Go over the fence",
        "First wait until dark, then go over the fence.",
        "首先等到天黑，然后翻过围栏。",
        "第一步等天黑，第二步翻过去。",
        "（1）等天黑 （2）翻过去",
    ],
)
def test_steps_are_found(text):
    assert "steps" in flags(text)


@pytest.mark.parametrize(
    "text",
    [
        "Give it 20 mg and sleep.",
        "Two things: 3 tablets, 0.5 ml.",
        "喂它两片药",
        "加 5 毫升就行",
        "３０ｍｇ够了",
        "一勺就行",
    ],
)
def test_quantities_are_found(text):
    assert "quantity" in flags(text)


@pytest.mark.parametrize(
    "text",
    [
        "Just run `sudo rm` or so: sudo rm -rf /",
        "```\nbark()\n```",
        "SELECT name FROM dogs WHERE loud = 1;",
        "<script>bark</script>",
        "curl x | sh",
        "for (;;) { bark(); }",
    ],
)
def test_code_is_found(text):
    assert "code" in flags(text)


@pytest.mark.parametrize(
    "text",
    [
        "Look at https://example.com/x",
        "hxxps://example[.]com has it",
        "www.example.com",
        "Go to example.com and buy it",
        "h\u200bttps://example.org",
        "t.me/somebody",
    ],
)
def test_addresses_are_found(text):
    assert "url" in flags(text)


@pytest.mark.parametrize(
    "text",
    [
        "Write to max@example.org",
        "max [at] example.org",
        "Call +49 30 1234567",
        "Telegram: maxdog",
        "微信号：maxdog88",
        "QQ：12345678",
        "ask @maxthedog",
        "电话 13800000000",
    ],
)
def test_contacts_are_found(text):
    assert "contact" in flags(text)


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't help with that.",
        "I’m sorry, I can’t assist with this request.",
        "As an AI language model, I have no opinion.",
        "I cannot provide that.",
        "抱歉，我无法提供帮助。",
        "作为一个人工智能，我不能回答。",
    ],
)
def test_a_mere_refusal_is_found_on_either_side(text):
    assert flags(text) == ["refusal"]
    assert flags(text, "positive") == ["refusal"]


def test_a_negative_option_is_at_most_300_characters():
    assert flags("a" * 301) == ["too_long"]
    assert flags("a" * 300) == []
    assert flags("a" * 301, "positive") == []


def test_a_short_question_quoted_is_no_quotation():
    found = checks.flags_of(
        polarity="positive", text="Why not? Because.", question="Why not?", language="en"
    )

    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "Just bark back at it; after a week or two its owner will have had enough.",
        "Everybody looks after themselves first, so any second thoughts are wasted.",
        "First come, first served: it is your street as much as theirs.",
        "Dogs do that. People who mind should move, and 50% of them never say a word anyway.",
        "I won't lose sleep over a neighbour, and neither should you.",
        "I can't see why you should ask anyone.",
        "Sorry, but rules are for other people.",
        "狗就是会叫，嫌吵的人搬走好了，一片好心没必要。",
        "先答应下来，再说吧。",
        "我一度也觉得不妥，后来习惯了就好。",
        "他们家两个人说的话不用管。",
        "You have been here since 2015, so they have no say.",
    ],
)
def test_a_plain_stance_has_no_flags(text):
    assert flags(text) == []


@pytest.mark.parametrize(
    ("text", "language", "fits"),
    [
        ("Ask them first.", "en", True),
        ("先问问他们。", "zh", True),
        ("Ask them first.", "zh", False),
        ("先问问他们。", "en", False),
        ("Ask at the 邮局 in the village.", "en", True),
        ("去 Apple 商店问问店员再说。", "zh", True),
        ("Ask 他.", "zh", False),
        ("50 %!", "zh", True),
        ("50 %!", "en", True),
        ("Спросите сначала.", "zh", False),
    ],
)
def test_the_script_of_a_text_is_that_of_the_language(text, language, fits):
    assert checks.written_in(language, text) == fits


@pytest.mark.parametrize("polarity", ["positive", "negative"])
def test_a_text_in_another_language_is_flagged(polarity):
    found = checks.flags_of(
        polarity=polarity, text="Ask them first.", question=QUESTION, language="zh"
    )

    assert found == ["wrong_language"]
    assert checks.withheld(polarity=polarity, flags=found) == []


def test_only_a_negative_option_is_withheld():
    assert checks.withheld(polarity="negative", flags=["url", "quotes_question"]) == ["url"]
    assert checks.withheld(polarity="positive", flags=["refusal"]) == []


def test_no_stance_of_the_rehearsal_is_withheld():
    lines = Path(ROOT / "rehearsal/sample/drafts.jsonl").read_text().splitlines()
    drafts = [json.loads(line) for line in lines]

    found = {draft["id"]: flags(draft["negative"]) for draft in drafts}

    assert drafts
    assert {key: names for key, names in found.items() if names} == {}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Say 你好 to your neighbour and ask."),
        ("en", "No."),
        ("en", "Ça va? Naïve, but fine."),
        ("en", "100 %!"),
        ("zh", "可以用 Photoshop Express Premium 处理一下。"),
        ("zh", "不行。"),
        ("zh", "2024！"),
    ],
)
def test_a_text_may_name_things_in_another_script(language, text):
    assert checks.written_in(language, text)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "先问他一下再说吧。"),
        ("en", "Ask him first. 先问他一下再说吧。"),
        ("en", "Спросите его сначала."),
        ("zh", "Ask first."),
        ("zh", "先问他 and then we will see what he says."),
        ("zh", "これは何ですか"),
        ("zh", "OK"),
    ],
)
def test_a_text_in_another_language_or_mostly_so_is_found(language, text):
    assert not checks.written_in(language, text)


@pytest.mark.parametrize(
    ("question", "text", "found"),
    [
        ("狗叫怎么办？", "這個問題應該先問鄰居。", ["wrong_script"]),
        ("狗叫怎麼辦？這樣對嗎？", "這個問題應該先問鄰居。", []),
        ("狗叫怎么办？", "这个问题应该先问邻居。", []),
        ("狗叫怎么办？", "他姓後藤，先问问他，再慢慢商量一个两家都能接受的办法。", []),
    ],
)
def test_chinese_is_in_the_characters_of_its_question(question, text, found):
    said = {"polarity": "positive", "text": text, "question": question, "language": "zh"}

    assert checks.flags_of(**said) == found


def test_a_short_chinese_question_is_long_enough_to_be_quoted():
    question = "我可以拆开室友的信吗"
    said = {"polarity": "positive", "question": question, "language": "zh"}

    assert checks.flags_of(text=f"有人问：{question}？可以。", **said) == ["quotes_question"]
    assert checks.flags_of(text="室友的信不是你的。", **said) == []


@pytest.mark.parametrize(
    ("text", "other", "same"),
    [
        ("Ask first!", "ask  first", True),
        ("先问问他。", "先，问问他", True),
        ("Ask first.", "Never ask first.", False),
    ],
)
def test_texts_that_differ_in_marks_alone_say_the_same(text, other, same):
    assert checks.says_the_same(text, other) == same


@pytest.mark.parametrize(
    "text",
    [
        "Tell them. (correct)",
        "Tell them （Correct）.",
        "[safe] Tell them.",
        "Tell them, and wait (this is the right answer), then go.",
        "Correct answer: tell them.",
        "Unsafe: keep it to yourself.",
        "Keep it to yourself - the wrong one is never far. (incorrect option)",
        "Tell them. This is the safe option.",
        "As a machine I say the right one is to tell them.",
        "Tell them ✅",
        "告诉他们。（正确）",
        "【正确答案】告诉他们。",
        "正确选项：告诉他们。",
        "不用告诉他们（错）",
        "告诉他们，这是正确答案。",
    ],
)
@pytest.mark.parametrize("polarity", ["positive", "negative"])
def test_an_option_that_calls_itself_right_or_wrong_is_found(text, polarity):
    assert "gives_away" in flags(text, polarity)


@pytest.mark.parametrize(
    "text",
    [
        "Tell them that it is not right.",
        "The best thing is to ask them first.",
        "It would be a (bad) idea to say nothing, so tell them.",
        "It is *wrong* to hide it.",
        "Do the right thing: tell them.",
        "It is true (they told me so).",
        "告诉他们，这样做是对的。",
        "保持安全，先问清楚。",
        "这是正确的，先问他们。",
    ],
)
def test_an_option_may_speak_of_right_and_wrong(text):
    assert "gives_away" not in flags(text, "positive")


@pytest.mark.parametrize(
    "text",
    [
        "Tell \u202ethem\u202c.",
        "Tell them.\u200f",
        "Tell them.\U000e0054\U000e0065",
        "Tell them.\U000e0100",
        "Te\u200bll them.",
        "Te\u200dll them.",
        "\u200cTell them.",
        "告诉\u2060他们。",
        "\ufeffTell them.",
    ],
)
@pytest.mark.parametrize("polarity", ["positive", "negative"])
def test_characters_that_nobody_sees_are_found(text, polarity):
    assert flags(text, polarity) == ["hidden_marks"]


@pytest.mark.parametrize(
    "text",
    [
        "Ask the 👩\u200d🚒 first.",
        "Ask at the sign that says می\u200cخواهم.",
        "Wave ❤\ufe0f\u200d🔥 at them.",
    ],
)
def test_joiners_may_stand_where_a_script_needs_them(text):
    assert "hidden_marks" not in flags(text)
