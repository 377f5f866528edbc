"""Many curators and one draft: nobody saves over what they have not read, and losers are told."""

from collections import Counter
from functools import partial

import pytest
from django.contrib.auth.models import User

from annotation import corrections, guideline_drafts
from annotation.guideline_drafts import Overtaken, seen_of, standing
from annotation.models import Campaign, GuidelineDraft
from curation import tag_words, taxonomy_drafts
from curation.models import Option, Project, TagDraft
from tests import factories
from tests.annotation import acting
from tests.bars.crew import INVOKE, OK, Client, run
from tests.bars.faults import Statement
from tests.bars.report import FAULTY, HANDFUL, SCALE, Finding, scaled, seed, twice

ROUNDS, PROCESSES, THREADS = 200, 8, 4
TABLE = '"annotation_guidelinedraft"'
LOOKS_AT_NO_VERSION = Statement(rf'{TABLE}\."version" = %s', "%s >= 0")


def write(client: Client, *, campaign: int, rounds: int) -> None:
    """Add one to one's own count in the text, again and again, as a page does: read, type, save."""
    of = Campaign.objects.get(pk=campaign)
    draft = standing(of)
    for _round in range(rounds):
        heard = client.ask("save", partial(_saved, client, draft), saw=draft.version)
        if heard["kind"] == OK:
            draft = standing(of)


def _saved(client: Client, seen: GuidelineDraft) -> dict[str, object]:
    """Return what is told: the version that was saved, or the one that stands instead."""
    text = counted(seen, client.number)
    try:
        saved = guideline_drafts.save(
            campaign=seen.campaign, seen=seen_of(seen), text_en=text, text_zh="", by=None
        )
    except Overtaken as overtaken:
        return {"won": False, "version": overtaken.now.version, "text": overtaken.now.text_en}
    return {"won": True, "version": saved.version, "text": text}


def correct(client: Client, *, option: int, curator: int, rounds: int) -> None:
    """Correct what stands, again and again; who was slower goes on from the winner's text."""
    by = User.objects.get(pk=curator)
    seen = Option.objects.get(pk=option)
    for number in range(rounds):
        text = f"Ask first, says {client.number} in round {number}."
        call = partial(_corrected, seen, text, by)
        heard = client.ask("correct", call, saw=seen.pk, text=text)
        if heard["kind"] == OK:
            seen = Option.objects.get(pk=heard["stands"])


def _corrected(seen: Option, text: str, by: User) -> dict[str, object]:
    try:
        return {"won": True, "stands": corrections.correct(option=seen, text=text, by=by).pk}
    except corrections.Overtaken as overtaken:
        now = overtaken.now or seen
        return {"won": False, "stands": now.pk, "told": now.text}


def define(client: Client, *, project: int, tag: int, rounds: int) -> None:
    """Add one's number to a tag's definition, again and again; who was slower reads again."""
    of = Project.objects.get(pk=project)
    seen = TagDraft.objects.get(pk=tag)
    for _round in range(rounds):
        heard = client.ask("define", partial(_defined, client, of, seen), saw=seen.version)
        if heard["kind"] == OK:
            seen = TagDraft.objects.get(pk=tag)


def _defined(client: Client, project: Project, tag: TagDraft) -> dict[str, object]:
    text = f"{tag.definition_en} {client.number}".strip()
    words = tag_words.of(tag)._replace(definition_en=text)
    try:
        saved = taxonomy_drafts.save(
            project=project, seen=taxonomy_drafts.seen_of(tag), words=words, by=None
        )
    except taxonomy_drafts.Overtaken as overtaken:
        return {"won": False, "version": overtaken.now.version}
    return {"won": True, "version": saved.version}


def counts_in(draft: GuidelineDraft) -> Counter:
    """Read what each client has added; the text in force, before the first save, has nothing."""
    words = draft.text_en.split() if draft.version else []
    pairs = (word.split("=") for word in words)
    return Counter({int(number): int(count) for number, count in pairs})


def counted(draft: GuidelineDraft, number: int) -> str:
    counts = counts_in(draft) + Counter([number])
    return " ".join(f"{client}={count}" for client, count in sorted(counts.items()))


