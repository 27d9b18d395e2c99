"""Appointments: who books when, for when, and which of them are called off."""

from dataclasses import dataclass, replace

import numpy as np

from workbench.simulate.clinics import BOOKED_AHEAD, SLOTS, session_start
from workbench.simulate.columns import DAY, HOUR, MINUTE, NEVER
from workbench.simulate.phases import INTAKE, LAPSED
from workbench.simulate.randomness import Index, Real, Seconds, Truth, choose, lognormal
from workbench.simulate.world import World

# Bookings begin this many days before the data do, so that the first weeks have appointments and histories.
WARM_UP = 120
BOOKINGS_A_YEAR = np.array([2.4, 1.5, 1.15, 0.5])  # by phase
FOLLOWING = np.array([0.8, 2.8, 0.5, 0.3])  # mean number of appointments booked together with the first
SPACING_DAYS = np.array([7, 14, 28, 14])

SHARE_OF_LAST_MINUTE = 0.025

TYPES = ("intake", "therapy", "medication review", "check-in")
MODALITIES = ("in person", "video", "phone")
IN_PERSON = 0.62
VIDEO_AMONG_REMOTE = 28 / 38
DURATIONS = (60, 50, 30, 20)
CALLED_OFF_BY = ("patient", "clinic")
PATIENT, CLINIC = range(2)
KEPT, CANCELED, RESCHEDULED = range(3)


@dataclass(frozen=True)
class Appointments:
    """Appointments, one element each; `fate` says whether they were kept or called off, when and by whom.

    `text` is the place of the text through which one was booked, -1 for none; `called_off_at` is `NEVER` for
    those that were kept.
    """

    patient: Index
    clinician: Index
    kind: Index
    modality: Index
    booked_at: Seconds
    starts_at: Seconds
    fate: Index
    called_off_at: Seconds
    called_off_by: Index
    text: Index

    def keep(self, which: Truth) -> "Appointments":
        """Only some of the appointments, in the same order."""
        return Appointments(*(column[which] for column in vars(self).values()))


def join(*groups: Appointments) -> Appointments:
    """Groups of appointments, one after the other."""
    columns = zip(*(vars(group).values() for group in groups), strict=True)
    return Appointments(*(np.concatenate(column) for column in columns))


