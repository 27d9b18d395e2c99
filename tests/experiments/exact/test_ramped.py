"""Ramps: against the engine of one allocation, against direct summation, and where a base rate drifts."""

import numpy as np
import pytest
from scipy.stats import binom, norm

from workbench.experiments.exact import ArmCounts, RatePosterior
from workbench.experiments.exact.ramped import RampedPosterior
from workbench.refusal import Refused


def epoch(*counts: tuple[int, int]) -> list[ArmCounts]:
    return [ArmCounts(arm, *given) for arm, given in zip("abc", counts, strict=False)]


RAMP = [epoch((9_000, 270), (1_000, 34)), epoch((5_000, 300), (5_000, 320))]


@pytest.mark.parametrize(
    "counts",
    [
        epoch((1_000, 60), (1_000, 85)),
        epoch((12_000, 480), (12_000, 552), (12_000, 530)),
        epoch((100, 0), (100, 0)),
        epoch((300, 0), (10, 2)),
        epoch((5_000_000, 200_000), (5_000_000, 201_000)),
    ],
)
def test_one_epoch_is_the_plain_engine(counts):
    ramped, plain = RampedPosterior([counts], "a"), RatePosterior(counts, "a")
    assert ramped.log_bayes_factor == pytest.approx(plain.log_bayes_factor, abs=1e-5)
    for arm in ramped.arms[1:]:
        assert ramped.probability_better(arm) == pytest.approx(plain.probability_better(arm), abs=1e-7)
        assert ramped.probability_best()[arm] == pytest.approx(plain.probability_best()[arm], abs=1e-7)
        assert ramped.expected_loss(arm) == pytest.approx(plain.expected_loss(arm), rel=1e-5, abs=1e-9)
        for found, told in (
            (ramped.difference(arm), plain.difference(arm)),
            (ramped.ratio(arm), plain.ratio(arm)),
            (ramped.rate(arm), plain.rate(arm)),
            (ramped.rate("a"), plain.rate("a")),
        ):
            assert (found.mean, found.low, found.high) == pytest.approx(
                (told.mean, told.low, told.high), rel=1e-5, abs=2e-6
            )


def direct(epochs, sd=0.35) -> dict[str, float]:
    """Two arms in two epochs, summed on a plain grid: the rates of the control, and the log ratio."""
    ratios = np.linspace(-0.4, 0.5, 1_801)
    weight = norm.logpdf(ratios, scale=sd)
    grids, logs = [], []
    for base, arm in epochs:
        rates = np.linspace(0, 3 * (base.events + arm.events) / (base.people + arm.people), 602)[1:]
        grids.append(rates)
        treated = np.minimum(rates[:, None] * np.exp(ratios)[None, :], 1 - 1e-12)
        logs.append(
            binom.logpmf(base.events, base.people, rates)[:, None]
            + binom.logpmf(arm.events, arm.people, treated)
        )
    parts = [np.exp(log - log.max()) for log in logs]
    joint = np.exp(weight - weight.max()) * np.prod([part.sum(axis=0) for part in parts], axis=0)
    joint /= joint.sum()
    means = [
        (part * rates[:, None]).sum(axis=0) / part.sum(axis=0) for part, rates in zip(parts, grids, strict=True)
    ]
    people = [sum(entry.people for entry in one) for one in epochs]
    base = np.average(means, axis=0, weights=people)
    return {
        "better": float(joint[ratios > 0].sum() + joint[ratios == 0].sum() / 2),
        "mean": float(joint @ (base * np.expm1(ratios))),
        "base": float(joint @ base),
    }


def test_two_epochs_agree_with_direct_summation():
    found, told = RampedPosterior(RAMP, "a"), direct(RAMP)
    assert found.probability_better("b") == pytest.approx(told["better"], abs=2e-5)
    assert found.difference("b").mean == pytest.approx(told["mean"], abs=1e-7)
    assert found.rate_mean("a") == pytest.approx(told["base"], abs=1e-7)


def test_an_epoch_that_is_split_by_nothing_but_time_changes_little():
    whole = RatePosterior(epoch((4_000, 200), (4_000, 240)), "a")
    halves = RampedPosterior([epoch((2_000, 101), (2_000, 119)), epoch((2_000, 99), (2_000, 121))], "a")
    assert halves.probability_better("b") == pytest.approx(whole.probability_better("b"), abs=5e-3)
    assert halves.difference("b").low == pytest.approx(whole.difference("b").low, abs=4e-4)


def test_three_arms_and_four_epochs_hang_together():
    steps = [epoch((900, 40), (100, 6), (0, 0)), *[epoch((300, 20), (300, 28), (300, 19))] * 3]
    found = RampedPosterior(steps, "a")
    best, lowest = found.probability_best(), found.probability_best(highest=False)
    assert sum(best.values()) == pytest.approx(1, abs=1e-6)
    assert sum(lowest.values()) == pytest.approx(1, abs=1e-6)
    assert best["b"] > best["c"] > 0
    assert found.probability_better("b", "c") == pytest.approx(1 - found.probability_better("c", "b"), abs=1e-6)
    assert found.difference("b", "c").mean == pytest.approx(
        found.rate_mean("b") - found.rate_mean("c"), abs=1e-9
    )


def test_while_the_base_rate_drifts_a_useless_arm_is_called_better_as_rarely_as_said():
    rng = np.random.default_rng(3)
    called = pooled = 0
    for _ in range(100):
        parts = [(9_000, 1_000, 0.03), (5_000, 5_000, 0.06)]
        drawn = [epoch(*((n, int(rng.binomial(n, rate))) for n in people)) for *people, rate in parts]
        found = RampedPosterior(drawn, "a")
        called += found.probability_better("b") > 0.95
        whole = epoch(*((sum(e[at].people for e in drawn), sum(e[at].events for e in drawn)) for at in (0, 1)))
        pooled += RatePosterior(whole, "a").probability_better("b") > 0.95
    assert called / 100 < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 100)
    # What the same counts say without their epochs.
    assert pooled / 100 > 0.9


@pytest.mark.parametrize(
    ("epochs", "words"),
    [
        ([], "there are 0 of them"),
        ([RAMP[0]] * 5, "there are 5 of them"),
        ([RAMP[0], RAMP[1][:1]], "their arms differ"),
        ([epoch((0, 0), (10, 1)), epoch((0, 0), (10, 1))], "it has no people"),
        ([epoch((10, 12), (10, 1)), epoch((10, 2), (10, 1))], "not between 0 and its people"),
        ([epoch((10, 1))], "1 arm was given"),
    ],
)
def test_what_is_no_ramp_is_refused(epochs, words):
    with pytest.raises(Refused, match=words):
        RampedPosterior(epochs, "a")


def test_two_treated_arms_are_compared_as_in_the_plain_engine():
    counts = epoch((12_000, 480), (12_000, 552), (12_000, 530))
    ramped, plain = RampedPosterior([counts], "a"), RatePosterior(counts, "a")
    found, told = ramped.difference("b", "c"), plain.difference("b", "c")
    assert (found.low, found.high) == pytest.approx((told.low, told.high), abs=2e-5)
    assert ramped.probability_better("b", "c") == pytest.approx(plain.probability_better("b", "c"), abs=1e-3)
