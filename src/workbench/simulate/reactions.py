"""What the people of an experiment do under each arm, one and the same person under all of them.

Every latent draw (whether the phone is reached, how willing, how patient, how slow a person is) is made once and
serves all arms, so that outcomes under two arms differ by what the arms do and by nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from workbench.simulate.columns import DAY, NEVER
from workbench.simulate.consents import Consent
from workbench.simulate.enrollment import Enrollment
from workbench.simulate.latent import Latent, draw_latent
from workbench.simulate.pushes import Anyway, appeal_of, solved_shift, stopped_under
from workbench.simulate.randomness import Index, Real, Seconds, Truth, lognormal
from workbench.simulate.texts import Texts
from workbench.simulate.world import World

# How much likelier the keen are to be driven away by a pushy text.
KEEN_AND_GONE = 0.4


@dataclass(frozen=True)
class Reactions:
    """The reactions to one experiment's texts; arrays are (people, worlds), `NEVER` where there is none.

    Attributes:
        enrollment: the people.
        texts: the texts that were sent.
        booked_at, stopped_at: when each person books, and opts out, because of a text.
        online: who books through a link in the text.
        worlds: the worlds' names: the arms', or, in households, each arm's with what the others get.
        came_true: the place of the world that came to pass for each person.
        booked_through, stopped_through: the place, in `texts`, of the text through which it happened.
        left_at: when each person ends the treatment; None where no text makes anybody do so.
        chance: the true probability of each world; the arms' where there are no other worlds.
        needs: when each would book, here or elsewhere, because of the text; None where nobody leaves.
    """

    enrollment: Enrollment
    texts: Texts
    booked_at: Seconds
    stopped_at: Seconds
    online: Truth
    worlds: tuple[str, ...]
    came_true: Index
    booked_through: Index
    stopped_through: Index
    left_at: Seconds | None = None
    needs: Seconds | None = None
    chance: Real | None = None

    def under_assignment(self, what: Seconds) -> Seconds:
        """What happened to each person: the column of the world that came to pass."""
        return what[np.arange(what.shape[0]), self.came_true]


@dataclass(frozen=True)
class PotentialOutcomes:
    """Whether each person of an experiment books, and opts out, within the window, under every arm.

    Attributes:
        enrollment: the people, in the order of the rows.
        booking, opt_out: (people, arms), the arms in the experiment's order; in households, with what the others
            of the household really get.
        worlds: the names of all worlds that the truth speaks of.
        by_world: each outcome by name, (people, worlds).
        chance: (people, worlds), the true probability of each.
    """

    enrollment: Enrollment
    booking: Truth
    opt_out: Truth
    worlds: tuple[str, ...]
    by_world: Mapping[str, Truth]
    chance: Real


def react(world: World, consent: Consent, enrollment: Enrollment, anyway: Anyway) -> Reactions:
    """What each person would do under every arm of an experiment with one text each.

    A person books where willingness passes what the text leaves to overcome, and opts out where patience is less
    than the annoyance; both after their delays. Where an arm has designed rates, its pushes are solved for.
    """
    experiment = enrollment.experiment
    latent = draw_latent(world, consent, enrollment)
    left_at = _leaving(world, enrollment, latent) if any(arm.leaving for arm in experiment.arms) else None
    booked, needs, stopped = [], [], []
    appeals: list[Real] = []
    for place, arm in enumerate(experiment.arms):
        stays = latent.left_at if left_at is None else left_at[:, place]
        acts_at = np.maximum(latent.acts_at[:, place], latent.reads_at[:, place])
        able = latent.texts.reached & (
            np.maximum(latent.acts_at[:, place], enrollment.assigned_at + DAY) < stays
        )
        appeals.append(
            appeal_of(enrollment, anyway, latent, place, np.where(able, acts_at, NEVER), stays, appeals)
        )
        books = latent.willing + appeals[-1] > 0
        booked.append(np.where(books & able, acts_at, NEVER))
        needs.append(np.where(books & latent.texts.reached, acts_at, NEVER))
        stops_at = np.maximum(latent.stops_at, latent.reads_at[:, place])
        fumes = latent.texts.reached & (np.maximum(latent.stops_at, enrollment.assigned_at + DAY) < stays)
        stopped.append(stopped_under(enrollment, anyway, latent, arm, place, np.where(fumes, stops_at, NEVER)))
    rows = np.arange(enrollment.patient.size)
    return Reactions(
        enrollment,
        latent.texts,
        np.stack(booked, axis=1),
        np.stack(stopped, axis=1),
        latent.online,
        worlds=experiment.names,
        came_true=enrollment.arm,
        booked_through=rows,
        stopped_through=rows,
        left_at=left_at,
        needs=None if left_at is None else np.stack(needs, axis=1),
    )


def potential_outcomes(reactions: Reactions, anyway: Anyway) -> PotentialOutcomes:
    """Outcomes within the window: what a text brings about, or what happens anyway under any arm."""
    enrollment = reactions.enrollment
    experiment = enrollment.experiment
    found = {
        "booking": _booking(reactions, anyway, experiment.window_days),
        "opt_out": _opt_out(reactions, anyway, experiment.window_days),
    }
    for days in experiment.shorter_windows:
        found[f"booking_within_{days}_days"] = _booking(reactions, anyway, days)
    if reactions.left_at is not None and reactions.needs is not None:
        until = enrollment.assigned_at + experiment.window_days * DAY
        found["left"] = reactions.left_at <= until[:, None]
        # Who leaves is as likely to book elsewhere.
        elsewhere = replace(reactions, booked_at=reactions.needs, left_at=None)
        found["booking_anywhere"] = _booking(elsewhere, anyway, experiment.window_days)
    own = _worlds_of_arms(reactions)
    return PotentialOutcomes(
        enrollment,
        booking=np.take_along_axis(found["booking"], own, axis=1),
        opt_out=np.take_along_axis(found["opt_out"], own, axis=1),
        worlds=reactions.worlds,
        by_world=found,
        chance=enrollment.chance if reactions.chance is None else reactions.chance,
    )


def _leaving(world: World, enrollment: Enrollment, latent: Latent) -> Seconds:
    """When each person ends the treatment under every arm: the keener ones are the likelier to be driven away."""
    experiment = enrollment.experiment
    rng = world.streams.of(f"leaving over {experiment.experiment_id}")
    size = enrollment.patient.size
    inclination = KEEN_AND_GONE * latent.willing + rng.standard_normal(size)
    goes_for = lognormal(rng, 2.0 * DAY, 0.7, size)
    goes_at = enrollment.assigned_at + DAY + np.minimum(goes_for, 12 * DAY).astype(np.int64)
    goes_at = np.where(latent.texts.reached & (goes_at < latent.left_at), goes_at, NEVER)
    until = enrollment.assigned_at + experiment.window_days * DAY
    gone_anyway = latent.left_at <= until
    columns = []
    for arm in experiment.arms:
        push = solved_shift(enrollment, until, goes_at, gone_anyway, inclination, arm.leaving)
        columns.append(np.where(inclination + push > 0, np.minimum(goes_at, latent.left_at), latent.left_at))
    return np.stack(columns, axis=1)


def _booking(reactions: Reactions, anyway: Anyway, days: int) -> Truth:
    enrollment = reactions.enrollment
    who, after = enrollment.patient, enrollment.assigned_at
    until = after + days * DAY
    by_text = reactions.booked_at <= until[:, None]
    if reactions.left_at is None:
        return anyway.books(who, after, until)[:, None] | by_text
    stays = np.minimum(until[:, None], reactions.left_at)
    by_themselves = [anyway.books(who, after, stays[:, place]) for place in range(stays.shape[1])]
    return np.stack(by_themselves, axis=1) | by_text


def _opt_out(reactions: Reactions, anyway: Anyway, days: int) -> Truth:
    enrollment = reactions.enrollment
    who, after = enrollment.patient, enrollment.assigned_at
    until = after + days * DAY
    by_text = reactions.stopped_at <= until[:, None]
    if reactions.left_at is None:
        return anyway.opts_out(who, after, until)[:, None] | by_text
    stays = np.minimum(until[:, None], reactions.left_at)
    by_themselves = [anyway.opts_out(who, after, stays[:, place]) for place in range(stays.shape[1])]
    return np.stack(by_themselves, axis=1) | by_text


def _worlds_of_arms(reactions: Reactions) -> Index:
    """(people, arms): the place of the world in which a person is in each arm and the others are where they are."""
    arms = len(reactions.enrollment.experiment.arms)
    each = len(reactions.worlds) // arms
    others = reactions.came_true % each
    return np.arange(arms)[None, :] * each + others[:, None]
