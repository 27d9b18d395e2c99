"""Who is in a trial of reminders: all adults who have agreed to texts, by person or by clinician."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from workbench.simulate.appointments import KEPT, Appointments, usual_clinicians
from workbench.simulate.attendance import Attendance
from workbench.simulate.clinics import clinician_ids
from workbench.simulate.columns import DAY, HOUR, pick
from workbench.simulate.consents import Consent
from workbench.simulate.enrollment import LIST_HOUR, SETTLED, Enrollment, permuted_blocks
from workbench.simulate.experiments import Experiment
from workbench.simulate.population import CLINICS
from workbench.simulate.randomness import Index, Truth
from workbench.simulate.world import World

HISTORY_DAYS = 180
RISKS = ("not at risk", "at risk")


@dataclass(frozen=True)
class TrialPeople:
    """Who is in a trial; arrays are (people,) unless told.

    Attributes:
        begins_at: the moment of the assignments, the same for all.
        listed: who is in it.
        at_risk: who missed half or more of the appointments before it.
        arm_of: the arm of each person, -1 for those who are not in it.
        arm_of_clinician: (clinicians,), where clinicians are randomized.
        enrollment: the assignments.
    """

    begins_at: int
    listed: Truth
    at_risk: Truth
    arm_of: Index
    arm_of_clinician: Index
    enrollment: Enrollment


def list_people(
    world: World, consent: Consent, visits: Appointments, usual: Attendance, experiment: Experiment
) -> TrialPeople:
    """Draw a trial's people and their arms, by person within risk or by clinician within clinic."""
    people, end = world.people, world.settings.end
    rng = world.streams.of(f"list of {experiment.experiment_id}")
    begins_at = end + experiment.first_day * DAY + (LIST_HOUR + 5) * HOUR
    now = np.full(people.size, begins_at)
    listed = people.adult & consent.opted_in(people.everyone, now) & ~people.do_not_text
    listed &= (people.enrolled_at < begins_at - SETTLED * DAY) & (begins_at < people.left_at)
    at_risk = _at_risk(visits, usual, begins_at, people.size)
    who = rng.permutation(np.flatnonzero(listed))
    by_clinician = experiment.unit == "clinician"
    clinic = world.staff.clinic
    arm_of_clinician = permuted_blocks(rng, clinic, rng.permutation(clinic.size), (1, 1))
    usual_clinician = usual_clinicians(world)[who]
    strata: tuple[str, ...] = CLINICS if by_clinician else RISKS
    if by_clinician:
        stratum = people.clinic[who]
        arm = arm_of_clinician[usual_clinician]
    else:
        stratum = at_risk[who].astype(np.int64)
        arm = permuted_blocks(rng, stratum, np.arange(who.size), (1, 1))
    arm_of = np.full(people.size, -1)
    arm_of[who] = arm
    clusters: pa.Array | None = pick(clinician_ids(world.staff), usual_clinician) if by_clinician else None
    enrollment = Enrollment(
        experiment,
        who,
        now[who],
        stratum,
        arm,
        eligible=np.ones(who.size, bool),
        epoch=np.zeros(who.size, np.int64),
        chance=np.full((who.size, 2), 0.5),
        planned=np.full(who.size, 0.5),
        cluster=usual_clinician if by_clinician else None,
        clusters=clusters,
        strata=strata,
    )
    return TrialPeople(begins_at, listed, at_risk, arm_of, arm_of_clinician, enrollment)


def _at_risk(visits: Appointments, usual: Attendance, begins_at: int, people: int) -> Truth:
    past = (visits.fate == KEPT) & (usual.known_at < begins_at)
    past &= visits.starts_at >= begins_at - HISTORY_DAYS * DAY
    held = np.bincount(visits.patient[past], minlength=people)
    missed = np.bincount(visits.patient[past & usual.missed], minlength=people)
    return (missed > 0) & (2 * missed >= held)
