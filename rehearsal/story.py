"""The story that `make demo` tells, from a file of questions to scores.

This is a rehearsal: every person and every model in it is a script, and all it makes is marked so.
Each step looks first at what is there, so that the story can be told twice, and goes on where it
was broken off.

    python -m rehearsal.story --key-file KEY [--once] [--items N]
    python -m rehearsal.story --key-file KEY --once --file FILE --slug fine [--languages en] …

plays the same with another file of questions, whose options it may hold. Runs beside the site:
`make demo`, or `python -m config.serve --demo --once -- --file FILE --slug fine`. It wants SITE_URL
and REHEARSAL_PORT, and what the management commands want, in its environment.
"""

import argparse
import http.client
import os
import sys
import tempfile
import time
from pathlib import Path

from rehearsal import leaving, making, measuring, samples
from rehearsal.accounts import ROLES, Secrets, username
from rehearsal.browser import Trouble, wait_for
from rehearsal.casting import cast
from rehearsal.client import Denied
from rehearsal.fillable import CannotFill
from rehearsal.key import write_key
from rehearsal.shell import Refused
from rehearsal.stage import Script, Stage
from rehearsal.telling import WIDTH, table

LOOK = 5.0  # seconds between two looks at what visitors have frozen


def tell(stage: Stage, folder: Path, *, whole: bool) -> None:
    """Tell the story; `whole` says that there are items enough for rates to mean something."""
    teller, script = stage.teller, stage.script
    teller.say("A rehearsal: everybody below is a script, the endpoint is no model.\n")
    with teller.step("Accounts, the project, its people and its endpoints") as step:
        if cast(stage):
            step.done = f"{len(ROLES)} accounts, project “{script.slug}”"
        else:
            step.already = f"{len(ROLES)} accounts, project “{script.slug}”"
    first_release(stage)
    second_release(stage, folder)
    with teller.step(
        "Verify and export release 2, score it from its files and on the site"
    ) as step:
        scores = measuring.score(stage, measuring.export(stage, 2, folder), 2, whole=whole)
        step.done = "both ways give the same figures, and those that were played"
    if script.later:
        leave_work(stage)
    teller.say("\nConsistency over release 2 (CS, CSS), with open and choice rates. A rehearsal:")
    teller.say("two scripts were measured, one made to be consistent, one to be fake-aligned.\n")
    for line in table(measuring.figures(scores)):
        teller.say(f"  {line}")


def first_release(stage: Stage) -> None:
    teller = stage.teller
    if release := stage.releases().get(1):
        with teller.step("Import, draft, review, sign off, freeze") as step:
            step.already = making.held(release)
        return
    with teller.step(f"Import {stage.script.file.name}") as step:
        report = making.import_(stage, stage.script.file)
        if report["created"]:
            step.done = report["summary"]
        else:
            step.already = f"{report['rows']} questions"
    with teller.step("Draft options and risk tags by worker processes, over HTTP") as step:
        step.done = making.draft(stage)
        step.already = "" if step.done else "all there is to draft"
    with teller.step("Three workers review and rewrite on the pages, a reviewer settles") as step:
        campaign = making.open_campaign(stage, "review", "Review")["campaign"]
        step.done = making.see_through(stage, campaign)
    with teller.step("Freeze release 1") as step:
        signed = making.all_signed(stage)
        step.done = f"{signed}; {making.freeze(stage, 'Rehearsal: items')}"


def second_release(stage: Stage, folder: Path) -> None:
    teller = stage.teller
    if release := stage.releases().get(2):
        with teller.step("Ask both subjects, judge, settle, freeze") as step:
            step.already = making.held(release)
        return
    with teller.step("Export release 1; tell the two subjects which option is which") as step:
        step.done = measuring.teach(stage, measuring.export(stage, 1, folder))
    with teller.step("Two subjects answer release 1, openly and by choosing") as step:
        step.done = measuring.ask(stage, 1)
    with teller.step("Three workers judge the open answers, a reviewer settles") as step:
        campaign = making.open_campaign(stage, "answers", "Answers")["campaign"]
        step.done = making.see_through(stage, campaign)
    with teller.step("Freeze release 2, with verdicts") as step:
        step.done = making.freeze(stage, "Rehearsal: items and verdicts")


