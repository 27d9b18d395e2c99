"""Interference: what people do where the texts of others in their household move them too."""

import numpy as np

from workbench.simulate.columns import DAY, NEVER
from workbench.simulate.consents import Consent
from workbench.simulate.enrollment import Enrollment
from workbench.simulate.households import others_treated
from workbench.simulate.latent import draw_latent
from workbench.simulate.pushes import Anyway, appeal_of, solved_shift, stopped_under
from workbench.simulate.randomness import Index, Real, Truth
from workbench.simulate.reactions import Reactions
from workbench.simulate.world import World


def worlds_of(names: tuple[str, ...]) -> tuple[str, ...]:
    """Each of two arms with what the others of the household get, the own arm changing slowest."""
    return tuple(f"{own}, others {others}" for own in names for others in names)


def react_in_households(world: World, consent: Consent, enrollment: Enrollment, anyway: Anyway) -> Reactions:
    """What each person would do under either arm, and where others of the household have the treated text or not.

    Another's text adds to the appeal, once, however many have it. It counts if it reached a phone.
    """
    latent = draw_latent(world, consent, enrollment)
    experiment = enrollment.experiment
    listens = _others(enrollment, latent.texts.reached, np.ones(enrollment.patient.size, bool)) > 0
    exposed = _others(enrollment, latent.texts.reached, enrollment.arm == 1) > 0
    acts_at = np.maximum(latent.acts_at[:, 0], latent.reads_at[:, 0])
    able = latent.texts.reached & (
        np.maximum(latent.acts_at[:, 0], enrollment.assigned_at + DAY) < latent.left_at
    )
    acts_at = np.where(able, acts_at, NEVER)
    appeals: list[Real] = []
    for place in range(2):
        appeals.append(appeal_of(enrollment, anyway, latent, place, acts_at, latent.left_at, appeals))
    until = enrollment.assigned_at + experiment.window_days * DAY
    spill = solved_shift(
        enrollment,
        until,
        np.where(listens, acts_at, NEVER),
        anyway.books(enrollment.patient, enrollment.assigned_at, until)
        | (~listens & (latent.willing + appeals[1] > 0) & (acts_at <= until)),
        latent.willing + appeals[1],
        experiment.everybody or 0.0,
    )
    booked = [
        np.where(latent.willing + appeal + others * listens * spill > 0, acts_at, NEVER)
        for appeal in appeals
        for others in (0, 1)
    ]
    stops_at = np.maximum(latent.stops_at, latent.reads_at[:, 0])
    fumes = latent.texts.reached & (np.maximum(latent.stops_at, enrollment.assigned_at + DAY) < latent.left_at)
    stopped = [
        stopped_under(enrollment, anyway, latent, arm, place, np.where(fumes, stops_at, NEVER))
        for place, arm in enumerate(experiment.arms)
        for _ in (0, 1)
    ]
    rows = np.arange(enrollment.patient.size)
    return Reactions(
        enrollment,
        latent.texts,
        np.stack(booked, axis=1),
        np.stack(stopped, axis=1),
        latent.online,
        worlds=worlds_of(experiment.names),
        came_true=2 * enrollment.arm + exposed,
        booked_through=rows,
        stopped_through=rows,
        chance=_chances(enrollment, latent.texts.reached),
    )


def _others(enrollment: Enrollment, reached: Truth, treated: Truth) -> Index:
    """For each person the number of others of the household whose treated text reached them."""
    if enrollment.cluster is None:
        raise ValueError("interference needs households")
    return others_treated(enrollment.cluster, reached & treated)


def _chances(enrollment: Enrollment, reached: Truth) -> Real:
    """(people, worlds): the probability of each, own arm and whether another has the treated text."""
    others = _others(enrollment, reached, np.ones(reached.size, bool))
    own = enrollment.chance
    if enrollment.experiment.unit == "household":
        alike = others > 0
        columns = [own[:, 0], np.zeros(others.size), own[:, 1] * ~alike, own[:, 1] * alike]
    else:
        nobody = own[:, 0] ** others
        columns = [own[:, place] * share for place in range(2) for share in (nobody, 1 - nobody)]
    return np.stack(columns, axis=1)
