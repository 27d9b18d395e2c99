"""Are the posteriors of the models calibrated? Simulation-based calibration from the priors that are shipped.

`python benchmarks/calibration.py` writes calibration.md beside itself; it takes about ten minutes on two free cores.
A further model is one more entry of `MODELS`.
"""

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import machine
import numpy as np
import pymc as pm
import pytensor
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import binom

from workbench.experiments.models.clusters import ClusterCells, cluster_data, cluster_model
from workbench.experiments.models.factors import FactorCells, factor_data, factor_model
from workbench.experiments.models.segments import (
    SMALLEST_SPREAD,
    SegmentEffect,
    name_segments,
    segment_data,
    segment_model,
)
from workbench.sampling.nuts import FULL, CompiledModel, Effort, compile_model, sample

SIMULATIONS = 400
# Posterior draws that each truth is ranked among, thinned until they hardly know of each other.
RANKED = 99
EFFORT = Effort(chains=2, draws=400, tune=300, target_accept=0.95)
LEVEL = 0.95

Array = NDArray[np.float64]
Values = Mapping[str, Array]


@dataclass(frozen=True)
class Calibrated:
    """A model to calibrate.

    `simulate` turns one prior draw (parameters and deterministic quantities by name) into the model's data, by its
    own code; `quantities` are what is ranked, computed from values whose first axis is draws; `as_drawn` is the data
    under which the prior is drawn, where parameters are scaled by data.
    """

    name: str
    told: str
    model: pm.Model
    simulate: Callable[[Values, np.random.Generator], dict[str, NDArray]]
    quantities: Callable[[Values], dict[str, Array]]
    as_drawn: Mapping[str, NDArray]
    watch: Callable[[Values, Values], None] = lambda truth, draws: None


@dataclass
class Uniformity:
    """Ranks of a quantity's truth among `RANKED` posterior draws, one for each simulation."""

    ranks: list[int] = field(default_factory=list)

    def departures(self) -> tuple[float, float]:
        """The lowest and highest difference between the ranks' distribution function and the uniform one."""
        points, counts = _counts(np.array(self.ranks))
        difference = counts / len(self.ranks) - points
        return float(difference.min()), float(difference.max())

    def p_value(self, null: Array) -> float:
        """How often uniform ranks leave their band as far, simultaneously over all points."""
        return float((null <= _narrowest(np.array(self.ranks))).mean())


def _counts(ranks: NDArray[np.int64]) -> tuple[Array, NDArray[np.int64]]:
    points = np.arange(1, RANKED + 1) / (RANKED + 1)
    return points, (ranks[..., None] < np.arange(1, RANKED + 1)).sum(axis=-2)


def _narrowest(ranks: NDArray[np.int64]) -> Array:
    """The smallest two-sided tail of the counts below each point: gamma of Säilynoja, Bürkner and Vehtari 2022."""
    points, counts = _counts(ranks)
    number = ranks.shape[-1]
    tails = np.minimum(binom.cdf(counts, number, points), binom.sf(counts - 1, number, points))
    return 2 * tails.min(axis=-1)


