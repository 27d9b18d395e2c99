"""Many comparisons at once give what one at a time gives."""

import numpy as np
import pytest

from workbench.experiments.exact.many import compare_many
from workbench.experiments.exact.rates import ArmCounts, RatePosterior, RatePrior
from workbench.refusal import Refused


def drawn(people, low, high, arms, seed, n=6):
    rng = np.random.default_rng(seed)
    size = np.full((n, arms), people) if np.isscalar(people) else rng.integers(*people, (n, arms))
    return np.stack([size, rng.binomial(size, rng.uniform(low, high, (n, arms)))], axis=2)


CASES = {
    "usual": (drawn(1_000, 0.02, 0.06, 3, 1), RatePrior()),
    "two arms, narrow prior": (drawn(2_000, 0.02, 0.2, 2, 2), RatePrior(0.1)),
    "wide prior": (drawn((100, 3_000), 0.01, 0.2, 2, 3), RatePrior(1.0)),
    "few": (drawn((1, 30), 0.0, 1.0, 3, 4, n=3), RatePrior()),
    "five million": (drawn(5_000_000, 0.0399, 0.0401, 3, 5), RatePrior()),
    "none": (np.array([[[4_000, 0], [4_000, 0], [3_000, 0]]]), RatePrior()),
    "all": (np.array([[[4_000, 4_000], [4_000, 4_000]]]), RatePrior()),
    "of very different sizes": (
        np.array([[[100_000, 3_000], [50, 4]], [[50, 4], [100_000, 3_000]]]),
        RatePrior(),
    ),
    "far from the prior": (np.array([[[9_495, 29], [25_556, 3_366]]]), RatePrior(0.15)),
    "heavy tails": (drawn(500, 0.02, 0.1, 3, 6, n=1), RatePrior(log_ratio_degrees=4)),
    "twelve arms": (drawn(3_000, 0.03, 0.05, 12, 7, n=1), RatePrior()),
}


@pytest.mark.parametrize("name", CASES)
def test_each_row_is_what_the_engine_for_one_says(name):
    counts, prior = CASES[name]
    thresholds = (-0.01, 0.0, 0.004)
    found = compare_many(counts, prior, level=0.9, thresholds=thresholds)
    for row, arms in enumerate(counts.tolist()):
        names = [str(place) for place in range(len(arms))]
        posterior = RatePosterior(
            [ArmCounts(a, *each) for a, each in zip(names, arms, strict=True)], "0", prior
        )
        rates = [posterior.expectation(arm) for arm in names]
        near = 1e-9 * max(rates)
        assert found.expectation[row] == pytest.approx(rates, abs=near)
        assert found.best[row] == pytest.approx(list(posterior.probability_best().values()), abs=1e-9)
        assert found.loss[row] == pytest.approx([posterior.expected_loss(arm) for arm in names], abs=near)
        better = [posterior.probability_better(arm) for arm in names[1:]]
        assert found.better[row] == pytest.approx(better, abs=1e-9)
        gaps = [posterior.difference(arm, level=0.9) for arm in names[1:]]
        upto = [[posterior.difference_cdf(t, arm) for t in thresholds] for arm in names[1:]]
        assert found.upto[row] == pytest.approx(np.array(upto), abs=1e-9)
        assert found.low[row] == pytest.approx([gap.low for gap in gaps], abs=100 * near)
        assert found.high[row] == pytest.approx([gap.high for gap in gaps], abs=100 * near)


def test_intervals_are_made_when_asked_for():
    counts = CASES["usual"][0]
    assert np.isnan(compare_many(counts).low).all()
    assert (compare_many(counts, level=0.5).low < compare_many(counts, level=0.5).high).all()


def test_the_order_of_rows_does_not_matter():
    counts = np.concatenate([CASES["usual"][0], CASES["few"][0]])
    there, back = compare_many(counts), compare_many(counts[::-1])
    assert back.best[::-1] == pytest.approx(there.best, abs=1e-13)


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ([[[10, 1], [10, -1]]], "events are not between 0 and people"),
        ([[[10, 1], [10, 11]]], "events are not between 0 and people"),
        ([[[10, 1], [0, 0]]], "an arm has no people"),
        ([[[10, 1], [10, 1.5]]], "they are not whole numbers"),
        ([[[10, 1], [10, np.nan]]], "they are not whole numbers"),
        ([[["ten", "one"], ["ten", "one"]]], "they are not whole numbers"),
        ([[[10, 1]]], "they have another shape"),
        ([[10, 1], [10, 1]], "they have another shape"),
    ],
)
def test_what_cannot_be_compared_is_refused(counts, told):
    with pytest.raises(Refused, match=f"counts: {told}"):
        compare_many(np.array(counts))
    with pytest.raises(Refused, match="level"):
        compare_many(CASES["usual"][0], level=2)
    with pytest.raises(Refused, match="prior"):
        compare_many(CASES["usual"][0], RatePrior(0))
