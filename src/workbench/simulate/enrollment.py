"""Who is put in which arm, and when: lists drawn over several weeks, randomized within treatment phases."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from workbench.simulate.columns import DAY, HOUR, MINUTE, identifiers, moments, pick, sorted_table, words
from workbench.simulate.consents import Consent
from workbench.simulate.experiments import Experiment, Stage
from workbench.simulate.households import Households, draw_households
from workbench.simulate.local_time import weekday
from workbench.simulate.phases import PHASES
from workbench.simulate.population import patient_ids
from workbench.simulate.randomness import Index, Real, Seconds, Streams, Truth, choose
from workbench.simulate.world import World

# Like real lists, these hold some people whom no analysis may count.
SHARE_NOT_ELIGIBLE = 0.03
LIST_HOUR = 7
# Days after which a newcomer may be put on a list.
SETTLED = 14
BLOCKS_OF = 2  # times the smallest number in which the allocation is met
# A loaded coin: the log odds of the last of two arms at average engagement, and how they rise with engagement.
LOADED, LOADED_BY_ENGAGEMENT = 0.25, 0.7


@dataclass(frozen=True)
class Enrollment:
    """The people assigned in one experiment, one element each.

    Attributes:
        experiment: what they are in.
        patient, assigned_at, arm: who, when, and the place of the arm.
        stratum: the place, in `strata`, of what the provider knew of a person; -1 where it knew nothing.
        eligible: whom an analysis may count.
        epoch: the place of the stage in which each was assigned.
        chance: (people, arms), the true probability of each arm.
        planned: the probability of the own arm that the table tells.
        cluster: the number of each one's cluster; None where there are none.
        clusters: the pseudonym of each one's cluster.
        strata: the words of the strata.
    """

    experiment: Experiment
    patient: Index
    assigned_at: Seconds
    stratum: Index
    arm: Index
    eligible: Truth
    epoch: Index
    chance: Real
    planned: Real
    cluster: Index | None = None
    clusters: pa.Array | None = None
    strata: tuple[str, ...] = PHASES

    def assigned_on(self, end: int) -> Index:
        """The day of each assignment, counted from the end of the data."""
        return (self.assigned_at - end) // DAY


@dataclass(frozen=True)
class _Listed:
    """People on a list, in the order of the draw."""

    patient: Index
    assigned_at: Seconds
    stratum: Index
    eligible: Truth
    epoch: Index


def enroll(world: World, consent: Consent, experiments: Sequence[Experiment]) -> tuple[Enrollment, ...]:
    """Draw the lists of all experiments. Everyone is at the disposal of one experiment at most."""
    streams, people = world.streams, world.people
    households = _households(streams, people.size, experiments)
    shares = [experiment.share for experiment in experiments]
    disposal = choose(streams.of("experiments"), shares, people.size) if shares else np.zeros(0, np.int64)
    if households is not None:
        disposal = disposal[households.of]
    enrollments = []
    for place, experiment in enumerate(experiments):
        rng = streams.of(f"list of {experiment.experiment_id}")
        who = rng.permutation(np.flatnonzero(disposal == place))
        if households is not None:
            # Members stand side by side, so that the end of a list cuts one household at most.
            who = who[np.argsort(households.of[who], kind="stable")]
        parts = _parts(who, experiment)
        listed = [
            _list(rng, world, consent, experiment, epoch, part, households) for epoch, part in enumerate(parts)
        ]
        enrollments.append(_assign(rng, world, experiment, _joined(listed), households))
    return tuple(enrollments)


def assignments_table(world: World, enrollments: Sequence[Enrollment]) -> pa.Table:
    """The canonical table `assignments`."""
    tables = []
    for enrollment in enrollments:
        experiment, size = enrollment.experiment, enrollment.patient.size
        clusters = enrollment.clusters
        columns = {
            "experiment_id": words(np.zeros(size, np.int64), [experiment.experiment_id]),
            "patient_id": pick(patient_ids(world.people), enrollment.patient),
            "cluster_id": pa.nulls(size, pa.string()) if clusters is None else clusters,
            "stratum": words(enrollment.stratum, enrollment.strata),
            "arm": words(enrollment.arm, experiment.names),
            "probability": pa.array(enrollment.planned),
            "epoch": pa.array(enrollment.epoch),
            "assigned_at": moments(enrollment.assigned_at),
        }
        tables.append(sorted_table(columns, enrollment.assigned_at, enrollment.patient))
    return pa.concat_tables(tables).combine_chunks()


def permuted_blocks(
    rng: np.random.Generator, stratum: Index, when: Seconds, allocation: Sequence[int]
) -> Index:
    """Permuted blocks within strata, in the order of assignment; a block that is cut short favors no arm."""
    pattern = np.repeat(np.arange(len(allocation)), allocation)
    size = BLOCKS_OF * pattern.size
    order = np.lexsort((when, stratum))
    place = np.arange(order.size) - np.searchsorted(stratum[order], stratum[order])
    block = np.cumsum(place % size == 0) - 1
    shuffled = np.lexsort((rng.random(order.size), block))
    turn = rng.integers(0, pattern.size, block[-1] + 1 if block.size else 0)
    arm = np.empty(order.size, np.int64)
    arm[order[shuffled]] = pattern[(place + turn[block]) % pattern.size]
    return arm


def _households(streams: Streams, people: int, experiments: Sequence[Experiment]) -> Households | None:
    needed = any(experiment.everybody is not None for experiment in experiments)
    return draw_households(streams, people) if needed else None


def _parts(who: Index, experiment: Experiment) -> list[Index]:
    """The people at an experiment's disposal, parted among its stages in proportion to their sizes."""
    shares = np.array([stage.share for stage in experiment.epochs])
    ends = np.round(np.cumsum(shares) / shares.sum() * who.size).astype(np.int64)
    return np.split(who, ends[:-1])


