"""Exact posterior of event rates whose arms' shares were changed on the way: a ramp.

Model: within epoch e, of one allocation, events_je ~ Binomial(people_je, p_je); the control's rate in every epoch
p_0e ~ Beta(a, b), by itself, so that the base rate may drift as it likes; log(p_ke / p_0e) = r_k in all epochs, with
the prior of `RatePosterior`, cut where a rate would exceed 1. An arm's rate is its mean over the epochs, each weighted
by its people in all arms: the rate that everybody enrolled would have had in that arm.

Given the control's rates in all epochs the arms are independent. Integrals over those rates run on a tensor grid, over
log ratios on panels; nothing is sampled.
"""

from collections.abc import Callable, Sequence
from functools import cached_property, reduce

import numpy as np
from scipy.optimize import brentq
from scipy.special import betaln, logsumexp, xlog1py

from workbench.experiments.exact.posterior import Estimate, Extreme, Posterior
from workbench.experiments.exact.priors import RatePrior
from workbench.experiments.exact.quadrature import Array, Grid, Rows, grid_of
from workbench.experiments.exact.rates import ArmCounts, count_faults
from workbench.refusal import Fault, Refused

# Panels of 16 nodes for the control's rate in each epoch, by the number of epochs: what a tensor of them can bear.
_PANELS = {1: 8, 2: 3, 3: 2, 4: 1}
MOST_EPOCHS = max(_PANELS)
# The drop of an epoch's log density at which its grid ends, and the standard deviations of a log ratio that are kept.
_DROP = 26.0
_REACH = 9.0
# Combinations of rates this much less probable than the likeliest say nothing.
_LEAST = 1e-13
# Groups of combinations where two arms are compared of which none is the control.
_GROUPS = 64
# Log rates between which the peak of a density is sought.
_LOWEST, _HIGHEST = -45.0, -1e-13


