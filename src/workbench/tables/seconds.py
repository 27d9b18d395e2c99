"""Moments in seconds, inside the engine."""

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir


@ibis.udf.scalar.builtin(name="epoch", signature=((dt.Timestamp(timezone="UTC"),), dt.float64))
def _epoch(moment):  # type: ignore[no-untyped-def]
    """Seconds from 1970-01-01, UTC, to a moment."""


def seconds_of(moment: ir.TimestampValue) -> ir.NumericValue:
    """Seconds from 1970-01-01, UTC, to a moment (UTC), with their fraction where the engine keeps one."""
    # Ibis has DuckDB ask its calendar what the clock showed, which takes seven times as long.
    if moment.type().timezone is not None and moment.get_backend().name == "duckdb":
        return _epoch(moment)
    return moment.epoch_seconds()
