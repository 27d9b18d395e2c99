"""Over all experiments: exact by another road, safe with few, arms of one experiment not counted twice."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import halfnorm, norm

from workbench.experiments.models.meta import MEAN_SD, SPREAD_SCALE, StudyEffect, pool_experiments
from workbench.refusal import Refused

EFFECTS = tuple(
    StudyEffect(f"e{i}", "b", "tone", y, s)
    for i, (y, s) in enumerate([(0.31, 0.12), (0.02, 0.08), (-0.05, 0.2), (0.18, 0.1)])
)


def by_brute_force(effects, moment):
    """E[moment(mu, tau)] by a grid over both, with nothing in common with the code but the model."""
    mu, tau = np.meshgrid(np.linspace(-1.8, 1.8, 601), (np.arange(3_000) + 0.5) * 1.5 / 3_000, indexing="ij")
    log_density = norm.logpdf(mu, 0, MEAN_SD) - (tau / SPREAD_SCALE) ** 2 / 2
    for effect in effects:
        variance = effect.error**2 + tau**2
        log_density -= (effect.log_ratio - mu) ** 2 / variance / 2 + np.log(variance) / 2
    mass = np.exp(log_density)
    return float((mass * moment(mu, tau)).sum() / mass.sum())


def test_mean_spread_and_prediction_agree_with_brute_force():
    (found,) = pool_experiments(EFFECTS)
    mean = by_brute_force(EFFECTS, lambda mu, tau: mu)
    square = by_brute_force(EFFECTS, lambda mu, tau: mu**2)
    spread = by_brute_force(EFFECTS, lambda mu, tau: tau)
    ahead = by_brute_force(EFFECTS, lambda mu, tau: mu**2 + tau**2)
    assert found.mean.mean == pytest.approx(mean, abs=1e-7)
    assert found.mean.sd == pytest.approx(np.sqrt(square - mean**2), abs=1e-7)
    assert found.spread.mean == pytest.approx(spread, abs=1e-7)
    assert found.next.mean == found.mean.mean
    assert found.next.sd == pytest.approx(np.sqrt(ahead - mean**2), abs=1e-7)
    below = by_brute_force(EFFECTS, lambda mu, tau: norm.cdf(found.next.low, mu, tau))
    assert below == pytest.approx(0.025, abs=1e-5)


def test_shrunken_effects_agree_with_brute_force_and_lie_between():
    (found,) = pool_experiments(EFFECTS)
    effect, shrunk = found.effects[0]

    def conditional(mu, tau):
        weight = tau**2 / (tau**2 + effect.error**2)
        return weight * effect.log_ratio + (1 - weight) * mu

    assert shrunk.mean == pytest.approx(by_brute_force(EFFECTS, conditional), abs=1e-7)
    assert found.mean.mean < shrunk.mean < effect.log_ratio
    assert shrunk.sd < effect.error


def test_no_experiment_leaves_the_prior():
    (found,) = pool_experiments((), questions=("time",))
    assert found.experiments == 0
    assert (found.mean.mean, found.mean.sd) == pytest.approx((0, MEAN_SD))
    assert found.next.sd == pytest.approx(np.hypot(MEAN_SD, SPREAD_SCALE), abs=1e-9)
    assert found.spread.mean == pytest.approx(SPREAD_SCALE * np.sqrt(2 / np.pi), abs=1e-9)
    low, high = halfnorm.ppf([0.025, 0.975], scale=SPREAD_SCALE)
    assert (found.spread.low, found.spread.high) == pytest.approx((low, high), abs=1e-3)


def test_one_experiment_leaves_the_spread_nearly_where_the_prior_had_it():
    (found,) = pool_experiments(EFFECTS[:1])

    def density(tau):
        return halfnorm.pdf(tau, scale=SPREAD_SCALE) * norm.pdf(0.31, 0, np.sqrt(MEAN_SD**2 + 0.12**2 + tau**2))

    expected = quad(lambda tau: tau * density(tau), 0, 2)[0] / quad(density, 0, 2)[0]
    assert found.spread.mean == pytest.approx(expected, abs=1e-8)
    assert found.next.sd > 0.25


def test_questions_stay_apart_and_come_in_order():
    later = (*EFFECTS, StudyEffect("e9", "c", "time", -0.4, 0.1))
    asked = pool_experiments(later, questions=("time", "tone"))
    assert [found.question for found in asked] == ["time", "tone"]
    assert asked[1] == pool_experiments(EFFECTS)[0]


def test_arms_that_share_a_control_tell_less_than_two_experiments():
    one = StudyEffect("e1", "b", "tone", 0.3, 0.1)
    apart = pool_experiments((one, replace(one, experiment="e2")))[0]
    shared = replace(one, control_variance=0.009)
    together = pool_experiments((shared, replace(shared, arm="c")))[0]
    assert together.experiments == 1
    assert together.mean.sd > apart.mean.sd
    # A variance within one experiment says nothing of the errors between two.
    assert pool_experiments((shared, replace(shared, experiment="e2")))[0].mean == apart.mean


def test_the_order_of_experiments_and_the_sign_do_not_matter():
    found = pool_experiments(EFFECTS)[0]
    assert pool_experiments(EFFECTS[::-1])[0].mean.mean == pytest.approx(found.mean.mean, abs=1e-12)
    mirrored = [replace(effect, log_ratio=-effect.log_ratio) for effect in EFFECTS]
    (other,) = pool_experiments(mirrored)
    assert (other.mean.low, other.mean.high) == pytest.approx((-found.mean.high, -found.mean.low), abs=1e-9)
    assert other.spread.mean == pytest.approx(found.spread.mean, abs=1e-12)


def test_intervals_of_shrunken_effects_hold_the_truth_where_selected_raw_ones_do_not():
    rng = np.random.default_rng(8)
    held, raw, chosen = 0, 0, 0
    for _ in range(150):
        mu, tau = rng.normal(0, MEAN_SD), abs(rng.normal(0, SPREAD_SCALE))
        theta = rng.normal(mu, tau, 6)
        y = rng.normal(theta, 0.15)
        (found,) = pool_experiments(
            [StudyEffect(f"e{i}", "b", "tone", value, 0.15) for i, value in enumerate(y)]
        )
        best = int(y.argmax())
        shrunk = found.effects[best][1]
        held += shrunk.low <= theta[best] <= shrunk.high
        raw += abs(y[best] - theta[best]) <= 1.96 * 0.15
        chosen += 1
    # 150 intervals at 95 %, give or take three standard errors; the largest of six is inflated.
    assert held / chosen > 0.95 - 3 * np.sqrt(0.95 * 0.05 / 150)
    assert raw / chosen < held / chosen


@pytest.mark.parametrize(
    "flaw", [{"error": 0.0}, {"error": float("nan")}, {"log_ratio": float("inf")}, {"control_variance": 0.05}]
)
def test_an_effect_that_is_no_number_is_refused(flaw):
    effect = replace(StudyEffect("greeting", "warm", "tone", 0.1, 0.2), **flaw)
    with pytest.raises(Refused, match="experiment greeting, arm warm"):
        pool_experiments([effect])
