"""A table in an engine, summed up so that a change of it shows: its number of rows, and a sum over them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import ibis
import ibis.common.exceptions as com
import ibis.expr.types as ir

from workbench.refusal import Fault, Refused
from workbench.tables.known import KnownTables

# No value of a canonical column holds it: the unit separator of ASCII.
_BETWEEN = "\x1f"
# Each row counts less than this, so that no engine's sum of whole numbers runs over.
_MOST = 2**31


@dataclass(frozen=True)
class Checksum:
    """Of a table: its number of rows, and the sum of their hashes, in which their order does not count.

    A changed row goes unseen once in 2^31 times. Sums are compared within one engine alone, since each hashes in
    its own way.
    """

    rows: int
    sum: int


def checksums(known: KnownTables, columns: Mapping[str, Iterable[str]]) -> dict[str, Checksum]:
    """Of each table, as known by `known.as_of`, one query over those of the columns that are there.

    Args:
        known: the tables; rows that became known later do not count.
        columns: for each table, the columns that count; tables that the source does not have are passed over.

    Raises:
        Refused: the engine cannot hash.
    """
    return {
        name: _checksum(name, known.table(name), dict.fromkeys(wanted))
        for name, wanted in sorted(columns.items())
        if name in known.names
    }


def _checksum(name: str, rows: ir.Table, wanted: Iterable[str]) -> Checksum:
    values = [rows[column] for column in sorted(wanted) if column in rows.columns]
    hashed = rows.select(hash=_row_hash(values))
    try:
        found = hashed.agg(rows=hashed.count(), sum=hashed["hash"].sum()).execute()
    except com.OperationNotDefinedError:
        what = "its engine cannot hash, so that nobody could tell whether its rows changed."
        raise Refused(Fault(f"table {name}", what, "Take another engine, or export the tables.")) from None
    return Checksum(int(found["rows"].iloc[0]), int(found["sum"].fillna(0).iloc[0]))


def _row_hash(values: Iterable[ir.Column]) -> ir.IntegerValue:
    # An empty value differs from an empty text, and 1 in one column from 1 in the next.
    texts = [(ibis.literal("=") + value.cast("string")).fill_null("-") for value in values]
    return ibis.literal(_BETWEEN).join(texts).hash().cast("int64") % _MOST