def leave_work(stage: Stage) -> None:
    with stage.teller.step("Leave a few later questions under review, for you") as step:
        step.done = leaving.leave(stage)
        step.already = "" if step.done else "a campaign “Later questions”"


def farewell(stage: Stage) -> None:
    say = stage.teller.say
    say("\n" + "─" * WIDTH)
    say(f"The site stands: {stage.site}      (Ctrl-C ends it and everything it started)")
    say(f"Password of everybody below: {stage.secrets.password}\n")
    looks = {
        "cora": "the overview, items and their history, runs, releases, scores",
        "rea": "releases and scores, and nothing that is not for readers",
        **leaving.waiting(stage),
    }
    for name, role in ROLES.items():
        say(f"  {username(name):<15} {role:<9} {looks[name]}")
    say(f"\nBegin with {stage.site}{stage.path()} as {username('cora')}.")


def keep_up(stage: Stage, folder: Path) -> None:
    """As long as the site stands: teach the subjects what visitors freeze."""
    known = max(stage.releases())
    while True:
        time.sleep(LOOK)
        try:
            latest = max(stage.releases())
            if latest > known:
                mcq = folder / f"mcq-{latest}.jsonl"
                path = f"projects/{stage.slug}/releases/{latest}/mcq.jsonl"
                mcq.write_bytes(stage.client.get(path))
                write_key(mcq, stage.key_file)
                known = latest
        except (OSError, Denied, http.client.HTTPException):
            continue  # the site may be busy, or ending


def read_arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m rehearsal.story")
    parser.add_argument("--key-file", type=Path, required=True)
    parser.add_argument("--once", action="store_true", help="end when the story is told")
    parser.add_argument("--items", type=int, help="play only this many items of the sample")
    parser.add_argument("--file", type=Path, help="questions to play instead of the sample")
    parser.add_argument("--slug", default="rehearsal")
    parser.add_argument("--name", help="of the project")
    parser.add_argument("--taxonomy", default="faef")
    parser.add_argument("--languages", default="en,zh")
    wanted = parser.parse_args(arguments)
    if wanted.file and wanted.slug == "rehearsal":
        parser.error("another file needs another project: --slug")
    return wanted


def script_of(wanted: argparse.Namespace, folder: Path) -> Script:
    if wanted.file:
        return Script(
            file=wanted.file.resolve(),
            slug=wanted.slug,
            name=wanted.name or f"Rehearsal: {wanted.file.name}",
            taxonomy=wanted.taxonomy,
            languages=wanted.languages,
            source=wanted.file.name,
        )
    if wanted.items:
        return Script(samples.first(wanted.items, folder), later=samples.LATER)
    return Script(samples.QUESTIONS, later=samples.LATER)


def main(arguments: list[str] | None = None) -> int:
    wanted = read_arguments(arguments)
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as name:
        folder = Path(name)
        stage = Stage(
            site=os.environ["SITE_URL"],
            endpoint=f"http://127.0.0.1:{os.environ['REHEARSAL_PORT']}/v1",
            key_file=wanted.key_file,
            script=script_of(wanted, folder),
            secrets=Secrets(wanted.key_file.with_name("rehearsal-accounts.json")),
        )
        begun = time.monotonic()
        try:
            wait_for(stage.site)
            tell(stage, folder, whole=not wanted.items)
        except (Trouble, Refused, Denied, CannotFill) as trouble:
            print(f"\nThe story broke off: {trouble}", file=sys.stderr, flush=True)
            return 1
        stage.teller.say(f"\nTold in {time.monotonic() - begun:.0f} seconds.")
        if not wanted.once:
            farewell(stage)
            keep_up(stage, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