def hold(ground, scale, faults=(), *, processes=PROCESSES, threads=THREADS) -> Finding:
    found = Finding("edits", seed())
    campaign = acting.open_review(factories.make_project())
    plan = ground.plan(
        "tests.bars.test_edits:write",
        processes=processes,
        threads=threads,
        seed=found.seed,
        faults=faults,
        campaign=campaign.pk,
        rounds=scaled(ROUNDS, scale, least=10),
    )
    with ground.watch() as watch:
        log = run(plan)
    check(found, log, standing(campaign))
    found.figures |= {"clients": processes * threads, **watch.figures}
    return found.told()


def check(found: Finding, log: list, final: GuidelineDraft) -> None:
    heard = [entry for entry in log if "won" in entry]
    won = [entry for entry in heard if entry["won"]]
    lost = [entry for entry in heard if not entry["won"]]
    texts = {entry["version"]: entry["text"] for entry in won}
    counts, saves = counts_in(final), Counter(entry["client"] for entry in won)

    found.blame("saved over what was not read", [e for e in won if e["version"] != e["saw"] + 1])
    found.blame("updates lost", (saves - counts).elements())
    found.blame("updates nobody made", (counts - saves).elements())
    found.blame("one version twice", twice(entry["version"] for entry in won))
    found.blame("another version", [final.version] if final.version != len(won) else [])
    found.blame("refused without need", [e for e in lost if e["version"] <= e["saw"]])
    found.blame("not the winner's text", [e for e in lost if e["text"] != texts[e["version"]]])
    found.blame("errors", [e for e in log if e["kind"] in ("unknown", "refused")])
    found.figures |= {"saves": len(won), "losers": len(lost), "version": final.version}


def test_of_many_who_correct_one_text_each_follows_what_they_saw(ground):
    found = Finding("corrections", seed())
    option = factories.make_option()
    plan = ground.plan(
        "tests.bars.test_edits:correct",
        processes=2,
        threads=4,
        seed=found.seed,
        option=option.pk,
        curator=factories.make_user().pk,
        rounds=10,
    )

    heard = [entry for entry in run(plan) if entry["kind"] != INVOKE]

    won = {entry["stands"]: entry for entry in heard if entry.get("won")}
    made = {made.pk: made for made in Option.objects.exclude(pk=option.pk)}
    assert {entry["kind"] for entry in heard} == {OK}
    assert won.keys() == made.keys()
    assert all(made[pk].supersedes_id == entry["saw"] for pk, entry in won.items())
    assert all(made[e["stands"]].text == e["told"] for e in heard if not e["won"])
    assert 0 < len(won) < len(heard)


def test_of_many_who_define_one_tag_nobody_loses_what_they_were_told_is_saved(ground):
    found = Finding("tags", seed())
    project = factories.make_project()
    draft = taxonomy_drafts.begin(project=project, by=None)
    tag = draft.tags.get(code="law")
    plan = ground.plan(
        "tests.bars.test_edits:define",
        processes=2,
        threads=4,
        seed=found.seed,
        project=project.pk,
        tag=tag.pk,
        rounds=10,
    )

    heard = [entry for entry in run(plan) if entry["kind"] != INVOKE]

    won = [entry for entry in heard if entry.get("won")]
    tag.refresh_from_db()
    draft.refresh_from_db()
    assert {entry["kind"] for entry in heard} == {OK}
    assert Counter(tag.definition_en.split()) == Counter(str(e["client"]) for e in won)
    assert all(entry["version"] == entry["saw"] + 1 for entry in won)
    assert all(e["version"] > e["saw"] for e in heard if not e["won"])
    assert tag.version == draft.version == len(won) + 1
    assert 0 < len(won) < len(heard)


def test_a_handful_of_curators_lose_nothing(ground):
    found = hold(ground, HANDFUL, processes=2, threads=2)

    assert found.wrong == {}


@pytest.mark.slow
def test_no_update_is_lost_and_every_loser_is_told_the_winners_text(ground):
    found = hold(ground, SCALE)

    assert found.wrong == {}
    assert found.figures["losers"] > 0, "nobody was ever slower than another"


@pytest.mark.slow
def test_a_save_that_looks_at_no_version_is_seen(ground):
    found = hold(ground, FAULTY, faults=(LOOKS_AT_NO_VERSION,))

    assert {"updates lost", "saved over what was not read"} <= found.wrong.keys()
