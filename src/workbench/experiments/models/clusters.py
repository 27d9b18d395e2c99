"""Randomization by household or clinic-week: rates by arm whose members are alike, by a beta-binomial model in PyMC."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pymc as pm
from scipy.stats import norm

from workbench.experiments.models.checks import (
    PosteriorChecks,
    PredictiveCheck,
    power_scaling,
    predictive_check,
)
from workbench.experiments.models.counts import Counts, faults_of_counts
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

# Cells come in so many at a time, so that one compilation serves any number up to it.
CELLS = 64
# Below so many clusters in an arm nothing is concluded: what clusters have in common is not known well enough.
FEWEST = 10


@dataclass(frozen=True)
class ClusterCells:
    """Clusters counted by arm, size and events: one row for each kind of cluster, arrays of shape (rows,).

    `arm` is an index into `arms`, the control first; `size` the people of such a cluster, `events` how many of them
    had the event, `clusters` how many clusters there are of the kind.
    """

    arms: tuple[str, ...]
    arm: Counts
    size: Counts
    events: Counts
    clusters: Counts

    def __post_init__(self) -> None:
        if len({array.shape for array in (self.arm, self.size, self.events, self.clusters)}) > 1:
            raise ValueError("arm, size, events and clusters must have the same shape")
        faults = []
        if len(self.arms) < 2 or set(self.arm[self.clusters > 0].tolist()) != set(range(len(self.arms))):
            faults.append(
                Fault("clusters", "some arm has none, or there is one arm.", "Bring every arm's clusters.")
            )
        faults += faults_of_counts("clusters", self.size, self.events, clusters=self.clusters)
        if (self.size < 1).any():
            faults.append(Fault("clusters", "some cluster has nobody.", "Leave clusters without people out."))
        if not faults and (self.size[self.clusters > 0] == 1).all():
            faults.append(
                Fault(
                    "clusters",
                    "every cluster is one person, so that nothing tells how alike its members are.",
                    "Analyze persons instead.",
                )
            )
        if faults:
            raise Refused(*faults)

    def of(self, arm: int) -> tuple[Counts, Counts, Counts]:
        """Size, events and clusters of one arm's kinds."""
        chosen = self.arm == arm
        return self.size[chosen], self.events[chosen], self.clusters[chosen]


@dataclass(frozen=True)
class PlainDifference:
    """An arm's rate less the control's, each the events over the people, with the cluster-robust standard error."""

    mean: float
    error: float
    low: float
    high: float
    level: float


@dataclass(frozen=True)
class ClusterPosterior:
    """Rates of a person by arm, differences from the control, and how alike the members of a cluster are.

    `correlation` is the intracluster correlation; `design_effect` how many times fewer people would tell as much if
    they were assigned one by one, by arm; `plain` the cluster-robust computation beside `differences`. Where
    `withheld` says why, nothing is concluded and `differences` is empty.
    """

    rates: dict[str, Summary]
    differences: dict[str, Summary]
    plain: dict[str, PlainDifference]
    correlation: Summary
    design_effect: dict[str, float]
    clusters: dict[str, int]
    withheld: Fault | None
    diagnostics: Diagnostics
    checks: PosteriorChecks


def cluster_model(cells: int, arms: int) -> pm.Model:
    """The beta-binomial model of clusters, counts being data.

    logit p[0] = mu, logit p[k] = mu + delta[k]; mu ~ Normal(-2, 1.5), delta ~ Normal(0, 0.35); the intracluster
    correlation rho ~ Beta(1, 9), of all arms; a cluster's events ~ BetaBinomial(size, p (1/rho - 1),
    (1 - p) (1/rho - 1)). p is a person's rate averaged over clusters. Kinds without clusters say nothing.
    """
    with pm.Model() as model:
        arm = pm.Data("arm", np.zeros(cells, dtype=np.int64))
        size = pm.Data("size", np.ones(cells, dtype=np.int64))
        events = pm.Data("events", np.zeros(cells, dtype=np.int64))
        clusters = pm.Data("clusters", np.zeros(cells, dtype=np.int64))
        mu = pm.Normal("mu", -2.0, 1.5)
        delta = pm.Normal("delta", 0.0, 0.35, shape=arms - 1)
        rho = pm.Beta("rho", 1.0, 9.0)
        rate = pm.Deterministic("rate", pm.math.invlogit(pm.math.concatenate([mu[None], mu + delta])))
        weight = 1 / rho - 1
        of = pm.BetaBinomial.dist(alpha=rate[arm] * weight, beta=(1 - rate[arm]) * weight, n=size)
        log_likelihood = (clusters * pm.logp(of, events)).sum()
        pm.Potential("observed", log_likelihood)
        keep_densities(log_likelihood, [mu, delta, rho])
    return model


