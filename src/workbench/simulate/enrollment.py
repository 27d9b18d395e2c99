"""Who is put in which arm, and when: lists drawn over several weeks, randomized within treatment phases."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from workbench.simulate.columns import DAY, HOUR, MINUTE, moments, pick, sorted_table, words
from workbench.simulate.consents import Consent
from workbench.simulate.experiments import Experiment
from workbench.simulate.local_time import weekday
from workbench.simulate.phases import PHASES
from workbench.simulate.population import patient_ids
from workbench.simulate.randomness import Index, Seconds, Truth, choose
from workbench.simulate.world import World

# Like real lists, these hold some people whom no analysis may count.
SHARE_NOT_ELIGIBLE = 0.03
LIST_HOUR = 7
# Days after which a newcomer may be put on a list.
SETTLED = 14
BLOCKS_OF = 2  # times the number of arms


@dataclass(frozen=True)
class Enrollment:
    """The people assigned in one experiment, one element each.

    `stratum` is the treatment phase the provider knew of at the assignment; `eligible` are adults who stood
    opted in at it.
    """

    experiment: Experiment
    patient: Index
    assigned_at: Seconds
    stratum: Index
    arm: Index
    eligible: Truth


def enroll(world: World, consent: Consent, experiments: Sequence[Experiment]) -> tuple[Enrollment, ...]:
    """Draw the lists of all experiments. Everyone is at the disposal of one experiment at most."""
    streams, people = world.streams, world.people
    shares = [experiment.share for experiment in experiments]
    disposal = choose(streams.of("experiments"), shares, people.size)
    enrollments = []
    for place, experiment in enumerate(experiments):
        rng = streams.of(f"list of {experiment.experiment_id}")
        who = rng.permutation(np.flatnonzero(disposal == place))
        when = _list_times(rng, world, who, experiment)
        stratum = world.phases.known(who, when)
        present = (people.enrolled_at[who] < when - SETTLED * DAY) & (when < people.left_at[who])
        present &= ~people.do_not_text[who] & (stratum >= 0)
        agreed = consent.opted_in(who, when)
        eligible = present & people.adult[who] & agreed
        total = round(experiment.share * world.settings.patients)
        wrong = round(total * SHARE_NOT_ELIGIBLE)
        minors = np.flatnonzero(present & ~people.adult[who] & agreed)[: wrong // 2]
        unasked = np.flatnonzero(present & people.adult[who] & ~agreed)[: wrong - wrong // 2]
        right = np.flatnonzero(eligible)[: total - minors.size - unasked.size]
        taken = np.concatenate([right, minors, unasked])
        arm = _randomize(rng, stratum[taken], when[taken], len(experiment.arms))
        enrollments.append(
            Enrollment(experiment, who[taken], when[taken], stratum[taken], arm, eligible[taken])
        )
    return tuple(enrollments)


def assignments_table(world: World, enrollments: Sequence[Enrollment]) -> pa.Table:
    """The canonical table `assignments`."""
    tables = []
    for enrollment in enrollments:
        experiment, size = enrollment.experiment, enrollment.patient.size
        arms = len(experiment.arms)
        columns = {
            "experiment_id": words(np.zeros(size, np.int64), [experiment.experiment_id]),
            "patient_id": pick(patient_ids(world.people), enrollment.patient),
            "cluster_id": pa.nulls(size, pa.string()),
            "stratum": words(enrollment.stratum, PHASES),
            "arm": words(enrollment.arm, experiment.names),
            "probability": pa.array(np.full(size, 1 / arms)),
            "epoch": pa.array(np.zeros(size, np.int64)),
            "assigned_at": moments(enrollment.assigned_at),
        }
        tables.append(sorted_table(columns, enrollment.assigned_at, enrollment.patient))
    return pa.concat_tables(tables).combine_chunks()


def _list_times(
    rng: np.random.Generator,
    world: World,
    who: Index,
    experiment: Experiment,
) -> Seconds:
    """A working day of the enrollment, before the end of the data, soon after 7 o'clock where the patient is."""
    end = world.settings.end // DAY
    days = end + np.arange(experiment.first_day, min(experiment.last_day + 1, 0))
    day = rng.choice(days[weekday(days) < 5], who.size)
    wall = day * DAY + LIST_HOUR * HOUR + rng.integers(0, 20 * MINUTE, who.size)
    return world.clock.utc(wall, world.people.zone[who])


def _randomize(rng: np.random.Generator, stratum: Index, when: Seconds, arms: int) -> Index:
    """Permuted blocks within strata, in the order of assignment; a block that is cut short favors no arm."""
    size = BLOCKS_OF * arms
    order = np.lexsort((when, stratum))
    place = np.arange(order.size) - np.searchsorted(stratum[order], stratum[order])
    block = np.cumsum(place % size == 0) - 1
    shuffled = np.lexsort((rng.random(order.size), block))
    turn = rng.integers(0, arms, block[-1] + 1 if block.size else 0)
    arm = np.empty(order.size, np.int64)
    arm[order[shuffled]] = (place + turn[block]) % arms
    return arm
