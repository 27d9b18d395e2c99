"""Consent prompts as an experiment: who was asked in which words, and who would agree under either."""

import numpy as np

from workbench.simulate.columns import MINUTE, NEVER
from workbench.simulate.consents import Asking
from workbench.simulate.enrollment import Enrollment
from workbench.simulate.experiments import Experiment
from workbench.simulate.paired import Paired
from workbench.simulate.world import World


def assign_prompts(world: World, asking: Asking, experiment: Experiment) -> Enrollment:
    """The assignments of everybody asked by text before the end of the data, half an hour before the prompt."""
    texts = asking.prompts
    before = texts.sent_at < world.settings.end
    who, when = texts.patient[before], texts.sent_at[before] - 30 * MINUTE
    size = who.size
    return Enrollment(
        experiment,
        who,
        when,
        stratum=world.phases.known(who, when),
        arm=asking.consent.wording[who],
        eligible=np.ones(size, bool),
        epoch=np.zeros(size, np.int64),
        chance=np.full((size, 2), 0.5),
        planned=np.full(size, 0.5),
    )


def opt_ins(world: World, asking: Asking, enrollment: Enrollment) -> Paired:
    """Whether each person asked opts in under either wording; who does not answer does not."""
    who = enrollment.patient
    answers = asking.consent.answered_at[who] < NEVER
    return Paired(
        enrollment.experiment.names,
        asking.agrees[who] & answers[:, None],
        enrollment.eligible,
        enrollment.assigned_on(world.settings.end),
        enrollment.chance,
    )
