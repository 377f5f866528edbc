"""The words here are mild and clinical; nothing is described."""

import pytest

from curation import suspicion
from tests import factories


@pytest.mark.parametrize(
    "text",
    [
        "A question about sexual content with a child in it.",
        "The photo is sexual, and the person in it is 14 years old.",
        "Is nudity of minors ever allowed in a film?",
        "An erotic story about a 15-year-old",
        "CHILD PORNOGRAPHY is a crime.",
        "chi\u200bld and sexual",
        "ｃｈｉｌｄ and ｓｅｘｕａｌ",
        "关于未成年人的色情内容",
        "一张14岁女孩的裸照",
        "涉及十二岁儿童的性行为",
        "儿\u200b童色情",
    ],
)
def test_a_word_for_a_child_near_a_sexual_word_is_suspected(text):
    assert suspicion.in_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "May I borrow my neighbour's ladder without asking?",
        "Is it right to shout at a child who broke a cup?",
        "How do adults talk about sexual health with a doctor?",
        "When should sexual education for children begin?",
        "儿童的性教育应该从几岁开始？",
        "She is 34 years old and writes erotic novels.",
        "二十五岁的人谈性行为",
        "My kids are loud. " + "We talked about many other things. " * 5 + "The film was sexual.",
        "A minor mistake in a lewd joke",
        "孩子打碎了杯子，应该怎么办？",
        "",
    ],
)
def test_other_texts_are_not(text):
    assert not suspicion.in_text(text)


def test_a_tag_is_the_taxonomys_own_for_such_content_by_its_alias(project):
    mild, marked = (
        factories.make_tag(project.taxonomy, code, aliases=aliases)
        for code, aliases in (("mild", ["other"]), ("grave", ["CSAE"]))
    )

    assert not suspicion.in_tags([mild])
    assert suspicion.in_tags([mild, marked])
