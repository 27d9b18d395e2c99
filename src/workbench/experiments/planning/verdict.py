"""The verdict on a plan: run it, not as planned, or nothing can be said of it."""

from typing import Literal

from workbench.experiments.planning.analysis import Plan

PlanDecision = Literal["run_it", "not_as_planned", "invalid"]

# Past texts of fewer people tell no base rate.
FEWEST_TEXTED = 200
# Monte Carlo standard error above which probabilities are too rough to plan by.
LARGEST_ERROR = 0.01


def decide_plan(plan: Plan) -> PlanDecision:
    """Run it where its assurance reaches the target in time; a plan on unknown rates says nothing."""
    if not (base_rates_known(plan) and precise(plan)):
        return "invalid"
    return "not_as_planned" if plan.chosen is None else "run_it"


def base_rates_known(plan: Plan) -> bool:
    """Whether both rates are given, or told by texts of enough people."""
    settings = plan.settings
    given = settings.base_rate is not None and settings.guardrail_rate is not None
    return given or plan.traffic.texted >= FEWEST_TEXTED


def largest_error(plan: Plan) -> float:
    """The greatest Monte Carlo standard error of the probabilities averaged over the design prior, or at a truth."""
    chances = [one for size in plan.sizes for one in (size.chances.assurance, *(c for _, c in size.chances.at))]
    return max(plan.looking.error, *(one.error for one in chances))


def precise(plan: Plan) -> bool:
    """Whether enough experiments were drawn."""
    return largest_error(plan) <= LARGEST_ERROR
