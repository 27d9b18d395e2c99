"""What people did before they were assigned, as it was known by then: each one's stratum, and how many are in it."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir
import pandas as pd

from workbench.experiments.counting.cells import ordered
from workbench.experiments.counting.happened import value_column
from workbench.experiments.counting.occurrences import OCCURRENCES, Occurrence
from workbench.experiments.parameters import ABTest
from workbench.tables.known import KnownTables
from workbench.tables.versions import VERSION_FROM

NO_STRATA = pd.DataFrame({"arm": [], "stratum": [], "people": [], "events": []})

_COUNTED: Mapping[str, Occurrence] = {
    "bookings_before": OCCURRENCES["booking"],
    "replies_before": OCCURRENCES["reply"],
}
_KEYS = {"appointments": "appointment_id", "replies": "reply_id"}
# Each stratum by its fewest; settled before any data are seen, so that no choice of them favors an arm.
_FEWEST = (16, 8, 4, 2, 1)


def covariate_needs(settings: ABTest) -> dict[str, tuple[str, ...]]:
    """The table and columns that tell the covariate; none where none is asked for."""
    if settings.covariate is None:
        return {}
    by = _COUNTED[settings.covariate.of]
    return {by.table: (_KEYS[by.table], "patient_id", by.moment)}


def with_covariate(known: KnownTables, people: ir.Table, settings: ABTest) -> ir.Table:
    """Adds before: the covariate's stratum, by its fewest (0, 1, 2, 4, 8, 16), where a covariate is asked for.

    Counted is what lies strictly before the assignment, and was known at it; of an appointment any version known by
    then.
    """
    if settings.covariate is None:
        return people
    by = _COUNTED[settings.covariate.of]
    rows, key = known.versions(by.table), _KEYS[by.table]
    told = [VERSION_FROM] if VERSION_FROM in rows.columns else []
    made = people.select("patient_id", "assigned_at").join(
        rows.select("patient_id", key, by.moment, *told), "patient_id"
    )
    at, days = made["assigned_at"], ibis.interval(hours=24 * settings.covariate.days)
    earlier = (made[by.moment] < at) & (made[by.moment] >= at - days)
    for column in told:
        earlier &= made[column] <= at
    made = made.filter(earlier)
    counted = made.group_by(counted_of="patient_id").agg(number=made[key].nunique())
    joined = people.left_join(counted, people["patient_id"] == counted["counted_of"])
    number = joined["number"].fill_null(0)
    stratum = ibis.cases(*((number >= fewest, fewest) for fewest in _FEWEST), else_=0)
    return joined.select(*people.columns, before=stratum.cast("int64"))


def covariate_cells(people: ir.Table, settings: ABTest) -> pd.DataFrame:
    """For each arm and stratum of the covariate: people whose window has closed, and events of the primary."""
    if settings.covariate is None:
        return NO_STRATA
    event = people[value_column(settings.metrics.index(settings.primary))].notnull()
    closed = people.mutate(event=event.cast("int64")).filter(people["closed"])
    cells = closed.group_by(["arm", "before"]).agg(people=closed.count(), events=closed["event"].sum())
    counted = dict.fromkeys(("before", "people", "events"), "int64")
    return ordered(cells.execute().astype(counted).rename(columns={"before": "stratum"}), ("arm", "stratum"))
