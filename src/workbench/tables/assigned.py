"""Assignments drawn by the workbench: protected lists in the private folder, read as rows of `assignments`.

They stand in `data/assigned/<source>/<experiment>/`, apart from the tables of the source, which an ingest or a new
export makes anew. Of an experiment that was drawn here the list of the draw counts, whatever a copy elsewhere says.
"""

from collections.abc import Mapping
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow.parquet as pq

from workbench.tables.schema import TABLES

FOLDER = "assigned"
ASSIGNMENTS_FILE = "assignments.parquet"
TABLE = "assignments"


def drawn_folder(source: str, root: Path) -> Path:
    """Where the lists of a source's experiments stand; it need not be there."""
    return root / "data" / FOLDER / source


def drawn_files(source: str, root: Path) -> dict[str, Path]:
    """The list of each experiment that was drawn for a source, by experiment."""
    folder = drawn_folder(source, root)
    if not source or not folder.is_dir():
        return {}
    files = {entry.name: entry / ASSIGNMENTS_FILE for entry in sorted(folder.iterdir()) if entry.name[0] != "."}
    return {name: file for name, file in files.items() if file.is_file()}


def with_drawn(tables: Mapping[str, ir.Table], files: Mapping[str, Path]) -> dict[str, ir.Table]:
    """The tables of a source with the assignments that were drawn for it.

    Args:
        tables: at least one.
        files: from `drawn_files`.
    """
    if not files:
        return dict(tables)
    engine = next(iter(tables.values())).get_backend()
    if engine.name == "duckdb":
        drawn = engine.read_parquet([str(file) for file in files.values()])
    else:
        drawn = ibis.memtable(pq.read_table([str(file) for file in files.values()]))
    if TABLE not in tables:
        return {**tables, TABLE: drawn}
    own = tables[TABLE]
    own = own.filter(~own["experiment_id"].isin(list(files)))
    declared = {name: column.dtype.type for name, column in TABLES[TABLE].columns.items()}
    own = own.mutate(**{name: ibis.null(kind) for name, kind in declared.items() if name not in own.columns})
    # Columns take the types they have in the source: what is wrong with these is told by its own checks.
    drawn = drawn.select(
        **{
            name: drawn[name].cast(kind) if name in drawn.columns else ibis.null(kind)
            for name, kind in own.schema().items()
        }
    )
    return {**tables, TABLE: own.union(drawn)}
