"""The checks of the tables' quality, in the order of gravity; those that look at the same rows share a query."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import ibis.expr.types as ir

from workbench.tables.known import KnownTables
from workbench.tables.quality.reading import why_not_asked
from workbench.tables.quality.references import REFERENCES
from workbench.tables.quality.repeats import REPEATS
from workbench.tables.quality.rule import Answer, Counts, RowCheck, Rows
from workbench.tables.quality.texting import TEXTING
from workbench.tables.quality.times import TIME_ORDER
from workbench.tables.quality.values import VALUES

CHECKS: tuple[RowCheck, ...] = (*TEXTING, *REFERENCES, *TIME_ORDER, *VALUES, *REPEATS)


def ask(known: KnownTables, taken_at: datetime, checks: Iterable[RowCheck] = CHECKS) -> tuple[Answer, ...]:
    """The answer to each of the checks.

    Args:
        known: the tables as known by a day.
        taken_at: the moment after which nothing in them can have happened.
        checks: which ones; all unless given.
    """
    checks = tuple(checks)
    why_not = {check.name: why_not_asked(known, check) for check in checks}
    alike: dict[Rows, list[RowCheck]] = {}
    for check in checks:
        if not why_not[check.name]:
            alike.setdefault(check.rows, []).append(check)
    counts: dict[str, Counts] = {}
    for rows, asked in alike.items():
        counts |= _counted(rows(known), asked, known, taken_at)
    return tuple(Answer(check, counts.get(check.name), why_not[check.name]) for check in checks)


def _counted(
    rows: ir.Table, checks: Sequence[RowCheck], known: KnownTables, taken_at: datetime
) -> Mapping[str, Counts]:
    """For each check by name the rows, those concerned and the people these are of, counted in one pass."""
    told: dict[str, ir.Value] = {}
    for place, check in enumerate(checks):
        looked_at = _number(check.looked_at(rows, known, taken_at))
        concerned = _number(check.concerned(rows, known, taken_at))
        told |= {f"looked_at_{place}": looked_at, f"concerned_{place}": (looked_at > 0).ifelse(concerned, 0)}
    of_people = "person" in rows.columns
    marked = rows.select(**told, **({"person": rows["person"]} if of_people else {}))
    sums = {name: marked[name].sum() for name in told}
    for place, _ in enumerate(checks if of_people else ()):
        sums[f"people_{place}"] = marked["person"].nunique(where=marked[f"concerned_{place}"] > 0)
    found = marked.agg(**sums).execute().fillna(0).iloc[0].astype("int64")
    return {
        check.name: Counts(
            int(found[f"looked_at_{place}"]),
            int(found[f"concerned_{place}"]),
            int(found[f"people_{place}"]) if of_people else None,
        )
        for place, check in enumerate(checks)
    }


def _number(told: ir.Value) -> ir.IntegerValue:
    return told.cast("int64").fill_null(0)
