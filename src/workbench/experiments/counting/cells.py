"""From people to cells: how many people there are of each kind. What comes back into memory is this, never rows."""

import ibis
import ibis.expr.types as ir
import pandas as pd

from workbench.experiments.counting.happened import BOOKED, THROUGH, of_column, value_column
from workbench.experiments.metrics import Metric
from workbench.experiments.parameters import ABTest
from workbench.tables.exact_sum import exact_sum

CELL_COLUMNS = ("metric", "arm", "segment", "epoch", "followed", "value", "of")
_TYPES = {"epoch": "int64", "followed": "int64", "value": "float64", "of": "float64", "people": "int64"}


def ordered(cells: pd.DataFrame, by: tuple[str, ...]) -> pd.DataFrame:
    """The rows in one order, whatever the engine's is, and in types of our own."""
    kept = {name: kind for name, kind in _TYPES.items() if name in cells.columns}
    rows = cells.astype(kept)[[*by, *(name for name in cells.columns if name not in by)]]
    rows = rows[rows["people"] > 0] if "people" in rows else rows
    return rows.sort_values(list(by), kind="stable", ignore_index=True)


def metric_cells(people: ir.Table, settings: ABTest) -> pd.DataFrame:
    """Every metric as a histogram of people, in one query.

    Returns:
        One row for each metric, arm, segment, epoch, followed, value and of, with people; rows in one order.
        `followed` is in whole days, at most the metric's window; `value` the day of the first event (event, duration;
        NaN where there was none), the count, the score (NaN without an answer), or a ratio's numerator, whose
        denominator is `of` (NaN for all else).
    """
    cells = [_cells_of(people, place, metric) for place, metric in enumerate(settings.metrics)]
    found = ibis.union(*cells).execute() if len(cells) > 1 else cells[0].execute()
    return ordered(found, CELL_COLUMNS)


def arm_cells(people: ir.Table) -> pd.DataFrame:
    """For each epoch and arm: people, closed, probability (the sum), lowest, highest, and how many were disturbed.

    Further columns: in_two_arms, triggered, texted_before, overlapping, in_shared_cluster; and of people whose window
    has closed the bookings made, and those made through a text, where they are told.
    """
    sums = {
        name: people[name].cast("int64").sum()
        for name in ("closed", "in_two_arms", "triggered", "texted_before", "overlapping")
    }
    for name in (BOOKED, THROUGH):
        if name in people.columns:
            sums[name] = people["closed"].ifelse(people[name], 0).cast("int64").sum()
    found = people.group_by(["epoch", "arm"]).agg(
        people=people.count(),
        probability=exact_sum(people["probability"], 15),
        lowest=people["probability"].min(),
        highest=people["probability"].max(),
        in_shared_cluster=(people["cluster_size"] > 1).cast("int64").sum(),
        **sums,
    )
    counted = ["people", "in_shared_cluster", *sums]
    return ordered(found.execute().astype(dict.fromkeys(counted, "int64")), ("epoch", "arm"))


def enrollment_cells(people: ir.Table, settings: ABTest) -> pd.DataFrame:
    """For each week of assignment, arm: enrolled, closed, and the events of the primary among the closed."""
    event = people[value_column(settings.metrics.index(settings.primary))].notnull()
    daily = people.mutate(event=event & people["closed"])
    found = daily.group_by(["day", "arm"]).agg(
        enrolled=daily.count(),
        closed=daily["closed"].cast("int64").sum(),
        events=daily["event"].cast("int64").sum(),
    )
    counted = ["enrolled", "closed", "events"]
    frame = found.execute().astype(dict.fromkeys(["day", *counted], "int64"))
    # 1970-01-01 was a Thursday, and weeks begin on Mondays.
    monday = frame["day"] - (frame["day"] + 3) % 7
    weeks = frame.assign(week=pd.to_datetime(monday, unit="D").dt.date)
    return ordered(weeks.groupby(["week", "arm"], as_index=False)[counted].sum(), ("week", "arm"))


def cluster_cells(people: ir.Table, settings: ABTest) -> pd.DataFrame:
    """For each arm, number of people and of events of the primary in a cluster: how many clusters there are.

    Of people whose window has closed; a person without a cluster is one of her own.
    """
    event = people[value_column(settings.metrics.index(settings.primary))].notnull()
    closed = people.mutate(
        cluster=people["cluster_id"].fill_null(people["patient_id"]), event=event.cast("int64")
    )
    closed = closed.filter(closed["closed"])
    clusters = closed.group_by(["arm", "cluster"]).agg(size=closed.count(), events=closed["event"].sum())
    found = clusters.group_by(["arm", "size", "events"]).agg(clusters=clusters.count()).execute()
    counted = dict.fromkeys(("size", "events", "clusters"), "int64")
    return ordered(found.astype(counted), ("arm", "size", "events"))


def _cells_of(people: ir.Table, place: int, metric: Metric) -> ir.Table:
    of = people[of_column(place)] if metric.kind == "ratio" else ibis.null("float64")
    cells = people.select(
        "arm",
        "segment",
        "epoch",
        followed=ibis.least(people["followed"], metric.window_days),
        value=people[value_column(place)],
        of=of,
    )
    counted = cells.group_by(["arm", "segment", "epoch", "followed", "value", "of"]).agg(people=cells.count())
    return counted.select(*counted.columns, metric=ibis.literal(metric.name))
