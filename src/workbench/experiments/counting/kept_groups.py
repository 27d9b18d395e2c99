"""Segments of an experiment by a segmentation that was kept, fixed before the first assignment.

Groups that look from a later day may have been made by what the arms did, and would tell the effect of the effect.
"""

import ibis.expr.types as ir
import pandas as pd

from workbench.experiments.parameters import ABTest
from workbench.tables.kept_groups import Beginning, KeptGroups, fixed_before, named_segments
from workbench.tables.known import KnownTables


def kept_groups(known: KnownTables, assigned: ir.Table, settings: ABTest) -> KeptGroups | None:
    """The kept segments that the parameters name; None where they name none.

    Args:
        known: the tables.
        assigned: from `first_assignments`.
        settings: the parameters.

    Raises:
        Refused: they are missing, broken, of another source, or look from a day after the first assignment; or the
            source records no times, so that nobody can tell.
    """
    kept = named_segments(settings.segment_by)
    if kept is None:
        return None
    first = None if known.source.not_recorded.time else assigned["assigned_at"].min().execute()
    at = None if first is None or pd.isna(first) else pd.Timestamp(first).to_pydatetime()
    where = f"experiment {settings.experiment}, segment_by"
    return fixed_before(kept, known, Beginning("the first assignment", at, where))
