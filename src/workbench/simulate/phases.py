"""Treatment phases: intake, active, maintenance, lapsed, and when the provider learns of a change."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from workbench.simulate.columns import DAY, HOUR, moments, packed, pick, sorted_table, words
from workbench.simulate.population import CLINICS, DIAGNOSES, THERAPIES, Population, patient_ids
from workbench.simulate.randomness import Index, Real, Seconds, Streams, lognormal
from workbench.simulate.settings import ProviderSettings

PHASES = ("intake", "active", "maintenance", "lapsed")
INTAKE, ACTIVE, MAINTENANCE, LAPSED = range(4)
MEDIAN_DAYS = np.array([42.0, 150.0, 200.0, 140.0])
SHORTEST_DAYS = 10.0
# News of a change travel faster than the shortest phase lasts, so they arrive in the order of the changes.
SLOWEST_NEWS_DAYS = 9.0
# Days after the end of the data for which people are followed, so that every outcome's window closes.
AFTERWARDS = 60


@dataclass(frozen=True)
class Phases:
    """Spells, sorted by patient and moment: from `begins` to `ends` a patient is in `phase`."""

    patient: Index
    phase: Index
    begins: Seconds
    ends: Seconds
    known_at: Seconds

    def at(self, patient: Index, when: Seconds) -> Index:
        """The phase a patient is in at a moment; -1 before the first."""
        return self._last(self.begins, patient, when)

    def known(self, patient: Index, when: Seconds) -> Index:
        """The phase the provider believes a patient to be in at a moment; -1 where it knows none."""
        return self._last(self.known_at, patient, when)

    def _last(self, since: Seconds, patient: Index, when: Seconds) -> Index:
        row = np.searchsorted(packed(self.patient, since), packed(patient, when), side="right") - 1
        found = (row >= 0) & (self.patient[row] == patient)
        return np.where(found, self.phase[row], -1)


def draw_phases(streams: Streams, settings: ProviderSettings, people: Population) -> Phases:
    """A semi-Markov walk: lognormal durations, and a next phase that depends on latent engagement.

    The loop goes over steps of the walk, each taken by everyone who is still under way.
    """
    rng = streams.of("phases")
    until = np.minimum(people.left_at, settings.end + AFTERWARDS * DAY)
    patient, now = people.everyone, people.enrolled_at.copy()
    phase = np.full(people.size, INTAKE)
    steps: list[tuple[Index, Index, Seconds, Seconds]] = []
    while patient.size:
        days = lognormal(rng, MEDIAN_DAYS[phase], 0.55, patient.size)
        days *= np.exp(np.where(phase == LAPSED, -0.35, 0.1) * people.engagement[patient])
        ends = now + (np.maximum(days, SHORTEST_DAYS) * DAY).astype(np.int64)
        steps.append((patient, phase, now, np.minimum(ends, until[patient])))
        following = _next(phase, rng.standard_normal(patient.size), people.engagement[patient])
        going_on = ends < until[patient]
        patient, phase, now = patient[going_on], following[going_on], ends[going_on]
    joined = [np.concatenate(part) for part in zip(*steps, strict=True)]
    order = np.lexsort((joined[2], joined[0]))
    patient, phase, begins, ends = (part[order] for part in joined)
    news = lognormal(streams.of("news of phases"), 2.5 * DAY, 0.8, patient.size)
    known = begins + np.clip(news, HOUR, SLOWEST_NEWS_DAYS * DAY).astype(np.int64)
    return Phases(patient, phase, begins, ends, known)


def patient_states_table(people: Population, phases: Phases, settings: ProviderSettings) -> pa.Table:
    """The canonical table `patient_states`: the state at the start of the data and every later one."""
    shown = (phases.ends > settings.start) & (phases.known_at < settings.end)
    patient = phases.patient[shown]
    return sorted_table(
        {
            "patient_id": pick(patient_ids(people), patient),
            "clinic_id": words(people.clinic[patient], CLINICS),
            "diagnosis_group": words(people.diagnosis[patient], DIAGNOSES),
            "treatment_phase": words(phases.phase[shown], PHASES),
            "therapy_type": words(people.therapy[patient], THERAPIES),
            "valid_from": moments(phases.begins[shown]),
            "known_at": moments(phases.known_at[shown]),
        },
        patient,
        phases.begins[shown],
    )


def _next(phase: Index, shock: Real, engagement: Real) -> Index:
    """The next phase: the well engaged go on, the others lapse; whoever lapsed comes back into treatment."""
    keen = shock + 0.5 * engagement
    return np.select(
        [phase == INTAKE, phase == ACTIVE, phase == MAINTENANCE],
        [
            np.where(keen > -0.9, ACTIVE, LAPSED),
            np.where(keen > -0.2, MAINTENANCE, LAPSED),
            np.where(keen > 0.3, ACTIVE, LAPSED),
        ],
        np.where(keen > -1.1, ACTIVE, INTAKE),
    )
