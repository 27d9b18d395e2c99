"""Clusters: agreement with plain computations, what members have in common, few clusters conclude nothing."""

import numpy as np
import pytest
from scipy.stats import betabinom, norm
from statsmodels.genmod.families import Gaussian
from statsmodels.genmod.generalized_linear_model import GLM

from workbench.experiments.models.clusters import (
    ClusterCells,
    cluster_data,
    compile_clusters,
    design_effect,
    fit_clusters,
    plain_difference,
)
from workbench.refusal import Refused
from workbench.sampling.nuts import Effort

ARMS = ("plain", "inviting")
RATES = (0.10, 0.16)
QUICK = Effort(draws=1500, tune=600, target_accept=0.9)


def drawn(clusters: int, correlation: float = 0.15, seed: int = 4, sizes=(1, 2, 3, 4, 6)) -> ClusterCells:
    """Clusters drawn from the model, so many in each arm."""
    rng = np.random.default_rng(seed)
    size = np.tile(rng.choice(sizes, clusters), 2)
    arm = np.repeat([0, 1], clusters)
    weight = 1 / correlation - 1
    p = np.array(RATES)[arm]
    events = rng.binomial(size, rng.beta(p * weight, (1 - p) * weight))
    kinds, counts = np.unique(np.stack([arm, size, events]), axis=1, return_counts=True)
    return ClusterCells(ARMS, *kinds, counts)


@pytest.fixture(scope="module")
def cells():
    return drawn(400)


@pytest.fixture(scope="module")
def fitted(cells):
    return fit_clusters(cells, seed=1, effort=QUICK)


def by_grid(cells: ClusterCells) -> tuple[float, float, float]:
    """Mean and standard deviation of the difference, and mean correlation, by a grid over all three parameters."""
    mu, delta = np.linspace(-3, -1.4, 60), np.linspace(-0.4, 1.3, 60)
    rho = np.linspace(0.002, 0.5, 60)
    grid_mu, grid_delta, grid_rho = np.meshgrid(mu, delta, rho, indexing="ij")
    rates = [1 / (1 + np.exp(-grid_mu)), 1 / (1 + np.exp(-grid_mu - grid_delta))]
    weight = 1 / grid_rho - 1
    density = norm.logpdf(grid_mu, -2, 1.5) + norm.logpdf(grid_delta, 0, 0.35) + 8 * np.log1p(-grid_rho)
    for arm, size, events, clusters in zip(cells.arm, cells.size, cells.events, cells.clusters, strict=True):
        p = rates[arm]
        density += clusters * betabinom.logpmf(events, size, p * weight, (1 - p) * weight)
    mass = np.exp(density - density.max())
    mass /= mass.sum()
    difference = rates[1] - rates[0]
    mean = float((mass * difference).sum())
    return mean, float(np.sqrt((mass * (difference - mean) ** 2).sum())), float((mass * grid_rho).sum())


def test_the_sampler_agrees_with_a_grid(cells, fitted):
    mean, sd, correlation = by_grid(cells)
    found = fitted.differences["inviting"]
    assert fitted.diagnostics.sound
    assert found.mean == pytest.approx(mean, abs=0.1 * sd)
    assert found.high - found.low == pytest.approx(2 * 1.96 * sd, rel=0.06)
    assert fitted.correlation.mean == pytest.approx(correlation, abs=0.005)


def test_planted_rates_and_correlation_come_back_beside_the_plain_computation(fitted):
    found, plain = fitted.differences["inviting"], fitted.plain["inviting"]
    assert found.low < RATES[1] - RATES[0] < found.high
    assert fitted.correlation.low < 0.15 < fitted.correlation.high
    assert found.mean == pytest.approx(plain.mean, abs=plain.error / 2)
    assert (found.high - found.low) == pytest.approx(plain.high - plain.low, rel=0.15)
    assert fitted.withheld is None
    assert fitted.clusters == {"plain": 400, "inviting": 400}
    assert fitted.checks.passed


def test_the_plain_computation_is_the_cluster_robust_one(cells):
    arm, size, events = (np.repeat(array, cells.clusters) for array in (cells.arm, cells.size, cells.events))
    person = np.repeat(np.arange(len(size)), size)
    outcome = np.concatenate([[1.0] * e + [0.0] * (n - e) for n, e in zip(size, events, strict=True)])
    design = np.column_stack([np.ones(len(outcome)), arm[person]])
    reference = GLM(outcome, design, family=Gaussian()).fit(
        cov_type="cluster", cov_kwds={"groups": person, "use_correction": False}
    )
    plain = plain_difference(cells, 1)
    assert plain.mean == pytest.approx(reference.params[1], abs=1e-12)
    # Ours multiplies each arm's variance by C / (C - 1).
    assert plain.error == pytest.approx(reference.bse[1] * np.sqrt(400 / 399), rel=1e-6)


def test_what_members_have_in_common_widens_the_interval(fitted):
    alone = drawn(400, correlation=1e-6)
    found = fit_clusters(alone, seed=1, effort=QUICK)
    assert found.correlation.mean < 0.05 < fitted.correlation.mean
    assert 1 <= found.design_effect["inviting"] < 1.2 < fitted.design_effect["inviting"]


def test_the_design_effect_of_equal_clusters_is_the_textbook_one():
    twenty = ClusterCells(ARMS, np.array([0, 1]), np.array([20, 20]), np.array([2, 3]), np.array([30, 30]))
    assert design_effect(twenty, 1, 0.05) == pytest.approx(1 + 19 * 0.05)


def test_few_clusters_conclude_nothing():
    found = fit_clusters(drawn(9, sizes=(40, 50)), seed=1, effort=Effort(draws=300, tune=400))
    assert found.differences == {}
    assert found.withheld is not None
    assert "fewer than 10 clusters (plain 9, inviting 9)" in found.withheld.what
    assert set(found.rates) == set(ARMS)


def test_padding_says_nothing_and_shares_a_compilation(cells):
    data = cluster_data(cells, 64)
    assert data["clusters"].sum() == 800
    assert (data["size"] >= 1).all()
    assert compile_clusters(cells) is compile_clusters(drawn(20))


def test_every_cluster_one_person_is_refused():
    one = np.ones(2, dtype=np.int64)
    with pytest.raises(Refused, match="every cluster is one person"):
        ClusterCells(ARMS, np.array([0, 1]), one, one, one)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"arm": [0, 0]}, "some arm has none"),
        ({"events": [3, 1]}, "more people with an event than people"),
        ({"events": [-1, 1]}, "some counts are negative"),
        ({"size": [0, 2]}, "some cluster has nobody"),
    ],
)
def test_counts_that_cannot_be_are_refused(change, words):
    usual = {"arm": [0, 1], "size": [2, 2], "events": [0, 1], "clusters": [4, 4]}
    arrays = {name: np.array(values) for name, values in {**usual, **change}.items()}
    with pytest.raises(Refused, match=words):
        ClusterCells(ARMS, **arrays)
