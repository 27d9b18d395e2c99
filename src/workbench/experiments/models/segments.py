"""For whom: effects by segment, partially pooled, by a hierarchical model in PyMC.

The model informs; it does not decide. It sees counts per segment and arm, never rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pymc as pm
from numpy.typing import NDArray

from workbench.experiments.models.checks import (
    PosteriorChecks,
    binomial_replicates,
    extremes_of_differences,
    power_scaling,
)
from workbench.experiments.models.counts import Counts, faults_of_counts
from workbench.experiments.models.summary import summarize
from workbench.refusal import Fault, Refused
from workbench.sampling.diagnostics import Diagnostics
from workbench.sampling.nuts import (
    FULL,
    LOG_LIKELIHOOD,
    LOG_PRIOR,
    CompiledModel,
    Draws,
    Effort,
    Report,
    compile_model,
    keep_densities,
    sample,
)

# Cells come in rows of so many segments at a time, so that one compilation serves any number up to it.
ROWS = 16
# Spread of log odds ratios between segments below which segments are treated alike: odds of a typical segment
# lie within a tenth of the average's.
SMALLEST_SPREAD = 0.1
# What the probability of a larger spread must exceed before segments are named.
CREDIBLE = 0.95
FALSE_SIGNS = 0.05
# Events of a segment at which its base is half centered.
_EVENTS_HALF_CENTERED = 150


@dataclass(frozen=True)
class SegmentCells:
    """Counts by segment and arm; `people` and `events` have shape (segments, arms), the control's column first."""

    segments: tuple[str, ...]
    arms: tuple[str, ...]
    people: Counts
    events: Counts

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
        faults = faults_of_counts("segments", self.people, self.events)
        if not faults and not self.people.sum(axis=0).all():
            faults = [
                Fault("segments", "nobody is in some arm.", "Leave the arm out, or wait until it has people.")
            ]
        if faults:
            raise Refused(*faults)


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

    @property
    def false_sign(self) -> float:
        """The local false sign rate: the probability that the difference has not the sign it is likelier to have."""
        return min(self.above_zero, 1 - self.above_zero)


@dataclass(frozen=True)
class NamedSegments:
    """Segments whose effect has a sign that may be told: `raised` by the arm and `lowered` by it, surest first.

    `false_sign_rate` is the share of them expected to have the other sign, 0 where nobody is named. `credible` is
    the probability that effects spread between segments by more than `SMALLEST_SPREAD`; where it does not exceed
    `CREDIBLE`, nobody is named.
    """

    arm: str
    credible: float
    raised: tuple[str, ...]
    lowered: tuple[str, ...]
    false_sign_rate: float


@dataclass(frozen=True)
class SegmentPosterior:
    """Effects by segment and arm, the spread of log odds ratios between segments by arm, and diagnostics.

    `spread` is (mean, low, high); `named` has an entry for each arm but the control; `checks` holds the
    posterior predictive checks and the sensitivity of each arm's average effect to the priors.
    """

    effects: tuple[SegmentEffect, ...]
    spread: dict[str, tuple[float, float, float]]
    diagnostics: Diagnostics
    named: tuple[NamedSegments, ...] = ()
    checks: PosteriorChecks | None = None


def segment_model(rows: int, arms: int) -> pm.Model:
    """The hierarchical binomial model, with its counts as data so that one compilation serves many cells.

    logit p[s, 0] ~ Normal(mu, sigma_b);  logit p[s, k] = logit p[s, 0] + delta[k] + sigma[k] y[s, k];
    mu ~ Normal(-2, 1.5), sigma_b ~ Gamma(2, 2), delta ~ Normal(0, 0.35), sigma ~ HalfNormal(0.25), y standard
    normal (non-centered: Betancourt and Girolami 2013). Cells with no people say nothing.

    The base is centered in part, by a weight from 0 (not at all) to 1 for each segment (Papaspiliopoulos, Roberts
    and Sköld 2003): the more events, the more. The model is the same whatever the weights are.
    Its spread keeps off 0 (Chung et al. 2013): where all segments are alike, what is centered made a neck there.
    """
    with pm.Model() as model:
        people = pm.Data("people", np.zeros((rows, arms), dtype=np.int64))
        events = pm.Data("events", np.zeros((rows, arms), dtype=np.int64))
        mu = pm.Normal("mu", -2.0, 1.5)
        sigma_base = pm.Gamma("sigma_base", 2.0, 2.0)
        centered = pm.Data("centered", np.zeros(rows))
        z = pm.Normal("z", centered * mu, sigma_base**centered, shape=rows)
        base = mu + sigma_base ** (1 - centered) * (z - centered * mu)
        delta = pm.Normal("delta", 0.0, 0.35, shape=arms - 1)
        sigma = pm.HalfNormal("sigma", 0.25, shape=arms - 1)
        shift = delta + sigma * pm.Normal("y", 0.0, 1.0, shape=(rows, arms - 1))
        logits = pm.math.concatenate([base[:, None], base[:, None] + shift], axis=1)
        rate = pm.Deterministic("rate", pm.math.invlogit(logits))
        observed = pm.Binomial("observed", n=people, p=rate, observed=events)
        keep_densities(pm.logp(observed, events).sum(), [mu, sigma_base, delta, sigma])
    return model


def compile_segments(cells: SegmentCells) -> CompiledModel:
    """The model made ready to sample any cells of as many arms, up to the number of segments it is padded to."""
    return _compiled(_rows(cells), len(cells.arms))


