"""Dates and times as foreign files write them, read inside DuckDB, which reads all files."""

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

MOMENT = dt.Timestamp(timezone="UTC")
# An offset from UTC or a zone behind a time of day, as DuckDB understands them in a cast.
OFFSET = r"(?i)([0-9] ?(z|utc|gmt|[a-z_]+/[a-z_/]+)|:[0-9.]+ ?[+-][0-9]{2}(:?[0-9]{2})?)$"
RFC_3339 = r"(?i)^[0-9]{4}(-[0-9]{2}){2}[t ]([0-9]{2}:){2}[0-9]{2}([.][0-9]+)?(z|[+-][0-9]{2}:[0-9]{2})$"
RFC_2822 = ("%d %b %Y %H:%M:%S %z", "%d %b %Y %H:%M %z")


@ibis.udf.scalar.builtin(name="try_strptime", signature=((dt.string, dt.string), dt.timestamp))
def _parsed(text, written):  # type: ignore[no-untyped-def]
    """The date and time that a text tells by a format; null where it does not."""


@ibis.udf.scalar.builtin(name="try_strptime", signature=((dt.string, dt.Array(dt.string)), MOMENT))
def _parsed_moment(text, written):  # type: ignore[no-untyped-def]
    """The moment that a text tells by one of the formats, each with an offset; null where it does not."""


def wall_in(text: ir.StringValue, written: str | None = None) -> ir.TimestampValue:
    """What a clock on the wall showed; null where the text does not tell it.

    Args:
        text: a date and time, or a date alone.
        written: the format, in codes of strptime without a zone; unless given, the first 19 letters count,
            "2016-04-29T18:38:08", or a date's 10.
    """
    if written is not None:
        return _parsed(text.strip(), written)
    return text.substr(0, 19).try_cast("timestamp")


def moment_in(text: ir.StringValue) -> ir.TimestampValue:
    """The moment (UTC) told with its offset as in RFC 3339 or RFC 2822; null where the text does not tell it."""
    bare = text.strip()
    mailed = bare.re_replace(r"(?i)^[a-z]{3}, *", "").re_replace(r" *\([^()]*\)$", "")
    mailed = mailed.re_replace(r"(?i) (gmt|utc?|z)$", " +0000")
    as_cast = bare.upper().try_cast(MOMENT)
    return bare.re_search(RFC_3339).ifelse(as_cast, _parsed_moment(mailed, list(RFC_2822)))


def has_offset(text: ir.StringValue) -> ir.BooleanValue:
    """Whether a time of day, as text, names its offset from UTC or its zone."""
    return text.strip().re_search(OFFSET)
