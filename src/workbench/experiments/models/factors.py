"""Which factor: main effects and pooled interactions of a factorial experiment, by a model of its cells in PyMC."""

from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
import pymc as pm
from numpy.typing import NDArray

from workbench.experiments.models.checks import (
    PosteriorChecks,
    binomial_replicates,
    extremes_of_rates,
    power_scaling,
)
from workbench.experiments.models.counts import Counts, faults_of_counts
from workbench.experiments.models.design import confounded, contrasts
from workbench.experiments.models.summary import Summary, summarize
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

# Cells come in so many at a time, so that one compilation serves any design up to it.
CELLS = 16
# Log odds ratios between two levels of a factor are normal with standard deviation 0.35 before the data.
MAIN_SCALE = 0.35 / np.sqrt(2)
INTERACTION_SCALE = 0.1

Cell = tuple[str, ...]


@dataclass(frozen=True)
class FactorCells:
    """Counts by combination of levels.

    `factors` names each factor with its levels, the reference first. `people` and `events` have one axis for each
    factor, in that order, as long as the factor has levels. A combination that was never sent has 0 people.
    """

    factors: tuple[tuple[str, tuple[str, ...]], ...]
    people: Counts
    events: Counts

    def __post_init__(self) -> None:
        shape = tuple(len(levels) for _, levels in self.factors)
        if self.people.shape != shape or self.events.shape != shape:
            raise ValueError(f"people and events must have the shape {shape} of the factors' levels")
        faults = _faults(self)
        if faults:
            raise Refused(*faults)

    @property
    def cells(self) -> list[Cell]:
        """Every combination of levels, in the order of the flattened counts."""
        return list(product(*(levels for _, levels in self.factors)))


@dataclass(frozen=True)
class MainEffect:
    """Difference in event rate between a level and its factor's reference, averaged over all other levels alike."""

    factor: str
    level: str
    versus: str
    difference: Summary


@dataclass(frozen=True)
class CellRate:
    """Event rate of one combination of levels that was sent; `best` is the probability that none has a better one.

    `loss` is the expected difference between the best rate of those sent and this one.
    """

    cell: Cell
    rate: Summary
    best: float
    loss: float


@dataclass(frozen=True)
class FactorPosterior:
    """Main effects, spread of interactions, and rates of the combinations that were sent, the best first.

    `two_way` and `higher` summarize the spread of interactions between two factors and among more, on the scale of
    log odds (`higher` is None with two factors); `unsent` lists combinations without people, over which the main
    effects are averaged all the same.
    """

    effects: tuple[MainEffect, ...]
    two_way: Summary
    higher: Summary | None
    rates: tuple[CellRate, ...]
    unsent: tuple[Cell, ...]
    diagnostics: Diagnostics
    checks: PosteriorChecks

    @property
    def best(self) -> CellRate:
        """The combination with the best mean rate among those sent."""
        return self.rates[0]


def factor_model(cells: int) -> pm.Model:
    """The binomial model of a factorial design in orthonormal contrasts, design and counts being data.

    logit p[c] = mu + sum_j x[c, j] scale[j] w[j]; mu ~ Normal(-2, 1.5), w standard normal. A column x[., j] is a
    product of one orthonormal contrast from each of the factors that it is of; its scale is 0.25 for one factor,
    sigma[0] for two and sigma[1] for more, sigma ~ HalfNormal(0.1); columns that pad have scale 0.
    """
    with pm.Model() as model:
        people = pm.Data("people", np.zeros(cells, dtype=np.int64))
        events = pm.Data("events", np.zeros(cells, dtype=np.int64))
        columns = pm.Data("columns", np.zeros((cells, cells)))
        order = pm.Data("order", np.zeros((cells, 3)))
        mu = pm.Normal("mu", -2.0, 1.5)
        sigma = pm.HalfNormal("sigma", INTERACTION_SCALE, shape=2)
        w = pm.Normal("w", 0.0, 1.0, shape=cells)
        scale = order[:, 0] * MAIN_SCALE + order[:, 1] * sigma[0] + order[:, 2] * sigma[1]
        rate = pm.Deterministic("rate", pm.math.invlogit(mu + columns @ (scale * w)))
        observed = pm.Binomial("observed", n=people, p=rate, observed=events)
        mains = -0.5 * (order[:, 0] * w**2).sum()
        keep_densities(pm.logp(observed, events).sum(), [mu, sigma], mains)
    return model


