"""One floor rests on the floors below it and never reaches up."""

import ast
from pathlib import Path

import pytest

import workbench

PACKAGE = Path(workbench.__file__).parent
# A package that declares a study's parameters is an analysis room, so that a new study has its floor at once.
ANALYSES = {path.parent.name for path in PACKAGE.glob("*/parameters.py")}
# From the ground up; rooms on one floor do not know each other.
FLOORS = [
    {"refusal"},
    {"project", "whole_folder"},
    {"protection"},
    {"parameters"},
    {"tables", "settings", "sampling"},
    {"ingest", "simulate", "outreach"} | ANALYSES,
    {"present"},
    {"reports"},
    {"runs"},
    {"authoring", "jupyter"},
    {"cli"},
    {"__main__", "__init__"},
]
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
MODULES = sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def rooms_imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return {name.split(".")[1] for name in names if name.startswith("workbench.")}


def test_every_room_has_a_floor() -> None:
    assert {room_of(path) for path in MODULES} <= FLOOR_OF.keys()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_module_reaches_down_only(path: Path) -> None:
    room = room_of(path)
    for other in rooms_imported(path) - {room}:
        assert FLOOR_OF[other] < FLOOR_OF[room], f"{room} reaches up, or across, to {other}"
