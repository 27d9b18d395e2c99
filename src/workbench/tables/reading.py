"""Rows read out of an engine into a frame, without holding them twice, and without what the engine needed for it."""

import gc

import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
from ibis.backends.duckdb import Backend as DuckDB

from workbench.tables.memory import give_back_memory


def read_frame(rows: ir.Table) -> pd.DataFrame:
    """The rows as a frame: words as words, days as datetime64[s], numbers as the engine has them.

    Whole numbers of which some are not recorded become floats. Memory that the engine freed goes back to the machine,
    so that it is there for what is made of the frame.
    """
    table = rows.to_pyarrow()
    _give_back(rows)
    # Column by column what Arrow holds is let go. By way of Python's own objects, as elsewhere where something is
    # not recorded, a million rows would take another GiB.
    frame = table.to_pandas(split_blocks=True, self_destruct=True, date_as_object=False)
    del table
    pa.default_memory_pool().release_unused()
    return frame.astype({name: "datetime64[s]" for name, kind in rows.schema().items() if kind.is_date()})


def _give_back(rows: ir.Table) -> None:
    engine = rows.get_backend()
    if isinstance(engine, DuckDB):
        # What was kept inside it for queries that are over is dropped when nothing refers to it any more.
        gc.collect()
        give_back_memory(engine)