def compile_clusters(cells: ClusterCells) -> CompiledModel:
    """The model made ready to sample as many arms, and any number of kinds up to what it is padded to."""
    return _compiled(-(-len(cells.arm) // CELLS) * CELLS, len(cells.arms))


def cluster_data(cells: ClusterCells, padded: int) -> dict[str, Counts]:
    """The model's data, padded by kinds of which there are no clusters."""
    room = (0, padded - len(cells.arm))
    return {
        "arm": np.pad(cells.arm, room),
        "size": np.pad(cells.size, room, constant_values=1),
        "events": np.pad(cells.events, room),
        "clusters": np.pad(cells.clusters, room),
    }


def fit_clusters(
    cells: ClusterCells, seed: int, level: float = 0.95, report: Report | None = None, effort: Effort = FULL
) -> ClusterPosterior:
    """Sample the model and summarize it.

    Args:
        cells: clusters by arm, size and events.
        seed: of the sampler; the same seed and cells give the same draws.
        level: of the intervals.
        report: told what is being done, for long work.
        effort: how much to sample.
    """
    (report or (lambda _: None))("preparing the model of clusters")
    compiled = compile_clusters(cells)
    draws = sample(compiled, cluster_data(cells, compiled.shapes["arm"][0]), seed, effort, report)
    rate, rho = draws.of("rate"), draws.of("rho")
    clusters = {arm: int(cells.of(k)[2].sum()) for k, arm in enumerate(cells.arms)}
    withheld = _too_few(clusters)
    return ClusterPosterior(
        rates={arm: summarize(rate[:, k], level) for k, arm in enumerate(cells.arms)},
        differences={}
        if withheld
        else {arm: summarize(rate[:, k] - rate[:, 0], level) for k, arm in enumerate(cells.arms) if k},
        plain={arm: plain_difference(cells, k, level) for k, arm in enumerate(cells.arms) if k},
        correlation=summarize(rho, level),
        design_effect={arm: design_effect(cells, k, float(rho.mean())) for k, arm in enumerate(cells.arms)},
        clusters=clusters,
        withheld=withheld,
        diagnostics=draws.diagnostics,
        checks=_checks(cells, draws, seed),
    )


def plain_difference(cells: ClusterCells, arm: int, level: float = 0.95) -> PlainDifference:
    """The difference of two rates with the cluster-robust standard error, and its normal interval.

    Each rate is the ratio of events to people, whose variance is that of the clusters' residuals e - p m with the
    correction C / (C - 1) (Donner and Klar 2000). An arm of one cluster has an error that is not a number.

    Args:
        cells: clusters by arm, size and events.
        arm: index of the arm that is compared with the control.
        level: of the interval.
    """
    means, variances = zip(*(_ratio(*cells.of(k)) for k in (arm, 0)), strict=True)
    mean, error = means[0] - means[1], float(np.sqrt(sum(variances)))
    reach = float(norm.ppf((1 + level) / 2)) * error
    return PlainDifference(mean, error, mean - reach, mean + reach, level)


def design_effect(cells: ClusterCells, arm: int, correlation: float) -> float:
    """1 + (m - 1) rho, m being the size of an arm's cluster as its members see it (Kish 1965)."""
    size, _, clusters = cells.of(arm)
    seen = (clusters * size**2).sum() / (clusters * size).sum()
    return float(1 + (seen - 1) * correlation)


@cache
def _compiled(cells: int, arms: int) -> CompiledModel:
    return compile_model(cluster_model(cells, arms))


def _too_few(clusters: dict[str, int]) -> Fault | None:
    few = {arm: number for arm, number in clusters.items() if number < FEWEST}
    if not few:
        return None
    told = ", ".join(f"{arm} {number}" for arm, number in few.items())
    return Fault(
        "clusters",
        f"some arms have fewer than {FEWEST} clusters ({told}), too few to know how alike their members are.",
        "Bring more clusters; more people in the same ones help little.",
    )


def _ratio(size: Counts, events: Counts, clusters: Counts) -> tuple[float, float]:
    people, number = (clusters * size).sum(), clusters.sum()
    rate = (clusters * events).sum() / people
    if number < 2:
        return float(rate), float("nan")
    residuals = (clusters * (events - rate * size) ** 2).sum()
    return float(rate), float(number / (number - 1) * residuals / people**2)


def _checks(cells: ClusterCells, draws: Draws, seed: int) -> PosteriorChecks:
    rate = draws.by_chain("rate")
    return PosteriorChecks(
        predictive=_predictive(cells, draws, seed),
        sensitivity=tuple(
            power_scaling(
                arm, rate[..., k] - rate[..., 0], draws.by_chain(LOG_PRIOR), draws.by_chain(LOG_LIKELIHOOD)
            )
            for k, arm in enumerate(cells.arms)
            if k > 0
        ),
    )


def _predictive(cells: ClusterCells, draws: Draws, seed: int, most: int = 500) -> tuple[PredictiveCheck, ...]:
    """Clusters without an event, clusters in which everybody had it, and the largest number of events in a cluster."""
    rng = np.random.default_rng(seed)
    rate, rho = draws.of("rate"), draws.of("rho")
    chosen = np.linspace(0, len(rho) - 1, min(most, len(rho))).astype(np.int64)
    arm, size, events = (np.repeat(array, cells.clusters) for array in (cells.arm, cells.size, cells.events))
    weight = (1 / rho[chosen] - 1)[:, None]
    alone = rate[chosen][:, arm]
    replicates = rng.binomial(size, rng.beta(alone * weight, (1 - alone) * weight))

    def extremes(counts: Counts) -> tuple[Counts, ...]:
        several = size > 1
        full = (counts == size)[..., several].sum(axis=-1)
        return (counts == 0).sum(axis=-1), full, counts.max(axis=-1)

    names = ("clusters without an event", "clusters in which all had it", "most events in a cluster")
    return tuple(
        predictive_check(name, float(found), np.asarray(made, dtype=np.float64))
        for name, found, made in zip(names, extremes(events), extremes(replicates), strict=True)
    )
