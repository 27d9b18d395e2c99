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
from workbench.simulate.templates import REMINDER
from workbench.simulate.texts import Texts, send
from workbench.simulate.world import World

REMINDER_TEMPLATES = (REMINDER,)
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


@dataclass(frozen=True)
class Nudges:
    """What a further reminder does to each appointment: how many times as likely it is forgotten, and what is
    taken from the reluctance to come."""

    forgetting: Real
    ease: Real


@dataclass(frozen=True)
class Inclinations:
    """What is drawn of each appointment once, and serves every world.

    Attributes:
        patient: whose it is.
        fading: how far the memory of it has faded, the larger the likelier it is forgotten.
        reluctance: what speaks against coming, apart from habit.
        draw: a uniform number; the appointment is missed where the risk is larger.
        recorded_after: seconds from its start until the provider recorded what came of it.
        turns: the places of everyone's first appointment that was not called off, of everyone's second, …
    """

    patient: Index
    fading: Real
    reluctance: Real
    draw: Real
    recorded_after: Seconds
    turns: list[Index]


def incline(world: World, visits: Appointments) -> Inclinations:
    """Draw what decides, beside reminders and habit, who comes."""
    people = world.people
    rng = world.streams.of("attendance")
    size = visits.patient.size
    forgetful = lognormal(rng, 0.16, 0.6, people.size)[visits.patient]
    lead = (visits.starts_at - visits.booked_at) / DAY
    draw = rng.random(size)
    delay = np.minimum(HOUR + lognormal(rng, 5.0 * HOUR, 1.0, size), 6 * DAY).astype(np.int64)
    return Inclinations(
        patient=visits.patient,
        fading=forgetful * (1 - np.exp(-lead / 18)),
        reluctance=_reluctance(world, visits),
        draw=draw,
        recorded_after=delay,
        turns=turns_of(visits, visits.fate == KEPT),
    )


def go_through(
    inclined: Inclinations, turns: list[Index], forgets: Real, ease: Real | float, habit: Real
) -> tuple[Real, Truth]:
    """Go through patients' appointments in order: everyone's first of these turns, then everyone's second, …

    Args:
        inclined: what was drawn.
        turns: the appointments to go through; what came of the others is no part of the answer.
        forgets: the probability of forgetting each.
        ease: what is taken from each one's reluctance.
        habit: of each person, how used to staying away; it is carried on in place.

    Returns:
        The probability of avoiding each appointment, and whether it was missed.
    """
    reluctance = inclined.reluctance - ease
    avoids, missed = np.zeros(forgets.size), np.zeros(forgets.size, bool)
    for turn in turns:
        who = inclined.patient[turn]
        avoids[turn] = norm.sf(2.2 - reluctance[turn] - 1.9 * habit[who])
        missed[turn] = inclined.draw[turn] < 1 - (1 - forgets[turn]) * (1 - avoids[turn])
        habit[who] = 0.7 * habit[who] + 0.3 * missed[turn]
    return avoids, missed


def forgetting(inclined: Inclinations, reminded: Truth | bool, nudges: Nudges | None = None) -> Real:
    """The probability of forgetting each appointment."""
    fading = inclined.fading * np.where(reminded, REMINDED_FORGETS, 1.0)
    return 1 - np.exp(-(fading if nudges is None else fading * nudges.forgetting))


def first_habits(world: World) -> Real:
    """How used to staying away each person is before the first appointment."""
    return 0.10 * world.people.risk


def was_reminded(visits: Appointments, reminders: Reminders) -> Truth:
    """Whether a reminder of each appointment had arrived."""
    reminded = np.zeros(visits.patient.size, bool)
    reminded[reminders.appointment[reminders.texts.reached]] = True
    return reminded


def attend(
    world: World, visits: Appointments, reminders: Reminders, nudges: Nudges | None = None
) -> Attendance:
    """See who comes, with the reminders as they arrived, and with further nudges where there are any."""
    inclined = incline(world, visits)
    reminded = was_reminded(visits, reminders)
    forgets = forgetting(inclined, reminded, nudges)
    ease = 0.0 if nudges is None else nudges.ease
    avoids, missed = go_through(inclined, inclined.turns, forgets, ease, first_habits(world))
    return Attendance(
        missed=missed,
        known_at=visits.starts_at + inclined.recorded_after,
        risk=1 - (1 - forgets) * (1 - avoids),
        risk_reminded=1 - (1 - forgetting(inclined, True, nudges)) * (1 - avoids),
        risk_unreminded=1 - (1 - forgetting(inclined, False, nudges)) * (1 - avoids),
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


def turns_of(visits: Appointments, kept: Truth) -> list[Index]:
    """Everyone's first appointment that was not called off, everyone's second, and so on."""
    places = np.flatnonzero(kept)
    order = places[np.lexsort((visits.starts_at[places], visits.patient[places]))]
    patient = visits.patient[order]
    turn = np.arange(order.size) - np.searchsorted(patient, patient)
    by_turn = np.argsort(turn, kind="stable")
    return np.split(order[by_turn], np.cumsum(np.bincount(turn))[:-1])
