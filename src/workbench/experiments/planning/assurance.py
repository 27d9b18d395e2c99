"""Assurance: how probable each verdict is, averaged over what is believed of the effect before the experiment.

O'Hagan, Stevens and Campbell, Assurance in clinical trial design, *Pharmaceutical Statistics* 2005. Power at one
assumed effect says how an experiment would go if that effect were the true one; assurance averages over a design prior.
Experiments are drawn with an explicit seed, outcome and guardrail together, and the shipped rule is applied to each.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import truncnorm

from workbench.experiments.planning.base_rate import BaseRate
from workbench.experiments.planning.parameters import ExperimentPlan
from workbench.experiments.planning.rule import DECISIONS, Believed, Experiments, believed, decided
from workbench.experiments.planning.surface import ArmSizes
from workbench.experiments.verdict import SHOWN, ArmDecision

Array = NDArray[np.float64]

VERDICTS: tuple[ArmDecision, ...] = DECISIONS[:-1]


@dataclass(frozen=True)
class Truth:
    """A true difference in the outcome, and a true rise of the guardrail; proportions."""

    label: str
    effect: float
    rise: float


@dataclass(frozen=True)
class Chances:
    """How probable each verdict is, and that non-inferiority of the guardrail is shown; `error` their greatest
    Monte Carlo standard error.

    `overstated` is the mean estimate of adopted effects over the mean of their true ones, None without adoptions.
    """

    verdicts: dict[ArmDecision, float]
    safe: float
    safe_and_adopted: float
    overstated: float | None
    error: float

    @property
    def conclusive(self) -> float:
        """The probability of any verdict but that nothing can be said."""
        return 1 - self.verdicts["inconclusive"]


@dataclass(frozen=True)
class SizeChances:
    """What an experiment of a size can show: averaged over the design prior, and at fixed truths."""

    people_per_arm: int
    people: int
    assurance: Chances
    at: tuple[tuple[Truth, Chances], ...]

    def when(self, label: str) -> Chances:
        """The chances at the truth of that label."""
        return next(chances for truth, chances in self.at if truth.label == label)


NO_EFFECT, SMALLEST, EXPECTED, HARM = "no effect", "smallest effect", "expected effect", "harm"


def truths(plan: ExperimentPlan) -> tuple[Truth, ...]:
    """The fixed truths at which a plan is looked at."""
    return (
        Truth(NO_EFFECT, 0.0, 0.0),
        Truth(SMALLEST, plan.smallest_effect, 0.0),
        Truth(EXPECTED, plan.expected_effect, 0.0),
        Truth(HARM, plan.expected_effect, 2 * plan.guardrail_margin),
    )


def chances_by_size(
    plan: ExperimentPlan, outcome: BaseRate, guardrail: BaseRate, design_effect: float = 1.0
) -> tuple[SizeChances, ...]:
    """The chances of each verdict for every size of the plan.

    Args:
        plan: the parameters.
        outcome, guardrail: rates under control.
        design_effect: how many people of clusters count as one (1 without clusters).
    """
    return tuple(
        _of_size(plan, size, outcome, guardrail, design_effect, np.random.default_rng([plan.seed, size]))
        for size in plan.sizes
    )


def arm_sizes(plan: ExperimentPlan, people_per_arm: int, design_effect: float = 1.0) -> ArmSizes:
    """People who count in the control and in the smallest treated arm."""
    control = people_per_arm * plan.shares[plan.control] / plan.smallest_arm
    return ArmSizes(max(round(control / design_effect), 1), max(round(people_per_arm / design_effect), 1))


def people_needed(plan: ExperimentPlan, people_per_arm: int) -> int:
    """The eligible people that a size takes, holdout included."""
    return int(np.ceil(round(people_per_arm / plan.smallest_arm / (1 - plan.holdout), 6)))


@dataclass(frozen=True)
class Rates:
    """True rates of many experiments: control and treated, of the outcome and of the guardrail."""

    outcome: tuple[Array, Array]
    opt_out: tuple[Array, Array]


def _of_size(
    plan: ExperimentPlan,
    size: int,
    outcome: BaseRate,
    guardrail: BaseRate,
    design_effect: float,
    rng: np.random.Generator,
) -> SizeChances:
    count, fixed = plan.simulated_experiments, truths(plan)
    sizes = arm_sizes(plan, size, design_effect)
    rates = [_by_design_prior(plan, outcome, guardrail, rng)]
    rates += [_at_truth(truth, outcome, guardrail, count) for truth in fixed]
    # All at once, since they share the posteriors over the lattice of counts.
    found = believed(experiments_of(together(rates), sizes, rng), plan)
    told = [_chances(plan, found.part(slice(k * count, (k + 1) * count)), each) for k, each in enumerate(rates)]
    return SizeChances(size, people_needed(plan, size), told[0], tuple(zip(fixed, told[1:], strict=True)))


def together(rates: Sequence[Rates]) -> Rates:
    """Several sets of experiments as one."""

    def joined(arms: Sequence[tuple[Array, Array]]) -> tuple[Array, Array]:
        return np.concatenate([arm[0] for arm in arms]), np.concatenate([arm[1] for arm in arms])

    return Rates(joined([each.outcome for each in rates]), joined([each.opt_out for each in rates]))


def experiments_of(rates: Rates, sizes: ArmSizes, rng: np.random.Generator) -> Experiments:
    """Counts drawn from true rates; outcome and guardrail are independent given these."""
    people = (sizes.control, sizes.treated)
    events, opt_outs = (
        tuple(rng.binomial(n, rate) for n, rate in zip(people, arms, strict=True))
        for arms in (rates.outcome, rates.opt_out)
    )
    return Experiments(sizes, (events[0], events[1]), (opt_outs[0], opt_outs[1]))


def _by_design_prior(
    plan: ExperimentPlan, outcome: BaseRate, guardrail: BaseRate, rng: np.random.Generator
) -> Rates:
    count = plan.simulated_experiments
    booked, out = outcome.drawn(rng, count), guardrail.drawn(rng, count)
    return Rates(
        (booked, booked + _difference(plan.expected_effect, plan.effect_sd, booked, rng)),
        (out, out + _difference(plan.expected_rise, plan.rise_sd, out, rng)),
    )


def _difference(mean: float, sd: float, rate: Array, rng: np.random.Generator) -> Array:
    """Normal differences that leave a rate within 0 to 1."""
    low, high = (-rate - mean) / sd, (1 - rate - mean) / sd
    return np.asarray(truncnorm.rvs(low, high, loc=mean, scale=sd, random_state=rng))


def _at_truth(truth: Truth, outcome: BaseRate, guardrail: BaseRate, count: int) -> Rates:
    def arms(rate: float, difference: float) -> tuple[Array, Array]:
        return np.full(count, rate), np.full(count, min(max(rate + difference, 0.0), 1.0))

    return Rates(arms(outcome.mean, truth.effect), arms(guardrail.mean, truth.rise))


def _chances(plan: ExperimentPlan, found: Believed, rates: Rates) -> Chances:
    said = decided(found, plan)
    verdicts = {verdict: said.share(verdict) for verdict in VERDICTS}
    safe = found.rise.upto[0] > SHOWN
    adopted = said.decision == DECISIONS.index("adopt")
    true = rates.outcome[1] - rates.outcome[0]
    real = float(true[adopted].mean()) if adopted.any() else 0.0
    return Chances(
        verdicts=verdicts,
        safe=float(safe.mean()),
        safe_and_adopted=float((safe & adopted).mean()),
        overstated=float(found.effect.mean[adopted].mean()) / real if real > 0 else None,
        error=max(float(np.sqrt(share * (1 - share) / len(safe))) for share in verdicts.values()),
    )
