"""Trials of a further reminder on the eve of appointments, through the attendance process.

Every world goes through the same appointments with the same draws; how strongly a further reminder works is solved
for, so that the trial's designed figure is met by these very people.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from workbench.simulate.appointments import KEPT, Appointments
from workbench.simulate.attendance import (
    SHORTEST_REMINDED_LEAD,
    Attendance,
    Inclinations,
    Nudges,
    Reminders,
    first_habits,
    forgetting,
    go_through,
    incline,
    turns_of,
    was_reminded,
)
from workbench.simulate.clinics import SLOT_MINUTES
from workbench.simulate.columns import DAY, HOUR, MINUTE
from workbench.simulate.consents import Consent
from workbench.simulate.designed import solve
from workbench.simulate.paired import Paired
from workbench.simulate.randomness import Index, Real, Seconds, Truth
from workbench.simulate.scenarios.declaration import ReminderTrial
from workbench.simulate.templates import EVE_REMINDER, SUPPORTING_REMINDER
from workbench.simulate.texts import Texts, send
from workbench.simulate.trial_people import TrialPeople
from workbench.simulate.world import World

EVE_HOUR = 17
FIRST_DAYS = 3  # after the assignment, in which nothing counts yet
LONG_LEAD = 14 * DAY
TEMPLATES = (EVE_REMINDER, SUPPORTING_REMINDER)
EVE, SUPPORTING = range(2)
# Per unit of strength: how far the log of forgetting falls, and the reluctance, by the words of the reminder.
LESS_FORGETTING = np.array([1.0, 0.3])
LESS_RELUCTANCE = np.array([0.3, 1.0])
STRONGEST = 12.0
# A provider's guess of the risk is the truth seen through this much noise, on the log odds.
NOISE_OF_A_GUESS = 0.6


@dataclass(frozen=True)
class TrialOutcome:
    """What a trial leaves: its texts, what they did, and the paired outcomes by name.

    Attributes:
        texts: the further reminders that were sent.
        nudges: what they did to each appointment.
        paired: outcomes by name, under every arm.
    """

    texts: Texts
    nudges: Nudges
    paired: dict[str, Paired]


@dataclass(frozen=True)
class _Course:
    """Everything that is the same in both worlds; arrays are (appointments,) unless told."""

    inclined: Inclinations
    turns: list[Index]
    reminded: Truth
    habit: Real  # (people,), at the beginning of the trial
    counts: Truth
    textable: Truth
    reached: Truth
    words: Index

    def missed(self, further: Truth, strength: float) -> Truth:
        """Who misses an appointment of the trial where these have the further reminder."""
        nudges = self.nudges(further, strength)
        forgets = forgetting(self.inclined, self.reminded, nudges)
        return go_through(self.inclined, self.turns, forgets, nudges.ease, self.habit.copy())[1]

    def nudges(self, further: Truth, strength: float) -> Nudges:
        """What a further reminder of a strength does, where one is sent and arrives."""
        dose = strength * (further & self.reached)
        return Nudges(
            forgetting=np.exp(-dose * LESS_FORGETTING[self.words]), ease=dose * LESS_RELUCTANCE[self.words]
        )


def run_trial(
    world: World,
    consent: Consent,
    visits: Appointments,
    reminders: Reminders,
    usual: Attendance,
    trial: ReminderTrial,
    people: TrialPeople,
) -> TrialOutcome:
    """Run a trial of further reminders.

    Args:
        world, consent, visits: as they are.
        reminders: the usual ones.
        usual: what would come of the appointments without the trial.
        trial: what is declared.
        people: who is in the trial, and in which arm.
    """
    rng = world.streams.of(f"further reminders of {trial.experiment.experiment_id}")
    sent_at = _eves(world, visits)
    texts = send(rng, world.people, TEMPLATES, _words(visits, trial), visits.patient, sent_at=sent_at)
    course = _course(world, consent, visits, reminders, people, texts)
    if trial.rule == "segmented":
        further = [np.zeros(visits.patient.size, bool), course.textable & people.at_risk[visits.patient]]
        own = people.arm_of[visits.patient]
        paired, strength = _attendance(world, visits, course, further, trial, people)
    else:
        further = _by_lot_and_by_risk(rng, visits, course, sent_at, usual, trial.share)
        own = people.arm_of_clinician[visits.clinician]
        paired, strength = _idle_time(world, visits, course, further, trial)
    sent = np.where(own == 1, further[1], further[0] & (own == 0))
    return TrialOutcome(texts.keep(sent), course.nudges(sent, strength), paired)


def _eves(world: World, visits: Appointments) -> Seconds:
    clock, zone = world.clock, world.people.zone[visits.patient]
    day = clock.wall(visits.starts_at, zone) // DAY - 1
    spread = world.streams.of("minutes of further reminders").integers(0, 30 * MINUTE, zone.size)
    return clock.utc(day * DAY + EVE_HOUR * HOUR + spread, zone)


def _words(visits: Appointments, trial: ReminderTrial) -> Index:
    """Whose booking is long ago is reminded of it; the others are offered help with coming."""
    if trial.rule == "targeted":
        return np.full(visits.patient.size, EVE)
    return np.where(visits.starts_at - visits.booked_at >= LONG_LEAD, EVE, SUPPORTING)


def _course(
    world: World,
    consent: Consent,
    visits: Appointments,
    reminders: Reminders,
    people: TrialPeople,
    texts: Texts,
) -> _Course:
    who, sent_at = visits.patient, texts.sent_at
    inclined = incline(world, visits)
    reminded = was_reminded(visits, reminders)
    begins = people.begins_at + FIRST_DAYS * DAY
    within = (visits.starts_at >= begins) & (visits.starts_at < world.settings.end)
    kept = visits.fate == KEPT
    habit = first_habits(world)
    before = turns_of(visits, kept & (visits.starts_at < begins))
    go_through(inclined, before, forgetting(inclined, reminded), 0.0, habit)
    long_enough = visits.starts_at - visits.booked_at >= SHORTEST_REMINDED_LEAD
    textable = (
        within
        & people.listed[who]
        & long_enough
        & (visits.booked_at < sent_at)
        & (sent_at < visits.called_off_at)
        & (sent_at < world.people.left_at[who])
        & consent.opted_in(who, sent_at)
    )
    return _Course(
        inclined=inclined,
        turns=turns_of(visits, kept & within),
        reminded=reminded,
        habit=habit,
        counts=within & kept & long_enough & people.listed[who],
        textable=textable,
        reached=texts.reached,
        words=texts.template,
    )


def _attendance(
    world: World,
    visits: Appointments,
    course: _Course,
    further: list[Truth],
    trial: ReminderTrial,
    people: TrialPeople,
) -> tuple[dict[str, Paired], float]:
    """Attendance of those at risk and of all, under either arm, at the strength that gives the designed ratio."""
    at_risk = course.counts & people.at_risk[visits.patient]
    base = int((at_risk & ~course.missed(further[0], 0.0)).sum())

    def attended(strength: float) -> float:
        return int((at_risk & ~course.missed(further[1], strength)).sum())

    strength = _strength(attended, trial.ratio * base)
    came = np.stack([~course.missed(each, strength) for each in further], axis=1)
    return {
        "attendance_at_risk": _paired(world, trial, came, at_risk, people.begins_at),
        "attendance": _paired(world, trial, came, course.counts, people.begins_at),
    }, strength


def _by_lot_and_by_risk(
    rng: np.random.Generator,
    visits: Appointments,
    course: _Course,
    sent_at: Seconds,
    usual: Attendance,
    share: float,
) -> list[Truth]:
    """The same number of appointments of each clinician's week, by lot and the riskiest first."""
    rows = np.flatnonzero(course.textable)
    lot = rng.random(rows.size)
    risk = np.clip(usual.risk[rows], 1e-9, 1 - 1e-9)
    guess = np.log(risk / (1 - risk)) + NOISE_OF_A_GUESS * rng.standard_normal(rows.size)
    week = visits.clinician[rows] * 100_000 + (sent_at[rows] // DAY + 3) // 7
    _, group, size = np.unique(week, return_inverse=True, return_counts=True)
    budget = np.round(share * size).astype(np.int64)
    chosen = []
    for key in (lot, -guess):
        order = np.lexsort((key, group))
        place = np.arange(rows.size) - np.searchsorted(group[order], group[order])
        further = np.zeros(visits.patient.size, bool)
        further[rows[order]] = place < budget[group[order]]
        chosen.append(further)
    return chosen


def _idle_time(
    world: World, visits: Appointments, course: _Course, further: list[Truth], trial: ReminderTrial
) -> tuple[dict[str, Paired], float]:
    """Idle minutes of sessions under either arm, at the strength that gives the designed ratio."""
    held = np.concatenate(course.turns) if course.turns else np.zeros(0, np.int64)
    held = np.union1d(held, np.flatnonzero(course.textable))
    wall = world.clock.wall(visits.starts_at[held], world.staff.zone[visits.clinician[held]])
    key = visits.clinician[held] * 10_000_000 + wall // DAY * 2 + (wall % DAY >= 12 * HOUR)
    sessions, session = np.unique(key, return_inverse=True)
    slot_key = session * 2 * DAY + wall % DAY
    slots, slot = np.unique(slot_key, return_inverse=True)
    session_of_slot = np.zeros(slots.size, np.int64)
    session_of_slot[slot] = session
    kept = visits.fate[held] == KEPT

    def idle(chosen: Truth, strength: float) -> Index:
        """Minutes by session: of slots that were kept for somebody, and to which nobody came."""
        came = kept & ~course.missed(chosen, strength)[held]
        booked, used = np.zeros(slots.size, bool), np.zeros(slots.size, bool)
        booked[slot[kept]] = True
        used[slot[came]] = True
        empty = np.bincount(session_of_slot[booked & ~used], minlength=sessions.size)
        return SLOT_MINUTES * empty

    def saved(strength: float) -> float:
        """How far idle time by risk falls below what is designed, in minutes."""
        return float(trial.ratio * idle(further[0], strength).sum() - idle(further[1], strength).sum())

    strength = _strength(saved, 0.0)
    minutes = np.stack([idle(each, strength) for each in further], axis=1)
    sent = np.stack([np.bincount(session[each[held]], minlength=sessions.size) for each in further], axis=1)
    counted = np.ones(sessions.size, bool)
    begins = int(visits.starts_at[held].min(initial=world.settings.end))
    return {
        "idle_minutes": _paired(world, trial, minutes, counted, begins),
        "further_reminders": _paired(world, trial, sent, counted, begins),
    }, strength


def _strength(reached: Callable[[float], float], wanted: float) -> float:
    return solve(reached, wanted, 0.0, STRONGEST, halvings=20)


def _paired(
    world: World, trial: ReminderTrial, values: Real | Truth | Index, counted: Truth, begins_at: int
) -> Paired:
    day = (begins_at - world.settings.end) // DAY
    return Paired(
        trial.experiment.names,
        values,
        counted,
        assigned_on=np.full(counted.size, day),
        chance=np.full(values.shape, 0.5),
    )