def null_distribution(number: int, times: int = 4000) -> Array:
    """`_narrowest` of ranks that are uniform, of shape (times,)."""
    rng = np.random.default_rng(0)
    return np.concatenate([_narrowest(rng.integers(0, RANKED + 1, (100, number))) for _ in range(times // 100)])


def calibrate(
    entry: Calibrated, seed: int, simulations: int = SIMULATIONS
) -> tuple[dict[str, Uniformity], int, float]:
    """Rank every truth; also how many fits had a divergence, and the seconds it took."""
    started = time.perf_counter()
    model, compiled = entry.model, compile_model(entry.model)
    for name, values in entry.as_drawn.items():
        model.set_data(name, values)
    priors = dict(zip(compiled.parameters, pm.draw(model.free_RVs, simulations, random_seed=seed), strict=True))
    known = pytensor.function(model.free_RVs, model.deterministics, on_unused_input="ignore")
    names = [quantity.name for quantity in model.deterministics]
    found: dict[str, Uniformity] = {}
    divergent = 0
    for i in range(simulations):
        rng = np.random.default_rng([seed, i])
        drawn = [values[i] for values in priors.values()]
        truth = dict(zip(priors, drawn, strict=True)) | dict(zip(names, known(*drawn), strict=True))
        data = entry.simulate(truth, rng)
        for name, values in {**data, **entry.as_drawn}.items():
            model.set_data(name, values)
        truth |= dict(zip(names, known(*drawn), strict=True))
        draws = sample(compiled, data, seed=int(rng.integers(2**31)), effort=EFFORT)
        divergent += draws.divergences > 0
        posterior = {name: draws.of(name) for name in truth}
        entry.watch(truth, posterior)
        _rank(entry, truth, posterior, found)
        if i % 50 == 49:
            print(f"{entry.name}: {i + 1} of {simulations}", flush=True)
    return found, divergent, time.perf_counter() - started


def _rank(entry: Calibrated, truth: Values, posterior: Values, found: dict[str, Uniformity]) -> None:
    chosen = np.linspace(0, EFFORT.chains * EFFORT.draws - 1, RANKED).astype(np.int64)
    truths = entry.quantities({name: np.asarray(value)[None] for name, value in truth.items()})
    drawn = entry.quantities({name: values[chosen] for name, values in posterior.items()})
    for name, values in drawn.items():
        found.setdefault(name, Uniformity()).ranks.append(int((values < truths[name][0]).sum()))


# Segments, and strata of a covariate, which are the same model.

SEGMENTS, ARMS, ROWS = 10, 3, 16
PEOPLE = np.random.default_rng(7).integers(40, 1500, (SEGMENTS, 1)).repeat(ARMS, axis=1)


@dataclass
class Signs:
    """What became of the named segments: arms with a credible spread, segments named, and those of the other sign."""

    arms: int = 0
    credible: int = 0
    named: int = 0
    false: int = 0

    def add(self, rates: Array, truth: Array, sigma: Array) -> None:
        """Rates of shape (draws, segments, arms), true rates of (segments, arms), spreads of (draws, arms - 1)."""
        for k in range(1, ARMS):
            above = ((rates[..., k] - rates[..., 0]) > 0).mean(axis=0)
            effects = [SegmentEffect(str(s), "", 0, 0, 0, LEVEL, float(p)) for s, p in enumerate(above)]
            named = name_segments("", effects, float((sigma[:, k - 1] > SMALLEST_SPREAD).mean()))
            up = truth[:, k] > truth[:, 0]
            self.arms += 1
            self.credible += bool(named.raised or named.lowered)
            self.named += len(named.raised) + len(named.lowered)
            self.false += sum(not up[int(s)] for s in named.raised) + sum(
                bool(up[int(s)]) for s in named.lowered
            )

    def row(self, told: str) -> str:
        share = f"{100 * self.false / self.named:.1f}%" if self.named else "–"
        return f"| {told} | {self.arms} | {self.credible} | {self.named} | {self.false} ({share}) |"


SIGNS = Signs()


def simulate_segments(truth: Values, rng: np.random.Generator) -> dict[str, NDArray]:
    return segment_data(PEOPLE, rng.binomial(PEOPLE, truth["rate"][:SEGMENTS]), ROWS)


def segment_quantities(values: Values) -> dict[str, Array]:
    rate = values["rate"][:, :SEGMENTS]
    share = PEOPLE.sum(axis=1) / PEOPLE.sum()
    return {
        "mu": values["mu"],
        "sigma_base": values["sigma_base"],
        "delta, first arm": values["delta"][:, 0],
        "delta, second arm": values["delta"][:, 1],
        "sigma, first arm": values["sigma"][:, 0],
        "sigma, second arm": values["sigma"][:, 1],
        "rate of a segment": rate[:, 0, 0],
        "difference in a segment": rate[:, 0, 1] - rate[:, 0, 0],
        "largest difference": (rate[:, :, 1] - rate[:, :, 0]).max(axis=1),
        "standardized difference": (rate[:, :, 1] - rate[:, :, 0]) @ share,
        "log likelihood": values["log_likelihood"],
    }


def watch_signs(truth: Values, posterior: Values) -> None:
    SIGNS.add(posterior["rate"][:, :SEGMENTS], truth["rate"][:SEGMENTS], posterior["sigma"])


def signs_without_spread(compiled: CompiledModel, shift: float, seed: int, times: int = 100) -> Signs:
    """Named segments where every segment has the same log odds ratio; base rates as the prior has them."""
    signs = Signs()
    for i in range(times):
        rng = np.random.default_rng([seed, i])
        base = rng.normal(-2, 1.5) + abs(rng.normal()) * rng.standard_normal(SEGMENTS)
        rates = expit(base[:, None] + np.array([0.0, shift, shift]))
        data = segment_data(PEOPLE, rng.binomial(PEOPLE, rates), ROWS)
        draws = sample(compiled, data, seed=i, effort=EFFORT)
        signs.add(draws.of("rate")[:, :SEGMENTS], rates, draws.of("sigma"))
    return signs


# Factors: 2 x 3 x 2 with one combination that was never sent.

FACTORS = (
    ("tone", ("neutral", "warm")),
    ("time", ("morning", "noon", "evening")),
    ("length", ("long", "short")),
)
SENT = np.full((2, 3, 2), 300)
SENT[1, 2, 1] = 0


def simulate_factors(truth: Values, rng: np.random.Generator) -> dict[str, NDArray]:
    events = rng.binomial(SENT, truth["rate"][: SENT.size].reshape(SENT.shape))
    return factor_data(FactorCells(FACTORS, SENT, events), 16)


def factor_quantities(values: Values) -> dict[str, Array]:
    rate = values["rate"][:, : SENT.size].reshape(-1, *SENT.shape)
    return {
        "mu": values["mu"],
        "sigma of two-way interactions": values["sigma"][:, 0],
        "sigma of higher ones": values["sigma"][:, 1],
        "main effect of tone": np.diff(rate.mean(axis=(2, 3)), axis=1)[:, 0],
        "main effect of time": rate.mean(axis=(1, 3))[:, 2] - rate.mean(axis=(1, 3))[:, 0],
        "difference of differences": rate[:, 1, 1, 0] - rate[:, 0, 1, 0] - rate[:, 1, 0, 0] + rate[:, 0, 0, 0],
        "rate of the unsent combination": rate[:, 1, 2, 1],
        "highest rate": rate.reshape(len(rate), -1).max(axis=1),
        "log likelihood": values["log_likelihood"],
    }


# Clusters: households of one to six, and clinic-weeks.

CLUSTER_CELLS = 128
SIZES = np.random.default_rng(9).choice([1, 2, 3, 4, 6, 25], 30)


def drawn_clusters(rates: Array, rho: float, rng: np.random.Generator) -> ClusterCells:
    size, arm = np.tile(SIZES, 2), np.repeat([0, 1], len(SIZES))
    weight = 1 / rho - 1
    chance = rng.beta(rates[arm] * weight, (1 - rates[arm]) * weight)
    kinds, clusters = np.unique(np.stack([arm, size, rng.binomial(size, chance)]), axis=1, return_counts=True)
    return ClusterCells(("plain", "warm"), *kinds, clusters)


def simulate_clusters(truth: Values, rng: np.random.Generator) -> dict[str, NDArray]:
    return cluster_data(drawn_clusters(truth["rate"], float(truth["rho"]), rng), CLUSTER_CELLS)


def cluster_quantities(values: Values) -> dict[str, Array]:
    rate = values["rate"]
    return {
        "mu": values["mu"],
        "delta": values["delta"][:, 0],
        "intracluster correlation": values["rho"],
        "rate of the other arm": rate[:, 1],
        "difference": rate[:, 1] - rate[:, 0],
        "log likelihood": values["log_likelihood"],
    }


def coverage_of_few_clusters(compiled: CompiledModel, clusters: int, seed: int, times: int = 100) -> str:
    """Clinics whose log odds are normal, which is not the model: how often do the intervals hold the truth?"""
    held, widths = 0, []
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    truth = np.array([expit(base + 0.6 * nodes) @ weights / weights.sum() for base in (-2.0, -1.8)])
    for i in range(times):
        rng = np.random.default_rng([seed, clusters, i])
        arm, size = np.repeat([0, 1], clusters), rng.integers(15, 60, 2 * clusters)
        chance = expit(np.array([-2.0, -1.8])[arm] + 0.6 * rng.standard_normal(2 * clusters))
        kinds, counts = np.unique(np.stack([arm, size, rng.binomial(size, chance)]), axis=1, return_counts=True)
        data = cluster_data(ClusterCells(("plain", "warm"), *kinds, counts), CLUSTER_CELLS)
        rate = sample(compiled, data, seed=i, effort=EFFORT).of("rate")
        low, high = np.quantile(rate[:, 1] - rate[:, 0], [0.025, 0.975])
        held += low <= truth[1] - truth[0] <= high
        widths.append(100 * (high - low))
    return f"| {clusters} | {held} of {times} | {np.mean(widths):.1f} |"


MODELS = (
    Calibrated(
        name="segments",
        told=f"{SEGMENTS} segments of {PEOPLE[:, 0].min()} to {PEOPLE[:, 0].max()} people an arm, {ARMS} arms, padded "
        f"to {ROWS}; the model of strata of a covariate too, whose estimand is the standardized difference",
        model=segment_model(ROWS, ARMS),
        simulate=simulate_segments,
        quantities=segment_quantities,
        as_drawn={"centered": np.zeros(ROWS)},
        watch=watch_signs,
    ),
    Calibrated(
        name="factors",
        told="2 x 3 x 2 levels, 300 people a combination, one combination never sent, padded to 16",
        model=factor_model(16),
        simulate=simulate_factors,
        quantities=factor_quantities,
        as_drawn={
            name: values
            for name, values in factor_data(FactorCells(FACTORS, SENT, 0 * SENT), 16).items()
            if name in {"columns", "order"}
        },
    ),
    Calibrated(
        name="clusters",
        told=f"{len(SIZES)} clusters an arm, of 1 to 25 people, padded to {CLUSTER_CELLS} kinds",
        model=cluster_model(CLUSTER_CELLS, 2),
        simulate=simulate_clusters,
        quantities=cluster_quantities,
        as_drawn={},
    ),
)


def section(entry: Calibrated, seed: int, null: Array) -> tuple[str, list[float]]:
    """The model's table, and the p-values of its first calibration."""
    found, divergent, seconds = calibrate(entry, seed)
    print(f"{entry.name}: {seconds:.0f} s", flush=True)
    p_values = {name: ranks.p_value(null) for name, ranks in found.items()}
    again: dict[str, Uniformity] = {}
    if min(p_values.values()) <= 1 - LEVEL:
        again, _, _ = calibrate(replace(entry, watch=lambda truth, draws: None), seed + 100)
    rows = []
    for name, ranks in found.items():
        low, high = ranks.departures()
        within = "yes" if p_values[name] > 1 - LEVEL else "no"
        repeated = f"{again[name].p_value(null):.3f}" if again else "–"
        rows.append(f"| {name} | {low:+.3f} | {high:+.3f} | {p_values[name]:.3f} | {within} | {repeated} |")
    head = (
        "| quantity | lowest departure | highest | p | within the band | p, once more |\n"
        "|---|---|---|---|---|---|\n"
    )
    told = (
        f"## {entry.name}\n\n{entry.told}. {SIMULATIONS} draws from the prior, one compilation, {seconds:.0f} s; "
        f"fits with a divergence: {divergent}.\n\n"
    )
    return told + head + "\n".join(rows) + "\n", list(p_values.values())


def main() -> None:
    """Calibrate every model, or those named as arguments without writing, and write the page."""
    null = null_distribution(SIMULATIONS)
    chosen = [entry for entry in MODELS if not sys.argv[1:] or entry.name in sys.argv[1:]]
    sections, p_values = [], []
    for seed, entry in enumerate(chosen, 1):
        text, values = section(entry, seed, null)
        sections.append(text)
        p_values += values
        print(text, flush=True)
    if sys.argv[1:]:
        return
    outside = sum(p <= 1 - LEVEL for p in p_values)
    page = "\n".join(
        [
            "# Calibration of the models\n",
            "Simulation-based calibration (Talts et al. 2018; Modrák et al. 2023): parameters are drawn from the "
            "priors that are shipped, data are simulated from them by code apart from the models', and the truth is "
            f"ranked among {RANKED} posterior draws. Ranks of a calibrated posterior are uniform. A departure is the "
            "ranks' distribution function less the uniform one; the band holds all of it at once in 95% of calibrated "
            "posteriors, and p is how often they depart as far (Säilynoja, Bürkner and Vehtari 2022). "
            f"{outside} of {len(p_values)} quantities lie outside their band, where {0.05 * len(p_values):.1f} are "
            f"expected; the smallest p is {min(p_values):.3f}, and {min(1.0, min(p_values) * len(p_values)):.2f} when "
            f"held against all {len(p_values)}. A model with a quantity outside is calibrated once more from other "
            "draws, where a fault would show again and chance would not. Fits are of "
            f"{EFFORT.chains} chains of {EFFORT.draws} draws at a target acceptance of {EFFORT.target_accept}; reports "
            f"take {FULL.chains} of {FULL.draws} at {FULL.target_accept}. {machine.told()}\n",
            *sections,
            named_section(),
            few_clusters_section(),
        ]
    )
    Path(__file__).with_suffix(".md").write_text(page, encoding="utf-8")


def named_section() -> str:
    compiled = compile_model(MODELS[0].model)
    rows = [
        SIGNS.row("drawn from the prior"),
        signs_without_spread(compiled, 0.0, 11).row("no effect anywhere"),
        signs_without_spread(compiled, 0.2, 12).row("the same log odds ratio, 0.2, everywhere"),
    ]
    return (
        "## Named segments\n\n"
        "Segments are named where P(spread > "
        f"{SMALLEST_SPREAD}) > 0.95, with an expected false-sign rate of at most 5%. Without any spread, a list is one "
        "that should not have been given.\n\n"
        "| effects | arms | lists given | segments named | of the other sign |\n|---|---|---|---|---|\n"
        + "\n".join(rows)
        + "\n"
    )


def few_clusters_section() -> str:
    compiled = compile_model(MODELS[2].model)
    rows = [coverage_of_few_clusters(compiled, clusters, 13) for clusters in (4, 10, 20)]
    return (
        "## Few clusters\n\n"
        "Clinic-weeks of 15 to 59 people whose log odds are normal with standard deviation 0.6, which is not what the "
        "model supposes; 95% intervals of the difference. Below 10 clusters in an arm the study concludes nothing.\n\n"
        "| clusters an arm | hold the truth | mean width, points |\n|---|---|---|\n" + "\n".join(rows) + "\n"
    )


if __name__ == "__main__":
    main()
