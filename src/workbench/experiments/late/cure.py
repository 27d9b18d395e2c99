"""A cure model in PyMC, to hold the hazards' forecast against: a share has the event ever, after a delay by arm.

Of the model only the rate within the window is told. The share that ever has the event lies beyond what anybody was
followed for, and depends on the family of delays more than on the data.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import arviz as az
import numpy as np
import nutpie
import pymc as pm
import pytensor.tensor as pt
import xarray as xr

from workbench.experiments.exact import Estimate
from workbench.experiments.late.delays import Counts, Delays, Numbers
from workbench.refusal import Fault, Refused
from workbench.sampling.diagnostics import Diagnostics

CHAINS: Final = 4
DRAWS: Final = 1500
TUNE: Final = 1000

Family = Literal["weibull", "lognormal"]


@dataclass(frozen=True)
class CompiledCure:
    """A compiled model for any counts of its number of arms and of windows up to its number of days."""

    family: Family
    arms: int
    days: int
    model: nutpie.compile_pymc.CompiledPyMCModel


@dataclass(frozen=True)
class CureFit:
    """The rate within the window by arm, as a cure model has it, and how well it was sampled."""

    family: Family
    rates: dict[str, Estimate]
    diagnostics: Diagnostics


def cure_model(family: Family, events: Counts, waiting: Counts) -> pm.Model:
    """The model on counts grouped by day, which are data so that one compilation serves many.

    P(event on day d) = p (G(d + 1) - G(d)), P(none after f days) = 1 - p G(f), with G(0) = 0 fixed, not computed:
    (t / scale)^shape has no usable gradient at t = 0. By arm: p = 1 / (1 + exp(-eta)), eta ~ Normal(-2.5, 1.5) for the
    first, and 0.5 away from it for others; log median of the delay ~ Normal(log 4, 1.2); Weibull's shape or the
    lognormal's sigma log-normal about 1 with 0.5.

    Args:
        family: of the delay, which has its own median and shape in every arm.
        events: by arm and day of delay, shape (A, D); days beyond the window hold zeros.
        waiting: people without an event by arm and days followed, shape (A, D + 1).

    Reference: Boag 1949; Farewell 1982. Grouped times: Kalbfleisch and Prentice 2002, 4.8.
    """
    arms, days = events.shape
    ends = np.arange(1.0, days + 1)
    with pm.Model(coords={"arm": range(arms), "day": range(days), "followed": range(days + 1)}) as model:
        seen = pm.Data("events", events, dims=("arm", "day"))
        without = pm.Data("waiting", waiting, dims=("arm", "followed"))
        last = pm.Data("last_day", np.eye(days)[-1], dims="day")
        base = pm.Normal("base", -2.5, 1.5)
        apart = pm.Normal("apart", 0.0, 0.5, shape=max(arms - 1, 1))
        eta = base + pt.concatenate([pt.zeros(1), apart])[:arms]
        log_median = pm.Normal("log_median", np.log(4.0), 1.2, dims="arm")
        log_shape = pm.Normal("log_shape", 0.0, 0.5, dims="arm")
        below, within = _delay(family, np.log(ends), log_median[:, None], log_shape[:, None])
        ever = -pm.math.log1pexp(-eta)[:, None]
        none_yet = pt.log1p(-pt.exp(ever + below) * (1 - 1e-12))
        pm.Potential("seen", (seen * (ever + within)).sum() + (without[:, 1:] * none_yet).sum())
        pm.Deterministic("rate", (pt.exp(ever + below) * last).sum(axis=1), dims="arm")
    return model


def _delay(
    family: Family, log_days: np.ndarray, log_median: pt.TensorVariable, log_shape: pt.TensorVariable
) -> tuple[pt.TensorVariable, pt.TensorVariable]:
    """log G at the end of each day, and log of what each day holds of it, shape (A, D) both."""
    apart = log_days[None, :] - log_median
    if family == "weibull":
        cumulative = np.log(2) * pt.exp(pt.exp(log_shape) * apart)
        step = pt.concatenate([cumulative[:, :1], cumulative[:, 1:] - cumulative[:, :-1]], axis=1)
        before = pt.concatenate([pt.zeros_like(cumulative[:, :1]), cumulative[:, :-1]], axis=1)
        return pm.math.log1mexp(-cumulative), pm.math.log1mexp(-step) - before
    log_below = pm.logcdf(pm.Normal.dist(0.0, 1.0), apart * pt.exp(-log_shape))
    steps = log_below[:, 1:] + pm.math.log1mexp(log_below[:, :-1] - log_below[:, 1:])
    return log_below, pt.concatenate([log_below[:, :1], steps], axis=1)


def compile_cure(family: Family, arms: int, days: int) -> CompiledCure:
    """Compile for so many arms and for windows of up to so many days; shorter ones are filled up with zeros."""
    empty = np.zeros((arms, days), dtype=np.int64), np.zeros((arms, days + 1), dtype=np.int64)
    return CompiledCure(family, arms, days, nutpie.compile_pymc_model(cure_model(family, *empty)))


def fit_cure(
    arms: Sequence[Delays],
    seed: int,
    family: Family = "weibull",
    level: float = 0.95,
    compiled: CompiledCure | None = None,
) -> CureFit:
    """Sample the cure model and tell the rate within the window.

    Args:
        arms: of one window.
        seed: of the sampler; the same seed and counts give the same draws.
        family: of the delay; that of `compiled` where that is given.
        level: of the credible intervals.
        compiled: from `compile_cure`, for this number of arms and days enough; compiled here where not given.

    Raises:
        Refused: `compiled` is for another number of arms, or for fewer days.
    """
    window = arms[0].window
    ready = compiled or compile_cure(family, len(arms), window)
    if ready.arms != len(arms) or ready.days < window:
        raise Refused(
            Fault(
                "cure model",
                f"it was compiled for {ready.arms} arms and up to {ready.days} days.",
                "Compile it for these arms and their window.",
            )
        )
    trace = sample_cure(ready, arms, seed)
    rates = trace["posterior"]["rate"].stack(draws=("chain", "draw"))
    return CureFit(
        family=ready.family,
        rates={arm.arm: _estimate(draws, level) for arm, draws in zip(arms, rates.values, strict=True)},
        diagnostics=_diagnose(trace),
    )


def sample_cure(ready: CompiledCure, arms: Sequence[Delays], seed: int, draws: int = DRAWS) -> xr.DataTree:
    """Draws of all parameters, `draws` in each of four chains; the window may be shorter than what was compiled."""
    window = arms[0].window
    events = np.zeros((len(arms), ready.days), dtype=np.int64)
    waiting = np.zeros((len(arms), ready.days + 1), dtype=np.int64)
    for place, arm in enumerate(arms):
        events[place, :window] = arm.events
        waiting[place, : window + 1] = arm.waiting
    return nutpie.sample(
        ready.model.with_data(events=events, waiting=waiting, last_day=np.eye(ready.days)[window - 1]),
        draws=draws,
        tune=TUNE,
        chains=CHAINS,
        cores=min(CHAINS, 2),
        seed=seed,
        target_accept=0.95,
        progress_bar=False,
    )


def _estimate(draws: Numbers, level: float) -> Estimate:
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return Estimate(float(draws.mean()), float(low), float(high), level)


def _diagnose(trace: xr.DataTree) -> Diagnostics:
    names = ["base", "apart", "log_median", "log_shape", "rate"]
    summary = az.summary(trace, var_names=names, kind="diagnostics", round_to="none")
    return Diagnostics(
        r_hat=float(summary["r_hat"].max()),
        ess_bulk=float(summary["ess_bulk"].min()),
        ess_tail=float(summary["ess_tail"].min()),
        divergences=int(trace["sample_stats"]["diverging"].sum()),
        e_bfmi=float(az.bfmi(trace)["energy"].min()),
    )
