"""A release holds gold as it stood at one moment, and shows any later change."""

import json

import pytest
from django.db import connection, transaction

from curation import answers, items, releases, verdicts
from curation.models import Item, Release, ReleaseRow
from curation.refusals import Refused
from tests import factories

QUALITY = {"judgements": {"of_options": 4}}


def freeze(project, **kw):
    return releases.freeze(**{"project": project, "by": None, "quality": QUALITY} | kw)


def rows_of(release, file="mcq.jsonl"):
    return [json.loads(row.line) for row in release.rows.filter(file=file)]


def rewrite_behind_the_guards(sql, *values):
    """Do what only the owner of the database can, with the triggers off."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql, values)


@pytest.fixture
def gold(project):
    return [factories.make_gold_item(project) for _ in range(3)]


def test_a_release_holds_the_gold_items_and_nothing_else(project, gold):
    factories.make_item(project, status=Item.Status.IN_REVIEW)

    release = freeze(project)

    assert release.number == 1
    assert {row["item_id"] for row in rows_of(release)} == {str(item.uid) for item in gold}
    assert {row["item_id"] for row in rows_of(release, "open.jsonl")} == {
        str(item.uid) for item in gold
    }


def test_rows_lie_in_byte_order_of_their_id(project, gold):
    release = freeze(project)

    ids = [row["id"].encode() for row in rows_of(release)]

    assert ids == sorted(ids)


def test_nothing_gold_is_refused(project):
    factories.make_item(project)

    with pytest.raises(Refused, match="gold"):
        freeze(project)


def test_nothing_new_is_refused_naming_the_release_that_holds_it(project, gold):
    freeze(project)

    with pytest.raises(releases.NothingNew, match="release 1"):
        freeze(project, note="again", quality={})


def test_the_next_release_follows_its_parent(project, gold):
    first = freeze(project)
    factories.make_gold_item(project)

    second = freeze(project)

    assert (second.number, second.parent) == (2, first)
    assert json.loads(second.manifest)["parent"] == f"{project.slug}/1"


def test_gold_without_both_polarities_is_refused_by_name(project, gold):
    gold[0].options.filter(polarity="negative").update(status="rejected")

    with pytest.raises(Refused, match=gold[0].external_id):
        freeze(project)


def test_replies_and_verdicts_go_in_once_every_answer_is_settled(project, gold):
    first = freeze(project)
    run = factories.make_subject_run(first, "careful")
    given = [answers.record_answer(subject_run=run, item=item, reply="Ask first.") for item in gold]
    for row in first.rows.filter(file="mcq.jsonl"):
        for ordering in ([0, 1], [1, 0]):
            answers.record_pick(subject_run=run, row=row, ordering=ordering, reply="A")
    for answer in given[:-1]:
        verdicts.record(answer=answer, outcome="good", source="people", decision_ref="judgement:1")
    with pytest.raises(releases.NothingNew):
        freeze(project)
    verdicts.record(
        answer=given[-1],
        outcome="bad",
        source="adjudication",
        decision_ref="adjudication:1",
        distribution={"good": 1, "bad": 1, "cannot_tell": 1},
    )

    second = freeze(project)

    replies = rows_of(second, "answers/careful.jsonl")
    assert [row["form"] for row in replies] == ["choice", "choice", "open"] * 3
    assert sorted(row["verdict"] for row in replies if row["form"] == "open") == [
        "safe",
        "safe",
        "unsafe",
    ]
    settled = {row["item_id"]: row for row in rows_of(second, "verdicts.jsonl")}
    assert settled[str(gold[-1].uid)]["distribution"] == {"good": 1, "bad": 1, "undecided": 1}
    assert json.loads(second.manifest)["subjects"][0]["run"] == {
        "release": f"{project.slug}/1",
        "number": 1,
    }


def test_a_file_without_rows_is_left_out_and_the_manifest_says_so(project, gold):
    release = freeze(project)

    manifest = json.loads(release.manifest)

    assert [file["name"] for file in manifest["files"]] == ["mcq.jsonl", "open.jsonl"]
    assert manifest["left_out"] == ["verdicts.jsonl"]


def test_picks_made_on_options_that_were_replaced_stay_behind(project, gold):
    first = freeze(project)
    run = factories.make_subject_run(first, "careful")
    for row in first.rows.filter(file="mcq.jsonl"):
        answer = answers.record_answer(subject_run=run, item=row.item, reply="Ask first.")
        verdicts.record(answer=answer, outcome="good", source="people", decision_ref="judgement:1")
        answers.record_pick(subject_run=run, row=row, ordering=[0, 1], reply="A")
    changed = gold[0]
    items.move(item=changed, to=Item.Status.IN_REVIEW)
    items.make_gold(
        item=changed,
        options=[
            factories.make_option(changed, "positive", "Quite another answer."),
            changed.options.accepted().get(polarity="negative"),
        ],
        tags=[],
        main_tag=changed.main_tag,
        tag_origin="people",
        by="system",
        decision_ref="judgement:2",
    )

    second = freeze(project)

    forms = [
        row["form"]
        for row in rows_of(second, "answers/careful.jsonl")
        if row["item_id"] == str(changed.uid)
    ]
    assert forms == ["open"]


def test_a_rehearsal_is_marked_in_the_manifest_and_on_every_row(project, gold):
    project.rehearsal = True
    project.save()

    release = freeze(project)

    manifest = json.loads(release.manifest)
    assert manifest["rehearsal"] is True
    assert "rehearsal" in manifest["notice"]
    assert all(json.loads(row.line)["metadata"]["rehearsal"] is True for row in release.rows.all())


def test_a_release_that_nobody_touched_is_whole(project, gold):
    release = freeze(project)

    verified = releases.verify(release)

    assert (verified.fault, verified.rows, verified.files) == ("", 6, 2)


def test_a_changed_line_is_named(project, gold):
    release = freeze(project)
    row = release.rows.get(file="mcq.jsonl", position=2)
    rewrite_behind_the_guards(
        "UPDATE curation_releaserow SET line = replace(line, 'ladder', 'hammer') WHERE id = %s",
        row.pk,
    )

    fault = releases.verify(release).fault

    assert fault.startswith("mcq.jsonl, line 2")
    assert row.key in fault


def test_a_line_changed_together_with_its_hash_is_found_in_its_file(project, gold):
    release = freeze(project)
    row = release.rows.get(file="open.jsonl", position=1)
    line = row.line.replace("ladder", "hammer")
    rewrite_behind_the_guards(
        "UPDATE curation_releaserow SET line = %s, sha256 = %s WHERE id = %s",
        line,
        factories.sha256(line),
        row.pk,
    )

    assert releases.verify(release).fault.startswith("open.jsonl")


@pytest.mark.parametrize(
    ("position", "fault"), [(1, "mcq.jsonl: line 1 is not there"), (3, "mcq.jsonl is not the file")]
)
def test_a_missing_line_is_noticed(project, gold, position, fault):
    release = freeze(project)
    rewrite_behind_the_guards(
        "DELETE FROM curation_releaserow WHERE file = 'mcq.jsonl' AND position = %s", position
    )

    assert releases.verify(release).fault.startswith(fault)


def test_a_missing_file_is_noticed(project, gold):
    release = freeze(project)
    rewrite_behind_the_guards("DELETE FROM curation_releaserow WHERE file = 'open.jsonl'")

    assert "files" in releases.verify(release).fault


def test_a_changed_manifest_is_noticed(project, gold):
    release = freeze(project)
    rewrite_behind_the_guards(
        "UPDATE curation_release SET manifest = replace(manifest, 'gold', 'Gold')"
    )
    release.refresh_from_db()

    assert releases.verify(release).fault.startswith("manifest.json")


@pytest.mark.django_db(transaction=True)
def test_what_others_commit_meanwhile_stays_out_of_the_moment():
    project = factories.make_project()
    factories.make_gold_item(project)

    with releases.one_moment():
        before = project.items.gold().count()
        in_another_connection(lambda: factories.make_gold_item(project))
        after = project.items.gold().count()

    assert (before, after) == (1, 1)
    assert project.items.gold().count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_freezes_at_once_make_one_release():
    project = factories.make_project()
    factories.make_gold_item(project)
    refused = []

    def freeze_too():
        try:
            freeze(project)
        except Refused as refusal:
            refused.append(refusal)

    with releases.one_moment():
        project.items.gold().count()
        freeze_too_done = in_another_connection(freeze_too)
        freeze_too()

    assert freeze_too_done
    assert len(refused) == 1
    assert Release.objects.count() == 1
    assert ReleaseRow.objects.count() == 2


def in_another_connection(act):
    """Run it as another client of the database would, and wait for it."""
    from threading import Thread

    def run():
        try:
            act()
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    thread.join(20)
    return not thread.is_alive()
