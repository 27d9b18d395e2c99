"""What the people of an experiment bring to its texts, drawn once and the same under every arm."""

from dataclasses import dataclass, replace

import numpy as np

from workbench.simulate.columns import DAY, HOUR, MINUTE
from workbench.simulate.consents import Consent
from workbench.simulate.enrollment import LIST_HOUR, Enrollment
from workbench.simulate.experiments import Tilt
from workbench.simulate.local_time import LocalTime
from workbench.simulate.phases import PHASES
from workbench.simulate.population import DIAGNOSES, Population
from workbench.simulate.randomness import Index, Real, Seconds, Truth, lognormal
from workbench.simulate.texts import CANCELED, Texts, send
from workbench.simulate.world import World

SHARE_ONLINE = 0.6


@dataclass(frozen=True)
class Latent:
    """What is drawn of each person once, and serves every arm; arrays are (people,), unless told.

    Attributes:
        texts: the text of the assigned arm, one per person.
        willing: how willing to book.
        acts_at: (people, arms), when a person who books does so.
        patience: what annoyance must pass for a person to opt out.
        stops_at: when a person who opts out does so.
        online: who books through the link.
        reads_at: (people, arms), when the text is read.
        appeal, annoyance: (people, arms), the pushes that stand without being solved for.
        left_at: when each person leaves without any text's doing.
    """

    texts: Texts
    willing: Real
    acts_at: Seconds
    patience: Real
    stops_at: Seconds
    online: Truth
    reads_at: Seconds
    appeal: Real
    annoyance: Real
    left_at: Seconds


def draw_latent(world: World, consent: Consent, enrollment: Enrollment) -> Latent:
    """Send an experiment's texts, and draw what each person brings to them.

    Willingness is heavy-tailed and higher with engagement, patience exponential, delays lognormal.
    """
    streams, people, clock = world.streams, world.people, world.clock
    experiment, who, assigned = enrollment.experiment, enrollment.patient, enrollment.assigned_at
    rng = streams.of(f"reactions to {experiment.experiment_id}")
    size = who.size
    zone = people.zone[who]
    sent_at = sending_times(enrollment, zone, clock)
    delivery = streams.of(f"delivery of {experiment.experiment_id}")
    own_sent_at = sent_at[np.arange(size), enrollment.arm]
    texts = send(delivery, people, experiment.templates, enrollment.arm, who, sent_at=own_sent_at)
    texts = _canceled(texts, held_back(people, consent, who, assigned))
    diagnosis, phase = people.diagnosis[who], world.phases.at(who, assigned)
    willing = 0.55 * people.engagement[who] + rng.standard_t(6, size)
    thinks_for = lognormal(rng, 2.6 * DAY * people.pace[who], 0.9, size)
    annoyed = 0.6 * people.sensitivity[who]
    if experiment.tails == "heavy":
        tails = streams.of(f"tails of {experiment.experiment_id}")
        trait = tails.standard_t(3, size)
        willing, annoyed = willing + trait, annoyed + 0.8 * trait
        thinks_for = thinks_for * lognormal(tails, 1.0, 1.6, size)
    online = rng.random(size) < SHARE_ONLINE
    share = rng.random(size)
    acts_at = []
    for arm in experiment.arms:
        acts = assigned + np.minimum(thinks_for * arm.slowness, 60 * DAY).astype(np.int64)
        acts_at.append(np.where(online, acts, clock.office_hours(acts, zone, share)))
    patience = rng.exponential(1.0, size)
    fumes_for = lognormal(rng, 45 * MINUTE * people.pace[who], 1.9, size)
    stops_at = assigned + np.minimum(fumes_for, 30 * DAY).astype(np.int64)
    reads_at = (
        sent_at + (2 * MINUTE + np.minimum(rng.exponential(25 * MINUTE, size), HOUR)).astype(np.int64)[:, None]
    )
    return Latent(
        texts=texts,
        willing=willing,
        acts_at=np.stack(acts_at, axis=1),
        patience=patience,
        stops_at=stops_at,
        online=online,
        reads_at=reads_at,
        appeal=np.stack([on(arm.appeal, diagnosis, phase) for arm in experiment.arms], axis=1),
        annoyance=np.stack([on(arm.annoyance, diagnosis, phase) for arm in experiment.arms], axis=1)
        + annoyed[:, None],
        left_at=people.left_at[who],
    )


def on(tilt: Tilt, diagnosis: Index, phase: Index) -> Real:
    """The push of a tilt on each person."""
    by_diagnosis = np.array([tilt.diagnosis.get(name, 0.0) for name in DIAGNOSES])
    by_phase = np.array([tilt.phase.get(name, 0.0) for name in PHASES])
    return tilt.base + by_diagnosis[diagnosis] + by_phase[phase]


def sending_times(enrollment: Enrollment, zone: Index, clock: LocalTime) -> Seconds:
    """When each arm's text would go out, (people, arms): on the day of the assignment, at the arm's hour."""
    hours = np.array([arm.hour for arm in enrollment.experiment.arms])
    wall = clock.wall(enrollment.assigned_at, zone)[:, None] + ((hours - LIST_HOUR) * HOUR).astype(np.int64)
    return clock.utc(wall, zone[:, None])


def held_back(people: Population, consent: Consent, who: Index, assigned: Seconds) -> Truth:
    """Whose text the gateway stops, under any arm: no consent on that day, or a patient no more."""
    day_after = assigned + DAY
    return (
        ~consent.opted_in(who, assigned)
        | ~consent.opted_in(who, day_after)
        | (people.left_at[who] <= day_after)
    )


def _canceled(texts: Texts, held: Truth) -> Texts:
    return replace(
        texts,
        status=np.where(held, CANCELED, texts.status),
        error=np.where(held, -1, texts.error),
        known_at=np.where(held, texts.sent_at, texts.known_at),
    )
