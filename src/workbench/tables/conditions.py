"""Conditions on a foreign file's rows: which rows fulfil one, and whether it can be asked of all."""

from collections.abc import Iterator
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from workbench.tables.files import ROW_NUMBER
from workbench.tables.source import Rows


@dataclass(frozen=True)
class CountedRows:
    """How many rows of a foreign file fulfil a condition of its mapping, and the words for them."""

    reason: str
    rows: int


def fulfilled(rows: ir.Table, condition: Rows) -> ir.BooleanValue:
    """Whether each row fulfils the condition; a row without the value does not."""
    if condition.repeats_but_for is not None:
        same = [name for name in rows.columns if name not in {ROW_NUMBER, *condition.repeats_but_for}]
        return ibis.row_number().over(ibis.window(group_by=same, order_by=ROW_NUMBER)) > 0
    column = rows[condition.column]
    if condition.missing is not None:
        return column.isnull()
    if condition.one_of is not None:
        return column.cast("string").isin(list(condition.one_of)).fill_null(False)
    if condition.day_before is not None:
        return (_day(column) < _day(rows[condition.day_before])).fill_null(False)
    if condition.contains is not None:
        return column.cast("string").contains(condition.contains).fill_null(False)
    number = _number(column)
    found = number < condition.below if condition.below is not None else number > condition.above
    return found.fill_null(False)


def counted(rows: ir.Table, condition: Rows) -> CountedRows:
    """How many rows fulfil the condition."""
    marked = rows.select(found=fulfilled(rows, condition))
    return CountedRows(condition.reason, int(marked.filter(marked["found"]).count().execute()))


def unfit(rows: ir.Table, condition: Rows) -> Iterator[tuple[str, str, ir.BooleanValue]]:
    """Of each column that the condition reads as a number or a day: its name, that word, and where it is none."""
    if condition.column is None:
        return
    if condition.day_before is not None:
        for name in (condition.column, condition.day_before):
            yield name, "date", rows[name].notnull() & _day(rows[name]).isnull()
    elif condition.below is not None or condition.above is not None:
        column = rows[condition.column]
        yield condition.column, "number", column.notnull() & _number(column).isnull()


def _day(column: ir.Value) -> ir.DateValue:
    return column.cast("string").substr(0, 10).try_cast("date")


def _number(column: ir.Value) -> ir.FloatingValue:
    return column.try_cast("float64")
