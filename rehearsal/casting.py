"""The first step: accounts, the project with its people, and the endpoints of the rehearsal.

Accounts and the project are made at a shell, as the operator of an installation does; what is in
the project by its curator, on the pages.
"""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from rehearsal.accounts import ROLES, username
from rehearsal.browser import Browser
from rehearsal.shell import manage
from rehearsal.stage import Stage

AT_ONCE = 2  # commands in processes of their own
DRAFTER = "rehearsal-drafter"
SUBJECTS = {"consistent": "rehearsal-consistent", "fake_aligned": "rehearsal-fake-aligned"}
DRAFTS = {"positive_option", "negative_option", "risk_tags"}
PASSWORD = "REHEARSAL_PASSWORD"  # noqa: S105 - the name of a variable


def cast(stage: Stage) -> bool:
    """Make whoever and whatever is not there yet; say whether anything was missing."""
    made = _accounts(stage) if not stage.knows("cora") else 0
    made += _project(stage)
    cora = stage.as_("cora")
    made += sum([_member(stage, cora, name, role) for name, role in ROLES.items()])
    made += sum([_endpoint(stage, cora, name) for name in (DRAFTER, *SUBJECTS.values())])
    return made > 0


def _accounts(stage: Stage) -> int:
    commands = [("add_user", username(name), "--password-env", PASSWORD) for name in ROLES]
    # The curator comes last: where she is, everybody is.
    others = _all(commands[1:], stage.secrets.password)
    return sum(row["created"] for row in [*others, *_all(commands[:1], stage.secrets.password)])


def _project(stage: Stage) -> int:
    script = stage.script
    if script.slug in [project["slug"] for project in stage.client.object("projects/")["results"]]:
        return 0
    made = manage(
        *("create_project", script.slug, "--name", script.name, "--taxonomy", script.taxonomy),
        *("--languages", script.languages, "--curator", username("cora"), "--rehearsal"),
    )
    return int(made["created"])


def _member(stage: Stage, cora: Browser, name: str, role: str) -> int:
    page = cora.get(stage.path("members/"))
    listed = [row.text.split()[0] for row in page.tree.all("th", scope="row")]
    if username(name) in listed:
        return 0
    cora.submit(page.form(having="username").fill(username=username(name), role=role))
    return 1


def _endpoint(stage: Stage, cora: Browser, name: str) -> int:
    """Name an endpoint, or tell one that is there where the rehearsal listens today."""
    page = cora.get(stage.path("endpoints/"))
    known = {words: path for path, words in page.links()}
    roles = DRAFTS if name == DRAFTER else set()
    if name not in known:
        form = page.form(having="base_url")
        form.fill(name=name, model=name, base_url=stage.endpoint, roles=roles)
        cora.submit(form)
        return 1
    form = cora.get(known[name]).form(having="base_url")
    if form.values["base_url"] == [stage.endpoint] and set(form.values["roles"]) == roles:
        return 0
    cora.submit(form.fill(base_url=stage.endpoint, roles=roles))
    return 1


def _all(commands: Iterable[tuple[str, ...]], password: str) -> list[dict[str, Any]]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda words: manage(*words, secrets={PASSWORD: password}), commands))
