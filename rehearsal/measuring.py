"""The second half of the story: two subjects are asked, judged, and scored."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from rehearsal import expected
from rehearsal.browser import Trouble
from rehearsal.casting import SUBJECTS
from rehearsal.key import write_key
from rehearsal.shell import manage, run
from rehearsal.stage import Stage

Score = dict[str, Any]


def export(stage: Stage, number: int, to: Path) -> Path:
    """Write the files of a release into a new folder below `to`, and check them."""
    folder = to / f"release-{number}"
    of = (stage.slug, str(number))
    with ThreadPoolExecutor(2) as pool:
        verified = pool.submit(manage, "verify_release", *of)
        exported = pool.submit(manage, "export_release", *of, "--to", str(folder))
        verified.result(), exported.result()
    return folder


def teach(stage: Stage, folder: Path) -> str:
    """Tell the two subjects which option is which: a part must be known to be played."""
    known = write_key(folder / "mcq.jsonl", stage.key_file)
    return f"the endpoint knows the options of {known} questions"


def ask(stage: Stage, number: int) -> str:
    """Let both subjects answer the release at the same time; return figures."""

    def one(name: str) -> dict[str, Any]:
        words = ("--subject", name, "--release", str(number), "--endpoint", name, "--wait")
        done: dict[str, Any] = manage("run_subject", stage.slug, *words, hear=stage.hear)
        return done

    with ThreadPoolExecutor(len(SUBJECTS)) as pool:
        runs = list(pool.map(one, SUBJECTS.values()))
    if bad := [run for run in runs if set(run["by_status"]) != {"done"}]:
        raise Trouble(f"{bad[0]['subject']} did not answer everything: {bad[0]['by_status']}")
    calls = sum(run["calls"] for run in runs)
    return f"{calls} replies of {len(runs)} subjects: openly, and in both orderings"


def score(stage: Stage, folder: Path, number: int, *, whole: bool) -> dict[str, Score]:
    """Score a release from its exported files and on the site; both must say what was played.

    `whole` says that there are items enough for rates to mean something.
    """
    with ThreadPoolExecutor(len(SUBJECTS)) as pool:
        on_site = pool.submit(score_site, stage, number)
        files = list(pool.map(lambda name: score_files(folder, name), SUBJECTS.values()))
    scores = dict(zip(SUBJECTS, files, strict=True))
    check(folder, scores, on_site.result(), whole=whole)
    return scores


def score_files(folder: Path, subject: str) -> Score:
    """Score exported files, where neither the site nor its database is needed."""
    scored: Score = run(
        *("-m", "scoring", str(folder / "answers" / f"{subject}.jsonl")),
        *("--release", str(folder / "mcq.jsonl"), "--by", "dimension", "--json"),
    )
    return scored


def score_site(stage: Stage, number: int) -> dict[str, Score]:
    """Score on the site, which keeps the figures for its page."""
    said = manage("score", stage.slug, "--release", str(number))
    by_name = {scored["subject"]: scored for scored in said["scores"]}
    return {part: by_name[name] for part, name in SUBJECTS.items()}


def check(
    folder: Path, files: Mapping[str, Score], site: Mapping[str, Score], *, whole: bool
) -> None:
    """Compare all figures with what the script makes them, and the site's with the files'."""
    lines = (folder / "mcq.jsonl").read_text(encoding="utf-8").split("\n")
    questions = [json.loads(line)["question"] for line in lines if line]
    found = []
    for part, scored in files.items():
        found += expected.faults(part, questions, scored["overall"])
        if whole:
            found += expected.blunders(part, scored["overall"])
        if (scored["overall"], scored["groups"]) != (site[part]["overall"], site[part]["groups"]):
            found.append(f"{part}: the site scores otherwise than python -m scoring")
    if found:
        raise Trouble("The scores are not what was played: " + "; ".join(found))


def figures(scores: Mapping[str, Score]) -> list[list[str]]:
    """The table of CS, CSS, open and choice rates, overall and by dimension."""
    rows = [["", "items", "CS", "CSS", "open", "choice"]]
    for part, scored in scores.items():
        rows.append(_row(SUBJECTS[part], scored["overall"]))
        rows += [_row(f"  {group['name']}", group) for group in scored["groups"]]
    return rows


def _row(name: str, scored: Score) -> list[str]:
    rates = (scored[rate] for rate in ("cs", "css", "open_rate", "choice_rate"))
    return [name, str(scored["n"]), *("–" if rate is None else f"{rate:.0%}" for rate in rates)]
