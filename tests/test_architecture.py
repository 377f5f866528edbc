"""Imports go one way: config → api → annotation → curation → scoring."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAY_IMPORT = {
    "scoring": set(),
    "rehearsal": set(),
    "curation": {"scoring"},
    "annotation": {"curation", "scoring"},
    "api": {"annotation", "curation", "scoring"},
    "config": {"api", "annotation", "curation"},
}
# These translate in, call once and translate out, so nothing may lean on them.
RIM = {"views", "tasks", "management", "forms", "urls", "doors"}
SCORING_MAY_USE = {"numpy"}


def imports_of(path: Path) -> Iterator[str]:
    """Yield the full name of every module the file imports, function-level imports too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                package = path.relative_to(ROOT).with_suffix("").parts[: -node.level]
                base = ".".join((*package, *filter(None, [node.module])))
            else:
                base = node.module or ""
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def faults_in(path: Path, room: str) -> list[str]:
    """Name every import of the file that goes against the arrows."""
    faults = []
    inside = path.relative_to(ROOT / room).parts if (ROOT / room) in path.parents else path.parts
    on_the_rim = bool(RIM & {Path(part).stem for part in inside})
    for name in imports_of(path):
        first, *rest = name.split(".")
        if first in MAY_IMPORT and first != room and first not in MAY_IMPORT[room]:
            faults.append(f"{path.name} of {room} imports {name}")
        if first in MAY_IMPORT and room != "config" and not on_the_rim and RIM & set(rest[:1]):
            faults.append(f"{path.name} of {room} imports {name}, which is on the rim")
        if room == "scoring" and first in {"django", "rest_framework", "celery", "psycopg"}:
            faults.append(f"{path.name} of scoring imports {name}")
    return faults


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_what_the_arrows_allow(room):
    files = [path for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts]

    faults = [fault for path in files for fault in faults_in(path, room)]

    assert files
    assert faults == []


@pytest.mark.parametrize(
    ("room", "line"),
    [
        ("curation", "from annotation.models import Judgement"),
        ("curation", "def late():\n    import annotation"),
        ("annotation", "from api import errors"),
        ("annotation", "from annotation.views import work"),
        ("scoring", "import django"),
        ("scoring", "from curation.text import normal_form"),
        ("rehearsal", "from curation.models import Item"),
    ],
)
def test_a_planted_import_against_the_arrows_is_found(tmp_path, room, line):
    planted = tmp_path / "planted.py"
    planted.write_text(line)

    assert faults_in(planted, room)


def test_a_foreign_key_across_rooms_has_no_way_back():
    from django.apps import apps

    faults = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        if model._meta.app_label in MAY_IMPORT
        for field in model._meta.get_fields()
        if field.is_relation
        and not field.auto_created
        and field.related_model._meta.app_label in set(MAY_IMPORT) - {model._meta.app_label}
        and not field.remote_field.hidden
    ]

    assert faults == []
