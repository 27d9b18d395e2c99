"""Clinics, clinicians and the half-day sessions they hold week by week."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from workbench.simulate.columns import DAY, HOUR, MINUTE, identifiers, moments, pick, sorted_table, words
from workbench.simulate.local_time import ZONES, LocalTime, weekday
from workbench.simulate.population import CLINIC_SHARES, CLINIC_ZONES, CLINICS
from workbench.simulate.randomness import Index, Streams, Truth
from workbench.simulate.settings import ProviderSettings

PATIENTS_PER_CLINICIAN = 480
SLOT_MINUTES = 40
SLOTS = 6
SESSION_STARTS = np.array([8 * HOUR + 30 * MINUTE, 13 * HOUR])
SESSION_LENGTH = SLOTS * SLOT_MINUTES * MINUTE
# Appointments are made for at most this many days ahead, and sessions are planned as far.
BOOKED_AHEAD = 170


@dataclass(frozen=True)
class Staff:
    """Clinicians: the clinic of each, which of the 14 half days of a week they hold, and how many they see in one."""

    codes: NDArray[np.uint64]
    clinic: Index
    holds: Truth  # (clinicians, 14), Monday morning first
    capacity: Index

    @property
    def zone(self) -> Index:
        """The time zone of each clinician's clinic."""
        return CLINIC_ZONES[self.clinic]

    def next_half_day(self, clinician: Index, half_day: Index) -> Index:
        """The first half day, counted from 1970 on, not before the given one that the clinician holds."""
        gaps = np.stack([np.roll(self.holds, -ahead, axis=1) for ahead in range(14)]).argmax(axis=0)
        of_week = weekday(half_day // 2) * 2 + half_day % 2
        return half_day + gaps[clinician, of_week]

    def one_of(self, clinic: Index, share: NDArray[np.float64]) -> Index:
        """A clinician of each clinic, chosen by a number from 0 to 1."""
        first = np.searchsorted(self.clinic, clinic)
        count = np.searchsorted(self.clinic, clinic, side="right") - first
        return first + np.minimum((share * count).astype(np.int64), count - 1)


def draw_staff(streams: Streams, settings: ProviderSettings) -> Staff:
    """Clinicians in proportion to the clinics' patients, at least two in each; each holds six to eight half days."""
    rng = streams.of("staff")
    wanted = np.array(CLINIC_SHARES) * settings.patients / PATIENTS_PER_CLINICIAN
    clinic = np.repeat(np.arange(len(CLINICS)), np.maximum(2, np.round(wanted)).astype(np.int64))
    held = rng.integers(6, 9, clinic.size)
    order = rng.random((clinic.size, 10)).argsort(axis=1).argsort(axis=1)
    holds = np.zeros((clinic.size, 14), bool)
    holds[:, :10] = order < held[:, None]
    return Staff(
        streams.codes(streams.of("clinicians"), clinic.size), clinic, holds, rng.integers(4, 7, clinic.size)
    )


def clinician_ids(staff: Staff) -> pa.Array:
    """The pseudonym of each clinician."""
    return identifiers("k", staff.codes)


def session_start(staff: Staff, clinician: Index, half_day: Index, slot: Index, clock: LocalTime) -> Index:
    """The moment at which a slot of a clinician's half day begins."""
    wall = half_day // 2 * DAY + SESSION_STARTS[half_day % 2] + slot * SLOT_MINUTES * MINUTE
    return clock.utc(wall, staff.zone[clinician])


def clinics_table() -> pa.Table:
    """The canonical table `clinics`."""
    return pa.table(
        {
            "clinic_id": pa.array(CLINICS, pa.string()),
            "time_zone": pa.array([ZONES[zone] for zone in CLINIC_ZONES], pa.string()),
        }
    )


def sessions_table(staff: Staff, settings: ProviderSettings, clock: LocalTime) -> pa.Table:
    """The canonical table `sessions`: those held and those planned as far ahead as appointments are made."""
    half_days = np.arange(settings.start // DAY * 2, (settings.end // DAY + BOOKED_AHEAD) * 2)
    of_week = weekday(half_days // 2) * 2 + half_days % 2
    clinician, place = np.nonzero(staff.holds[:, of_week])
    half_day = half_days[place]
    starts = session_start(staff, clinician, half_day, np.zeros_like(half_day), clock)
    columns = {
        "clinic_id": words(staff.clinic[clinician], CLINICS),
        "clinician_id": pick(clinician_ids(staff), clinician),
        "starts_at": moments(starts),
        "ends_at": moments(starts + SESSION_LENGTH),
        "capacity": pa.array(staff.capacity[clinician], pa.int64()),
    }
    return sorted_table(columns, starts, clinician)
