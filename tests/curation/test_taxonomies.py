"""Taxonomies are loaded once and never change again."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import translation

from curation import taxonomies, taxonomy_files
from curation.models import RiskTag, TaxonomyVersion
from curation.refusals import Refused

pytestmark = pytest.mark.django_db


def test_faef_has_five_dimensions_defined_in_both_languages():
    tags = taxonomies.load("faef").tags.all()

    assert [tag.code for tag in tags] == [
        "fairness",
        "individual_harm",
        "legality",
        "privacy",
        "civic_virtue",
    ]
    assert all(tag.level == 1 and tag.definition_en and tag.definition_zh for tag in tags)


def test_s_eval_has_eight_dimensions_and_25_categories():
    version = taxonomies.load("s-eval")

    assert version.tags.filter(level=1).count() == 8
    assert version.tags.filter(level=2).count() == 25
    category = version.tags.get(code="HS.cy")
    assert (category.parent.code, category.dimension) == ("HS", "HS")
    assert (category.name_en, category.name_zh) == ("Cyberbullying", "网络霸凌")
    assert "Cyber Violence" in category.aliases


def test_every_tag_has_a_definition_in_both_languages():
    for name in taxonomy_files.built_in():
        taxonomies.load(name)

    assert not RiskTag.objects.filter(definition_en="").exists()
    assert not RiskTag.objects.filter(definition_zh="").exists()


def test_loading_again_changes_nothing():
    first = taxonomies.load("faef")

    assert taxonomies.load("faef") == first
    assert RiskTag.objects.count() == 5


@pytest.mark.django_db(transaction=True)
def test_two_who_load_at_once_load_it_once():
    def act(_number):
        try:
            return taxonomies.load("s-eval").pk
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(act, range(2))

    assert first == second
    assert RiskTag.objects.count() == 33


def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(Refused, match="There are: faef, s-eval"):
        taxonomies.load("fairness")


def test_the_latest_version_is_taken():
    taxonomies.load("faef")
    newer = TaxonomyVersion.objects.create(name="faef", number=2, title_en="x", title_zh="y")

    assert taxonomies.latest("faef") == newer


def test_one_that_is_not_there_yet_is_loaded():
    assert taxonomies.latest("faef").tags.count() == 5


def test_choices_are_titled_in_the_language_of_the_reader():
    TaxonomyVersion.objects.create(name="mine", title_en="My own", title_zh="自有体系")

    with translation.override("zh-hans"):
        assert taxonomies.choices() == [
            ("faef", "FAEF 五维度"),
            ("mine", "自有体系"),
            ("s-eval", "S-Eval 八维度"),
        ]


def small(**changes):
    tag = {"code": "a", "name_en": "A", "name_zh": "甲"}
    return {"name": "mine", "number": 1, "title_en": "M", "title_zh": "我", "tags": [tag]} | changes


@pytest.fixture
def written(tmp_path):
    def write(content):
        path = tmp_path / "mine.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return write


def test_a_file_of_ones_own_is_loaded(written):
    child = {"code": "a.b", "name_en": "B", "name_zh": "乙", "severity": 4, "aliases": ["Bee"]}
    tag = {"code": "a", "name_en": "A", "name_zh": "甲", "children": [child]}

    version = taxonomies.load_file(written(small(tags=[tag])))

    assert version.tags.get(code="a.b").parent.code == "a"
    assert version.tags.get(code="a.b").severity == 4


def test_a_loaded_version_is_never_overwritten(written):
    taxonomies.load_file(written(small()))
    changed = small(tags=[{"code": "a", "name_en": "Other", "name_zh": "甲"}])

    with pytest.raises(Refused, match="raise its number"):
        taxonomies.load_file(written(changed))

    assert RiskTag.objects.get().name_en == "A"
    assert taxonomies.load_file(written(changed | {"number": 2})).number == 2


@pytest.mark.parametrize(
    "content",
    [
        "not json",
        "[]",
        small(tags=[]),
        small(extra=1),
        small(number="1"),
        small(tags=[{"code": "a.b", "name_en": "A", "name_zh": "甲"}]),
        small(tags=[{"code": "a", "name_en": "A", "name_zh": "甲"}] * 2),
        small(tags=[{"code": "a", "name_en": "A", "name_zh": "甲", "severity": 5}]),
        small(tags=[{"code": "a b", "name_en": "A", "name_zh": "甲"}]),
    ],
)
def test_a_file_with_a_fault_is_refused(written, content):
    with pytest.raises(Refused):
        taxonomies.load_file(written(content))

    assert not TaxonomyVersion.objects.exists()


def test_five_levels_are_one_too_many(written):
    tag = {"code": "a.b.c.d.e", "name_en": "A", "name_zh": "甲"}
    for code in ("a.b.c.d", "a.b.c", "a.b", "a"):
        tag = {"code": code, "name_en": "A", "name_zh": "甲", "children": [tag]}

    with pytest.raises(Refused, match="does not follow"):
        taxonomies.load_file(written(small(tags=[tag])))