class Diary:
    """Where bookings become appointments: clinicians, their sessions, and each patient's usual clinician."""

    def __init__(self, world: World) -> None:
        self.people, self.phases = world.people, world.phases
        self.staff, self.clock = world.staff, world.clock
        self.usual = usual_clinicians(world)
        self.eagerness = _eagerness(world)

    def book(
        self, rng: np.random.Generator, patient: Index, booked_at: Seconds, text: Index | None = None
    ) -> Appointments:
        """Appointments from bookings: one or a series of them each, and a later one for each moved.

        Args:
            rng: the stream to draw from.
            patient, booked_at: who books, and when.
            text: the place of the text through which each is booked; none where it is left out.
        """
        phase = np.maximum(self.phases.at(patient, booked_at), 0)
        count = 1 + rng.poisson(FOLLOWING[phase] * self.eagerness[patient])
        source = np.repeat(np.arange(patient.size), count)
        place = np.arange(source.size) - np.repeat(np.cumsum(count) - count, count)
        usual = np.where(phase == INTAKE, 12.0, 8.0) * np.exp(self.people.manners.lead[patient])
        lead = np.minimum(lognormal(rng, usual, 0.9, patient.size), 75.0)
        ahead = lead[source] + place * SPACING_DAYS[phase][source]
        through = np.full(patient.size, -1) if text is None else text
        first = self._appointments(
            rng, patient[source], booked_at[source], ahead, phase[source], text=through[source], movable=True
        )
        moved = np.flatnonzero(first.fate == RESCHEDULED)
        again = self._appointments(
            rng,
            first.patient[moved],
            first.called_off_at[moved],
            np.minimum(lognormal(rng, 7.0, 0.7, moved.size), 60.0),
            phase[source][moved],
            text=np.full(moved.size, -1),
            movable=False,
        )
        both = join(first, again)
        return both.keep(both.starts_at < both.booked_at + BOOKED_AHEAD * DAY)

    def _appointments(
        self,
        rng: np.random.Generator,
        patient: Index,
        booked_at: Seconds,
        days_ahead: Real,
        phase: Index,
        *,
        text: Index,
        movable: bool,
    ) -> Appointments:
        size = patient.size
        stands_in = self.staff.one_of(self.people.clinic[patient], rng.random(size))
        clinician = np.where(rng.random(size) < 0.1, stands_in, self.usual[patient])
        starts_at = self._slot(rng, clinician, booked_at, days_ahead)
        kind = np.where(
            phase == INTAKE,
            0,
            np.where(self.people.therapy[patient] == 1, 2, choose(rng, [0, 7, 1, 2], size)),
        )
        fate, called_off_at, called_off_by = self._fates(rng, patient, booked_at, starts_at, movable=movable)
        modality = _modality(rng, self.people.manners.remote[patient])
        return Appointments(
            patient, clinician, kind, modality, booked_at, starts_at, fate, called_off_at, called_off_by, text
        )

    def _slot(
        self, rng: np.random.Generator, clinician: Index, booked_at: Seconds, days_ahead: Real
    ) -> Seconds:
        """A slot in the clinician's next session on or after the day wished for, later than the booking."""
        size = clinician.size
        today = self.clock.wall(booked_at, self.staff.zone[clinician]) // DAY
        wished = (today + np.floor(days_ahead).astype(np.int64)) * 2 + (rng.random(size) < 0.55)
        slot = rng.integers(0, SLOTS, size)
        starts = session_start(
            self.staff, clinician, self.staff.next_half_day(clinician, wished), slot, self.clock
        )
        half_day = self.staff.next_half_day(clinician, wished + 2)
        return np.where(
            starts > booked_at + 30 * MINUTE,
            starts,
            session_start(self.staff, clinician, half_day, slot, self.clock),
        )

    def _fates(
        self, rng: np.random.Generator, patient: Index, booked_at: Seconds, starts_at: Seconds, *, movable: bool
    ) -> tuple[Index, Seconds, Index]:
        """Clocks run until the appointment: the patient's, the clinic's, the patient's leaving, a last-minute one."""
        size = patient.size
        people = self.people
        patience = 260 * DAY * np.exp(0.25 * people.engagement[patient] + people.manners.patience[patient])
        by_patient = booked_at + HOUR + (rng.exponential(1.0, size) * patience).astype(np.int64)
        in_time = starts_at - rng.integers(HOUR // 2, DAY, size)
        hesitates = (rng.random(size) < SHARE_OF_LAST_MINUTE) & (in_time > booked_at + HOUR)
        by_patient = np.where(hesitates, np.minimum(by_patient, in_time), by_patient)
        by_clinic = booked_at + HOUR + (rng.exponential(1500 * DAY, size)).astype(np.int64)
        on_leaving = people.left_at[patient] + HOUR
        called_off_at = np.minimum(np.minimum(by_patient, by_clinic), on_leaving)
        off = called_off_at < starts_at - 10 * MINUTE
        moved = off & (rng.random(size) < np.where(by_clinic < by_patient, 0.8, 0.45))
        moved &= (called_off_at < people.left_at[patient]) & movable
        fate = np.where(moved, RESCHEDULED, np.where(off, CANCELED, KEPT))
        by = np.where(called_off_at == by_patient, PATIENT, CLINIC)
        return fate, np.where(off, called_off_at, NEVER), np.where(off, by, -1)


def usual_clinicians(world: World) -> Index:
    """The place of each patient's usual clinician among the staff."""
    share = world.streams.of("usual clinicians").random(world.people.size)
    return world.staff.one_of(world.people.clinic, share)


def _eagerness(world: World) -> Real:
    """How many times as many appointments as usual each person books at once: gamma with mean 1, or 1 for all."""
    shape = world.settings.declared.changes.series_shape
    if shape is None:
        return np.ones(world.people.size)
    return world.streams.of("eagerness").gamma(shape, 1 / shape, world.people.size)


def _modality(rng: np.random.Generator, remote: Real) -> Index:
    """In person (62 %), video (28 %) or phone (10 %), the odds of the last two shifted by exp(remote)."""
    odds = (1 - IN_PERSON) / IN_PERSON * np.exp(remote)
    draw = rng.random(remote.size) * (1 + odds)
    return np.where(draw < 1, 0, np.where(draw < 1 + VIDEO_AMONG_REMOTE * odds, 1, 2))


def call_off_on_leaving(visits: Appointments, left_at: Seconds) -> Appointments:
    """The same appointments where some patients leave earlier: what lies after it was never booked, or is called off.

    Args:
        visits: as they would be without.
        left_at: when each person leaves.
    """
    visits = visits.keep(visits.booked_at < left_at[visits.patient])
    gone_at = left_at[visits.patient] + HOUR
    falls = (gone_at < visits.starts_at - 10 * MINUTE) & (gone_at < visits.called_off_at)
    return replace(
        visits,
        fate=np.where(falls, CANCELED, visits.fate),
        called_off_at=np.where(falls, gone_at, visits.called_off_at),
        called_off_by=np.where(falls, CLINIC, visits.called_off_by),
    )


def ordinary_bookings(world: World, until: int) -> tuple[Index, Seconds]:
    """Who books when without any experiment's doing: a point process in every spell of a treatment phase.

    Rates differ by phase and, lognormally, by patient. Two in three bookings come in office hours; who is new
    books within days of arriving. Nobody books who has left.
    """
    people, phases, clock = world.people, world.phases, world.clock
    rng = world.streams.of("bookings")
    start = world.settings.start - WARM_UP * DAY
    begins, ends = np.maximum(phases.begins, start), np.minimum(phases.ends, until)
    years = np.maximum(ends - begins, 0) / (365 * DAY)
    wish = 0.4 * people.engagement + 0.35 * rng.standard_normal(people.size) - 0.14 + people.manners.booking
    changes = world.settings.declared.changes
    if changes.booking_spread:
        spread = changes.booking_spread
        wish += spread * world.streams.of("spread of bookings").standard_normal(people.size) - spread**2 / 2
    rates = BOOKINGS_A_YEAR.copy()
    rates[LAPSED] *= changes.lapsed_bookings
    count = rng.poisson(rates[phases.phase] * np.exp(wish)[phases.patient] * years)
    spell = np.repeat(np.arange(count.size), count)
    when = begins[spell] + (rng.random(spell.size) * (ends - begins)[spell]).astype(np.int64)
    new = np.flatnonzero(people.enrolled_at >= start)
    arriving = people.enrolled_at[new] + HOUR + lognormal(rng, 2.0 * DAY, 1.0, new.size).astype(np.int64)
    patient = np.concatenate([phases.patient[spell], new])
    when = np.concatenate([when, arriving])
    by_phone = rng.random(patient.size) < 0.65
    office = clock.office_hours(when, people.zone[patient], rng.random(patient.size))
    when = np.where(by_phone, office, when)
    real = (when > people.enrolled_at[patient]) & (when < people.left_at[patient]) & (when < until)
    return patient[real], when[real]
