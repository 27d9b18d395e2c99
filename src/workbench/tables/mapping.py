"""Foreign files made into canonical tables by a declared mapping."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from workbench.refusal import Fault, Refused, nearest
from workbench.tables.files import ROW_NUMBER
from workbench.tables.local_time import moment_of
from workbench.tables.schema import TABLES, TEXT
from workbench.tables.source import (
    BirthYear,
    ColumnMapping,
    Constant,
    FromColumn,
    LocalTime,
    RowNumber,
    Rows,
    TableMapping,
)

# Older people are too few to be told apart.
OLDEST = 90


@dataclass(frozen=True)
class CountedRows:
    """How many rows of a foreign file fulfil a condition of its mapping, and the words for them."""

    reason: str
    rows: int


@dataclass(frozen=True)
class MappedTable:
    """A canonical table made from a foreign file.

    `whole` is the table with the rows that were dropped; `dropped` counts them, each among those that the drops
    before it left; `told` counts rows that were kept.
    """

    rows: ir.Table
    whole: ir.Table
    dropped: tuple[CountedRows, ...] = ()
    told: tuple[CountedRows, ...] = ()


def canonical(table: str, mapping: TableMapping, rows: ir.Table) -> MappedTable:
    """The canonical table `table`, made from a foreign file's rows.

    Raises:
        Refused: a column named by the mapping is not in the file, or a value has no canonical form; the value
            itself is not repeated, only how many rows hold one.
    """
    faults = _faults(table, mapping, rows)
    if faults:
        raise Refused(*faults)
    if mapping.keep:
        rows = rows.filter([rows[column] == value for column, value in mapping.keep.items()])
    left, dropped = rows, []
    for condition in mapping.drop:
        found = _found(left, condition)
        dropped.append(_counted(left, found, condition))
        left = left.filter(~found)
    return MappedTable(
        rows=_columns(table, mapping, left),
        whole=_columns(table, mapping, rows),
        dropped=tuple(dropped),
        told=tuple(_counted(left, _found(left, condition), condition) for condition in mapping.told),
    )


def text_columns(table: str, mapping: TableMapping) -> set[str]:
    """Foreign columns to be read as they are written, so that codes keep their zeros and clocks their hours."""
    schema = TABLES[table].columns
    texts = {
        foreign.column
        for name, foreign in mapping.columns.items()
        if isinstance(foreign, FromColumn) and schema[name].dtype.type == TEXT
    }
    clocks = {foreign.local_time for foreign in mapping.columns.values() if isinstance(foreign, LocalTime)}
    searched = {
        condition.column
        for condition in (*mapping.drop, *mapping.told)
        if condition.column is not None and condition.contains is not None
    }
    return (texts | clocks | searched) - set(mapping.keep)


def _columns(table: str, mapping: TableMapping, rows: ir.Table) -> ir.Table:
    if mapping.one_per is not None:
        window = ibis.window(group_by=mapping.one_per, order_by=ROW_NUMBER)
        rows = rows.mutate(_order=ibis.row_number().over(window))
        rows = rows.filter(rows["_order"] == 0)
    schema = TABLES[table].columns
    return rows.select(
        **{
            name: _expression(rows, column).cast(schema[name].dtype.type)
            for name, column in mapping.columns.items()
        }
    )


def _expression(rows: ir.Table, mapping: ColumnMapping) -> ir.Value:
    match mapping:
        case Constant():
            return ibis.literal(mapping.constant)
        case RowNumber():
            return ibis.literal(mapping.row_number) + rows[ROW_NUMBER].cast("string")
        case LocalTime():
            moment = moment_of(_wall(rows, mapping), mapping.time_zone)
            return moment + ibis.interval(days=mapping.plus_days) if mapping.plus_days else moment
        case BirthYear():
            age = rows[mapping.age].cast("int64")
            return ibis.literal(mapping.in_year) - ibis.least(age, ibis.literal(OLDEST))
    column = rows[mapping.column]
    if mapping.values is None:
        return column
    return column.cast("string").cases(*mapping.values.items(), else_=ibis.null("string"))


def _wall(rows: ir.Table, mapping: LocalTime) -> ir.TimestampValue:
    """What the clock showed: the first 19 letters, "2016-04-29T18:38:08", or a date's 10."""
    return rows[mapping.local_time].cast("string").substr(0, 19).try_cast("timestamp")


def _found(rows: ir.Table, condition: Rows) -> ir.BooleanValue:
    """Whether each row fulfils the condition; a row without the value does not."""
    if condition.repeats_but_for is not None:
        same = [name for name in rows.columns if name not in {ROW_NUMBER, *condition.repeats_but_for}]
        return ibis.row_number().over(ibis.window(group_by=same, order_by=ROW_NUMBER)) > 0
    column = rows[condition.column]
    if condition.day_before is not None:
        return (_day(column) < _day(rows[condition.day_before])).fill_null(False)
    if condition.contains is not None:
        return column.cast("string").contains(condition.contains).fill_null(False)
    number = column.cast("float64")
    found = number < condition.below if condition.below is not None else number > condition.above
    return found.fill_null(False)


def _day(column: ir.Value) -> ir.DateValue:
    return column.cast("string").substr(0, 10).try_cast("date")


def _counted(rows: ir.Table, found: ir.BooleanValue, condition: Rows) -> CountedRows:
    counted = rows.select(found=found)
    return CountedRows(condition.reason, int(counted.filter(counted["found"]).count().execute()))


def _faults(table: str, mapping: TableMapping, rows: ir.Table) -> list[Fault]:
    known = [column for column in rows.columns if column != ROW_NUMBER]
    missing = [column for column in dict.fromkeys(_foreign(mapping)) if column not in known]
    if missing:
        return [_missing(column, table, mapping, known) for column in missing]
    return [fault for foreign in mapping.columns.values() for fault in _value_faults(foreign, mapping, rows)]


def _missing(column: str, table: str, mapping: TableMapping, known: Collection[str]) -> Fault:
    what = f'there is no column "{column}", which table {table} is made from.{nearest(column, known)}'
    return Fault(mapping.file, what, f"Its columns: {', '.join(known)}.")


def _foreign(mapping: TableMapping) -> Iterator[str]:
    """Every foreign column the mapping names."""
    yield from mapping.keep
    if mapping.one_per is not None:
        yield mapping.one_per
    for condition in (*mapping.drop, *mapping.told):
        yield from (name for name in (condition.column, condition.day_before) if name is not None)
        yield from condition.repeats_but_for or ()
    for foreign in mapping.columns.values():
        match foreign:
            case FromColumn():
                yield foreign.column
            case LocalTime():
                yield foreign.local_time
            case BirthYear():
                yield foreign.age


def _value_faults(foreign: ColumnMapping, mapping: TableMapping, rows: ir.Table) -> Iterator[Fault]:
    if isinstance(foreign, FromColumn) and foreign.values is not None:
        named = rows[foreign.column].cast("string").isin(list(foreign.values))
        unnamed = rows.filter(~named).count().execute()
        if unnamed:
            what = (
                f'column "{foreign.column}" holds a value that the mapping does not name, in {unnamed:,} rows.'
            )
            yield Fault(mapping.file, what, "Name it under values, or keep only other rows.")
    if isinstance(foreign, LocalTime):
        unread = rows[foreign.local_time].notnull() & _wall(rows, foreign).isnull()
        unread_rows = rows.filter(unread).count().execute()
        if unread_rows:
            what = f'column "{foreign.local_time}" holds what is no date and time, in {unread_rows:,} rows.'
            yield Fault(mapping.file, what, "Write them as 2016-04-29T18:38:08, or as dates.")
