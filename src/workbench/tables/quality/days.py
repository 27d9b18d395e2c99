"""Rows by day, counted by the engine: what shares of a column are missing, when, and on which days a log is silent."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import ibis
import pandas as pd

from workbench.tables.known import KnownTables
from workbench.tables.quality.reading import is_typed, why_unread
from workbench.tables.quality.rule import Answer, Counts, Rule
from workbench.tables.schema import TABLES
from workbench.tables.versions import VERSION_FROM

# The time by whose day (UTC) a table's rows are counted.
DAY_OF = {
    "patients": "enrolled_at",
    "patient_states": "valid_from",
    "consents": "changed_at",
    "messages": "sent_at",
    "replies": "received_at",
    "assignments": "assigned_at",
    "appointments": "booked_at",
    "surveys": "responded_at",
    "sessions": "starts_at",
}
# Logs that are written day by day.
LOGS = ("messages", "replies", "appointments", "surveys")
# Columns whose emptiness says something: no error, nobody who called off, no text that led there.
MEANT_TO_BE_EMPTY = {
    "consents": ("source", "wording_version"),
    "messages": ("campaign_id", "error_code", "cta"),
    "replies": ("message_id",),
    "assignments": ("cluster_id", "stratum", "epoch"),
    "appointments": ("canceled_by", "message_id"),
    "surveys": ("message_id",),
}
# Filled by what befalls people, which is nobody's omission and nobody's business here; and when a version was known.
_NOT_COUNTED = ("ended_at", "deceased_at", VERSION_FROM)
# More than this share of a column missing is told.
MOST_MISSING = 0.05
# So is a month in which the share differs by more than this from that of the months before.
LARGEST_DRIFT = 0.05
# A month, and those before it, are compared from this many rows on.
FEWEST_ROWS = 100
# A day without rows is a gap where the same weekdays around it have this many each: chance leaves none out of twenty
# expected once in 10^8 days.
USUAL_ROWS = 20
# Five years; what is dated earlier may be a clock's zero, and is older than any study looks.
DAYS_COUNTED = 1826
_WEEKS_AROUND = 4
_FEWEST_NEIGHBORS = 3
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Days:
    """A table's rows by day (UTC), and how many of them lack each column that may be empty.

    `rows` and each entry of `missing` are as long as `days`, which rise. Rows of no day, or of one that is not counted,
    are in `undated` and `undated_missing` alone.
    """

    table: str
    days: tuple[date, ...]
    rows: tuple[int, ...]
    missing: Mapping[str, tuple[int, ...]]
    undated: int
    undated_missing: Mapping[str, int]

    @property
    def total(self) -> int:
        """All rows."""
        return sum(self.rows) + self.undated

    def missing_in_all(self, column: str) -> int:
        """The rows that lack a column."""
        return sum(self.missing[column]) + self.undated_missing[column]

    def by_month(self, column: str | None = None) -> dict[str, int]:
        """Rows, or rows that lack a column, by month such as "2026-11", in order."""
        counts = self.rows if column is None else self.missing[column]
        found: dict[str, int] = {}
        for day, count in zip(self.days, counts, strict=True):
            month = f"{day:%Y-%m}"
            found[month] = found.get(month, 0) + count
        return found

    def by_week(self) -> dict[date, int]:
        """Rows by week, named by its Monday, every week from the first to the last."""
        if not self.days:
            return {}
        first, last = (day - timedelta(days=day.weekday()) for day in (self.days[0], self.days[-1]))
        found = {first + timedelta(weeks=at): 0 for at in range((last - first).days // 7 + 1)}
        for day, count in zip(self.days, self.rows, strict=True):
            found[day - timedelta(days=day.weekday())] += count
        return found


def count_days(known: KnownTables, until: date, names: Iterable[str] | None = None) -> tuple[Days, ...]:
    """Each table that can be read, counted by day in one query; those without a time have no days.

    Args:
        known: the tables as known by a day.
        until: the day before which rows are counted by day; those of it and later, and old ones, count as undated.
        names: which tables; all unless given.
    """
    readable = [name for name in (known.names if names is None else names) if not why_unread(known, name)]
    return tuple(_count_days(known, name, until) for name in readable)


def day_after_newest(known: KnownTables, until: date) -> date:
    """The day after the newest row of any log before `until`; `until` itself where there is none."""
    newest = []
    for name in LOGS:
        if name in known.names and not why_unread(known, name):
            rows = known.table(name)
            if DAY_OF[name] in rows.columns and is_typed(known, name, DAY_OF[name]):
                at = rows[DAY_OF[name]]
                newest.append(at.max(where=at < ibis.literal(datetime.combine(until, time(), UTC))).execute())
    days = [moment.date() for moment in newest if not pd.isna(moment)]
    return max(days) + timedelta(days=1) if days else until


def missing_answers(counted: Sequence[Days], most_missing: float, largest_drift: float) -> tuple[Answer, ...]:
    """Columns that lack more than a share of their values, and those that began or ceased to be filled.

    A column is told of once: by its whole share, else by the month that differs most. A table of which nothing is told
    has one answer that says so.
    """
    answers: list[Answer] = []
    for table in counted:
        told = [
            answer
            for column in table.missing
            if column not in MEANT_TO_BE_EMPTY.get(table.table, ())
            for answer in _missing_answers(table, column, most_missing, largest_drift)
        ]
        columns = Rule(
            f"{table.table}_filled",
            "missing",
            "finding",
            table.table,
            "lacking a value",
            "Nothing.",
            "data_team",
        )
        answers += told or [Answer(columns, Counts(table.total, 0))]
    return tuple(answers)


def gap_answers(counted: Sequence[Days], usual_rows: int) -> tuple[Answer, ...]:
    """Of each log, the days without a row on which many would have been usual."""
    logs = [table for table in counted if table.table in LOGS and table.days]
    newest = max((table.days[-1] for table in logs), default=_EPOCH)
    return tuple(
        Answer(
            Rule(
                f"{table.table}_gaps",
                "gaps",
                "finding",
                table.table,
                "without any row, where the same weekday usually has many",
                "Export these days again, unless they were holidays.",
                "data_team",
                unit="days",
            ),
            Counts((newest - table.days[0]).days + 1, len(gap_days(table, newest, usual_rows))),
        )
        for table in logs
    )


def gap_days(table: Days, until: date, usual_rows: int) -> tuple[date, ...]:
    """The days from the table's first one to `until` without a row, where the same weekday usually has `usual_rows`.

    Usual is what each of the same weekdays has in the four weeks before, or in the four weeks after.
    """
    if not table.days:
        return ()
    first = table.days[0]
    rows = dict(zip(table.days, table.rows, strict=True))

    def usual(day: date, step: int) -> int:
        around = [day + timedelta(weeks=step * week) for week in range(1, _WEEKS_AROUND + 1)]
        inside = [rows.get(each, 0) for each in around if first <= each <= until]
        return min(inside) if len(inside) >= _FEWEST_NEIGHBORS else 0

    days = [first + timedelta(days=at) for at in range((until - first).days + 1)]
    return tuple(day for day in days if day not in rows and max(usual(day, -1), usual(day, 1)) >= usual_rows)


def newest_day(counted: Sequence[Days]) -> date | None:
    """The last day of which any log has a row."""
    ends = [table.days[-1] for table in counted if table.table in LOGS and table.days]
    return max(ends, default=None)


def _count_days(known: KnownTables, name: str, until: date) -> Days:
    rows = known.table(name)
    at = DAY_OF.get(name)
    dated = at is not None and at in rows.columns and is_typed(known, name, at)
    columns = [
        column
        for column, declared in TABLES[name].columns.items()
        if column in rows.columns
        and declared.nullable
        and column not in _NOT_COUNTED
        and not (dated and column == at)
    ]
    # Whole days since 1970 are the same in every engine, whatever zone its session keeps.
    day = (rows[at].epoch_seconds() / 86_400).floor().cast("int64") if dated else ibis.null("int64")
    last = (until - _EPOCH).days - 1
    rows = rows.mutate(day=day.between(last - DAYS_COUNTED + 1, last).ifelse(day, None))
    sums = {f"missing_{column}": rows[column].isnull().cast("int64").sum() for column in columns}
    cells = rows.group_by("day").agg(rows=rows.count(), **sums).execute()
    with_day = cells[cells["day"].notna()].sort_values("day")
    without = cells[cells["day"].isna()]
    return Days(
        table=name,
        days=tuple(_EPOCH + timedelta(days=int(each)) for each in with_day["day"]),
        rows=tuple(int(each) for each in with_day["rows"]),
        missing={column: tuple(int(n) for n in with_day[f"missing_{column}"]) for column in columns},
        undated=int(without["rows"].sum()),
        undated_missing={column: int(without[f"missing_{column}"].sum()) for column in columns},
    )


def _missing_answers(table: Days, column: str, most_missing: float, largest_drift: float) -> list[Answer]:
    def answer(name: str, breach: str, mend: str, counts: Counts) -> Answer:
        return Answer(
            Rule(
                f"{table.table}_{column}_{name}", "missing", "finding", table.table, breach, mend, "data_team"
            ),
            counts,
        )

    missing = table.missing_in_all(column)
    if table.total and missing / table.total > most_missing:
        mend = "Export it, or drop it from the source if it is not recorded."
        return [answer("missing", f"without {column}", mend, Counts(table.total, missing))]
    jump = largest_jump(table, column)
    if jump is not None and abs(jump.difference) > largest_drift:
        more = "more" if jump.difference > 0 else "less"
        breach = f"without {column} in {jump.month}, {more} than in the months before"
        mend = "Find out what changed in that month: the form, the vendor or the export."
        return [answer("drift", breach, mend, Counts(jump.rows, jump.missing))]
    return []


@dataclass(frozen=True)
class Jump:
    """The month whose missing share differs most from that of all months before it."""

    month: str
    rows: int
    missing: int
    difference: float


def largest_jump(table: Days, column: str) -> Jump | None:
    """The month in which a column's missing share moved most, or None where no month can be compared."""
    missing = table.by_month(column)
    jumps: list[Jump] = []
    rows_before = missing_before = 0
    for month, rows in table.by_month().items():
        if rows >= FEWEST_ROWS and rows_before >= FEWEST_ROWS:
            difference = missing[month] / rows - missing_before / rows_before
            jumps.append(Jump(month, rows, missing[month], difference))
        rows_before += rows
        missing_before += missing[month]
    return max(jumps, key=lambda jump: abs(jump.difference), default=None)
