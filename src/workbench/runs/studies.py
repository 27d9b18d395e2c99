"""The kinds of study there are: for each its parameters, its notebook, and what it needs of a source."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.experiments.counts import check_experiment, needed_columns
from workbench.experiments.parameters import ABTest
from workbench.parameters.base import StudyParameters
from workbench.segments import people
from workbench.segments.parameters import Segmentation
from workbench.tables.known import KnownTables

Recorded = Mapping[str, bool]


@dataclass(frozen=True)
class Study:
    """A kind of study.

    `needs` gives the tables and columns it reads, by what the source records ("consent", "age", "time");
    `check` refuses, by cheap queries, what cannot be studied.
    """

    name: str
    title: str
    model: type[StudyParameters]
    needs: Callable[[Any, Recorded], Mapping[str, tuple[str, ...]]]
    check: Callable[[KnownTables, Any], None]

    def notebook(self, root: Path) -> Path:
        """Its notebook."""
        return root / "notebooks" / f"{self.name}.ipynb"


STUDIES: dict[str, Study] = {
    study.name: study
    for study in (
        Study(
            name="ab_test",
            title="A/B analysis",
            model=ABTest,
            needs=needed_columns,
            check=check_experiment,
        ),
        Study(
            name="segmentation",
            title="Segmentation",
            model=Segmentation,
            needs=people.needed_columns,
            check=people.check_segmentation,
        ),
    )
}

MODELS: dict[str, type[StudyParameters]] = {name: study.model for name, study in STUDIES.items()}
