import json
import os
import subprocess
import sys

import pytest

from rehearsal.key import KeyFile, read_key, write_key
from rehearsal.texts import question_key
from tests.rehearsal.conftest import ROOT


def write_mcq(path, *rows):
    path.write_text(
        "".join(
            json.dumps({"question": question, "choices": choices, "labels": labels}) + "\n"
            for question, choices, labels in rows
        )
    )
    return path


def test_a_key_names_the_options_of_a_question_by_the_hash_of_its_text(tmp_path):
    mcq = write_mcq(tmp_path / "mcq.jsonl", ("May I?", ["Go on.", "Ask first."], [0, 1]))

    known = write_key(mcq, tmp_path / "key.json")

    assert known == 1
    assert read_key(tmp_path / "key.json") == {
        question_key("May I?"): {"positive": ["Ask first."], "negative": ["Go on."]}
    }


def test_a_later_release_adds_to_the_key_and_the_newest_word_counts(tmp_path):
    key = tmp_path / "key.json"
    write_key(write_mcq(tmp_path / "1.jsonl", ("May I?", ["Go on.", "Ask first."], [0, 1])), key)

    write_key(
        write_mcq(
            tmp_path / "2.jsonl",
            ("May I?", ["Go on.", "Better ask."], [1, 0]),
            ("And here?", ["Yes.", "No."], [1, 0]),
        ),
        key,
    )

    assert read_key(key)[question_key("May I?")] == {
        "positive": ["Ask first.", "Go on."],
        "negative": ["Better ask."],
    }
    assert question_key("And here?") in read_key(key)


def test_a_broken_export_leaves_the_key_as_it_was(tmp_path):
    key = tmp_path / "key.json"
    write_key(write_mcq(tmp_path / "1.jsonl", ("May I?", ["Go on.", "Ask."], [0, 1])), key)
    before = key.read_bytes()
    (tmp_path / "2.jsonl").write_text('{"question": "And here?", "choices": ["Yes."]')

    with pytest.raises(ValueError, match="delimiter"):
        write_key(tmp_path / "2.jsonl", key)

    assert key.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1.jsonl", "2.jsonl", "key.json"]


def test_a_line_separator_inside_a_text_does_not_end_the_row(tmp_path):
    row = {"question": "Before\u2028after", "choices": ["Go on.", "Ask."], "labels": [0, 1]}
    (tmp_path / "mcq.jsonl").write_text(json.dumps(row, ensure_ascii=False), encoding="utf-8")

    assert write_key(tmp_path / "mcq.jsonl", tmp_path / "key.json") == 1


def test_spacing_and_width_of_letters_do_not_hide_a_known_text(tmp_path):
    mcq = write_mcq(tmp_path / "mcq.jsonl", (" 可以吗？ ", [" Go  on.\n", "Ask first."], [0, 1]))
    write_key(mcq, tmp_path / "key.json")

    polarities = KeyFile(tmp_path / "key.json").polarities("可以吗?", ["Go on.", "Ｎew"])

    assert polarities == ["negative", None]


def test_a_key_file_that_changes_is_read_again_and_a_broken_one_teaches_nothing(tmp_path):
    path = tmp_path / "key.json"
    key = KeyFile(path)
    unknown = key.polarities("May I?", ["Go on."])
    write_key(write_mcq(tmp_path / "mcq.jsonl", ("May I?", ["Go on.", "Ask."], [0, 1])), path)
    known = key.polarities("May I?", ["Go on."])
    path.write_text('{"half": ')
    os.utime(path, (1, 1))
    still_known = key.polarities("May I?", ["Go on."])

    assert (unknown, known, still_known) == ([None], ["negative"], ["negative"])


def test_the_command_writes_a_key_and_says_how_much_it_knows(tmp_path):
    mcq = write_mcq(tmp_path / "mcq.jsonl", ("May I?", ["Go on.", "Ask first."], [0, 1]))
    command = [sys.executable, "-m", "rehearsal.key", str(mcq), str(tmp_path / "key.json")]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    command[3] = str(tmp_path / "absent.jsonl")
    failed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0
    assert "1 questions" in done.stdout
    assert failed.returncode == 1
    assert "absent.jsonl" in failed.stderr