class RampedPosterior(Posterior):
    """The joint posterior of all arms' event rates over epochs of different allocations.

    Against the control probabilities are accurate to about 1e-6 with two epochs and 1e-4 with four, between two other
    arms to 1e-3; where all rates are 1, to 1e-3.

    Args:
        epochs: for every epoch, one entry per arm; an arm that an epoch does not assign has no people there.
        control: the arm that the others are compared with.
        prior: see `RatePrior`.

    Raises:
        Refused: what `RatePosterior` refuses of the arms' totals, no epoch, more than four of them, or epochs whose
            arms differ.
    """

    def __init__(
        self, epochs: Sequence[Sequence[ArmCounts]], control: str, prior: RatePrior | None = None
    ) -> None:
        self.prior = prior or RatePrior()
        _refuse_unusable(epochs, control)
        self.control = control
        self.arms = tuple(entry.arm for entry in epochs[0])
        self._treated = tuple(arm for arm in self.arms if arm != control)
        counts = {
            arm: [next(entry for entry in epoch if entry.arm == arm) for epoch in epochs] for arm in self.arms
        }
        people = np.array([sum(entry.people for entry in epoch) for epoch in epochs], dtype=float)
        shares = people / people.sum()
        self._grid = _ratio_grid(counts, control, self.prior)
        rates = [
            _Epoch(
                [counts[arm][at] for arm in self.arms], control, self._grid, _PANELS[len(epochs)], self.prior
            )
            for at in range(len(epochs))
        ]
        self._combine(rates, shares)

    def _combine(self, rates: Sequence["_Epoch"], shares: Array) -> None:
        """Weights of all combinations of the control's rates, its rate in each, and the log ratios' densities."""
        tie, nodes = self.prior.log_ratio, self._grid.nodes
        locations = _tensor([epoch.nodes for epoch in rates])
        highest = np.max(locations, axis=0)
        log_weight = np.sum(_tensor([epoch.log_weight for epoch in rates]), axis=0)
        log_weight = log_weight - len(self._treated) * tie.log_cdf(-highest)
        ratios: dict[str, Array] = {}
        for arm in self._treated:
            log_joint = _summed([epoch.log_likelihood[arm] for epoch in rates]) + tie.log_density(nodes)
            top = log_joint.max(axis=1, keepdims=True)
            joint = np.exp(log_joint - top)
            evidence = joint @ self._grid.weights
            ratios[arm] = joint / evidence[:, None]
            log_weight = log_weight + top[:, 0] + np.log(evidence)
        self._log_total = float(logsumexp(log_weight))
        weight = np.exp(log_weight - self._log_total)
        # The last epoch's rate runs fastest: its nodes are the columns of the control's own distribution.
        self._columns = rates[-1].grid
        self._last = shares[-1]
        self._rows = Rows(self._columns, weight.reshape(-1, len(self._columns.nodes)) / self._columns.weights)
        before = np.tensordot(shares[:-1], np.exp(locations[:-1]), axes=1) if len(rates) > 1 else np.zeros(1)
        self._before = np.reshape(before, (-1, len(self._columns.nodes)))[:, 0] if len(rates) > 1 else before
        kept = weight > _LEAST * weight.max()
        self._weight = weight[kept] / weight[kept].sum()
        self._rate = np.tensordot(shares, np.exp(locations), axes=1)[kept]
        self._ratios = {arm: density[kept] for arm, density in ratios.items()}
        self._log_common = sum(epoch.log_common for epoch in rates)

    def rate(self, arm: str, level: float = 0.95) -> Estimate:
        """Posterior of one arm's rate: its `mean`."""
        return self.mean(arm, level)

    def rate_mean(self, arm: str) -> float:
        """Posterior mean of one arm's rate: its `expectation`."""
        return self.expectation(arm)

    def expectation(self, arm: str) -> float:
        """Posterior mean of one arm's mean."""
        return float(self._weight @ self._moments(arm)[0])

    def spread(self, arm: str) -> float:
        """Posterior standard deviation of one arm's mean."""
        mean, square = self._moments(arm)
        return float(np.sqrt(max(self._weight @ square - (self._weight @ mean) ** 2, 0.0)))

    def cdf(self, threshold: float, arm: str) -> float:
        """P(mean of arm <= threshold)."""
        if arm == self.control:
            left = (threshold - self._before) / self._last
            return float(self._rows.upto(_log(left)).sum())
        return float(self._weight @ Rows(self._grid, self._ratios[arm]).upto(_log(threshold / self._rate)))

    def bounds(self, arm: str) -> tuple[float, float]:
        """Between which the arm's mean lies."""
        low, high = float(self._rate.min()), float(self._rate.max())
        if arm == self.control:
            return low, high
        least, most = np.exp(self._grid.edges[[0, -1]])
        return low * float(least), min(high * float(most), 1.0)

    @property
    def log_bayes_factor(self) -> float:
        """Natural log of the evidence for "arms differ" over "all arms are alike in every epoch"."""
        return self._log_total - float(self._log_common)

    def _moments(self, arm: str) -> tuple[Array, Array]:
        """Mean and mean square of an arm's rate given the control's rates, each of shape (combinations,)."""
        if arm == self.control:
            return self._rate, self._rate**2
        density, ratio = self._ratios[arm] * self._grid.weights, np.exp(self._grid.nodes)
        return self._rate * (density @ ratio), self._rate**2 * (density @ ratio**2)

    def _below(self, arm: str, versus: str, factor: float, shift: float) -> float:
        if versus == self.control:
            limits = _log(factor + shift / self._rate)
            return float(self._weight @ Rows(self._grid, self._ratios[arm]).upto(limits))
        if arm == self.control:
            limits = _log((1 - shift / self._rate) / factor)
            return float(self._weight @ Rows(self._grid, self._ratios[versus]).beyond(limits))
        weight, rate, ratios = self._grouped
        others, ratio = ratios[versus] * self._grid.weights, np.exp(self._grid.nodes)
        limits = _log(factor * ratio[None, :] + shift / rate[:, None])
        upto = [Rows(self._grid, ratios[arm][at][None]).upto(limits[at]) for at in range(len(rate))]
        return float(weight @ np.sum(others * np.array(upto), axis=1))

    @cached_property
    def _grouped(self) -> tuple[Array, Array, dict[str, Array]]:
        """The combinations put together by the control's rate, for what compares two other arms at many points."""
        order = np.argsort(self._rate)
        at = np.minimum((np.cumsum(self._weight[order]) * _GROUPS).astype(int), _GROUPS - 1)
        starts = np.unique(at, return_index=True)[1]
        weight = np.add.reduceat(self._weight[order], starts)

        def mean(values: Array) -> Array:
            mass = np.reshape(self._weight[order], (-1, *[1] * (values.ndim - 1)))
            total = np.add.reduceat(values[order] * mass, starts, axis=0)
            return np.asarray(total / np.reshape(weight, (-1, *[1] * (values.ndim - 1))))

        return weight, mean(self._rate), {arm: mean(density) for arm, density in self._ratios.items()}

    def _density(self, threshold: float, arm: str, versus: str) -> float:
        step = 1e-3 * float(np.hypot(self.spread(arm), self.spread(versus)))
        above = self._below(arm, versus, 1.0, threshold + step)
        return (above - self._below(arm, versus, 1.0, threshold - step)) / (2 * step)

    def _extremes(self, *, highest: bool) -> dict[str, Extreme]:
        """Given the control's rates, by the ratios' distribution functions; at a ratio of 1 stands the control."""
        worse = self._grid.upto_nodes if highest else self._grid.beyond_nodes
        below = {arm: np.clip(worse(density), 0, 1) for arm, density in self._ratios.items()}
        everyone = reduce(np.multiply, below.values())
        sign = 1.0 if highest else -1.0
        side = self._grid.nodes > 0 if highest else self._grid.nodes < 0
        ratio, weights = np.exp(self._grid.nodes), self._grid.weights
        past = weights * side
        at_one = reduce(
            np.multiply, (_at_one(self._grid, density, highest) for density in self._ratios.values())
        )
        lost = self._rate * ((1 - everyone) @ (past * ratio))
        found = {self.control: Extreme(float(self._weight @ at_one), float(self._weight @ lost))}
        best_mean = float(self._weight @ (self._rate + sign * lost))
        for arm, density in self._ratios.items():
            others = reduce(
                np.multiply, (each for name, each in below.items() if name != arm), np.ones_like(density)
            )
            best = (density * others) @ past
            loss = sign * (best_mean - self.expectation(arm))
            found[arm] = Extreme(float(self._weight @ best), max(0.0, loss))
        return {arm: found[arm] for arm in self.arms}


