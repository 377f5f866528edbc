"""Catalogues of a small source tree of their own, each fault planted on purpose."""

import gettext

import pytest

from config import catalogues, extraction

PAGE = """\
{% load i18n %}
{% translate "Sign in" %}
    {% blocktranslate trimmed count n=items|length %}
      {{ n }} item
    {% plural %}
      {{ n }} items
    {% endblocktranslate %}
  {% translate "May" context "month" %}
{% include "_badge.html" with label=_("Gold") only %} {{ x|default:_("None yet") }} 「你好」
"""
CODE = """\
from django.utils.translation import gettext_lazy as _, pgettext

GREETING = _("Hello, %(name)s")
VERB = pgettext("verb", "Freeze")
# Translators: shown on a phone too
SHORT = _("Start")
"""
CHINESE = {
    "Sign in": "登录",
    ("%(n)s item", "%(n)s items"): ("%(n)s 个题目",),
    "May": "五月",
    "Gold": "金标",
    "None yet": "暂无",
    "Hello, %(name)s": "你好，%(name)s",
    "Freeze": "冻结",
    "Start": "开始",
}


@pytest.fixture
def tree(tmp_path):
    """Give a source tree whose catalogue is complete."""
    for name, text in {"templates/page.html": PAGE, "curation/code.py": CODE}.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text)
    catalogue = extraction.template(tmp_path)
    for message in catalogue:
        if message.id:
            message.string = CHINESE[message.id]
    path = tmp_path / catalogues.CATALOGUE
    path.parent.mkdir(parents=True)
    path.write_bytes(catalogues.written(catalogue))
    return tmp_path


def change(tree, old, new, name=catalogues.CATALOGUE):
    path = tree / name
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def run(tree, *words):
    return catalogues.main(["--root", str(tree), *map(str, words)])


def test_every_way_of_marking_a_message_is_found(tree):
    found = {(message.id, message.context) for message in extraction.template(tree) if message.id}

    assert found == {
        ("Sign in", None),
        (("%(n)s item", "%(n)s items"), None),
        ("May", "month"),
        ("Gold", None),
        ("None yet", None),
        ("Hello, %(name)s", None),
        ("Freeze", "verb"),
        ("Start", None),
    }


def test_a_complete_catalogue_passes(tree, capsys):
    assert run(tree, "check") == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('msgstr "登录"', 'msgstr ""', '"Sign in": no translation'),
        ('msgstr[0] "%(n)s 个题目"', 'msgstr[0] ""', '"%(n)s item": no translation'),
        ("你好，%(name)s", "你好", '"Hello, %(name)s": its placeholders differ'),
        ("%(n)s 个题目", "%(m)s 个题目", '"%(n)s item": its placeholders differ'),
        ('msgid "Sign in"', '#, fuzzy\nmsgid "Sign in"', '"Sign in": fuzzy'),
        ('msgid "Sign in"', 'msgid "Sign up"', '"Sign up": obsolete'),
        ('msgid "Sign in"', '#~ msgid "Old"\n#~ msgstr "旧"\n\nmsgid "Sign in"', '"Old": obsolete'),
        ("#: templates/page.html", "#: templates/other.html", "not up to date"),
    ],
)
def test_a_fault_of_the_catalogue_is_named(tree, capsys, old, new, complaint):
    change(tree, old, new)

    assert run(tree, "check") == 1
    assert complaint in capsys.readouterr().err


def test_a_fault_names_the_line_of_the_catalogue(tree, capsys):
    change(tree, 'msgstr "登录"', 'msgstr ""')
    lines = (tree / catalogues.CATALOGUE).read_text().splitlines()
    line = lines.index('msgid "Sign in"') + 1

    run(tree, "check")

    assert f"locale/zh_Hans/LC_MESSAGES/django.po:{line} " in capsys.readouterr().err


def test_a_new_message_is_named_with_its_source(tree, capsys):
    change(
        tree, "{% load i18n %}", '{% load i18n %}\n{% translate "Fresh" %}', "templates/page.html"
    )

    assert run(tree, "check") == 1
    assert 'templates/page.html:2 "Fresh": not in the catalogue' in capsys.readouterr().err


def test_a_tree_without_a_catalogue_does_not_pass(tree):
    (tree / catalogues.CATALOGUE).unlink()

    assert run(tree, "check") == 1


def test_an_update_keeps_translations_and_drops_what_is_gone(tree):
    change(tree, "Sign in", "Sign up", "templates/page.html")

    run(tree, "update")

    known = catalogues.read(tree / catalogues.CATALOGUE)
    assert known.get("Start").string == "开始"
    assert known.get("Sign up").string == ""
    assert known.get("Sign in") is None


def test_an_update_of_what_is_up_to_date_changes_no_byte(tree):
    before = (tree / catalogues.CATALOGUE).read_bytes()

    run(tree, "update")

    assert (tree / catalogues.CATALOGUE).read_bytes() == before


def test_moving_a_message_to_another_line_changes_no_byte(tree):
    change(tree, "{% load i18n %}", "{% load i18n %}\n\n\n", "templates/page.html")

    assert run(tree, "check") == 0


def test_the_binary_form_speaks_chinese(tree):
    run(tree, "compile")

    with (tree / catalogues.CATALOGUE).with_suffix(".mo").open("rb") as file:
        words = gettext.GNUTranslations(file)
    assert words.gettext("Sign in") == "登录"
    assert words.ngettext("%(n)s item", "%(n)s items", 1) == "%(n)s 个题目"
    assert words.pgettext("verb", "Freeze") == "冻结"


def test_a_merge_fills_gaps_and_leaves_what_is_translated(tree, tmp_path, capsys):
    change(tree, 'msgstr "登录"', 'msgstr ""')
    folder = tmp_path / "fragments"
    folder.mkdir()
    (folder / "one.po").write_text(
        'msgid "Sign in"\nmsgstr "登入"\n\n'
        'msgid "Start"\nmsgstr "起始"\n\n'
        'msgid "Gone"\nmsgstr "无"\n'
    )

    assert run(tree, "merge", folder) == 0

    known = catalogues.read(tree / catalogues.CATALOGUE)
    assert (known.get("Sign in").string, known.get("Start").string) == ("登入", "开始")
    notes = capsys.readouterr().err
    assert 'one.po:4 "Start": ' in notes
    assert 'one.po:7 "Gone": in no source' in notes
    assert run(tree, "check") == 0


def test_a_merge_may_replace(tree, tmp_path):
    folder = tmp_path / "fragments"
    folder.mkdir()
    (folder / "one.po").write_text('msgid "Start"\nmsgstr "起始"\n')

    run(tree, "merge", folder, "--replace")

    assert catalogues.read(tree / catalogues.CATALOGUE).get("Start").string == "起始"


def test_a_broken_fragment_is_refused_and_changes_nothing(tree, tmp_path):
    before = (tree / catalogues.CATALOGUE).read_bytes()
    folder = tmp_path / "fragments"
    folder.mkdir()
    (folder / "one.po").write_text('msgid "Start"\nmsgstr "起始"\nthis is no entry\n')

    assert run(tree, "merge", folder) == 1
    assert (tree / catalogues.CATALOGUE).read_bytes() == before


def test_a_template_that_cannot_be_read_is_refused(tree):
    change(tree, "{% plural %}", "{% if x %}", "templates/page.html")

    assert run(tree, "check") == 1
