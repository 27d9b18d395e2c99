"""Sums that are the same in whatever order, and on however many threads, an engine reads the rows."""

import ibis.expr.datatypes as dt
import ibis.expr.types as ir

# Digits of a decimal that engines keep in one machine word.
DIGITS = 18


def exact_sum(values: ir.FloatingColumn, decimals: int) -> ir.FloatingScalar:
    """The sum of numbers rounded to so many decimals; each must be smaller than 10 ** (18 - decimals)."""
    return values.cast(dt.Decimal(DIGITS, decimals)).sum().cast("float64")
