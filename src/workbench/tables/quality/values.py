"""Values that no schema can judge by themselves: scores, durations, years, zones, shares of arms."""

import math
from datetime import datetime

import ibis
import ibis.expr.types as ir

from workbench.tables.known import KNOWN_FROM, KnownTables
from workbench.tables.quality.reading import all_versions, each_row, of_people
from workbench.tables.quality.rule import Actor, RowCheck, Severity, Told
from workbench.tables.schema import INSTRUMENT_SCORES
from workbench.tables.zones import is_zone

LONGEST_MINUTES = 24 * 60
OLDEST_BIRTH_YEAR = 1900
# Shares of arms are written with a few digits.
SHARES_OFF_BY = 0.002
# Nobody in an arm by chance alone: rarer than this, an arm is taken to be missing.
BY_CHANCE = 1e-6


def _value(
    name: str,
    table: str,
    columns: tuple[str, ...],
    breach: str,
    mend: str,
    concerned: Told,
    *,
    severity: Severity = "finding",
    actor: Actor = "data_team",
) -> RowCheck:
    return RowCheck(
        name,
        "values",
        severity,
        table,
        breach,
        mend,
        actor,
        needs={table: columns},
        rows=each_row(table),
        concerned=concerned,
    )


def _outside_scale(rows: ir.Table, *_: object) -> ir.Value:
    scales = INSTRUMENT_SCORES.items()
    return ibis.or_(
        *((rows["instrument"] == name) & ~rows["score"].between(low, high) for name, (low, high) in scales)
    )


def _no_birth_year(rows: ir.Table, known: KnownTables, taken_at: datetime) -> ir.Value:
    return ~rows["birth_year"].between(OLDEST_BIRTH_YEAR, taken_at.year)


def _allocated(known: KnownTables) -> ir.Table:
    """Assignments, with off: whether the arms' shares of their allocation (experiment, epoch, stratum) sum to no 1.

    Where they add up to less, an arm may be empty by chance: of n people with probability s^n, s being the sum.
    """
    read = known.table("assignments")
    within = ["experiment_id", *(name for name in ("epoch", "stratum") if name in read.columns)]
    arms = read.group_by([*within, "arm", "probability"]).agg(people=read.count())
    sums = arms.group_by(within).agg(total=arms["probability"].sum(), members=arms["people"].sum())
    share = ibis.greatest(sums["total"], 1e-9)
    short = (share < 1 - SHARES_OFF_BY) & (sums["members"] * share.ln() < math.log(BY_CHANCE))
    sums = sums.mutate(off=(sums["total"] > 1 + SHARES_OFF_BY) | short)
    # Keys may be empty, and an empty key equals none: each is compared as text.
    joined = _keyed(read.mutate(person="patient_id"), within).join(
        _keyed(sums, within).select("allocation", "off"), "allocation"
    )
    return joined.select("person", "off")


def _keyed(rows: ir.Table, columns: list[str]) -> ir.Table:
    texts = [rows[name].cast("string").fill_null("") for name in columns]
    return rows.mutate(allocation=ibis.literal("\x1f").join(texts))


def _undated(table: str) -> RowCheck:
    known_from = KNOWN_FROM[table]

    def rows(known: KnownTables) -> ir.Table:
        return of_people(all_versions(known, table))

    return RowCheck(
        f"{table}_undated",
        "values",
        "finding",
        table,
        f"without {known_from}, which no study reads: nobody can tell when they were known",
        f"Export {known_from} for every row.",
        "data_team",
        needs={table: ("patient_id", known_from)},
        rows=rows,
        concerned=lambda rows, *_: rows[known_from].isnull(),
        recorded=("time",),
    )


VALUES = (
    _value(
        "clinics_zone_unknown",
        "clinics",
        ("time_zone",),
        "whose time zone is no known one",
        "Write a name such as America/New_York.",
        lambda rows, *_: ~is_zone(rows["time_zone"]),
        severity="fault",
    ),
    _value(
        "patients_zone_unknown",
        "patients",
        ("time_zone",),
        "whose time zone is no known one",
        "Write names such as America/New_York; without, nobody can tell whether it is night where they are.",
        lambda rows, *_: ~is_zone(rows["time_zone"]),
    ),
    _value(
        "birth_years",
        "patients",
        ("birth_year",),
        f"with a birth year before {OLDEST_BIRTH_YEAR} or still to come",
        "Correct the dates of birth in the records.",
        _no_birth_year,
        actor="clinics",
    ),
    _value(
        "born_after_enrolled",
        "patients",
        ("birth_year", "enrolled_at"),
        "recorded as born after they enrolled",
        "Correct the dates in the records.",
        lambda rows, *_: rows["birth_year"] > rows["enrolled_at"].year(),
        actor="clinics",
    ),
    _value(
        "durations",
        "appointments",
        ("duration_minutes",),
        "that last no minute, or longer than a day",
        "Look at the unit of the duration.",
        lambda rows, *_: ~rows["duration_minutes"].between(1, LONGEST_MINUTES),
    ),
    _value(
        "canceled_by_nobody",
        "appointments",
        ("status", "canceled_by"),
        "called off without saying by whom",
        "Have it entered: what the clinic calls off is not the patient's doing.",
        lambda rows, *_: rows["status"].isin(["canceled", "late_canceled"]) & rows["canceled_by"].isnull(),
        actor="clinics",
    ),
    _value(
        "failures_without_reason",
        "messages",
        ("status", "error_code"),
        "that failed without an error code",
        "Export the error codes: a blocked number must not be texted again.",
        lambda rows, *_: rows["status"].isin(["failed", "undelivered"]) & rows["error_code"].isnull(),
        actor="outreach",
    ),
    _value(
        "message_parts",
        "messages",
        ("parts",),
        "of less than one part",
        "Look at what the vendor exports as segments.",
        lambda rows, *_: rows["parts"] < 1,
    ),
    _value(
        "survey_scores",
        "surveys",
        ("instrument", "score"),
        "with a score outside its scale",
        "Look at how answers are scored: PHQ-9 runs from 0 to 27, GAD-7 from 0 to 21.",
        _outside_scale,
    ),
    _value(
        "session_capacity",
        "sessions",
        ("capacity",),
        "with room for nobody",
        "Correct the schedule.",
        lambda rows, *_: rows["capacity"] < 1,
        actor="clinics",
    ),
    RowCheck(
        "arm_shares",
        "values",
        "finding",
        "assignments",
        "to arms whose shares do not add up to 1",
        "Ask who drew the lists for the shares that were meant; an arm may be missing.",
        "outreach",
        needs={"assignments": ("experiment_id", "patient_id", "arm", "probability")},
        rows=_allocated,
        concerned=lambda rows, *_: rows["off"],
    ),
    *(_undated(table) for table in ("assignments", "appointments")),
)
