"""The label audited, by group of patients: what is no outcome, what is called off late, and what may be told wrong.

A model learns whatever its label holds. Where one group's outcomes are recorded less often, or where those who
called off are written down as no-shows, the group's risk is that of the record and not of its patients. Counted
inside the engine.
"""

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from workbench.no_show.at_risk.risk_set import CALLED_OFF
from workbench.no_show.parameters import NoShow, Subgroup
from workbench.no_show.scores.subgroups import AGES, LEADS, NOT_RECORDED
from workbench.tables.known import KnownTables

# Replies do not say which appointment they are about: those of the last days before it are taken to be.
DAYS_BEFORE = 3
TOLD_OFF = ("cancel", "reschedule")


@dataclass(frozen=True)
class LabelCounts:
    """Past appointments of one group that were in the book at the moment of prediction, by what became of the label.

    `unrecorded` have no outcome. `called_off` were called off after the moment, and count as not missed. `missed` are
    recorded as no-shows; of these `told_before` are of patients who had written in the days before that they would
    not come, None where replies are not recorded.
    """

    by: Subgroup
    group: str
    patients: int
    appointments: int
    unrecorded: int
    called_off: int
    missed: int
    told_before: int | None


def audit_labels(known: KnownTables, appointments: ir.Table, settings: NoShow) -> tuple[LabelCounts, ...]:
    """The counts of every group, in the order of `subgroups`; earlier visits known group nothing here.

    Args:
        known: the tables as of the study's day.
        appointments: all appointments of those studied, from `studied_appointments`.
        settings: the parameters.
    """
    rows = appointments.filter(appointments["in_weeks"] & appointments["at_risk"])
    rows = _with_told_before(known, rows)
    replies = known.has("replies", "intent")
    return tuple(
        LabelCounts(
            by=by,
            group=row.group.replace("_", " "),
            patients=int(row.patients),
            appointments=int(row.appointments),
            unrecorded=int(row.unrecorded),
            called_off=int(row.called_off),
            missed=int(row.missed),
            told_before=int(row.told_before) if replies else None,
        )
        for by in settings.subgroups
        if by != "history"
        for row in sorted(
            _counted(_group(known, rows, by)).execute().itertuples(index=False),
            key=lambda row: _order(by, row.group),
        )
    )


def _counted(rows: ir.Table) -> ir.Table:
    missed = rows["status"] == "no_show"
    return rows.group_by("group").agg(
        patients=rows["patient_id"].nunique(),
        appointments=rows.count(),
        unrecorded=(~rows["recorded"]).cast("int64").sum(),
        called_off=rows["status"].isin(CALLED_OFF).cast("int64").sum(),
        missed=missed.cast("int64").sum(),
        told_before=(missed & rows["told_before"]).cast("int64").sum(),
    )


def _group(known: KnownTables, rows: ir.Table, by: Subgroup) -> ir.Table:
    """The rows with the group of each."""
    match by:
        case "lead":
            return rows.mutate(group=_banded(rows["lead_days"], LEADS))
        case "clinic_id":
            return rows.mutate(group=rows["clinic_id"].fill_null(NOT_RECORDED))
        case "diagnosis_group" | "treatment_phase":
            if not known.has("patient_states", by):
                return rows.mutate(group=ibis.literal(NOT_RECORDED))
            with_state = known.with_state(rows, "moment", by)
            return with_state.mutate(group=with_state[by].fill_null(NOT_RECORDED))
        case "age_band":
            if not known.has("patients", "birth_year"):
                return rows.mutate(group=ibis.literal(NOT_RECORDED))
            people = _with_person(known, rows, "birth_year")
            return people.mutate(group=_banded(people["day"].year() - people["birth_year"], AGES))
        case _:
            if not known.has("patients", by):
                return rows.mutate(group=ibis.literal(NOT_RECORDED))
            people = _with_person(known, rows, by)
            return people.mutate(group=people[by].fill_null(NOT_RECORDED))


def _with_person(known: KnownTables, rows: ir.Table, column: str) -> ir.Table:
    people = known.table("patients").select("patient_id", column)
    return rows.left_join(people, "patient_id").drop("patient_id_right")


def _with_told_before(known: KnownTables, rows: ir.Table) -> ir.Table:
    """Adds told_before: whether the patient wrote in the days before that she would not come."""
    if not known.has("replies", "intent"):
        return rows.mutate(told_before=ibis.literal(False))
    replies = known.table("replies")
    replies = replies.filter(replies["intent"].isin(TOLD_OFF)).select("patient_id", "received_at")
    pairs = rows.select("appointment_id", "patient_id", "starts_at").join(replies, "patient_id")
    near = pairs["starts_at"] - ibis.interval(days=DAYS_BEFORE)
    pairs = pairs.filter((pairs["received_at"] < pairs["starts_at"]) & (pairs["received_at"] >= near))
    told = pairs.select("appointment_id").distinct().mutate(wrote=ibis.literal(True))
    rows = rows.left_join(told, "appointment_id").drop("appointment_id_right")
    return rows.mutate(told_before=rows["wrote"].fill_null(False)).drop("wrote")


def _banded(values: ir.NumericValue, bands: tuple[tuple[str, float, float], ...]) -> ir.StringValue:
    """The band of each number; they are whole, and each band ends where the next begins."""
    ends = [((values <= int(high)), word) for word, _, high in bands[:-1]]
    return ibis.cases((values.isnull(), NOT_RECORDED), *ends, else_=bands[-1][0])


def _order(by: Subgroup, group: str) -> tuple[int, str]:
    bands = {"lead": LEADS, "age_band": AGES}.get(by, ())
    words = [word for word, _, _ in bands]
    return (words.index(group) if group in words else len(words), group)