def draw_rates(
    cells: SegmentCells,
    seed: int,
    effort: Effort = FULL,
    report: Report | None = None,
    compiled: CompiledModel | None = None,
) -> Draws:
    """Sample the model: `rate` has a row for each segment, then rows without people.

    Args:
        cells: counts by segment and arm.
        seed: of the sampler; the same seed and cells give the same draws.
        effort: how much to sample.
        report: told what is being done, for long work.
        compiled: from `compile_segments` on cells of as many arms and no fewer segments; found, or compiled, here
            where it is not given.
    """
    if compiled is None:
        (report or (lambda _: None))("preparing the model by segment")
        compiled = compile_segments(cells)
    rows, arms = compiled.shapes["people"]
    if len(cells.segments) > rows or len(cells.arms) != arms:
        raise ValueError(f"the compiled model is of {arms} arms and {rows} segments at most")
    return sample(compiled, segment_data(cells.people, cells.events, rows), seed, effort, report)


def segment_data(people: Counts, events: Counts, rows: int) -> dict[str, Counts | NDArray[np.float64]]:
    """The model's data, padded by segments without people.

    Args:
        people, events: of shape (segments, arms).
        rows: segments to pad to.
    """
    padding = ((0, rows - len(people)), (0, 0))
    padded = np.pad(events, padding)
    known = padded.sum(axis=1)
    # Fully centered, a handful of events made a funnel; not at all, thousands made chains that hardly moved.
    return {
        "people": np.pad(people, padding),
        "events": padded,
        "centered": known / (known + _EVENTS_HALF_CENTERED),
    }


def fit_segments(
    cells: SegmentCells,
    seed: int,
    level: float = 0.95,
    report: Report | None = None,
    compiled: CompiledModel | None = None,
    effort: Effort = FULL,
) -> SegmentPosterior:
    """Sample the hierarchical model and summarize it; arguments as of `draw_rates`, and the intervals' level."""
    draws = draw_rates(cells, seed, effort, report, compiled)
    effects = tuple(_effects(draws.of("rate"), cells, level))
    told = {
        arm: [s for s, people in zip(cells.segments, cells.people[:, [0, k]], strict=True) if people.all()]
        for k, arm in enumerate(cells.arms[1:], 1)
    }
    return SegmentPosterior(
        effects=effects,
        spread={arm: _spread(draws, k, level) for k, arm in enumerate(cells.arms[1:])},
        diagnostics=draws.diagnostics,
        named=tuple(
            # Of a segment without people in either arm the others speak, and not its own.
            name_segments(
                arm, [e for e in effects if e.arm == arm and e.segment in told[arm]], _credible(draws, k)
            )
            for k, arm in enumerate(cells.arms[1:])
        ),
        checks=check_cells(draws, cells.people, cells.events, cells.arms, seed),
    )


def name_segments(arm: str, effects: Sequence[SegmentEffect], credible: float) -> NamedSegments:
    """Name as many segments of one arm as keep the expected share of false signs at `FALSE_SIGNS` or below.

    Segments are taken in order of their local false sign rate while the mean of these rates stays within
    (Stephens 2017).

    Args:
        arm: whose effects these are.
        effects: one for each segment.
        credible: the probability that effects spread between segments by more than `SMALLEST_SPREAD`.
    """
    surest = sorted(effects, key=lambda effect: effect.false_sign)
    rates = np.cumsum([effect.false_sign for effect in surest]) / np.arange(1, len(surest) + 1)
    # Means of an ascending sequence ascend, so that those within the bound come first.
    named = surest[: int((rates <= FALSE_SIGNS).sum())] if credible > CREDIBLE else []
    return NamedSegments(
        arm=arm,
        credible=credible,
        raised=tuple(effect.segment for effect in named if effect.above_zero > 0.5),
        lowered=tuple(effect.segment for effect in named if effect.above_zero <= 0.5),
        false_sign_rate=float(rates[len(named) - 1]) if named else 0.0,
    )


def check_cells(
    draws: Draws, people: Counts, events: Counts, arms: Sequence[str], seed: int
) -> PosteriorChecks:
    """Check the extremes of the cells, and what the priors do to each arm's effect averaged over the people.

    Args:
        draws: from `draw_rates`.
        people, events: of shape (segments, arms).
        arms: their names, the control first.
        seed: of the replicated counts.
    """
    rows = len(people)
    rates = draws.of("rate")[:, :rows]
    replicates = binomial_replicates(people, rates, seed)
    weights = people.sum(axis=1) / people.sum()
    averages = np.einsum("s,cdsk->cdk", weights, draws.by_chain("rate")[:, :, :rows])
    prior, likelihood = draws.by_chain(LOG_PRIOR), draws.by_chain(LOG_LIKELIHOOD)
    return PosteriorChecks(
        predictive=extremes_of_differences(people, events, replicates),
        sensitivity=tuple(
            power_scaling(arm, averages[..., k] - averages[..., 0], prior, likelihood)
            for k, arm in enumerate(arms)
            if k > 0
        ),
    )


def _rows(cells: SegmentCells) -> int:
    return -(-len(cells.segments) // ROWS) * ROWS


@cache
def _compiled(rows: int, arms: int) -> CompiledModel:
    return compile_model(segment_model(rows, arms))


def _effects(rate: NDArray[np.float64], cells: SegmentCells, level: float) -> list[SegmentEffect]:
    effects = []
    for k, arm in enumerate(cells.arms[1:], 1):
        for s, segment in enumerate(cells.segments):
            found = summarize(rate[:, s, k] - rate[:, s, 0], level)
            effects.append(
                SegmentEffect(segment, arm, found.mean, found.low, found.high, level, found.above_zero)
            )
    return effects


def _spread(draws: Draws, arm: int, level: float) -> tuple[float, float, float]:
    found = summarize(draws.of("sigma")[:, arm], level)
    return found.mean, found.low, found.high


def _credible(draws: Draws, arm: int) -> float:
    return float((draws.of("sigma")[:, arm] > SMALLEST_SPREAD).mean())
