"""What the people of an experiment do under each arm, one and the same person under all of them.

Every latent draw (whether the phone is reached, how willing, how patient, how slow a person is) is made once and
serves all arms, so that outcomes under two arms differ by what the arms do and by nothing else.
"""

from dataclasses import dataclass, replace

import numpy as np

from workbench.simulate.columns import DAY, HOUR, MINUTE, NEVER, happened_between
from workbench.simulate.consents import Consent
from workbench.simulate.enrollment import LIST_HOUR, Enrollment
from workbench.simulate.experiments import WINDOW_DAYS
from workbench.simulate.local_time import LocalTime
from workbench.simulate.population import Population
from workbench.simulate.randomness import Index, Seconds, Truth, lognormal
from workbench.simulate.texts import CANCELED, Texts, send
from workbench.simulate.world import World

SHARE_ONLINE = 0.6


@dataclass(frozen=True)
class Reactions:
    """The reactions to one experiment's texts; arrays are (people, arms), `NEVER` where there is none."""

    enrollment: Enrollment
    texts: Texts
    booked_at: Seconds
    stopped_at: Seconds
    online: Truth

    def under_assignment(self, what: Seconds) -> Seconds:
        """What happened to each person: the column of the arm to which the person was assigned."""
        return what[np.arange(what.shape[0]), self.enrollment.arm]


@dataclass(frozen=True)
class PotentialOutcomes:
    """Whether each person of an experiment books, and opts out, within the window, under every arm.

    Attributes:
        enrollment: the people, in the order of the rows.
        booking, opt_out: (people, arms), the arms in the experiment's order.
    """

    enrollment: Enrollment
    booking: Truth
    opt_out: Truth


def react(world: World, consent: Consent, enrollment: Enrollment) -> Reactions:
    """Send an experiment's texts and find out what each person would do under every arm.

    A person books where willingness (heavy-tailed, higher with engagement) passes what the text leaves to
    overcome, and opts out where patience (exponential) is less than the annoyance; both after lognormal delays.
    """
    streams, people, clock = world.streams, world.people, world.clock
    experiment, who, assigned = enrollment.experiment, enrollment.patient, enrollment.assigned_at
    rng = streams.of(f"reactions to {experiment.experiment_id}")
    size = who.size
    zone = people.zone[who]
    sent_at = _sending_times(enrollment, zone, clock)
    delivery = streams.of(f"delivery of {experiment.experiment_id}")
    own_sent_at = sent_at[np.arange(size), enrollment.arm]
    texts = send(delivery, people, experiment.templates, enrollment.arm, who, sent_at=own_sent_at)
    held = _held_back(people, consent, who, assigned)
    texts = replace(
        texts,
        status=np.where(held, CANCELED, texts.status),
        error=np.where(held, -1, texts.error),
        known_at=np.where(held, texts.sent_at, texts.known_at),
    )
    diagnosis, phase = people.diagnosis[who], world.phases.at(who, assigned)
    willing = 0.55 * people.engagement[who] + rng.standard_t(6, size)
    thinks_for = lognormal(rng, 2.6 * DAY * people.pace[who], 0.9, size)
    online = rng.random(size) < SHARE_ONLINE
    acts_at = assigned + np.minimum(thinks_for, 60 * DAY).astype(np.int64)
    acts_at = np.where(online, acts_at, clock.office_hours(acts_at, zone, rng.random(size)))
    patience = rng.exponential(1.0, size)
    fumes_for = lognormal(rng, 45 * MINUTE * people.pace[who], 1.9, size)
    stops_at = assigned + np.minimum(fumes_for, 30 * DAY).astype(np.int64)
    reads_at = (
        sent_at + (2 * MINUTE + np.minimum(rng.exponential(25 * MINUTE, size), HOUR)).astype(np.int64)[:, None]
    )
    appeal = np.stack([arm.appeal.on(diagnosis, phase) for arm in experiment.arms], axis=1)
    annoyance = np.stack([arm.annoyance.on(diagnosis, phase) for arm in experiment.arms], axis=1)
    annoyance += 0.6 * people.sensitivity[who][:, None]
    books = willing[:, None] + appeal > 0
    stops = patience[:, None] < np.exp(annoyance)
    left_at = people.left_at[who]

    def when(does: Truth, acts: Seconds) -> Seconds:
        able = texts.reached & (np.maximum(acts, assigned + DAY) < left_at)
        return np.where(does & able[:, None], np.maximum(acts[:, None], reads_at), NEVER)

    return Reactions(enrollment, texts, when(books, acts_at), when(stops, stops_at), online)


def potential_outcomes(reactions: Reactions, other_bookings: Index, other_opt_outs: Index) -> PotentialOutcomes:
    """Outcomes within the window: what a text brings about, or what happens anyway under any arm.

    Both last arguments are the packed and sorted events (patient and moment) that no experiment causes.
    """
    enrollment = reactions.enrollment
    who, after = enrollment.patient, enrollment.assigned_at
    until = after + WINDOW_DAYS * DAY
    booked_anyway = happened_between(other_bookings, who, after, until)
    out_anyway = happened_between(other_opt_outs, who, after, until)
    return PotentialOutcomes(
        enrollment,
        booking=booked_anyway[:, None] | (reactions.booked_at <= until[:, None]),
        opt_out=out_anyway[:, None] | (reactions.stopped_at <= until[:, None]),
    )


def _sending_times(enrollment: Enrollment, zone: Index, clock: LocalTime) -> Seconds:
    """When each arm's text would go out, (people, arms): on the day of the assignment, at the arm's hour."""
    hours = np.array([arm.hour for arm in enrollment.experiment.arms])
    wall = clock.wall(enrollment.assigned_at, zone)[:, None] + ((hours - LIST_HOUR) * HOUR).astype(np.int64)
    return clock.utc(wall, zone[:, None])


def _held_back(people: Population, consent: Consent, who: Index, assigned: Seconds) -> Truth:
    """Whose text the gateway stops, under any arm: no consent on that day, or a patient no more."""
    day_after = assigned + DAY
    return (
        ~consent.opted_in(who, assigned)
        | ~consent.opted_in(who, day_after)
        | (people.left_at[who] <= day_after)
    )
