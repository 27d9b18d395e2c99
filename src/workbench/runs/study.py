"""What a kind of study is to a run: its parameters, its notebook, and what it needs of a source."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.parameters.base import StudyParameters, Unrecorded
from workbench.runs.agreement import Tolerance
from workbench.tables.cohort import Cohort
from workbench.tables.known import KnownTables

Recorded = Mapping[str, bool]


def _nothing_kept(settings: Any, root: Path) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True)
class Study:
    """A kind of study.

    `needs` gives the tables and columns it reads, by what the source records ("consent", "age", "time", "hour",
    "no_show"); `cohort` says who may be studied; `check` refuses, by cheap queries, what cannot be studied; `load`
    brings into memory what it analyzes: counts, or one row for each of what it studies. `rests_on` names what a
    source must record, whatever the parameters; `least` holds the parameters with which it needs least, beside the
    defaults; `reads_where_there` are tables and columns that it reads beside those it needs, where a source has them.
    `tolerance` says how far its numbers may be apart when it is run twice; `leaves_nothing` holds the parameters with
    which it writes no file of its own; `rests_on_kept` names what it reads of the project's kept
    files: words that change where these do.
    """

    name: str
    title: str
    model: type[StudyParameters]
    needs: Callable[[Any, Recorded], Mapping[str, tuple[str, ...]]]
    cohort: Callable[[Any], Cohort]
    check: Callable[[KnownTables, Any], None]
    load: Callable[[KnownTables, Any], object]
    rests_on: tuple[Unrecorded, ...] = ()
    least: Mapping[str, Any] = field(default_factory=dict)
    reads_where_there: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tolerance: Tolerance = field(default_factory=Tolerance)
    leaves_nothing: Mapping[str, Any] = field(default_factory=dict)
    rests_on_kept: Callable[[Any, Path], tuple[str, ...]] = _nothing_kept

    def reads(self, settings: Any, recorded: Recorded) -> dict[str, tuple[str, ...]]:
        """Every table and column it may read; what changes anywhere else changes nothing of it."""
        needed = self.needs(settings, recorded)
        return {
            name: (*needed.get(name, ()), *self.reads_where_there.get(name, ()))
            for name in {**needed, **self.reads_where_there}
        }

    def notebook(self, root: Path) -> Path:
        """Its notebook."""
        return root / "notebooks" / f"{self.name}.ipynb"
