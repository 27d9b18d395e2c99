"""Appointments of each person within the lookback: how many, kept or missed, how far ahead, at what intervals."""

import ibis
import ibis.expr.types as ir

from workbench.segments.counting.lookback import DAY, count_of, elapsed, is_recent, log_sums, with_counts
from workbench.segments.parameters import Segmentation
from workbench.tables.known import KnownTables

REMOTE = ("video", "phone")
CALLED_OFF = ("late_canceled", "canceled", "rescheduled")


def with_appointments(known: KnownTables, people: ir.Table, settings: Segmentation) -> ir.Table:
    """Adds due, kept, missed, called_off and remote, counts of appointments, and sums of logs.

    log_days_ahead sums the logarithms of one plus the days between booking and appointment, and
    log_days_ahead_squares their squares.

    An appointment the clinic called off tells nothing of the patient, and one whose outcome was not yet known
    tells nothing yet.
    """
    rows = known.table("appointments")
    by_clinic = (rows["canceled_by"] == "clinic").fill_null(False)
    rows = rows.filter(is_recent(rows["starts_at"], known, settings), rows["status"] != "scheduled", ~by_clinic)
    counts = rows.group_by("patient_id").agg(
        due=rows.count(),
        kept=count_of(rows["status"].isin(["attended", "no_show"])),
        missed=count_of(rows["status"] == "no_show"),
        called_off=count_of(rows["status"].isin(CALLED_OFF)),
        remote=count_of(rows["modality"].isin(REMOTE)),
        **log_sums(elapsed(rows["booked_at"], rows["starts_at"], DAY), "log_days_ahead"),
    )
    return with_counts(people, counts)


def with_gaps(known: KnownTables, people: ir.Table, settings: Segmentation) -> ir.Table:
    """Adds gaps, log_gaps and log_gaps_squares, from one appointment attended to the next; longest_gap and days_since.

    Both are days, and null of whom no appointment attended is known within the lookback.
    """
    rows = known.table("appointments")
    rows = rows.filter(is_recent(rows["starts_at"], known, settings), rows["status"] == "attended")
    in_order = ibis.window(group_by="patient_id", order_by="starts_at")
    rows = rows.select("patient_id", "starts_at", before=rows["starts_at"].lag().over(in_order))
    rows = rows.mutate(
        days=rows["before"].notnull().ifelse(elapsed(rows["before"], rows["starts_at"], DAY), None)
    )
    visits = rows.group_by("patient_id").agg(
        gaps=count_of(rows["before"].notnull()),
        **log_sums(rows["days"], "log_gaps"),
        longest=rows["days"].max().fill_null(0.0),
        last=rows["starts_at"].max(),
    )
    days_since = elapsed(visits["last"], ibis.literal(known.moment), DAY)
    counts = visits.mutate(days_since=days_since, longest_gap=ibis.greatest(visits["longest"], days_since))
    return with_counts(people, counts.drop("longest", "last"), may_miss=("days_since", "longest_gap"))
