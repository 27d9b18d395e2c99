"""Clocks on walls: from a moment to what a clock in a time zone shows, and back, inside the engine.

DuckDB and PostgreSQL share the function `timezone(zone, value)`: given a moment it tells the wall clock, given a
wall clock the moment.
"""

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir


@ibis.udf.scalar.builtin(name="timezone", signature=((dt.string, dt.Timestamp(timezone="UTC")), dt.timestamp))
def _wall_of(zone, moment):  # type: ignore[no-untyped-def]
    """What a clock in the zone shows at a moment."""


@ibis.udf.scalar.builtin(name="timezone", signature=((dt.string, dt.timestamp), dt.Timestamp(timezone="UTC")))
def _moment_of(zone, wall):  # type: ignore[no-untyped-def]
    """The moment at which a clock in the zone shows a time."""


def wall_of(moment: ir.TimestampValue, zone: ir.StringValue | str) -> ir.TimestampValue:
    """What a clock in the zone shows at a moment (UTC): a time without zone."""
    return _wall_of(zone, moment)


def moment_of(wall: ir.TimestampValue, zone: ir.StringValue | str) -> ir.TimestampValue:
    """The moment (UTC) at which a clock in the zone shows a time."""
    return _moment_of(zone, wall)


def is_doubtful(wall: ir.TimestampValue, zone: str) -> ir.BooleanValue:
    """Whether a clock in the zone shows this twice or never, as where summer time ends and begins."""
    moment = moment_of(wall, zone)
    hour = ibis.interval(hours=1)
    twice = (wall_of(moment - hour, zone) == wall) | (wall_of(moment + hour, zone) == wall)
    return (twice | (wall_of(moment, zone) != wall)).fill_null(False)
