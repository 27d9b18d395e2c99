"""What happened to people after they were assigned: metric by metric, one row per person inside the engine.

Every table is read once for all metrics that it tells of.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from workbench.experiments.counting.occurrences import OCCURRENCES, Occurrence, measured_by
from workbench.experiments.counting.people import untimed
from workbench.experiments.metrics import CountMetric, Metric
from workbench.experiments.parameters import ABTest
from workbench.tables.known import KnownTables
from workbench.tables.seconds import seconds_of

_DAY = 86_400

BOOKED, THROUGH = "bookings_made", "bookings_through"
_BOOKED = Occurrence("appointments", "booked_at")
_THROUGH = Occurrence("appointments", "booked_at", ("message_id",), lambda rows: rows["message_id"].notnull())


@dataclass(frozen=True)
class _Part:
    """One of the things that a metric is made of, and the column that holds it."""

    column: str
    metric: Metric
    by: Occurrence


def value_column(place: int) -> str:
    """The column that holds the value of the metric at a place of the parameters."""
    return f"value{place}"


def of_column(place: int) -> str:
    """The column that holds what the value of a ratio is divided by."""
    return f"of{place}"


def with_metrics(known: KnownTables, people: ir.Table, settings: ABTest) -> ir.Table:
    """Adds value and, for ratios, of, for every metric of the parameters; and bookings, where texts are told of.

    An event and a duration are told by the day, from 0, of the first time; null where there was none. The day is one
    that is wholly past, and the last moment of a window belongs to its last day.

    Args:
        known: the tables.
        people: with patient_id, assigned_at, followed and, where anything stops, stops_at.
        settings: the parameters.
    """
    parts = defaultdict(list)
    for place, metric in enumerate(settings.metrics):
        for column, by in zip((value_column(place), of_column(place)), measured_by(metric), strict=False):
            parts[by.table].append(_Part(column, metric, by))
    if tells_through(known, settings):
        made = CountMetric(
            kind="count", of="bookings", role="guardrail", window_days=settings.primary.window_days
        )
        parts["appointments"] += [_Part(BOOKED, made, _BOOKED), _Part(THROUGH, made, _THROUGH)]
    joined, added = people, []
    for table, told in parts.items():
        found = _untimed(known, table, told) if untimed(known) else _found(known, people, table, told, settings)
        renamed = found.rename({f"{table}_of": "patient_id"})
        joined = joined.left_join(renamed, joined["patient_id"] == renamed[f"{table}_of"])
        added += told
    values = {part.column: _filled(joined[part.column], part.metric) for part in added}
    return joined.select(*people.columns, **values)


def tells_through(known: KnownTables, settings: ABTest) -> bool:
    """Whether the source tells which bookings were made through a text, and bookings are the primary outcome."""
    told = known.has("appointments", "message_id") and not untimed(known)
    return told and settings.primary.of == "booking"


def with_stops(known: KnownTables, people: ir.Table, settings: ABTest) -> ir.Table:
    """Adds stops_at: from when on nothing counts as an outcome, null where nothing stops it; where anything may."""
    composite = settings.intercurrent_events.composite
    if untimed(known) or not composite:
        return people
    # Kept inside the engine here and at the end: each is read several times by what follows.
    people = people.cache()
    stops = people.mutate(stops_at=ibis.null("timestamp('UTC')"))
    longest = max(metric.window_days for metric in settings.metrics)
    for name in composite:
        if name == "undelivered":
            moments = texts_of_campaign(known, people, settings)
            moments = moments.filter(moments["status"].isin(["undelivered", "failed"]))
            moments = moments.select("patient_id", "assigned_at", at="sent_at")
        else:
            by = OCCURRENCES[name]
            rows = _after(known, people, by.table, [by], settings, longest)
            held = rows if by.holds is None else rows.filter(by.holds(rows))
            moments = held.select("patient_id", "assigned_at", at=by.moment)
        moments = moments.filter(moments["at"] > moments["assigned_at"])
        first = moments.group_by("patient_id").agg(first=moments["at"].min()).rename(stopped="patient_id")
        joined = stops.left_join(first, stops["patient_id"] == first["stopped"])
        earliest = ibis.least(
            joined["stops_at"].fill_null(joined["first"]), joined["first"].fill_null(joined["stops_at"])
        )
        stops = joined.select(*people.columns, stops_at=earliest)
    return stops.cache()


def texts_of_campaign(known: KnownTables, people: ir.Table, settings: ABTest) -> ir.Table:
    """The texts of the experiment's campaign to its people, each with the person's assigned_at."""

    def of_campaign(messages: ir.Table) -> ir.Table:
        made = people.select("patient_id", "assigned_at").join(messages, "patient_id")
        return made.filter(made["campaign_id"] == settings.texted_by)

    return known.matching("messages", ("patient_id", "campaign_id", "sent_at", "status"), of_campaign)


def is_inside(moment: ir.TimestampValue, assigned_at: ir.TimestampValue, days: int) -> ir.BooleanValue:
    """Whether a moment is later than the assignment, by no more than so many days."""
    # In hours, since engines ask a calendar how long a day is.
    return (moment > assigned_at) & (moment <= assigned_at + ibis.interval(hours=24 * days))


def _found(
    known: KnownTables, people: ir.Table, table: str, told: Sequence[_Part], settings: ABTest
) -> ir.Table:
    """One row for each person of whom the table tells something, with the columns of its parts."""
    longest = max(part.metric.window_days for part in told)
    rows = _after(known, people, table, [part.by for part in told], settings, longest)
    if table == "surveys":
        return _last_scores(rows, told)
    return rows.group_by("patient_id").agg(**{part.column: _measure(rows, part) for part in told})


def _after(
    known: KnownTables,
    people: ir.Table,
    table: str,
    occurrences: Sequence[Occurrence],
    settings: ABTest,
    days: int,
) -> ir.Table:
    """Rows of a table that tell of the people within so many days of their assignment; with the people's columns."""
    moments = list(dict.fromkeys(by.moment for by in occurrences))
    columns = list(
        dict.fromkeys(["patient_id", *moments, *(name for by in occurrences for name in by.columns)])
    )
    own = [name for name in ("patient_id", "assigned_at", "followed", "stops_at") if name in people.columns]

    def in_time(rows: ir.Table) -> ir.Table:
        made = people.select(own).join(rows, "patient_id")
        inside = [is_inside(made[moment], made["assigned_at"], days) for moment in moments]
        return made.filter(ibis.or_(*inside))

    if table == "consents":
        return in_time(known.consent_changes(settings.consent_purpose).select(columns))
    return known.matching(table, columns, in_time)


