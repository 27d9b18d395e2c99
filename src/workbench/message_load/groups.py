"""By what people are told apart: a column, as known at each text, or a segmentation that was kept.

Groups made of what people did within the days studied would tell their opt-outs of themselves: kept segments look from
the beginning of these days, or from before.
"""

from datetime import timedelta

import ibis.expr.types as ir

from workbench.message_load.bands import NOT_RECORDED
from workbench.message_load.parameters import MessageLoad
from workbench.tables.kept_groups import Beginning, KeptGroups, fixed_before, named_segments, with_group
from workbench.tables.kept_segments import referred
from workbench.tables.known import KnownTables


def kept_groups(known: KnownTables, settings: MessageLoad) -> KeptGroups | None:
    """The kept segments that the parameters name; None where they name a column.

    Raises:
        Refused: they are missing, broken, of another source, or look from a day within those studied.
    """
    kept = named_segments(settings.segment_by)
    if kept is None:
        return None
    begins = Beginning(
        what="the beginning of the days studied",
        at=known.moment - timedelta(days=settings.lookback_days),
        where="segment_by",
        mend="Name a version from that day or before, run the segmentation as of then, or study fewer "
        "lookback_days.",
    )
    return fixed_before(kept, known, begins)


def with_segment(known: KnownTables, rows: ir.Table, settings: MessageLoad) -> ir.Table:
    """Adds segment: of the kept segments named, or what was known by the rows' sent_at."""
    column = settings.segment_by
    if referred(column) is not None:
        return with_group(rows, column)
    told = known.with_state(rows, "sent_at", column)
    return told.select(*rows.columns, segment=told[column].fill_null(NOT_RECORDED))
