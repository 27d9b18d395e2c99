"""Reminders, and who misses an appointment.

Two processes compete: a patient forgets, the more likely the longer ago the booking was, and less so if
reminded; or a patient avoids, driven by latent risk, by the hour, and by having stayed away before. Whichever
happens first, the appointment is missed.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from workbench.simulate.appointments import KEPT, Appointments
from workbench.simulate.columns import DAY, HOUR, MINUTE
from workbench.simulate.consents import Consent
from workbench.simulate.population import CLINICS
from workbench.simulate.randomness import Index, Real, Seconds, Truth, lognormal
from workbench.simulate.texts import Template, Texts, send
from workbench.simulate.world import World

REMINDER_TEMPLATES = (
    Template("reminder-1", "appointment reminder", "reminder", "neutral", "personalized", 127, "confirm", 0.0),
)
REMINDED_DAYS_BEFORE = 2
SHORTEST_REMINDED_LEAD = 3 * DAY
SHARE_OF_DAYS_WITHOUT = 0.04
LATE_CLINIC = CLINICS.index("riverside")
LATE_CLINIC_STARTS = 250  # days before the end of the data
REMINDED_FORGETS = 0.42  # times as likely as without
LATE = 24 * HOUR


@dataclass(frozen=True)
class Reminders:
    """Texts, and the place of the appointment that each is about."""

    texts: Texts
    appointment: Index


@dataclass(frozen=True)
class Attendance:
    """What came of appointments that were not called off; probabilities hold the patient's past as it was.

    Attributes:
        missed: whether each appointment was missed (false for those called off).
        known_at: when the provider recorded it.
        risk: probability of missing it, with the reminder it had or had not.
        risk_reminded, risk_unreminded: the same had it had one, had it not.
        reminded: whether a reminder had arrived.
    """

    missed: Truth
    known_at: Seconds
    risk: Real
    risk_reminded: Real
    risk_unreminded: Real
    reminded: Truth


def remind(world: World, consent: Consent, visits: Appointments) -> Reminders:
    """A text two days before, at ten, to those who consent and booked at least three days ahead.

    On some days no reminder goes out at all, and one clinic began late.
    """
    settings, people, clock = world.settings, world.people, world.clock
    rng = world.streams.of("reminders")
    who = visits.patient
    zone = people.zone[who]
    day = clock.wall(visits.starts_at, zone) // DAY - REMINDED_DAYS_BEFORE
    sent_at = clock.utc(day * DAY + 10 * HOUR + rng.integers(0, 30 * MINUTE, who.size), zone)
    first_day = int(day.min(initial=settings.start // DAY))
    outage = rng.random(int(day.max(initial=first_day)) - first_day + 1) < SHARE_OF_DAYS_WITHOUT
    starts_late = settings.end - LATE_CLINIC_STARTS * DAY
    wanted = (
        (visits.starts_at - visits.booked_at >= SHORTEST_REMINDED_LEAD)
        & (visits.booked_at < sent_at)
        & (sent_at < visits.called_off_at)
        & (sent_at < people.left_at[who])
        & (sent_at >= settings.start)
        & ~outage[day - first_day]
        & ((people.clinic[who] != LATE_CLINIC) | (sent_at >= starts_late))
        & ~people.do_not_text[who]
        & consent.opted_in(who, sent_at)
    )
    which = np.flatnonzero(wanted)
    texts = send(
        world.streams.of("delivery of reminders"),
        people,
        REMINDER_TEMPLATES,
        np.zeros(which.size, np.int64),
        who[which],
        sent_at=sent_at[which],
    )
    return Reminders(texts, which)


def attend(world: World, visits: Appointments, reminders: Reminders) -> Attendance:
    """Go through every patient's appointments in order: the loop takes everyone's first, then everyone's second, …"""
    people = world.people
    rng = world.streams.of("attendance")
    size = visits.patient.size
    reminded = np.zeros(size, bool)
    reminded[reminders.appointment[reminders.texts.reached]] = True
    forgetful = lognormal(rng, 0.16, 0.6, people.size)[visits.patient]
    lead = (visits.starts_at - visits.booked_at) / DAY
    fades = forgetful * (1 - np.exp(-lead / 18))
    forgets_unreminded = 1 - np.exp(-fades)
    forgets_reminded = 1 - np.exp(-fades * REMINDED_FORGETS)
    forgets = np.where(reminded, forgets_reminded, forgets_unreminded)
    reluctance = _reluctance(world, visits)
    draws = rng.random(size)
    kept = visits.fate == KEPT
    avoids, missed = np.zeros(size), np.zeros(size, bool)
    habit = 0.10 * people.risk
    for turn in _turns(visits, kept):
        who = visits.patient[turn]
        avoids[turn] = norm.sf(2.2 - reluctance[turn] - 1.9 * habit[who])
        missed[turn] = draws[turn] < 1 - (1 - forgets[turn]) * (1 - avoids[turn])
        habit[who] = 0.7 * habit[who] + 0.3 * missed[turn]
    delay = np.minimum(HOUR + lognormal(rng, 5.0 * HOUR, 1.0, size), 6 * DAY).astype(np.int64)
    return Attendance(
        missed=missed,
        known_at=visits.starts_at + delay,
        risk=1 - (1 - forgets) * (1 - avoids),
        risk_reminded=1 - (1 - forgets_reminded) * (1 - avoids),
        risk_unreminded=1 - (1 - forgets_unreminded) * (1 - avoids),
        reminded=reminded,
    )


def _reluctance(world: World, visits: Appointments) -> Real:
    people = world.people
    who = visits.patient
    hour = world.clock.wall(visits.starts_at, world.staff.zone[visits.clinician]) % DAY / HOUR
    young = np.clip(30 - people.age[who], 0, 10) / 10
    return (
        0.45 * people.risk[who]
        + people.manners.reluctance[who]
        + 0.35 * (hour < 9.2)
        + 0.25 * (hour > 15.5)
        + 0.25 * young
        - 0.2 * people.engagement[who]
        - 0.15 * (visits.modality > 0)
    )


def _turns(visits: Appointments, kept: Truth) -> list[Index]:
    """Everyone's first appointment that was not called off, everyone's second, and so on."""
    places = np.flatnonzero(kept)
    order = places[np.lexsort((visits.starts_at[places], visits.patient[places]))]
    patient = visits.patient[order]
    turn = np.arange(order.size) - np.searchsorted(patient, patient)
    by_turn = np.argsort(turn, kind="stable")
    return np.split(order[by_turn], np.cumsum(np.bincount(turn))[:-1])
