"""Patients who end their treatment because of a text: the world as it is from then on."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from workbench.simulate.columns import NEVER
from workbench.simulate.consents import Consent
from workbench.simulate.randomness import Seconds
from workbench.simulate.reactions import Reactions
from workbench.simulate.world import World


def leave(world: World, reactions: Sequence[Reactions]) -> World:
    """The world in which those whom a text drove away have ended their treatment, and no phase begins after it."""
    if all(each.left_at is None for each in reactions):
        return world
    people = world.people
    left_at = people.left_at.copy()
    for each in reactions:
        if each.left_at is not None:
            left_at[each.enrollment.patient] = each.under_assignment(each.left_at)
    driven = left_at < people.left_at
    people = replace(
        people,
        ended_at=np.where(driven, left_at, people.ended_at),
        deceased_at=np.where(driven, NEVER, people.deceased_at),
    )
    phases = world.phases
    stays = phases.begins < left_at[phases.patient]
    phases = replace(phases, **{name: column[stays] for name, column in vars(phases).items()})
    phases = replace(phases, ends=np.minimum(phases.ends, left_at[phases.patient]))
    return replace(world, people=people, phases=phases)


def settle_consent(consent: Consent, left_at: Seconds) -> Consent:
    """The story of consent where nobody who has left changes it any more."""
    out = consent.out_at >= left_at
    stopped = consent.stopped_at >= left_at
    return replace(
        consent,
        out_at=np.where(out, NEVER, consent.out_at),
        out_by=np.where(out, -1, consent.out_by),
        back_at=np.where(consent.back_at >= left_at, NEVER, consent.back_at),
        stopped_at=np.where(stopped, NEVER, consent.stopped_at),
        returned_at=np.where(consent.returned_at >= left_at, NEVER, consent.returned_at),
    )
