"""Ceilings: at most how many texts a week, from randomized frequency alone; otherwise a hypothesis and its experiment.

Arms are compared as randomized, whatever was sent. Going up from one arm to the next, a step is too much where
its further bookings, less what its further opt-outs are worth, lie below 0 with certainty.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, sqrt
from typing import Literal

from scipy.stats import norm

from workbench.message_load.causal.frequency import ArmCounts
from workbench.message_load.causal.results import (
    METHODS,
    OUTCOMES,
    Ceiling,
    FrequencyArm,
    FrequencyStep,
    LoadEffects,
    ProposedExperiment,
)
from workbench.message_load.causal.settings import CausalSettings
from workbench.message_load.estimate import Estimate, exact_share

# Arms tell of frequency where the most was sent at least so many times what the least was.
APART = 1.5
FEWEST_IN_AN_ARM = 100
# What a proposed experiment is to find: opt-outs that rise by half, in four of five such experiments.
RISE, POWER = 1.5, 0.8
MOST_ARMS = 4
UnfitReason = Literal["same_frequency", "too_few_people"]


@dataclass(frozen=True)
class Unfit:
    """Why an experiment tells no ceiling."""

    reason: UnfitReason


def find_ceiling(
    counts: Sequence[ArmCounts],
    experiment: str,
    window_days: int,
    effects: LoadEffects,
    settings: CausalSettings,
) -> Ceiling:
    """The ceiling from an experiment on frequency; a hypothesis where its arms were sent about as much.

    Args:
        counts: of each arm, from `frequency_arms`; none where no experiment is given.
        experiment: its name.
        window_days: days after the assignment within which bookings and opt-outs count.
        effects: from which an experiment is proposed where there is none.
        settings: the settings.
    """
    arms = sorted(counts, key=lambda arm: arm.texts_a_week)
    if unfit(arms) is not None:
        return hypothesis(effects, settings, window_days)
    told = tuple(_arm(each, settings.level) for each in arms)
    worth = settings.worth
    found = {each: _ceiling_at(arms, each, settings.level) for each in (worth.low, worth.middle, worth.high)}
    at_middle = found[worth.middle]
    return Ceiling(
        answer="none_found" if at_middle is None else "ceiling",
        worth=worth.middle,
        level=settings.level,
        texts_a_week=at_middle,
        arms=told,
        steps=_steps(arms, worth.middle, settings.level),
        at_worths=(found[worth.low], found[worth.high]),
        experiment=experiment,
        window_days=window_days,
    )


def unfit(arms: Sequence[ArmCounts]) -> Unfit | None:
    """Why arms tell no ceiling; None where they do."""
    if len(arms) < 2 or min(arm.people for arm in arms) < FEWEST_IN_AN_ARM:
        return Unfit("too_few_people")
    sent = sorted(arm.texts_a_week for arm in arms)
    return Unfit("same_frequency") if sent[-1] < APART * max(sent[0], 1e-9) else None


def hypothesis(effects: LoadEffects, settings: CausalSettings, window_days: int = 35) -> Ceiling:
    """Where frequency was not randomized: a hypothesis to test, with the experiment that would."""
    return Ceiling(
        answer="hypothesis_to_test",
        worth=settings.worth.middle,
        level=settings.level,
        window_days=window_days,
        proposed=propose_experiment(effects, settings, window_days),
    )


def propose_experiment(
    effects: LoadEffects, settings: CausalSettings, window_days: int = 35
) -> ProposedExperiment:
    """Arms from one text a week to one more than was sent, and people enough to see opt-outs rise by half at a step."""
    supported = [each.load for each in effects.support if each.supported]
    most = min(max(2, ceil(supported[-1]) + 1 if supported else 2), MOST_ARMS)
    weekly = effects.chances[METHODS.index("weighted"), OUTCOMES.index("opt_out"), 1]
    opt_out = float(1 - (1 - weekly) ** (window_days / 7))
    detectable = min(RISE * opt_out, 1.0)
    return ProposedExperiment(
        texts_a_week=tuple(float(each) for each in range(1, most + 1)),
        people=people_per_arm(opt_out, detectable, POWER, 1 - (1 - settings.level) / (most - 1)),
        opt_out=opt_out,
        detectable=detectable,
        power=POWER,
        window_days=window_days,
    )


def people_per_arm(lower: float, higher: float, power: float, level: float) -> int:
    """People in each of two arms that tell two shares apart, two-sided (Fleiss, Levin and Paik 2003, formula 4.14).

    Raises:
        ValueError: the shares are the same, or not between 0 and 1.
    """
    if not 0 <= lower < higher <= 1:
        raise ValueError("the shares must lie between 0 and 1, and rise")
    mean = (lower + higher) / 2
    by_level = norm.ppf((1 + level) / 2) * sqrt(2 * mean * (1 - mean))
    by_power = norm.ppf(power) * sqrt(lower * (1 - lower) + higher * (1 - higher))
    return ceil((by_level + by_power) ** 2 / (higher - lower) ** 2)


def _arm(arm: ArmCounts, level: float) -> FrequencyArm:
    return FrequencyArm(
        arm=arm.arm,
        people=arm.people,
        texts_a_week=arm.texts_a_week,
        booked=arm.booked,
        opted_out=arm.opted_out,
        booking=exact_share(arm.booked, arm.people, level),
        opt_out=exact_share(arm.opted_out, arm.people, level),
    )


def _ceiling_at(arms: Sequence[ArmCounts], worth: float, level: float) -> float | None:
    """Texts a week of the arm below the first step that costs more than it brings."""
    steps = zip(arms, _steps(arms, worth, level), strict=False)
    return next((lower.texts_a_week for lower, step in steps if step.net.high < 0), None)


def _steps(arms: Sequence[ArmCounts], worth: float, level: float) -> tuple[FrequencyStep, ...]:
    """Each arm less the one below it; the intervals of all steps hold together (Bonferroni)."""
    shared = 1 - (1 - level) / (len(arms) - 1)
    return tuple(
        FrequencyStep(
            lower=lower.arm,
            higher=higher.arm,
            booking=score_difference(higher.booked, higher.people, lower.booked, lower.people, shared),
            opt_out=score_difference(higher.opted_out, higher.people, lower.opted_out, lower.people, shared),
            net=_net_difference(higher, lower, worth, shared),
        )
        for lower, higher in pairwise(arms)
    )


def score_difference(events: int, people: int, other_events: int, other_people: int, level: float) -> Estimate:
    """A share less another, with Newcombe's hybrid score interval (1998, method 10)."""
    one, other = _wilson(events, people, level), _wilson(other_events, other_people, level)
    value = one.value - other.value
    low = value - sqrt((one.value - one.low) ** 2 + (other.high - other.value) ** 2)
    high = value + sqrt((one.high - one.value) ** 2 + (other.value - other.low) ** 2)
    return Estimate(value, low, high)


def _wilson(events: int, people: int, level: float) -> Estimate:
    z = norm.ppf((1 + level) / 2)
    share = events / people
    center = (share + z**2 / (2 * people)) / (1 + z**2 / people)
    half = z * sqrt(share * (1 - share) / people + z**2 / (4 * people**2)) / (1 + z**2 / people)
    return Estimate(share, float(center - half), float(center + half))


def _net_difference(higher: ArmCounts, lower: ArmCounts, worth: float, level: float) -> Estimate:
    """Bookings less `worth` times opt-outs per person, with the variance of each person's own value."""
    value, variance = 0.0, 0.0
    for sign, arm in ((1, higher), (-1, lower)):
        mean = (arm.booked - worth * arm.opted_out) / arm.people
        squares = (arm.booked + worth**2 * arm.opted_out - 2 * worth * arm.both) / arm.people
        value += sign * mean
        variance += (squares - mean**2) / (arm.people - 1)
    width = float(norm.ppf((1 + level) / 2)) * sqrt(variance)
    return Estimate(value, value - width, value + width)