def _list(
    rng: np.random.Generator,
    world: World,
    consent: Consent,
    experiment: Experiment,
    epoch: int,
    who: Index,
    households: Households | None,
) -> _Listed:
    people, stage = world.people, experiment.epochs[epoch]
    when = _list_times(rng, world, who, stage)
    if households is not None:
        # A household is listed on one day.
        first = np.unique(households.of[who], return_index=True, return_inverse=True)
        day = when[first[1]][first[2]] // DAY
        when = day * DAY + when % DAY
    stratum = world.phases.known(who, when)
    present = (people.enrolled_at[who] < when - SETTLED * DAY) & (when < people.left_at[who])
    present &= ~people.do_not_text[who] & (stratum >= 0)
    if experiment.phases:
        present &= np.isin(stratum, [PHASES.index(name) for name in experiment.phases])
    agreed = consent.opted_in(who, when)
    eligible = present & people.adult[who] & agreed
    total = round(stage.share * world.settings.patients)
    wrong = round(total * SHARE_NOT_ELIGIBLE)
    minors = np.flatnonzero(present & ~people.adult[who] & agreed)[: wrong // 2]
    unasked = np.flatnonzero(present & people.adult[who] & ~agreed)[: wrong - wrong // 2]
    right = np.flatnonzero(eligible)[: total - minors.size - unasked.size]
    taken = np.concatenate([right, minors, unasked])
    return _Listed(who[taken], when[taken], stratum[taken], eligible[taken], np.full(taken.size, epoch))


def _joined(listed: Sequence[_Listed]) -> _Listed:
    return _Listed(
        *(np.concatenate(column) for column in zip(*(vars(each).values() for each in listed), strict=True))
    )


def _assign(
    rng: np.random.Generator,
    world: World,
    experiment: Experiment,
    listed: _Listed,
    households: Households | None,
) -> Enrollment:
    size = listed.patient.size
    arm = np.zeros(size, np.int64)
    chance = np.zeros((size, len(experiment.arms)))
    for epoch, stage in enumerate(experiment.epochs):
        rows = np.flatnonzero(listed.epoch == epoch)
        chance[rows] = np.array(stage.allocation) / sum(stage.allocation)
        arm[rows] = permuted_blocks(rng, listed.stratum[rows], listed.assigned_at[rows], stage.allocation)
    planned = chance[np.arange(size), arm]
    if experiment.coin == "loaded":
        odds = LOADED + LOADED_BY_ENGAGEMENT * world.people.engagement[listed.patient]
        last = 1 / (1 + np.exp(-odds))
        chance = np.stack([1 - last, last], axis=1)
        arm = (rng.random(size) < last).astype(np.int64)
    home, clusters = None, None
    if households is not None:
        home = households.of[listed.patient]
        clusters = pick(identifiers("h", households.codes), home)
        if experiment.unit == "household":
            arm = _by_household(rng, home, listed.assigned_at, experiment.epochs[0])
    return Enrollment(
        experiment,
        listed.patient,
        listed.assigned_at,
        listed.stratum,
        arm,
        listed.eligible,
        listed.epoch,
        chance,
        planned,
        home,
        clusters,
    )


def _by_household(rng: np.random.Generator, home: Index, when: Seconds, stage: Stage) -> Index:
    """One arm for everybody of a household, in permuted blocks of households."""
    _, first, place = np.unique(home, return_index=True, return_inverse=True)
    drawn = permuted_blocks(rng, np.zeros(first.size, np.int64), when[first], stage.allocation)
    return drawn[place]


def _list_times(
    rng: np.random.Generator,
    world: World,
    who: Index,
    stage: Stage,
) -> Seconds:
    """A working day of the enrollment, before the end of the data, soon after 7 o'clock where the patient is."""
    end = world.settings.end // DAY
    days = end + np.arange(stage.first_day, min(stage.last_day + 1, 0))
    day = rng.choice(days[weekday(days) < 5], who.size)
    wall = day * DAY + LIST_HOUR * HOUR + rng.integers(0, 20 * MINUTE, who.size)
    return world.clock.utc(wall, world.people.zone[who])