def _counts(rows: ir.Table, part: _Part) -> tuple[ir.BooleanValue, ir.IntegerValue]:
    """Which rows count for a part of a metric, and the day of each."""
    moment, days = rows[part.by.moment], part.metric.window_days
    seconds = seconds_of(moment) - seconds_of(rows["assigned_at"])
    day = ibis.least((seconds / _DAY).floor().cast("int64"), days - 1)
    counts = is_inside(moment, rows["assigned_at"], days) & (day < ibis.least(rows["followed"], days))
    if part.by.holds is not None and part.by.table != "surveys":
        counts &= part.by.holds(rows)
    if part.metric.role != "guardrail" and "stops_at" in rows.columns:
        counts &= rows["stops_at"].isnull() | (moment <= rows["stops_at"])
    return counts.fill_null(False), day


def _measure(rows: ir.Table, part: _Part) -> ir.IntegerScalar:
    counts, day = _counts(rows, part)
    if part.metric.kind in ("event", "duration"):
        return counts.ifelse(day, None).min()
    return counts.cast("int64").sum()


def _last_scores(rows: ir.Table, told: Sequence[_Part]) -> ir.Table:
    """The last answer of each person to each instrument, one row per person."""
    scores: dict[str, ir.Value] = {}
    for part in told:
        counts, _ = _counts(rows, part)
        counts &= rows["instrument"] == part.metric.of
        # Of answers of one moment the highest score counts.
        newest = ibis.window(
            group_by="patient_id",
            order_by=[ibis.desc(counts), ibis.desc("responded_at"), ibis.desc("score")],
        )
        first = ibis.row_number().over(newest) == 0
        scores[part.column] = (counts & first).ifelse(rows["score"], None)
    ranked = rows.select("patient_id", **scores)
    return ranked.group_by("patient_id").agg(**{name: ranked[name].max() for name in scores})


def _untimed(known: KnownTables, table: str, told: Sequence[_Part]) -> ir.Table:
    """Whoever has a row has the event, on a day that is not known."""
    rows = known.table(table).select("patient_id").distinct()
    return rows.mutate(**{part.column: ibis.literal(0, "int64") for part in told})


def _filled(value: ir.Value, metric: Metric) -> ir.Value:
    """Nothing that happened is a count of 0, but no day and no score."""
    number = value.cast("float64")
    return number.fill_null(0.0) if metric.kind in ("count", "ratio") else number


def tables_of(metrics: Sequence[Metric]) -> Mapping[str, tuple[str, ...]]:
    """The tables and columns by which metrics are measured, in one order."""
    found: dict[str, tuple[str, ...]] = {}
    for by in (by for metric in metrics for by in measured_by(metric)):
        needed = ("patient_id", by.moment, *by.columns)
        found[by.table] = tuple(dict.fromkeys((*found.get(by.table, ()), *needed)))
    return found
