"""What a kind of study is to a run: its parameters, its notebook, and what it needs of a source."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.parameters.base import StudyParameters
from workbench.tables.cohort import Cohort
from workbench.tables.known import KnownTables

Recorded = Mapping[str, bool]


@dataclass(frozen=True)
class Study:
    """A kind of study.

    `needs` gives the tables and columns it reads, by what the source records ("consent", "age", "time", "hour");
    `cohort` says who may be studied; `check` refuses, by cheap queries, what cannot be studied; `load` reads all
    that the analysis is made of.
    """

    name: str
    title: str
    model: type[StudyParameters]
    needs: Callable[[Any, Recorded], Mapping[str, tuple[str, ...]]]
    cohort: Callable[[Any], Cohort]
    check: Callable[[KnownTables, Any], None]
    load: Callable[[KnownTables, Any], object]

    def notebook(self, root: Path) -> Path:
        """Its notebook."""
        return root / "notebooks" / f"{self.name}.ipynb"
