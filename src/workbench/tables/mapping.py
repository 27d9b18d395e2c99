"""Foreign files made into canonical tables by a declared mapping."""

from collections.abc import Iterator
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from workbench.refusal import Fault, Refused, nearest
from workbench.tables.conditions import CountedRows, counted, fulfilled, unfit
from workbench.tables.files import ROW_NUMBER
from workbench.tables.local_time import moment_of
from workbench.tables.schema import TABLES, TIME
from workbench.tables.source import (
    BirthYear,
    ColumnMapping,
    Constant,
    FromColumn,
    LocalTime,
    Moment,
    RowNumber,
    TableMapping,
)
from workbench.tables.time_text import has_offset, moment_in, wall_in

# Older people are too few to be told apart.
OLDEST = 90


@dataclass(frozen=True)
class MappedTable:
    """A canonical table made from a foreign file.

    `whole` is the table with the rows that were dropped; `dropped` counts them, each among those that the drops
    before it left; `told` counts rows that were kept. `left` are the foreign rows that were not dropped.
    """

    rows: ir.Table
    whole: ir.Table
    dropped: tuple[CountedRows, ...] = ()
    told: tuple[CountedRows, ...] = ()
    left: ir.Table | None = None


def canonical(table: str, mapping: TableMapping, rows: ir.Table) -> MappedTable:
    """The canonical table `table`, made from a foreign file's rows.

    Raises:
        Refused: a column named by the mapping is not in the file, or a value has no canonical name or is not of
            the canonical type; the value itself is not repeated, only how many rows hold one.
    """
    _require_columns(table, mapping, rows)
    if mapping.keep:
        rows = rows.filter(*(_is(rows[name], value) for name, value in mapping.keep.items()))
    faults = dict.fromkeys([*_condition_faults(mapping, rows), *_column_faults(table, mapping, rows)])
    if faults:
        raise Refused(*faults)
    left, dropped = rows, []
    for condition in mapping.drop:
        dropped.append(counted(left, condition))
        left = left.filter(~fulfilled(left, condition))
    return MappedTable(
        rows=_columns(table, mapping, left),
        whole=_columns(table, mapping, rows),
        dropped=tuple(dropped),
        told=tuple(counted(left, condition) for condition in mapping.told),
        left=left,
    )


def _is(column: ir.Column, value: str | int) -> ir.BooleanValue:
    typed = isinstance(value, int) and column.type().is_numeric()
    return column == value if typed else column.cast("string") == str(value)


