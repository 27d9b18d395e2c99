"""Where PostgreSQL and Spark read Ibis's SQL otherwise than DuckDB does, mended once for every study.

A study is written once, and its numbers are the same on every engine. What Ibis leaves to the engine is decided
here: how a truth becomes a number, what type a number written with a point has, by which alphabet words are ordered.
"""

import ibis.expr.datatypes as dt
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.postgres import PostgresCompiler
from ibis.backends.sql.compilers.pyspark import PySparkCompiler


class PostgresSQL(PostgresCompiler):
    """Ibis's SQL for PostgreSQL."""

    __slots__ = ()

    def visit_Cast(self, op, *, arg, to):  # type: ignore[no-untyped-def]  # noqa: N802
        """A truth becomes a number by way of the one type that PostgreSQL allows."""
        if op.arg.dtype.is_boolean() and to.is_numeric():
            arg = self.cast(arg, dt.int32)
        return super().visit_Cast(op, arg=arg, to=to)

    def visit_NonNullLiteral(self, op, *, value, dtype):  # type: ignore[no-untyped-def]  # noqa: N802
        """A number with a point is a float, where PostgreSQL would take it for a decimal."""
        if dtype.is_floating():
            return self.cast(self.visit_DefaultLiteral(op, value=value, dtype=dtype), dt.float64)
        return super().visit_NonNullLiteral(op, value=value, dtype=dtype)

    def visit_SortKey(self, op, *, arg, ascending, nulls_first):  # type: ignore[no-untyped-def]  # noqa: N802
        """Words are ordered by their letters' codes, where PostgreSQL would take the database's language."""
        if op.arg.dtype.is_string():
            arg = sge.Collate(this=sge.paren(arg), expression=sge.to_identifier("C", quoted=True))
        return super().visit_SortKey(op, arg=arg, ascending=ascending, nulls_first=nulls_first)


class SparkSQL(PySparkCompiler):
    """Ibis's SQL for Spark."""

    __slots__ = ()

    def visit_NonNullLiteral(self, op, *, value, dtype):  # type: ignore[no-untyped-def]  # noqa: N802
        """A number with a point is a float, where Spark would take it for a decimal."""
        literal = super().visit_NonNullLiteral(op, value=value, dtype=dtype)
        return self.cast(literal, dt.float64) if dtype.is_floating() else literal