def compile_factors(cells: FactorCells) -> CompiledModel:
    """The model made ready to sample any design of no more cells than it is padded to."""
    return _compiled(-(-cells.people.size // CELLS) * CELLS)


def factor_data(cells: FactorCells, padded: int) -> dict[str, Counts | NDArray[np.float64]]:
    """The model's data: the design and its counts, padded by cells without people."""
    columns, orders = _saturated(cells)
    room = padded - cells.people.size
    order = np.column_stack([orders == 1, orders == 2, orders > 2]).astype(np.float64)
    return {
        "people": np.pad(cells.people.ravel(), (0, room)),
        "events": np.pad(cells.events.ravel(), (0, room)),
        "columns": np.pad(columns, (0, room)),
        "order": np.pad(order, ((0, room), (0, 0))),
    }


def fit_factors(
    cells: FactorCells,
    seed: int,
    level: float = 0.95,
    report: Report | None = None,
    effort: Effort = FULL,
    highest: bool = True,
) -> FactorPosterior:
    """Sample the model and summarize it.

    Args:
        cells: counts by combination of levels.
        seed: of the sampler; the same seed and cells give the same draws.
        level: of the credible intervals.
        report: told what is being done, for long work.
        effort: how much to sample.
        highest: whether the highest rate is the best one, or the lowest.
    """
    (report or (lambda _: None))("preparing the model of factors")
    compiled = compile_factors(cells)
    draws = sample(compiled, factor_data(cells, compiled.shapes["people"][0]), seed, effort, report)
    rates = draws.of("rate")[:, : cells.people.size].reshape(-1, *cells.people.shape)
    sigma = draws.of("sigma")
    return FactorPosterior(
        effects=tuple(_main_effects(cells, rates, level)),
        two_way=summarize(sigma[:, 0], level),
        higher=summarize(sigma[:, 1], level) if len(cells.factors) > 2 else None,
        rates=tuple(_cell_rates(cells, rates, level, 1 if highest else -1)),
        unsent=tuple(cell for cell, people in zip(cells.cells, cells.people.flat, strict=True) if people == 0),
        diagnostics=draws.diagnostics,
        checks=_checks(cells, draws, rates, seed),
    )


@cache
def _compiled(cells: int) -> CompiledModel:
    return compile_model(factor_model(cells))


def _saturated(cells: FactorCells) -> tuple[NDArray[np.float64], Counts]:
    """All columns of the design of shape (cells, cells), and of how many factors each is; the mean's comes first."""
    columns: NDArray[np.float64] = np.ones((1, 1))
    orders: Counts = np.zeros(1, dtype=np.int64)
    for levels in cells.people.shape:
        factor = np.column_stack([np.ones(levels), contrasts(levels)])
        columns = np.kron(columns, factor).astype(np.float64)
        orders = np.add.outer(orders, np.r_[0, np.ones(levels - 1, dtype=np.int64)]).ravel()
    return columns, orders


def _faults(cells: FactorCells) -> list[Fault]:
    faults = [
        Fault(
            f"factor {name}",
            f"it has {len(levels) or 'no'} level{'' if len(levels) == 1 else 's'}.",
            "A factor needs two levels or more; leave it out, or bring its other levels.",
        )
        for name, levels in cells.factors
        if len(levels) < 2
    ]
    if len(cells.factors) < 2:
        faults.append(
            Fault(
                "factors",
                "there are fewer than two.",
                "Compare arms instead of factors, or name another factor.",
            )
        )
    faults += faults_of_counts("factors", cells.people, cells.events)
    return faults or _unsent_levels(cells) or confounded(cells.factors, cells.people > 0)


def _unsent_levels(cells: FactorCells) -> list[Fault]:
    faults = []
    for place, (name, levels) in enumerate(cells.factors):
        others = tuple(axis for axis in range(len(cells.factors)) if axis != place)
        for level, people in zip(levels, cells.people.sum(axis=others), strict=True):
            if people == 0:
                what = f'nobody was assigned to its level "{level}".'
                faults.append(Fault(f"factor {name}", what, "Leave the level out."))
    return faults


def _marginal(rates: NDArray[np.float64], place: int) -> NDArray[np.float64]:
    """Rates averaged over all factors but one, of shape (draws, levels)."""
    return rates.mean(axis=tuple(axis + 1 for axis in range(rates.ndim - 1) if axis != place))


def _main_effects(cells: FactorCells, rates: NDArray[np.float64], level: float) -> list[MainEffect]:
    effects = []
    for place, (factor, (reference, *others)) in enumerate(cells.factors):
        marginal = _marginal(rates, place)
        for k, name in enumerate(others, 1):
            difference = summarize(marginal[:, k] - marginal[:, 0], level)
            effects.append(MainEffect(factor, name, reference, difference))
    return effects


def _cell_rates(cells: FactorCells, rates: NDArray[np.float64], level: float, sign: int) -> list[CellRate]:
    sent = np.flatnonzero(cells.people.ravel())
    drawn = rates.reshape(len(rates), -1)[:, sent]
    gains = sign * drawn
    most = gains.max(axis=1)
    best = np.bincount(gains.argmax(axis=1), minlength=len(sent)) / len(drawn)
    found = [
        CellRate(
            cells.cells[cell],
            summarize(drawn[:, i], level),
            float(best[i]),
            float((most - gains[:, i]).mean()),
        )
        for i, cell in enumerate(sent)
    ]
    return sorted(found, key=lambda rate: -sign * rate.rate.mean)


def _checks(cells: FactorCells, draws: Draws, rates: NDArray[np.float64], seed: int) -> PosteriorChecks:
    replicates = binomial_replicates(cells.people, rates, seed).reshape(-1, cells.people.size)
    shape = draws.by_chain(LOG_PRIOR).shape
    sensitivity = []
    for place, (factor, (reference, *others)) in enumerate(cells.factors):
        marginal = _marginal(rates, place).reshape(*shape, -1)
        for k, name in enumerate(others, 1):
            sensitivity.append(
                power_scaling(
                    f"{factor}: {name} against {reference}",
                    marginal[..., k] - marginal[..., 0],
                    draws.by_chain(LOG_PRIOR),
                    draws.by_chain(LOG_LIKELIHOOD),
                )
            )
    return PosteriorChecks(
        extremes_of_rates(cells.people.ravel(), cells.events.ravel(), replicates), tuple(sensitivity)
    )