def _columns(table: str, mapping: TableMapping, rows: ir.Table) -> ir.Table:
    if mapping.one_per is not None:
        window = ibis.window(group_by=mapping.one_per, order_by=ROW_NUMBER)
        rows = rows.mutate(_order=ibis.row_number().over(window))
        rows = rows.filter(rows["_order"] == 0)
    return rows.select(
        **{
            name: _expression(rows, column).cast(TABLES[table].columns[name].dtype.type)
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
        case Moment():
            return moment_in(rows[mapping.moment].cast("string"))
        case BirthYear():
            return ibis.literal(mapping.in_year) - ibis.least(_age(rows, mapping), ibis.literal(OLDEST))
    column = rows[mapping.column]
    if mapping.values is None:
        return column
    return column.cast("string").cases(*mapping.values.items(), else_=ibis.null("string"))


def _wall(rows: ir.Table, mapping: LocalTime) -> ir.TimestampValue:
    return wall_in(rows[mapping.local_time].cast("string"), mapping.format)


def _age(rows: ir.Table, mapping: BirthYear) -> ir.IntegerValue:
    return rows[mapping.age].try_cast("int64")


def _require_columns(table: str, mapping: TableMapping, rows: ir.Table) -> None:
    """Refuse a file without a column that the mapping names, and what needs the order of a file that keeps none."""
    known = [column for column in rows.columns if column != ROW_NUMBER]
    wanted = list(dict.fromkeys(_foreign(mapping)))
    # Where the file has none of them, its first row may be no header but a person: it is not repeated.
    headed = bool(set(wanted) & set(known))
    told = f"Its columns: {', '.join(known)}." if headed else "Is its first row a header?"
    near = known if headed else []
    faults = [
        Fault(
            mapping.file,
            f'there is no column "{column}", which table {table} is made from.{nearest(column, near)}',
            told,
        )
        for column in wanted
        if column not in known
    ]
    if _needs_order(mapping) and ROW_NUMBER not in rows.columns:
        mend = "Map a column of keys, or bring the file as CSV."
        faults.append(Fault(mapping.file, "rows are numbered in CSV files alone.", mend))
    if faults:
        raise Refused(*faults)


def _foreign(mapping: TableMapping) -> Iterator[str]:
    """Every foreign column the mapping names."""
    yield from mapping.keep
    if mapping.one_per is not None:
        yield mapping.one_per
    for condition in (*mapping.drop, *mapping.told):
        yield from (name for name in (condition.column, condition.day_before) if name is not None)
        yield from condition.repeats_but_for or ()
    for column in mapping.columns.values():
        match column:
            case FromColumn():
                yield column.column
            case LocalTime():
                yield column.local_time
            case Moment():
                yield column.moment
            case BirthYear():
                yield column.age


def _needs_order(mapping: TableMapping) -> bool:
    numbered = any(isinstance(column, RowNumber) for column in mapping.columns.values())
    repeats = any(condition.repeats_but_for is not None for condition in (*mapping.drop, *mapping.told))
    return numbered or repeats or mapping.one_per is not None


def _condition_faults(mapping: TableMapping, rows: ir.Table) -> Iterator[Fault]:
    """Values that rows are dropped or counted by, and that are not what they are compared with."""
    for condition in (*mapping.drop, *mapping.told):
        for name, word, wrong in unfit(rows, condition):
            yield from _fault(
                mapping, rows, wrong, f'column "{name}" holds what is no {word}', "Correct the file."
            )


def _column_faults(table: str, mapping: TableMapping, rows: ir.Table) -> Iterator[Fault]:
    """Values of canonical columns that have no canonical name, or are not of the canonical type."""
    for name, column in mapping.columns.items():
        match column:
            case LocalTime():
                wrong = rows[column.local_time].notnull() & _wall(rows, column).isnull()
                what = f'column "{column.local_time}" holds what is no date and time'
                mend = "Say its format, or write them as 2016-04-29T18:38:08, or as dates."
                yield from _fault(mapping, rows, wrong, what, mend)
            case Moment():
                wrong = rows[column.moment].notnull() & _expression(rows, column).isnull()
                what = f'column "{column.moment}" holds what is no date and time with an offset from UTC'
                yield from _fault(
                    mapping, rows, wrong, what, "Map it by local_time with the zone of its clock."
                )
            case BirthYear():
                wrong = rows[column.age].notnull() & _age(rows, column).isnull()
                what = f'column "{column.age}" holds what is no age in years'
                yield from _fault(mapping, rows, wrong, what, "Correct the file.")
            case FromColumn() | Constant():
                yield from _value_faults(table, name, column, mapping, rows)


def _value_faults(
    table: str, name: str, column: FromColumn | Constant, mapping: TableMapping, rows: ir.Table
) -> Iterator[Fault]:
    declared = TABLES[table].columns[name].dtype.type
    value = _expression(rows, column)
    if declared == TIME and isinstance(column, FromColumn) and value.type().is_string():
        yield from _zone_faults(column.column, mapping, value.notnull(), has_offset(value), rows)
    where = f'column "{column.column}"' if isinstance(column, FromColumn) else f"the constant of {name}"
    if isinstance(column, FromColumn) and column.values is not None:
        unnamed = ~rows[column.column].cast("string").isin(list(column.values))
        what = f"{where} holds a value that the mapping does not name"
        yield from _fault(mapping, rows, unnamed, what, "Name it under values, or keep only other rows.")
    if value.type() != declared:
        wrong = value.notnull() & value.try_cast(declared).isnull()
        what = f"{where} holds what is no {declared}, which {table}.{name} is"
        yield from _fault(mapping, rows, wrong, what, "Name its values, or correct the file.")


def _zone_faults(
    name: str, mapping: TableMapping, given: ir.BooleanValue, zoned: ir.BooleanValue, rows: ir.Table
) -> Iterator[Fault]:
    """Times that tell their offset from UTC beside times that do not: nobody can say whose clock these show."""
    if int(rows.filter(zoned).count().execute()):
        what = f'column "{name}" mixes times with an offset from UTC and times without; without'
        mend = "Export all with the offset, or map the column by local_time with the zone of its clock."
        yield from _fault(mapping, rows, given & ~zoned, what, mend)


def _fault(
    mapping: TableMapping, rows: ir.Table, wrong: ir.BooleanValue, what: str, mend: str
) -> Iterator[Fault]:
    """A fault with the number of rows that have it, if any has."""
    count = int(rows.filter(wrong).count().execute())
    if count:
        yield Fault(mapping.file, f"{what}, in {'1 row' if count == 1 else f'{count:,} rows'}.", mend)
