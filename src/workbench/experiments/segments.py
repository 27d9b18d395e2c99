"""For whom: effects by segment, partially pooled, by a hierarchical model in PyMC.

The model informs; it does not decide. It sees counts per segment and arm, never rows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import arviz as az
import numpy as np
import nutpie
import pymc as pm
import xarray as xr
from numpy.typing import NDArray

from workbench.refusal import Fault, Refused

CHAINS = 4
DRAWS = 3000
TUNE = 1500


@dataclass(frozen=True)
class SegmentCells:
    """Counts by segment and arm; `people` and `events` have shape (segments, arms), the control's column first."""

    segments: tuple[str, ...]
    arms: tuple[str, ...]
    people: NDArray[np.int64]
    events: NDArray[np.int64]

    def __post_init__(self) -> None:
        shape = (len(self.segments), len(self.arms))
        if self.people.shape != shape or self.events.shape != shape:
            raise ValueError(f"people and events must have the shape {shape} of segments and arms")
        if len(self.segments) < 2 or len(self.arms) < 2:
            raise Refused(
                Fault(
                    "segments",
                    "there are fewer than two segments or arms.",
                    "Choose another segment_by, or none.",
                )
            )


@dataclass(frozen=True)
class SegmentEffect:
    """Difference in event rate between an arm and the control within one segment, as a proportion.

    `low` and `high` bound the equal-tailed credible interval; `above_zero` is P(difference > 0).
    """

    segment: str
    arm: str
    mean: float
    low: float
    high: float
    level: float
    above_zero: float


@dataclass(frozen=True)
class Diagnostics:
    """How well the sampler did: the worst value over all parameters and chains."""

    r_hat: float
    ess_bulk: float
    ess_tail: float
    divergences: int
    e_bfmi: float

    @property
    def sound(self) -> bool:
        """Whether the draws may be read: R-hat < 1.01, ESS > 400, no divergences, E-BFMI > 0.3.

        Reference: Vehtari, Gelman, Simpson, Carpenter and Bürkner 2021; Betancourt 2016 for E-BFMI.
        """
        return (
            self.r_hat < 1.01
            and min(self.ess_bulk, self.ess_tail) > 400
            and self.divergences == 0
            and self.e_bfmi > 0.3
        )


@dataclass(frozen=True)
class SegmentPosterior:
    """Effects by segment and arm, the spread of log odds ratios between segments by arm, and diagnostics."""

    effects: tuple[SegmentEffect, ...]
    spread: dict[str, tuple[float, float, float]]
    diagnostics: Diagnostics


def segment_model(cells: SegmentCells) -> pm.Model:
    """The hierarchical binomial model, with its counts as data so that one compilation serves many cells.

    logit p[s, 0] = mu + sigma_b z[s];  logit p[s, k] = logit p[s, 0] + delta[k] + sigma[k] y[s, k];
    mu ~ Normal(-2, 1.5), sigma_b ~ HalfNormal(1), delta ~ Normal(0, 0.35), sigma ~ HalfNormal(0.25), z and y
    standard normal (non-centered: Betancourt and Girolami 2013). Cells with no people say nothing.
    """
    coords = {"segment": cells.segments, "arm": cells.arms, "treated": cells.arms[1:]}
    with pm.Model(coords=coords) as model:
        people = pm.Data("people", cells.people, dims=("segment", "arm"))
        events = pm.Data("events", cells.events, dims=("segment", "arm"))
        mu = pm.Normal("mu", -2.0, 1.5)
        sigma_base = pm.HalfNormal("sigma_base", 1.0)
        base = mu + sigma_base * pm.Normal("z", 0.0, 1.0, dims="segment")
        delta = pm.Normal("delta", 0.0, 0.35, dims="treated")
        sigma = pm.HalfNormal("sigma", 0.25, dims="treated")
        shift = delta + sigma * pm.Normal("y", 0.0, 1.0, dims=("segment", "treated"))
        logits = pm.math.concatenate([base[:, None], base[:, None] + shift], axis=1)
        rate = pm.Deterministic("rate", pm.math.invlogit(logits), dims=("segment", "arm"))
        pm.Binomial("observed", n=people, p=rate, observed=events, dims=("segment", "arm"))
    return model


def compile_segments(cells: SegmentCells) -> nutpie.compile_pymc.CompiledPyMCModel:
    """The model made ready to sample, for these cells and, through `fit_segments`, any others of their shape."""
    return nutpie.compile_pymc_model(segment_model(cells))


def fit_segments(
    cells: SegmentCells,
    seed: int,
    level: float = 0.95,
    report: Callable[[str], None] | None = None,
    compiled: nutpie.compile_pymc.CompiledPyMCModel | None = None,
) -> SegmentPosterior:
    """Sample the hierarchical model and summarize it.

    Args:
        cells: counts by segment and arm.
        seed: of the sampler; the same seed and cells give the same draws.
        level: of the credible intervals.
        report: told what is being done, for long work.
        compiled: from `compile_segments` on cells with the same segments and arms, whose counts are replaced;
            compiled here where it is not given.
    """
    tell = report or (lambda _: None)
    if compiled is None:
        tell("compiling the model by segment")
        compiled = compile_segments(cells)
    else:
        compiled = compiled.with_data(people=cells.people, events=cells.events)
    tell(f"sampling {CHAINS} chains of {DRAWS} draws")
    trace = nutpie.sample(
        compiled,
        draws=DRAWS,
        tune=TUNE,
        chains=CHAINS,
        cores=min(CHAINS, 2),
        seed=seed,
        target_accept=0.99,
        progress_bar=False,
    )
    return SegmentPosterior(
        effects=tuple(_effects(trace["posterior"], cells.arms, level)),
        spread={arm: _spread(trace["posterior"], arm, level) for arm in cells.arms[1:]},
        diagnostics=diagnose(trace),
    )


def _effects(posterior: xr.DataTree, arms: Sequence[str], level: float) -> list[SegmentEffect]:
    rate = posterior["rate"]
    tail = (1 - level) / 2
    effects = []
    for arm in arms[1:]:
        difference = (rate.sel(arm=arm) - rate.sel(arm=arms[0])).stack(draws=("chain", "draw"))
        for segment in rate["segment"].values:
            draws = difference.sel(segment=segment).values
            low, high = np.quantile(draws, [tail, 1 - tail])
            effects.append(
                SegmentEffect(
                    segment=str(segment),
                    arm=arm,
                    mean=float(draws.mean()),
                    low=float(low),
                    high=float(high),
                    level=level,
                    above_zero=float((draws > 0).mean()),
                )
            )
    return effects


def _spread(posterior: xr.DataTree, arm: str, level: float) -> tuple[float, float, float]:
    draws = posterior["sigma"].sel(treated=arm).values.ravel()
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return float(draws.mean()), float(low), float(high)


def diagnose(trace: xr.DataTree) -> Diagnostics:
    """The sampler's diagnostics by ArviZ, at their worst over the free parameters."""
    names = ["mu", "sigma_base", "z", "delta", "sigma", "y"]
    summary = az.summary(trace, var_names=names, kind="diagnostics", round_to="none")
    return Diagnostics(
        r_hat=float(summary["r_hat"].max()),
        ess_bulk=float(summary["ess_bulk"].min()),
        ess_tail=float(summary["ess_tail"].min()),
        divergences=int(trace["sample_stats"]["diverging"].sum()),
        e_bfmi=float(az.bfmi(trace)["energy"].min()),
    )
