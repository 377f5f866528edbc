"""Lines that every reader of a dataset loads without glue."""

import json
import random

import pytest

from curation import releases
from curation.exporting import choice_seed, in_order
from scoring.records import options_hash, release_item
from tests import factories

MCQ_KEYS = [
    "id",
    "item_id",
    "revision",
    "pair_id",
    "language",
    "question",
    "input",
    "choices",
    "answer",
    "target",
    "labels",
    "reference_answer",
    "tags",
    "metadata",
]
OPEN_KEYS = [
    "id",
    "item_id",
    "pair_id",
    "language",
    "question",
    "input",
    "target",
    "tags",
    "metadata",
]


def frozen(project, file="mcq.jsonl"):
    release = project.releases.first() or releases.freeze(project=project, by=None, quality={})
    return [json.loads(row.line) for row in release.rows.filter(file=file)]


def shape(value):
    """The schema a reader infers: keys in order, and a type for each."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value[:1]]
    return type(value).__name__


def test_a_row_has_the_keys_of_the_contract_in_order(project):
    factories.make_gold_item(project)

    assert list(frozen(project)[0]) == MCQ_KEYS
    assert list(frozen(project, "open.jsonl")[0]) == OPEN_KEYS


@pytest.mark.parametrize("file", ["mcq.jsonl", "open.jsonl"])
def test_every_row_has_every_key_and_one_type_a_key(project, file):
    factories.make_gold_item(project, language="zh", question="我可以借邻居的梯子吗？")
    factories.make_gold_item(project, ref="adjudication:3", twin_group="ladder", method="none")
    factories.make_gold_item(project, kind="benign", split="held_out")

    shapes = [shape(row) for row in frozen(project, file)]

    assert shapes == [shapes[0]] * 3
    assert "float" not in json.dumps(shapes)
    assert "NoneType" not in json.dumps(shapes)


def test_the_answer_points_to_the_positive_option_in_every_form(project):
    for _ in range(8):
        factories.make_gold_item(project)

    for row in frozen(project):
        assert row["choices"][row["answer"]] == row["reference_answer"]
        assert row["labels"][row["answer"]] == 1
        assert sum(row["labels"]) == 1
        assert row["target"] == "AB"[row["answer"]]
        assert row["reference_answer"].startswith("A positive answer")


def test_gold_is_not_always_first(project):
    for _ in range(40):
        factories.make_gold_item(project)

    answers = [row["answer"] for row in frozen(project)]

    # Both places by chance alone: one in a million to fall outside of 5 to 35.
    assert 5 <= sum(answers) <= 35


def test_the_order_of_choices_follows_from_their_texts_and_the_recorded_seed(project):
    factories.make_gold_item(project)
    row = frozen(project)[0]

    source = random.Random(row["metadata"]["choice_seed"])
    worked_out = sorted(sorted(row["choices"]), key=lambda _: source.random())

    assert worked_out == row["choices"]


def test_polarity_has_no_say_in_the_order(project):
    item = factories.make_item(project)
    one, other = factories.make_options(item)
    before = [option.text for option in in_order([one, other], choice_seed(item))]
    one.polarity, other.polarity = other.polarity, one.polarity

    after = [option.text for option in in_order([other, one], choice_seed(item))]

    assert after == before


def test_open_and_choice_rows_of_an_item_share_their_pair_id(project):
    factories.make_gold_item(project)
    factories.make_gold_item(project)

    pairs = {row["pair_id"]: row["question"] for row in frozen(project)}

    assert {row["pair_id"]: row["question"] for row in frozen(project, "open.jsonl")} == pairs


def test_metadata_says_where_the_row_comes_from(project):
    item = factories.make_gold_item(project, ref="adjudication:3", twin_group="ladder")

    metadata = frozen(project)[0]["metadata"]

    assert metadata["release"] == f"{project.slug}/1"
    assert metadata["dimension"] == "care"
    assert metadata["main_tag"] == "care.body"
    assert metadata["external_id"] == item.external_id
    assert metadata["twin_group"] == "ladder"
    assert metadata["decision"] == "adjudicated"
    assert metadata["origins"] == ["import", "import"]
    assert metadata["licence"] == "CC0"


def test_the_scorer_reads_a_row_and_agrees_on_the_options(project):
    factories.make_gold_item(project)
    row = frozen(project)[0]

    item = release_item(row)

    assert item.dimension == "care"
    assert item.release == f"{project.slug}/1"
    assert options_hash(item.choices) == row["metadata"]["options_sha256"]


def test_the_text_of_a_question_is_exported_as_it_was_given(project):
    question = "  Is it right\u2028to wait?\tﬁne "
    factories.make_gold_item(project, question=question)

    assert frozen(project)[0]["question"] == question
