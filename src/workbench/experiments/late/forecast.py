"""How mature an experiment is, and what the rate within the window will be once every window has closed.

It describes; it does not decide. Means and standard deviations are exact, intervals are quantiles of draws whose seed
is given: the sum of binomials over draws of the hazards has no closed form.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from workbench.experiments.exact import Estimate
from workbench.experiments.late.delays import Delays, Numbers
from workbench.experiments.late.hazards import Hazards
from workbench.experiments.late.prior import DelayPrior, PriorCheck, check_prior, pooled_prior
from workbench.experiments.late.steadiness import steadiness
from workbench.refusal import Fault, Refused

DRAWS: Final = 4000
# A day that fewer people were followed beyond rests on the prior.
FOLLOWED: Final = 10
# Generous, since it withholds a description and no verdict.
UNSTEADY: Final = 0.1
LOWERED: Final = 0.1

Doubt = Literal["extrapolated", "prior_conflict", "unsteady"]


@dataclass(frozen=True)
class ArmForecast:
    """One arm's maturity and rate within the window.

    Attributes:
        arm: its name.
        people: everybody enrolled.
        maturity: share of them whose window has closed.
        events_seen: events so far.
        share_seen: events so far over all that are expected within the window; None where none are.
        rate, rate_sd: posterior of the rate within the window of a population like them, and its standard deviation.
        everybody, everybody_sd: predictive of the rate within the window that those enrolled will have had; closed
            windows as they were observed, people without an event so far by their own days followed.
        extrapolated_days: days of delay beyond which fewer than `FOLLOWED` people were followed; their hazards rest
            on the prior.
        prior_check: whether counts agree with the prior; None where the prior was made of them.
        prior_power: 1, or what the prior's weight was multiplied with since it was contradicted.
    """

    arm: str
    people: int
    maturity: float
    events_seen: int
    share_seen: float | None
    rate: Estimate
    rate_sd: float
    everybody: Estimate
    everybody_sd: float
    extrapolated_days: int
    prior_check: PriorCheck | None
    prior_power: float

    @property
    def conflict(self) -> bool:
        """Whether the counts contradict the prior they were combined with."""
        return self.prior_check is not None and self.prior_check.conflict


@dataclass(frozen=True)
class LateOutcomes:
    """Forecasts of all arms.

    Attributes:
        window: W, in days.
        arms: the forecasts, the control's first.
        differences: of the rates within the window to the control's, by arm.
        steadiness: p-value of hazards that are the same whenever people were enrolled; None where nothing tells.
    """

    window: int
    arms: tuple[ArmForecast, ...]
    differences: dict[str, Estimate]
    steadiness: float | None

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """Why the forecasts are not to be leaned on; none where they may be told as they stand."""
        found: list[tuple[Doubt, bool]] = [
            ("extrapolated", any(arm.extrapolated_days for arm in self.arms)),
            ("prior_conflict", any(arm.conflict for arm in self.arms)),
            ("unsteady", self.steadiness is not None and self.steadiness < UNSTEADY),
        ]
        return tuple(doubt for doubt, holds in found if holds)

    @property
    def told(self) -> bool:
        """Whether the forecasts may be shown; those that are extrapolated and nothing worse, with that mark."""
        return not set(self.doubts) - {"extrapolated"}

    @property
    def withheld(self) -> bool:
        """Whether no forecast is to be told without its doubts."""
        return bool(self.doubts)


def forecast(
    arms: Sequence[Delays],
    seed: int,
    prior: DelayPrior | None = None,
    level: float = 0.95,
    on_conflict: Literal["tell", "lower_weight"] = "tell",
) -> LateOutcomes:
    """Forecast the rate within the window of every arm.

    Args:
        arms: the control first.
        seed: of the draws; the same seed and counts give the same intervals, whatever the order of arms.
        prior: from earlier campaigns, see `earlier_prior`; without one, `pooled_prior` of these arms.
        level: of the intervals.
        on_conflict: what is done where counts contradict the prior: tell it, or tell it and lower the prior's weight
            to a tenth.

    Raises:
        Refused: no arm, one arm twice, windows that differ, or a prior that ends before the window.
    """
    _refuse_unusable(arms)
    chosen = prior or pooled_prior(arms)
    found = [
        _forecast_arm(arm, chosen, seed, level, checked=prior is not None, on_conflict=on_conflict)
        for arm in arms
    ]
    control = found[0][1]
    return LateOutcomes(
        window=arms[0].window,
        arms=tuple(told for told, _ in found),
        differences={
            told.arm: _estimate(told.rate.mean - found[0][0].rate.mean, rates - control, level)
            for told, rates in found[1:]
        },
        steadiness=steadiness(arms),
    )


def _forecast_arm(
    delays: Delays,
    prior: DelayPrior,
    seed: int,
    level: float,
    *,
    checked: bool,
    on_conflict: Literal["tell", "lower_weight"],
) -> tuple[ArmForecast, Numbers]:
    """The forecast, and draws of the rate within the window, shape (draws,)."""
    random = np.random.default_rng([seed, *delays.arm.encode()])
    check = check_prior(prior, delays, random) if checked else None
    power = LOWERED if check and check.conflict and on_conflict == "lower_weight" else 1.0
    hazards = Hazards.after(prior.scaled(power), delays)
    survival = hazards.survival_draws(DRAWS, random)
    seen = int(delays.events.sum())
    # 1 - (1 - tiny) may leave the unit interval by one rounding.
    events = np.clip(1 - survival, 0.0, 1.0)
    everybody = (seen + random.binomial(delays.waiting[:-1], events).sum(axis=1)) / delays.total
    rate, rate_sd = hazards.rate_moments()
    future, future_sd = hazards.future_moments(delays.waiting)
    told = ArmForecast(
        arm=delays.arm,
        people=delays.total,
        maturity=delays.closed / delays.total,
        events_seen=seen,
        share_seen=seen / (seen + future) if seen + future > 0 else None,
        rate=_estimate(rate, events[:, 0], level),
        rate_sd=rate_sd,
        everybody=_estimate((seen + future) / delays.total, everybody, level),
        everybody_sd=future_sd / delays.total,
        extrapolated_days=int((delays.followed_beyond < FOLLOWED).sum()),
        prior_check=check,
        prior_power=power,
    )
    return told, events[:, 0]


def _estimate(mean: float, draws: Numbers, level: float) -> Estimate:
    """An exact mean with the equal-tailed interval of draws, which may be whole numbers over a common divisor."""
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], method="inverted_cdf")
    return Estimate(mean, float(low), float(high), level)


def _refuse_unusable(arms: Sequence[Delays]) -> None:
    names = [arm.arm for arm in arms]
    if not names:
        raise Refused(Fault("arms", "there are none.", "Give one arm or more."))
    if len(set(names)) < len(names):
        raise Refused(Fault("arms", "an arm is there twice.", "Add up its people."))
    if len({arm.window for arm in arms}) > 1:
        raise Refused(Fault("arms", "their windows differ.", "Count all arms over one window."))
