"""The session of a clinician that each appointment lies in, found inside the engine; nothing where none is recorded."""

import ibis
import ibis.expr.types as ir

from workbench.no_show.parameters import NoShow
from workbench.refusal import Fault, Refused
from workbench.tables.known import KnownTables
from workbench.tables.local_time import wall_of

# Of each appointment: its session (a number without meaning), minutes from the session's start to its own, its planned
# minutes, and the session's minutes and places.
OF_SESSIONS = ("session", "into_session", "duration", "session_minutes", "session_capacity")


def with_session(known: KnownTables, rows: ir.Table) -> ir.Table:
    """Adds the columns `OF_SESSIONS`, numbers, empty where no session holds the start of the appointment.

    Args:
        known: the tables.
        rows: appointments with clinic_id, starts_at, day and time_zone.
    """
    timed = known.source.not_recorded.hour is None and known.has("sessions", "ends_at")
    if not (timed and {"clinician_id", "duration_minutes"} <= set(rows.columns)):
        return rows.mutate(**{name: ibis.null("float64") for name in OF_SESSIONS})
    rows = rows.mutate(duration=rows["duration_minutes"].cast("float64"))
    sessions = known.table("sessions").join(
        known.table("clinics").select("clinic_id", "time_zone"), "clinic_id"
    )
    sessions = sessions.select(
        "clinic_id",
        "clinician_id",
        "ends_at",
        "capacity",
        day=wall_of(sessions["starts_at"], sessions["time_zone"]).date(),
        begins_at=sessions["starts_at"],
    )
    pairs = rows.select("appointment_id", "clinic_id", "clinician_id", "day", "starts_at")
    pairs = pairs.join(sessions, ["clinic_id", "clinician_id", "day"])
    pairs = pairs.filter((pairs["begins_at"] <= pairs["starts_at"]) & (pairs["starts_at"] < pairs["ends_at"]))
    # Where sessions overlap, or one stands there twice, an appointment lies in the one that began last.
    last = ibis.window(
        group_by="appointment_id", order_by=[ibis.desc("begins_at"), ibis.desc("ends_at"), "capacity"]
    )
    pairs = pairs.mutate(place=ibis.row_number().over(last))
    pairs = pairs.filter(pairs["place"] == 0)
    found = pairs.select(
        "appointment_id",
        session=ibis.dense_rank()
        .over(ibis.window(order_by=["begins_at", "clinic_id", "clinician_id"]))
        .cast("float64"),
        into_session=_minutes(pairs["begins_at"], pairs["starts_at"]),
        session_minutes=_minutes(pairs["begins_at"], pairs["ends_at"]),
        session_capacity=pairs["capacity"].cast("float64"),
    )
    return rows.left_join(found, "appointment_id").drop("appointment_id_right")


def refuse_unknown_types(known: KnownTables, settings: NoShow) -> None:
    """Refuse overbooking that is to spare a type which no appointment has: a slip there would book beside therapy."""
    asked = settings.overbooking
    if asked is None or not known.has("appointments", "type"):
        return
    there = set(known.table("appointments").select("type").distinct().execute()["type"].dropna())
    unknown = sorted(set(asked.never) - there)
    if unknown:
        raise Refused(
            Fault(
                "overbooking.never",
                f"no appointment is of the type {', '.join(unknown)}.",
                "Name the types of individual therapy as the source spells them; without any, write [].",
            )
        )


def _minutes(start: ir.TimestampValue, end: ir.TimestampValue) -> ir.FloatingValue:
    return (end.epoch_seconds() - start.epoch_seconds()) / 60