class _Epoch:
    """The control's rate in one epoch: nodes with log weights, and each arm's log likelihood given ratio and rate."""

    def __init__(
        self, counts: Sequence[ArmCounts], control: str, ratios: Grid, panels: int, prior: RatePrior
    ) -> None:
        base = next(entry for entry in counts if entry.arm == control)
        a, b = prior.baseline_events, prior.baseline_others
        treated = [entry for entry in counts if entry.arm != control]
        events, people = sum(entry.events for entry in counts), sum(entry.people for entry in counts)
        self.log_common = float(betaln(a + events, b + people - events) - betaln(a, b))

        def control_density(at: Array) -> Array:
            return _likelihood(a + base.events, b + base.people - base.events - 1, at) - float(betaln(a, b))

        def density(at: Array) -> Array:
            return control_density(at) + sum(
                (_likely(entry, at, ratios) for entry in treated), np.zeros_like(at)
            )

        self.grid = _grid_around_peak(density, panels)
        self.nodes = self.grid.nodes
        self.log_weight = np.log(self.grid.weights) + control_density(self.nodes)
        at = self.nodes[:, None] + ratios.nodes[None, :]
        self.log_likelihood = {
            entry.arm: _likelihood(entry.events, entry.people - entry.events, at) for entry in treated
        }


def _likelihood(events: float, others: float, at: Array) -> Array:
    """What counts say of log rates of any shape; a rate above 1 is impossible."""
    possible = np.minimum(at, _HIGHEST)
    return np.where(at < 0, events * at + xlog1py(others, -np.exp(possible)), -np.inf)


def _likely(entry: ArmCounts, at: Array, ratios: Grid) -> Array:
    """Roughly what an arm's counts say of the control's rate, where the log ratio is about known. Shape as `at`."""
    low, high = ratios.edges[[0, -1]]
    steps = np.linspace(-1, 1, 41)
    spread = (low + high) / 2 + (high - low) / 2 * steps
    normal = -((steps * _REACH) ** 2) / 2
    given = _likelihood(entry.events, entry.people - entry.events, at[:, None] + spread[None, :])
    return np.asarray(logsumexp(given + normal, axis=1))


