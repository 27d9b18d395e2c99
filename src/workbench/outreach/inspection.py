"""The tables of a source looked over as of a day. What comes back into memory is counts, never rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from workbench.outreach.parameters import DataQuality
from workbench.refusal import Fault, Refused
from workbench.tables.cohort import Cohort
from workbench.tables.conditions import CountedRows
from workbench.tables.known import KNOWN_FROM, KnownTables
from workbench.tables.quality.asking import CHECKS, ask
from workbench.tables.quality.days import Days, count_days, gap_answers, missing_answers, newest_day
from workbench.tables.quality.reading import all_versions, is_typed
from workbench.tables.quality.rule import Answer, Counts, Rule, Theme
from workbench.tables.quality.texting import HourOfTexts, texts_by_hour
from workbench.tables.schema import TABLES
from workbench.tables.validation import schema_answers

# In the order of gravity.
THEMES: tuple[Theme, ...] = (
    "schema",
    "consent",
    "after_care",
    "hours",
    "references",
    "time_order",
    "values",
    "repeats",
    "missing",
    "gaps",
)
# Sessions do not say when they were entered, so that nobody can tell what of them was known by a day.
UNDATED = ("sessions",)
# What a rule about no table by itself is told of.
EVERY_TABLE = "all"


@dataclass(frozen=True)
class LeftOut:
    """Rows of a foreign file that never became rows of a table, or that did and are told of."""

    table: str
    kept: bool
    counted: CountedRows


@dataclass(frozen=True)
class Inspection:
    """All the study knows of its tables: answers in the order of gravity, and counts by day and by hour.

    `hours` is empty where texts or time zones are not there; `absent` names the tables the source does not have;
    `data_until` is the moment at which the newest row was known.
    """

    settings: DataQuality
    answers: tuple[Answer, ...]
    days: tuple[Days, ...]
    hours: tuple[HourOfTexts, ...]
    left_out: tuple[LeftOut, ...]
    absent: tuple[str, ...]
    not_recorded: Mapping[str, str]
    data_until: datetime | None

    def of(self, theme: Theme) -> tuple[Answer, ...]:
        """The answers of one theme."""
        return tuple(answer for answer in self.answers if answer.rule.theme == theme)

    def with_status(self, *statuses: str) -> tuple[Answer, ...]:
        """The answers of these statuses, in the order of gravity."""
        return tuple(answer for answer in self.answers if answer.status in statuses)


def needed_columns(settings: DataQuality, recorded: Mapping[str, bool]) -> dict[str, tuple[str, ...]]:
    """Tables and columns without which there is no study: none, since what is missing is what it tells of."""
    return {}


def declared_cohort(settings: DataQuality) -> Cohort:
    """Everybody of whom there is a row."""
    return Cohort("include", goes_on_without=settings.goes_on_without)


def check_tables(known: KnownTables, settings: DataQuality) -> None:
    """Refuse a source of which nothing was known by the day."""
    if not any(all_versions(known, name).limit(1).count().execute() for name in known.names):
        what = "no table has a row known by then."
        raise Refused(Fault(f"source as of {known.as_of}", what, "Choose a later as_of, or export the data."))


def inspect_tables(known: KnownTables, settings: DataQuality) -> Inspection:
    """Ask every check of the tables as known by `known.as_of`.

    Raises:
        Refused: nothing was known by then.
    """
    check_tables(known, settings)
    known = known.for_many_queries()
    names = [name for name in known.names if name not in UNDATED]
    days = count_days(known, known.as_of, names)
    answers = (
        *schema_answers(known, names),
        *ask(known, known.moment, [check for check in CHECKS if check.table not in UNDATED]),
        *missing_answers(days, settings.most_missing, settings.largest_drift),
        *gap_answers(days, settings.usual_rows),
        *_staleness(known, days, settings),
    )
    on_clocks = any(answer.rule.name == "messages_in_quiet_hours" and answer.counts for answer in answers)
    # Faults come first, then findings as grave as their theme; within a theme in the order declared.
    ordered = sorted(answers, key=lambda answer: (answer.status != "fault", THEMES.index(answer.rule.theme)))
    return Inspection(
        settings=settings,
        answers=tuple(ordered),
        days=days,
        hours=texts_by_hour(known) if on_clocks else (),
        left_out=tuple(_left_out(known)),
        absent=tuple(name for name in TABLES if name not in known.names),
        not_recorded=known.source.not_recorded.named(),
        data_until=_data_until(known),
    )


def _staleness(known: KnownTables, days: tuple[Days, ...], settings: DataQuality) -> Iterator[Answer]:
    newest = newest_day(days)
    if newest is None:
        return
    silent = (known.as_of - newest).days - 1
    rule = Rule(
        "data_up_to_date",
        "gaps",
        "finding",
        EVERY_TABLE,
        "before the day the study looks from, of which no log has a row",
        "Export the data again: what happened since is in no study.",
        "data_team",
        unit="days",
    )
    yield Answer(rule, Counts(max(silent, 0), silent if silent > settings.stale_after_days else 0))


def _left_out(known: KnownTables) -> Iterator[LeftOut]:
    for name in known.names:
        mapped = known.mapped(name)
        yield from (LeftOut(name, False, counted) for counted in mapped.dropped)
        yield from (LeftOut(name, True, counted) for counted in mapped.told)


def _data_until(known: KnownTables) -> datetime | None:
    moments = [
        known.table(name)[known_from].max().execute()
        for name, known_from in KNOWN_FROM.items()
        if known.has(name, known_from) and is_typed(known, name, known_from)
    ]
    dated = [pd.Timestamp(moment) for moment in moments if not pd.isna(moment)]
    return max(dated).to_pydatetime() if dated else None
