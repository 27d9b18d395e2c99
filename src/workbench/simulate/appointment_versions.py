"""The canonical table of appointments: a version known at booking, and one that tells what came of it."""

import numpy as np
import pyarrow as pa

from workbench.simulate.appointments import (
    CALLED_OFF_BY,
    CANCELED,
    DURATIONS,
    KEPT,
    MODALITIES,
    PATIENT,
    TYPES,
    Appointments,
)
from workbench.simulate.attendance import LATE, Attendance
from workbench.simulate.clinics import clinician_ids
from workbench.simulate.columns import identifiers, moments, pick, sorted_table, wholes, words
from workbench.simulate.population import CLINICS, patient_ids
from workbench.simulate.world import World

STATUSES = ("scheduled", "attended", "no_show", "late_canceled", "canceled", "rescheduled")
SCHEDULED, ATTENDED, MISSED, LATE_CANCELED, CALLED_OFF, MOVED = range(6)


def appointments_table(
    world: World, visits: Appointments, attendance: Attendance, messages: pa.Array
) -> pa.Table:
    """The canonical table `appointments`: every version known before the end of the data.

    Appointments that began before the data do are left out. `messages` are the identifiers to which
    `visits.text` points.
    """
    settings, people, staff = world.settings, world.people, world.staff
    codes = world.streams.codes(world.streams.of("appointment identifiers"), visits.patient.size)
    by_patient = visits.called_off_by == PATIENT
    late = visits.starts_at - visits.called_off_at < LATE
    outcome = np.select(
        [visits.fate == KEPT, (visits.fate == CANCELED) & late & by_patient, visits.fate == CANCELED],
        [np.where(attendance.missed, MISSED, ATTENDED), LATE_CANCELED, CALLED_OFF],
        MOVED,
    )
    told = np.where(visits.fate == KEPT, attendance.known_at, visits.called_off_at)
    scheduled = (visits.starts_at >= settings.start) & (visits.booked_at < settings.end)
    finished = scheduled & (told < settings.end)
    row = np.concatenate([np.flatnonzero(scheduled), np.flatnonzero(finished)])
    first = np.arange(row.size) < scheduled.sum()
    status = np.where(first, SCHEDULED, outcome[row])
    known_at = np.where(first, visits.booked_at[row], told[row])
    columns = {
        "appointment_id": identifiers("a", codes[row]),
        "patient_id": pick(patient_ids(people), visits.patient[row]),
        "clinic_id": words(staff.clinic[visits.clinician[row]], CLINICS),
        "clinician_id": pick(clinician_ids(staff), visits.clinician[row]),
        "type": words(visits.kind[row], TYPES),
        "modality": words(visits.modality[row], MODALITIES),
        "booked_at": moments(visits.booked_at[row]),
        "starts_at": moments(visits.starts_at[row]),
        "duration_minutes": wholes(visits.kind[row], DURATIONS),
        "status": words(status, STATUSES),
        "canceled_by": words(np.where(first, -1, visits.called_off_by[row]), CALLED_OFF_BY),
        "known_at": moments(known_at),
        "message_id": pick(messages, visits.text[row]),
    }
    return sorted_table(columns, visits.patient[row], visits.starts_at[row], row, known_at)
