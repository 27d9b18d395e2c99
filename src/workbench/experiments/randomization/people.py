"""The people who are randomized: eligible as of the day, with what they are balanced, bound together and texted by."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import ibis
import pandas as pd

from workbench.experiments.planning.parameters import ExperimentPlan
from workbench.experiments.planning.people import declared_cohort, eligible_people, overlapping
from workbench.experiments.planning.traffic import with_columns
from workbench.experiments.randomization.draw import Unit
from workbench.refusal import Fault, Refused
from workbench.tables.cohort import Step, emptied_by
from workbench.tables.known import Tables
from workbench.tables.zones import is_zone

NOT_RECORDED = "not recorded"
ZONED = "whose time zone is known"
WITHIN = " / "


@dataclass(frozen=True)
class Eligible:
    """Who is randomized. `rows` has patient_id, time_zone, stratum, cluster_id (empty where there is none) and unit.

    `overlapping` counts people in another running experiment, kept out or not.
    """

    rows: pd.DataFrame
    flow: tuple[Step, ...]
    overlapping: int

    @property
    def units(self) -> tuple[Unit, ...]:
        """The units of the draw; a cluster is in the stratum of the first of its people, by pseudonym."""
        first = self.rows.sort_values("patient_id").drop_duplicates("unit")
        return tuple(Unit(row.unit, row.stratum) for row in first.itertuples())


def who_is_randomized(tables: Tables, plan: ExperimentPlan) -> Eligible:
    """The eligible people whose time zone is known: of others nobody can say when their night is.

    Other experiments are looked for in all assignments there are, those of the very day too.

    Raises:
        Refused: the source does not tell who may be texted and when, or nobody is left.
    """
    known = tables.known(plan.as_of, declared_cohort(plan))
    for table, column in _needed(plan):
        if not known.has(table, column):
            what = (
                f'table {table} has no column "{column}", so that nobody can be randomized by these parameters.'
            )
            raise Refused(Fault("people to randomize", what, "Bring it, or change the parameters."))
    assignments = tables.whole("assignments") if "assignments" in tables.names else None
    studied = eligible_people(known, plan, assignments)
    patients = known.table("patients")
    zones = patients.filter(is_zone(patients["time_zone"]).fill_null(False))
    zones = zones.select(zoned="patient_id", time_zone="time_zone")
    rows = studied.rows.select("patient_id", "at")
    rows = rows.join(zones, rows["patient_id"] == zones["zoned"]).select("patient_id", "at", "time_zone")
    wanted = tuple(dict.fromkeys([*plan.stratify_by, *([plan.cluster_by] if plan.cluster_by else [])]))
    rows = with_columns(known, rows, wanted).mutate(
        **{f"_{name}": ibis._[name].cast("string").fill_null(NOT_RECORDED) for name in plan.stratify_by}
    )
    found = rows.drop("at").order_by("patient_id").execute()
    flow = (*studied.flow, Step(ZONED, len(found)))
    emptied = emptied_by(flow)
    if emptied is not None:
        what = f'there is nobody to randomize as of {known.as_of}: nobody is left at the step "{emptied}".'
        raise Refused(Fault(f"experiment {plan.experiment}", what, "Correct the parameters or the data."))
    return Eligible(_with_units(found, plan), flow, overlapping(studied, plan))


def _needed(plan: ExperimentPlan) -> list[tuple[str, str]]:
    states = [name for name in (*plan.stratify_by, plan.cluster_by) if name not in (None, "household_id")]
    states += ["treatment_phase"] * bool(plan.treatment_phases)
    household = ["household_id"] * (plan.cluster_by == "household_id")
    return [
        *(("patients", name) for name in ("time_zone", *household)),
        *(("patient_states", str(name)) for name in states),
    ]


def _with_units(found: pd.DataFrame, plan: ExperimentPlan) -> pd.DataFrame:
    """Adds stratum, cluster and unit."""
    columns = [f"_{name}" for name in plan.stratify_by]
    stratum = found[columns].agg(WITHIN.join, axis=1) if columns else pd.Series("all", index=found.index)
    cluster = found[plan.cluster_by] if plan.cluster_by else pd.Series(None, index=found.index, dtype="object")
    # Who is in no known cluster is a unit of their own.
    unit = cluster.where(cluster.notna(), found["patient_id"])
    return pd.DataFrame(
        {
            "patient_id": found["patient_id"],
            "time_zone": found["time_zone"],
            "stratum": stratum,
            "cluster_id": cluster,
            "unit": unit,
        }
    )


def sending_hours(zone: str, day: date, plan: ExperimentPlan) -> tuple[datetime, datetime]:
    """The first hours in UTC, from the start of a day in UTC on, in which a text may go to a person of a zone.

    Where the hours of that day have begun before, in zones far in the east, those of the next day are taken.
    """
    place = ZoneInfo(zone)

    def at(hour: int, later: int) -> datetime:
        return datetime.combine(day + timedelta(days=later), time(hour), place).astimezone(UTC)

    later = int(at(plan.send_from_hour, 0) < datetime.combine(day, time(), UTC))
    return at(plan.send_from_hour, later), at(plan.send_until_hour, later)
