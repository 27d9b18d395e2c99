"""The checks of the tables' quality, in the order of gravity: each sends one query and gets counts."""

from collections.abc import Iterable, Iterator
from datetime import datetime

import ibis.expr.types as ir

from workbench.tables.known import KnownTables
from workbench.tables.quality.reading import why_not_asked
from workbench.tables.quality.references import REFERENCES
from workbench.tables.quality.repeats import REPEATS
from workbench.tables.quality.rule import Answer, Counts, RowCheck
from workbench.tables.quality.texting import TEXTING
from workbench.tables.quality.times import TIME_ORDER
from workbench.tables.quality.values import VALUES

CHECKS: tuple[RowCheck, ...] = (*TEXTING, *REFERENCES, *TIME_ORDER, *VALUES, *REPEATS)


def ask(known: KnownTables, taken_at: datetime, checks: Iterable[RowCheck] = CHECKS) -> Iterator[Answer]:
    """Ask each of the checks.

    Args:
        known: the tables as known by a day.
        taken_at: the moment after which nothing in them can have happened.
        checks: which ones; all unless given.
    """
    for check in checks:
        why_not = why_not_asked(known, check)
        yield Answer(check, None, why_not) if why_not else Answer(check, counted(check.rows(known, taken_at)))


def counted(rows: ir.Table) -> Counts:
    """The rows, those concerned and the people these are of, counted by the engine."""
    concerned = rows["concerned"].fill_null(False)
    sums = {"looked_at": rows.count(), "concerned": concerned.cast("int64").sum()}
    if "person" in rows.columns:
        sums["people"] = concerned.ifelse(rows["person"], None).nunique()
    found = rows.agg(**sums).execute().fillna(0).iloc[0]
    people = int(found["people"]) if "people" in sums else None
    return Counts(int(found["looked_at"]), int(found["concerned"]), people)
