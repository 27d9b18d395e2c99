"""Clocks on walls: from a moment to what a clock in a time zone shows, and back, inside the engine.

DuckDB and PostgreSQL share the function `timezone(zone, value)`: given a moment it tells the wall clock, given a
wall clock the moment. Spark has a function for each way. An hour that a clock shows twice is the later of the two,
and one that it leaps over is counted from before the leap, on every engine.
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


@ibis.udf.scalar.builtin(name="from_utc_timestamp", signature=((dt.timestamp, dt.string), dt.timestamp))
def _spark_wall_of(moment, zone):  # type: ignore[no-untyped-def]
    """What a clock in the zone shows at a moment."""


@ibis.udf.scalar.builtin(name="to_utc_timestamp", signature=((dt.timestamp, dt.string), dt.timestamp))
def _spark_moment_of(wall, zone):  # type: ignore[no-untyped-def]
    """The moment at which a clock in the zone shows a time, the earlier one where it shows it twice."""


# Longer than any hour that a clock shows twice, shorter than the time between two changes of a clock.
_PAST_THE_CHANGE = ibis.interval(hours=3)


def wall_of(moment: ir.TimestampValue, zone: ir.StringValue | str) -> ir.TimestampValue:
    """What a clock in the zone shows at a moment (UTC): a time without zone."""
    if _in_spark(moment):
        return _spark_wall_of(moment.cast(dt.timestamp), zone)
    return _wall_of(zone, moment)


def moment_of(wall: ir.TimestampValue, zone: ir.StringValue | str) -> ir.TimestampValue:
    """The moment (UTC) at which a clock in the zone shows a time."""
    if not _in_spark(wall):
        return _moment_of(zone, wall)
    earlier = _spark_moment_of(wall, zone)
    later = _spark_moment_of(wall + _PAST_THE_CHANGE, zone) - _PAST_THE_CHANGE
    return (_spark_wall_of(later, zone) == wall).ifelse(later, earlier).cast(dt.Timestamp(timezone="UTC"))


def is_doubtful(wall: ir.TimestampValue, zone: str) -> ir.BooleanValue:
    """Whether a clock in the zone shows this twice or never, as where summer time ends and begins."""
    moment = moment_of(wall, zone)
    hour = ibis.interval(hours=1)
    twice = (wall_of(moment - hour, zone) == wall) | (wall_of(moment + hour, zone) == wall)
    return (twice | (wall_of(moment, zone) != wall)).fill_null(False)


def _in_spark(value: ir.Value) -> bool:
    return value.get_backend().name == "pyspark"
