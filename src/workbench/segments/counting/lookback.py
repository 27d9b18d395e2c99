"""The time before the day looked from in which things count, and how counts come to people."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import ibis
import ibis.expr.types as ir

from workbench.segments.parameters import Segmentation
from workbench.tables.exact_sum import exact_sum
from workbench.tables.known import KnownTables

DAY = 86_400.0
HOUR = 3_600.0


def since(known: KnownTables, settings: Segmentation) -> datetime:
    """From when on things count."""
    return known.moment - timedelta(days=settings.lookback_days)


def is_recent(moment: ir.TimestampValue, known: KnownTables, settings: Segmentation) -> ir.BooleanValue:
    """Whether a moment lies within the lookback."""
    return (moment >= ibis.literal(since(known, settings))) & (moment < ibis.literal(known.moment))


def elapsed(start: ir.TimestampValue, end: ir.TimestampValue, unit: float) -> ir.FloatingValue:
    """The time from one moment to another in units of so many seconds; 0 where it would be negative."""
    return ibis.greatest((end.epoch_seconds() - start.epoch_seconds()) / unit, 0.0)


def count_of(condition: ir.BooleanValue) -> ir.IntegerScalar:
    """How many rows meet a condition; what is not known does not."""
    return condition.fill_null(False).cast("int64").sum()


def log_sums(time: ir.FloatingValue, name: str) -> dict[str, ir.FloatingScalar]:
    """The sum of log(1 + time), called `name`, and that of its squares; times not known add nothing."""
    logs = (time + 1).ln().fill_null(0.0)
    return {name: exact_sum(logs, 12), f"{name}_squares": exact_sum(logs * logs, 12)}


def with_counts(people: ir.Table, counts: ir.Table, may_miss: Sequence[str] = ()) -> ir.Table:
    """The people with their counts: who has none counts zero, and has none of what may be missing."""
    joined = people.left_join(counts, "patient_id").drop("patient_id_right")
    new = [name for name in counts.columns if name != "patient_id" and name not in may_miss]
    return joined.mutate(**{name: joined[name].fill_null(0) for name in new})
