"""The files a new kind of study starts from: a small study that is whole, whose author replaces the question."""

import json
from datetime import date
from functools import cache
from pathlib import PurePosixPath
from typing import Any

import nbformat
from jinja2 import Environment, PackageLoader, StrictUndefined
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from workbench.authoring.study_names import StudyName
from workbench.parameters.base import StudyParameters
from workbench.parameters.validation import validated

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
CELL = "%% "
"""What a line begins with that opens a cell: its type, and its tag where it has one."""

SAMPLE_DAY = date(2026, 11, 16)
"""The day up to which the simulated provider's data reach."""


def study_files(name: StudyName) -> dict[PurePosixPath, str]:
    """The text of every file of a new study, by its path from the project's root."""
    study, package = name.name, PurePosixPath("src/workbench")
    room, present = package / study, package / "present" / study
    templates = {
        room / "__init__.py": "room.py.j2",
        room / "parameters.py": "parameters.py.j2",
        room / "counts.py": "counts.py.j2",
        present / "__init__.py": "present_room.py.j2",
        present / "result.py": "result.py.j2",
        present / "sections.py": "sections.py.j2",
        package / "runs" / "studies" / f"{study}.py": "study.py.j2",
        PurePosixPath(f"params/{study}/sample.yaml"): "sample.yaml.j2",
        PurePosixPath(f"tests/{study}/test_counts.py"): "test_counts.py.j2",
        name.page: "page.md.j2",
    }
    values = _values(name)
    files = {path: _rendered(template, values) for path, template in templates.items()}
    files[PurePosixPath(f"notebooks/{study}.ipynb")] = _notebook(_rendered("notebook.j2", values))
    return files


def _values(name: StudyName) -> dict[str, Any]:
    common = {
        "title": name.title,
        "audience": ["analysts"],
        "owner": "Outreach analytics",
        "release": "automatic",
        "as_of": SAMPLE_DAY.isoformat(),
        "source": "sample",
        "seed": 20261116,
    }
    own = {
        "question": "How many people are in care, by treatment phase?",
        "group_by": "treatment_phase",
        "required_recorded": 0.95,
        "who_must_act": "The study's author replaces the question by one that somebody has to act on.",
    }
    # The keys that every study has are read from their model, so that the cell keeps up with it.
    base = validated(StudyParameters, common, lambda path: "a new study's parameters", today=SAMPLE_DAY)
    return {
        "name": name.name,
        "title": name.title,
        "model": name.model,
        "sample": {**common, **own},
        "parameters": {**base.as_values(), **own},
    }


def _rendered(template: str, values: dict[str, Any]) -> str:
    return _environment().get_template(template).render(values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("workbench.authoring"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - Python, YAML and Markdown; what is put in are names and settings
    )
    environment.filters["literal"] = repr
    environment.filters["json"] = _json
    return environment


def _json(value: Any) -> str:
    """A plain value as JSON, which YAML reads too."""
    return json.dumps(value, ensure_ascii=False)


def _notebook(text: str) -> str:
    """The notebook of a text in which each cell opens with a line such as "%% code parameters"."""
    cells = []
    for at, part in enumerate(f"\n{text}".split(f"\n{CELL}")[1:]):
        head, _, source = part.partition("\n")
        kind, *tags = head.split()
        make = {"code": new_code_cell, "markdown": new_markdown_cell}[kind]
        cells.append(make(source.strip("\n"), id=f"c{at:02d}", metadata={"tags": tags} if tags else {}))
    metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    return str(nbformat.writes(new_notebook(cells=cells, metadata=metadata))) + "\n"
