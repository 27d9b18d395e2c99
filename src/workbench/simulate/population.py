"""The people: what the tables tell of them, and what only the simulation knows."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from workbench.simulate.columns import DAY, HOUR, NEVER, identifiers, moments, words
from workbench.simulate.local_time import ZONES
from workbench.simulate.patient_types import Manners, draw_manners
from workbench.simulate.randomness import (
    Index,
    Real,
    Seconds,
    Streams,
    Truth,
    choose,
    lognormal,
)
from workbench.simulate.settings import ProviderSettings

DIAGNOSES = ("depression", "anxiety", "trauma", "bipolar", "psychosis", "substance use")
DIAGNOSIS_SHARES = [0.30, 0.26, 0.14, 0.09, 0.08, 0.13]
CLINICS = ("harbor", "lakeside", "midtown", "prairie", "riverside")
CLINIC_SHARES = [0.27, 0.22, 0.20, 0.13, 0.18]
CLINIC_ZONES = np.array([0, 1, 0, 1, 0])
THERAPIES = ("talking therapy", "medication", "combined")
# Rows are diagnoses, columns therapies.
THERAPY_STEPS = np.cumsum(
    [[0.4, 0.2, 0.4], [0.6, 0.1, 0.3], [0.7, 0.05, 0.25], [0.1, 0.4, 0.5], [0.05, 0.5, 0.45], [0.5, 0.2, 0.3]],
    axis=1,
)
SEXES = ("female", "male", "other")
LANGUAGES = ("en", "es", "other")
ADULT_FROM = 19  # years between the year of birth and the year in question
POOLED_FROM = 90


@dataclass(frozen=True)
class Population:
    """All people, one element each, in the order of their pseudonyms.

    Moments are seconds since 1970 UTC. `engagement` and `severity` are standard normal; `risk` is a
    gamma variable of mean 1 that falls with engagement; `sensitivity` says how fast texts annoy, `pace` how
    slowly a person acts, `mobile` how reachable a phone is (0 for a number that is dead); `manners` what a
    person's type adds to all this.
    """

    pseudonyms: NDArray[np.uint64]
    age: Index
    sex: Index
    language: Index
    zone: Index
    clinic: Index
    diagnosis: Index
    therapy: Index
    enrolled_at: Seconds
    ended_at: Seconds
    deceased_at: Seconds
    do_not_text: Truth
    engagement: Real
    severity: Real
    risk: Real
    sensitivity: Real
    pace: Real
    mobile: Real
    manners: Manners

    @property
    def size(self) -> int:
        """The number of people."""
        return self.age.size

    @property
    def everyone(self) -> Index:
        """The number of each person, from 0 on."""
        return np.arange(self.size, dtype=np.int64)

    @property
    def left_at(self) -> Seconds:
        """The moment from which a person is no patient any more."""
        return np.minimum(self.ended_at, self.deceased_at)

    @property
    def adult(self) -> Truth:
        """Whether the year in which the data end minus the birth year is 19 or more."""
        return self.age >= ADULT_FROM


def draw_population(streams: Streams, settings: ProviderSettings) -> Population:
    """People with correlated traits: three in four are there when the data start, the others come later."""
    size = settings.patients
    rng = streams.of("traits")
    engagement, severity = rng.standard_normal(size), rng.standard_normal(size)
    clinic = choose(streams.of("clinics"), CLINIC_SHARES, size)
    moved = streams.of("zones").random(size) < 0.03
    diagnosis = choose(streams.of("diagnoses"), DIAGNOSIS_SHARES, size)
    therapy = (streams.of("therapies").random(size)[:, None] > THERAPY_STEPS[diagnosis]).sum(axis=1)
    age = _ages(streams.of("ages"), size)
    enrolled = _enrolled(streams.of("enrollments"), settings)
    ended, deceased = _leaving(streams.of("leaving"), settings, age, engagement, enrolled)
    phones = streams.of("phones")
    return Population(
        pseudonyms=np.sort(streams.codes(streams.of("pseudonyms"), size)),
        age=age,
        sex=choose(streams.of("sexes"), [0.61, 0.37, 0.02], size),
        language=choose(streams.of("languages"), [0.82, 0.14, 0.04], size),
        zone=np.where(moved, 1 - CLINIC_ZONES[clinic], CLINIC_ZONES[clinic]),
        clinic=clinic,
        diagnosis=diagnosis,
        therapy=therapy.clip(max=len(THERAPIES) - 1),
        enrolled_at=enrolled,
        ended_at=ended,
        deceased_at=deceased,
        do_not_text=streams.of("do not text").random(size) < 0.015,
        engagement=engagement,
        severity=severity,
        risk=rng.gamma(2.0, 0.5, size) * np.exp(-0.25 * engagement - 0.031),
        sensitivity=rng.standard_normal(size) + 0.2 * severity,
        pace=lognormal(rng, 1.0, 0.4, size),
        mobile=np.where(phones.random(size) < 0.02, 0.0, phones.beta(40, 1.2, size)),
        manners=draw_manners(streams, size, settings.separation),
    )


def patients_table(people: Population, settings: ProviderSettings) -> pa.Table:
    """The canonical table `patients`."""
    born = settings.ends_on.year - np.minimum(people.age, POOLED_FROM)
    return pa.table(
        {
            "patient_id": patient_ids(people),
            "birth_year": pa.array(born, pa.int64()),
            "sex": words(people.sex, SEXES),
            "language": words(people.language, LANGUAGES),
            "time_zone": words(people.zone, ZONES),
            "enrolled_at": moments(people.enrolled_at),
            "ended_at": moments(_known(people.ended_at, settings.end)),
            "deceased_at": moments(_known(people.deceased_at, settings.end)),
            "do_not_text": pa.array(people.do_not_text),
        }
    )


def patient_ids(people: Population) -> pa.Array:
    """The pseudonym of each person."""
    return identifiers("p", people.pseudonyms)


def _ages(rng: np.random.Generator, size: int) -> Index:
    minors = rng.integers(8, ADULT_FROM, size)
    adults = ADULT_FROM + np.floor(80 * rng.beta(1.6, 3.0, size)).astype(np.int64)
    return np.where(rng.random(size) < 0.10, minors, adults)


def _enrolled(rng: np.random.Generator, settings: ProviderSettings) -> Seconds:
    before = settings.start - (3 * 365 * DAY * rng.beta(1.0, 1.6, settings.patients)).astype(np.int64)
    later = rng.integers(settings.start, settings.end, settings.patients)
    day = np.where(rng.random(settings.patients) < 0.75, before, later) // DAY
    arrival = rng.integers(14 * HOUR, 22 * HOUR, settings.patients)
    return np.minimum(day * DAY + arrival, settings.end - HOUR)


def _leaving(
    rng: np.random.Generator, settings: ProviderSettings, age: Index, engagement: Real, enrolled: Seconds
) -> tuple[Seconds, Seconds]:
    """Two competing clocks; whoever has ended treatment is not followed to the day of death."""
    begun = np.maximum(enrolled, settings.start)
    years_to_end = rng.weibull(1.3, age.size) * 12 * np.exp(0.3 * engagement)
    years_to_death = rng.exponential(1, age.size) / (0.003 * np.exp((age - 45) / 16))
    ended = begun + DAY + np.minimum(years_to_end * 365 * DAY, NEVER).astype(np.int64)
    died = begun + DAY + np.minimum(years_to_death * 365 * DAY, NEVER).astype(np.int64)
    return (
        np.minimum(np.where(ended <= died, ended, NEVER), NEVER),
        np.minimum(np.where(died < ended, died, NEVER), NEVER),
    )


def _known(when: Seconds, end: int) -> Seconds:
    return np.where(when < end, when, NEVER)
