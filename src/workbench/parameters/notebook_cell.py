"""The parameters cell of a notebook, held against the model of its study."""

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from workbench.parameters.allowed import allowed_in_words
from workbench.parameters.base import StudyParameters
from workbench.parameters.reading import KeyPath, place
from workbench.parameters.validation import validated
from workbench.refusal import Fault, Refused, nearest

TAG = "parameters"


@dataclass(frozen=True)
class _Assignment:
    name: str
    line: int
    value: ast.expr


def parameters_cell_faults(
    notebook_path: Path, model: type[StudyParameters], today: date | None = None
) -> tuple[Fault, ...]:
    """What is wrong with a notebook's parameters cell; nothing where it is as it should be.

    The notebook has exactly one cell tagged `parameters`, which assigns every field of the model, in the
    model's order and nothing else, a literal value that validates.

    Args:
        notebook_path: The .ipynb file.
        model: The parameters of its study.
        today: The day from which a rule of `as_of` is resolved; today's in UTC unless given.
    """
    label = f"{notebook_path.name} parameters cell"
    try:
        assignments = _assignments(_source(notebook_path), label)
    except Refused as refused:
        return refused.faults
    return (
        *_name_faults(assignments, model, label),
        *_value_faults(assignments, model, label, today or datetime.now(UTC).date()),
    )


def _source(path: Path) -> str:
    """The source of the one cell tagged `parameters`. Read as JSON: nbformat is slow to import."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        tagged = [cell for cell in cells if TAG in cell.get("metadata", {}).get("tags", ())]
        sources = ["".join(cell["source"]) for cell in tagged if cell["cell_type"] == "code"]
    except OSError:
        raise Refused(Fault(path.name, "the notebook cannot be read.", "Name one that can.")) from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Refused(Fault(path.name, "this is no notebook.", "Save it in JupyterLab again.")) from None
    if len(sources) != 1:
        what = f"{len(sources)} code cells are tagged {TAG}, where exactly one must be."
        raise Refused(Fault(path.name, what, f"Tag the one cell that holds the parameters with {TAG}."))
    return sources[0]


def _assignments(source: str, label: str) -> list[_Assignment]:
    try:
        statements = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        where = f"{label} line {line}" if line else label
        raise Refused(Fault(where, "this is no valid Python.", "Write one name = value per line.")) from None
    found: list[_Assignment] = []
    faults: list[Fault] = []
    for statement in statements:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                found.append(_Assignment(name, statement.lineno, value))
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                found.append(_Assignment(name, statement.lineno, value))
            case _:
                where = f"{label} line {statement.lineno}"
                faults.append(Fault(where, "this is no assignment of one name.", "Move it to another cell."))
    if faults:
        raise Refused(*faults)
    return found


def _name_faults(assignments: list[_Assignment], model: type[StudyParameters], label: str) -> Iterator[Fault]:
    fields = list(model.model_fields)
    names = [one.name for one in assignments]
    for position, one in enumerate(assignments):
        where = place(label, {(one.name,): one.line}, (one.name,))
        if one.name not in fields:
            free = [field for field in fields if field not in names]
            mend = f"Rename or remove it.{nearest(one.name, free)}"
            yield Fault(where, "this name is no field of the model.", mend)
        elif one.name in names[:position]:
            yield Fault(where, "this name is assigned twice.", "Keep one of them.")
    for field in fields:
        if field not in names:
            yield Fault(
                place(label, {}, (field,)),
                "this key is missing.",
                f"Write {allowed_in_words(model, (field,))}.",
            )
    known = list(dict.fromkeys(name for name in names if name in fields))
    if known != sorted(known, key=fields.index):
        yield Fault(
            label, "the names stand in another order than the model's.", f"The order is {', '.join(fields)}."
        )


def _value_faults(
    assignments: list[_Assignment], model: type[StudyParameters], label: str, today: date
) -> list[Fault]:
    lines: dict[KeyPath, int] = {(one.name,): one.line for one in assignments}
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    for one in assignments:
        try:
            values[one.name] = ast.literal_eval(one.value)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            mend = 'Write it out, such as "2026-11-16", 28 or ["analysts"].'
            faults.append(Fault(place(label, lines, (one.name,)), "the value is no literal.", mend))
    named = {one.name for one in assignments}
    if faults or any(field.is_required() and name not in named for name, field in model.model_fields.items()):
        return faults
    try:
        fields = {name: value for name, value in values.items() if name in model.model_fields}
        validated(model, fields, lambda path: place(label, lines, path), today=today)
    except Refused as refused:
        return list(refused.faults)
    return []
