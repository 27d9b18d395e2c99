"""What it costs to look before the planned end: power at the planned look, at equal error.

Looks before the end adopt on e-values alone, which errs in at most one of `adopt_evidence` experiments however often
one looks. What they find early, they find at the price of a stricter planned look: the same error, spent at the end
alone, would buy more power.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

from workbench.experiments.planning.assurance import arm_sizes
from workbench.experiments.planning.base_rate import BaseRate
from workbench.experiments.planning.parameters import ExperimentPlan
from workbench.experiments.planning.rule import DECISIONS, Believed, Experiments, believed, decided
from workbench.experiments.planning.surface import ArmSizes, Counts
from workbench.experiments.sequential import log_e_value

# One a day over four weeks.
LOOKS = 28
_ADOPT = DECISIONS.index("adopt")

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class LookingCost:
    """Probabilities of adoption under one way to look: where there is no effect, and at the expected one.

    `people` is the mean share of the planned people who are in the experiment when it is decided, at the expected
    effect.
    """

    way: str
    null: float
    expected: float
    people: float


@dataclass(frozen=True)
class Looking:
    """Ways to look, at one size; `error` is the greatest Monte Carlo standard error."""

    people_per_arm: int
    ways: tuple[LookingCost, ...]
    error: float


NONE, DAILY, EQUAL = "none before the planned look", "every day", "none, erring as often as with daily looks"


def cost_of_looking(
    plan: ExperimentPlan,
    people_per_arm: int,
    outcome: BaseRate,
    guardrail: BaseRate,
    design_effect: float = 1.0,
) -> Looking:
    """What daily looks for strong evidence cost, people coming evenly and every window closed at once.

    Args:
        plan: the parameters.
        people_per_arm: people in the smallest treated arm at the planned look.
        outcome, guardrail: rates under control.
        design_effect: how many people of clusters count as one.
    """
    rng = np.random.default_rng([plan.seed, people_per_arm, LOOKS])
    sizes = arm_sizes(plan, people_per_arm, design_effect)
    paths = [
        _path(plan, sizes, outcome.mean, guardrail.mean, effect, rng) for effect in (0.0, plan.expected_effect)
    ]
    null, expected = ((path, believed(path.at(LOOKS - 1), plan)) for path in paths)
    early = [path.adopted_at(plan) for path in paths]
    at_end = [_adopted(found, plan) for _, found in (null, expected)]
    either = [float(((when < LOOKS) | end).mean()) for when, end in zip(early, at_end, strict=True)]
    equal = _erring_as(plan, null[1], either[0])
    ways = (
        LookingCost(NONE, float(at_end[0].mean()), float(at_end[1].mean()), 1.0),
        LookingCost(DAILY, either[0], either[1], float(np.minimum((early[1] + 1) / LOOKS, 1).mean())),
        LookingCost(
            EQUAL, float(_adopted(null[1], equal).mean()), float(_adopted(expected[1], equal).mean()), 1.0
        ),
    )
    shares = [share for way in ways for share in (way.null, way.expected)]
    error = max(float(np.sqrt(share * (1 - share) / plan.simulated_experiments)) for share in shares)
    return Looking(people_per_arm, ways, error)


@dataclass(frozen=True)
class _Path:
    """Counts of many experiments at each look, shape (experiments, looks), and the sizes at the last of them."""

    sizes: ArmSizes
    events: tuple[Counts, Counts]
    opt_outs: tuple[Counts, Counts]

    def at(self, look: int, which: Flags | None = None) -> Experiments:
        """The experiments, or some of them, as they stand at a look."""
        some = np.full(len(self.events[0]), True) if which is None else which
        people = ArmSizes(*(int(n * (look + 1) / LOOKS) or 1 for n in (self.sizes.control, self.sizes.treated)))
        events, opt_outs = ([arm[some, look] for arm in arms] for arms in (self.events, self.opt_outs))
        return Experiments(people, (events[0], events[1]), (opt_outs[0], opt_outs[1]))

    def adopted_at(self, plan: ExperimentPlan) -> Counts:
        """The first look before the last at which each experiment is adopted on its e-value; `LOOKS` where none."""
        share = self.sizes.treated / (self.sizes.treated + self.sizes.control)
        found = np.full(len(self.events[0]), LOOKS)
        needed = float(np.log(plan.adopt_evidence))
        evidence = _log_e_values(self.events[1], self.events[0], share, needed)
        for look in range(LOOKS - 1):
            # The rule is asked only where the evidence it takes at the least is there: of the others it says no.
            asked = (found == LOOKS) & (evidence[:, look] >= needed)
            if asked.any():
                said = decided(believed(self.at(look, asked), plan), plan, "before", evidence[asked, look])
                found[np.flatnonzero(asked)[said.decision == _ADOPT]] = look
        return found


def _path(
    plan: ExperimentPlan, sizes: ArmSizes, rate: float, out: float, effect: float, rng: np.random.Generator
) -> _Path:
    # Whole people come at each look; what a division leaves over comes with the last.
    def counts(people: int, rate: float) -> Counts:
        here = np.diff([int(people * look / LOOKS) for look in range(LOOKS + 1)])
        return rng.binomial(here, min(max(rate, 0.0), 1.0), (plan.simulated_experiments, LOOKS)).cumsum(axis=1)

    return _Path(
        sizes,
        (counts(sizes.control, rate), counts(sizes.treated, rate + effect)),
        (counts(sizes.control, out), counts(sizes.treated, out)),
    )


def _log_e_values(treated: Counts, control: Counts, share: float, needed: float) -> NDArray[np.float64]:
    """The log e-value of each pair of counts that may reach what is needed; of the others 0.

    An e-value is a mean of likelihood ratios, and no mean exceeds the greatest of them.
    """
    found = np.zeros(treated.shape)
    events = np.maximum(treated + control, 1)
    greatest = xlogy(treated, treated / events / share) + xlogy(control, control / events / (1 - share))
    asked = (treated * (1 - share) > control * share) & (greatest >= needed)
    if asked.any():
        pairs, each = np.unique(np.stack([treated[asked], control[asked]], axis=1), axis=0, return_inverse=True)
        values = np.array([log_e_value(int(b), int(a), share) for b, a in pairs])
        found[asked] = values[each.ravel()]
    return found


def _adopted(found: Believed, plan: ExperimentPlan) -> Flags:
    return decided(found, plan).decision == _ADOPT


def _erring_as(plan: ExperimentPlan, null: Believed, error: float) -> ExperimentPlan:
    """The plan with the strictest probability of being better at which one look errs at least as often."""
    low, high = 0.5 + 1e-6, plan.adopt_probability
    if _adopted(null, plan).mean() >= error:
        return plan
    for _ in range(12):
        middle = (low + high) / 2
        asked = plan.model_copy(update={"adopt_probability": middle})
        low, high = (middle, high) if _adopted(null, asked).mean() >= error else (low, middle)
    return plan.model_copy(update={"adopt_probability": low})
