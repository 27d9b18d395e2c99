"""Shift-Tab answers: everything of the workbench that a notebook or the first hour's guide uses says what it is."""

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "first-day.md").read_text(encoding="utf-8")


def sources() -> Iterator[str]:
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = nbformat.read(path, as_version=4).cells
        # Line magics are none of the workbench's.
        yield "\n".join(
            re.sub(r"^\s*%.*$", "", cell.source, flags=re.MULTILINE)
            for cell in cells
            if cell.cell_type == "code"
        )
    yield "\n".join(re.findall(r"^```python\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL))


def imported(tree: ast.AST) -> dict[str, Any]:
    """What the code imports from the workbench, by the name it has there."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "workbench":
            for alias in node.names:
                try:
                    value = getattr(importlib.import_module(str(node.module)), alias.name)
                except AttributeError:
                    value = importlib.import_module(f"{node.module}.{alias.name}")
                found[alias.asname or alias.name] = value
    return found


def used() -> dict[str, Any]:
    """Functions and classes that are imported, public methods of these classes and of what functions return."""
    found: dict[str, Any] = {}
    for source in sources():
        tree = ast.parse(source)
        names = imported(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                owner = names.get(node.value.id)
                if isinstance(owner, ModuleType):
                    found[f"{owner.__name__}.{node.attr}"] = getattr(owner, node.attr)
        found |= {f"{value.__module__}.{name}": value for name, value in names.items() if callable(value)}
    for value in list(found.values()):
        given = value if inspect.isclass(value) else inspect.get_annotations(value, eval_str=True).get("return")
        if inspect.isclass(given) and given.__module__.startswith("workbench."):
            for name, member in vars(given).items():
                plain = member.__func__ if isinstance(member, classmethod | staticmethod) else member
                if not name.startswith("_") and (inspect.isfunction(plain) or isinstance(plain, property)):
                    found[f"{given.__module__}.{given.__name__}.{name}"] = plain
            found[f"{given.__module__}.{given.__name__}"] = given
    return found


USED = used()


def test_what_notebooks_use_is_found() -> None:
    assert {
        "workbench.experiments.analysis.analyze",
        "workbench.present.experiment.sections.what_it_did",
        "workbench.tables.known.Tables.known",
        "workbench.experiments.parameters.ABTest",
    } <= USED.keys()


@pytest.mark.parametrize("name", sorted(USED))
def test_it_says_what_it_is(name: str) -> None:
    value = USED[name]
    # Not inherited: pydantic and ipywidgets document themselves, which tells nothing of the workbench.
    told = (value.__doc__ or "").strip()
    assert len(told.split()) >= 3, f"{name} has no docstring of its own"


@pytest.mark.parametrize("name", sorted(name for name, value in USED.items() if inspect.isfunction(value)))
def test_it_says_what_it_takes_and_gives(name: str) -> None:
    signature = inspect.signature(USED[name])
    assert signature.return_annotation is not inspect.Signature.empty
    for parameter in signature.parameters.values():
        if parameter.name not in {"self", "cls"}:
            assert parameter.annotation is not inspect.Parameter.empty, f"{name}: {parameter.name} has no type"