def _grid_around_peak(density: Callable[[Array], Array], panels: int) -> Grid:
    """Panels over where a log density with one peak has not dropped to nothing."""
    low, high = _LOWEST, _HIGHEST
    for _ in range(8):
        at = np.linspace(low, high, 201)
        top = int(np.argmax(density(at)))
        low, high = at[max(top - 1, 0)], at[min(top + 1, 200)]
    peak = float(at[top])
    height = float(density(at[top : top + 1])[0])

    def dropped(x: float) -> float:
        return max(float(density(np.array([x]))[0]), height - 1e6) - height + _DROP

    ends = [
        end if dropped(end) > 0 else float(brentq(dropped, *sorted((end, peak)), xtol=1e-12))
        for end in (_LOWEST, _HIGHEST)
    ]
    return grid_of(np.linspace(ends[0], ends[1], panels + 1))


def _ratio_grid(counts: dict[str, list[ArmCounts]], control: str, prior: RatePrior) -> Grid:
    """Panels over all arms' log ratios, with an edge at 0, where an arm is neither better nor worse.

    Around the stratified estimate of Mantel and Haenszel, drawn toward 0 as the prior does.
    """
    edges = [0.0]
    for arm, entries in counts.items():
        if arm == control:
            continue
        pairs = [(base, entry) for base, entry in zip(counts[control], entries, strict=True) if base.people]
        up = sum(e.events * b.people / max(e.people + b.people, 1) for b, e in pairs) + 0.5
        down = sum(b.events * e.people / max(e.people + b.people, 1) for b, e in pairs) + 0.5
        variance = 1 / (sum(e.events for e in entries) + 0.5) + 1 / (sum(b.events for b, _ in pairs) + 0.5)
        width = prior.log_ratio.sd**2
        kept = width / (width + variance) if prior.log_ratio.degrees is None else 1.0
        spread = float(np.sqrt(variance * kept)) if kept < 1 else float(np.sqrt(variance))
        center = kept * float(np.log(up / down))
        edges += list(np.linspace(center - _REACH * spread, center + _REACH * spread, 13))
    return grid_of(np.unique(np.round(edges, 12)))


def _tensor(of: Sequence[Array]) -> Array:
    """Every combination of the epochs' nodes, shape (epochs, combinations); the last epoch runs fastest."""
    return np.stack([each.ravel() for each in np.meshgrid(*of, indexing="ij")])


def _summed(of: Sequence[Array]) -> Array:
    """Sum over epochs for every combination of nodes: from shapes (nodes, ratios) to (combinations, ratios)."""

    def add(total: Array, each: Array) -> Array:
        return (total[:, None, :] + each[None, :, :]).reshape(-1, each.shape[1])

    return reduce(add, of)


def _log(values: Array) -> Array:
    """log(values), where 0 or less lies below every grid."""
    return np.log(np.maximum(values, 1e-300))


def _at_one(grid: Grid, density: Array, highest: bool) -> Array:
    """P(ratio below 1), or above it, for every row."""
    rows = Rows(grid, density)
    zeros = np.zeros(len(density))
    return rows.upto(zeros) if highest else rows.beyond(zeros)


def _refuse_unusable(epochs: Sequence[Sequence[ArmCounts]], control: str) -> None:
    faults = []
    if not 1 <= len(epochs) <= MOST_EPOCHS:
        what = f"there are {len(epochs)} of them, where 1 to {MOST_EPOCHS} can be told apart."
        faults.append(
            Fault("allocation epochs", what, "Analyze fewer of them, or keep the allocation as it is.")
        )
    elif len({tuple(entry.arm for entry in epoch) for epoch in epochs}) > 1:
        faults.append(
            Fault("allocation epochs", "their arms differ.", "Give every arm in each, if with no people.")
        )
    else:
        totals = [
            ArmCounts(entry.arm, sum(e[at].people for e in epochs), sum(e[at].events for e in epochs))
            for at, entry in enumerate(epochs[0])
        ]
        faults += count_faults(totals, control)
        whole = [entry for epoch in epochs for entry in epoch if not 0 <= entry.events <= entry.people]
        if whole and not faults:
            what = "its events are not between 0 and its people."
            faults.append(Fault(f"arm {whole[0].arm}", what, "Count each person at most once."))
    if faults:
        raise Refused(*faults)
