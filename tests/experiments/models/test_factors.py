"""The model of factors: planted effects come back, a design that cannot tell factors apart is refused."""

import numpy as np
import pytest

from workbench.experiments.models.factors import FactorCells, compile_factors, factor_data, fit_factors
from workbench.refusal import Refused
from workbench.sampling.nuts import Effort

FACTORS = (
    ("tone", ("neutral", "warm")),
    ("time", ("morning", "noon", "evening")),
    ("length", ("long", "short")),
)
SHAPE = (2, 3, 2)
QUICK = Effort(draws=1500, tune=800, target_accept=0.95)


def logits() -> np.ndarray:
    """Warm adds .5, the evening takes .3 away, warm in the evening adds another .4; length does nothing."""
    table = np.full(SHAPE, -2.5)
    table[1] += 0.5
    table[:, 2] -= 0.3
    table[1, 2] += 0.4
    return table


def planted(people: int = 4_000) -> FactorCells:
    rates = 1 / (1 + np.exp(-logits()))
    return FactorCells(FACTORS, np.full(SHAPE, people), np.rint(people * rates).astype(np.int64))


@pytest.fixture(scope="module")
def fitted():
    return fit_factors(planted(), seed=3, effort=QUICK)


def test_planted_main_effects_come_back_on_the_scale_of_the_rate(fitted):
    assert fitted.diagnostics.sound
    rates = 1 / (1 + np.exp(-logits()))
    tone, noon, evening, length = fitted.effects
    for effect, truth in (
        (tone, np.diff(rates.mean(axis=(1, 2)))[0]),
        (noon, 0.0),
        (evening, np.diff(rates.mean(axis=(0, 2)))[1]),
        (length, 0.0),
    ):
        found = effect.difference
        assert found.low < truth < found.high
        assert found.mean == pytest.approx(truth, abs=0.004)
    assert tone.difference.above_zero > 0.999
    assert (tone.factor, tone.level, tone.versus) == ("tone", "warm", "neutral")


def test_main_effects_agree_with_averages_of_the_raw_rates_where_people_are_many(fitted):
    cells = planted()
    raw = np.diff((cells.events / cells.people).mean(axis=(1, 2)))[0]
    assert fitted.effects[0].difference.mean == pytest.approx(raw, abs=0.003)


def test_the_best_combination_comes_first_with_a_small_loss(fitted):
    rates = [rate.rate.mean for rate in fitted.rates]
    assert rates == sorted(rates, reverse=True)
    assert fitted.best.cell[0] == "warm"
    assert sum(rate.best for rate in fitted.rates) == pytest.approx(1)
    assert 0 <= fitted.best.loss < 0.02 < fitted.rates[-1].loss
    assert fitted.higher is not None
    assert fitted.unsent == ()
    assert fitted.checks.passed


def test_an_unsent_combination_is_named_and_never_the_best(fitted):
    whole = planted(people=1_000)
    people, events = whole.people.copy(), whole.events.copy()
    people[1, 2, 1] = events[1, 2, 1] = 0
    found = fit_factors(FactorCells(FACTORS, people, events), seed=3, effort=Effort(draws=300, tune=400))
    assert found.unsent == (("warm", "evening", "short"),)
    assert all(rate.cell != ("warm", "evening", "short") for rate in found.rates)
    assert found.effects[0].difference.high - found.effects[0].difference.low > (
        fitted.effects[0].difference.high - fitted.effects[0].difference.low
    )


def test_contrasts_are_orthonormal_products_whose_order_counts_their_factors():
    data = factor_data(planted(), 16)
    columns, order = data["columns"][:12, :12], data["order"][:12]
    # The columns of a saturated design with equal cells do not know of each other.
    assert np.allclose(columns.T @ columns, np.diag(np.diag(columns.T @ columns)))
    assert order.sum(axis=0).tolist() == [4, 5, 2]
    assert not data["people"][12:].any()
    assert not data["order"][12:].any()


def test_designs_of_one_size_share_a_compilation():
    other = FactorCells((("tone", ("a", "b")), ("time", ("c", "d"))), np.full((2, 2), 50), np.full((2, 2), 5))
    assert compile_factors(other) is compile_factors(planted())


def test_a_factor_with_one_level_is_refused():
    factors = (("tone", ("warm",)), ("time", ("morning", "noon")))
    with pytest.raises(Refused, match="factor tone: it has 1 level"):
        FactorCells(factors, np.ones((1, 2), dtype=np.int64), np.zeros((1, 2), dtype=np.int64))


def test_a_level_nobody_was_assigned_to_is_refused():
    people = np.full(SHAPE, 10)
    people[:, 1] = 0
    with pytest.raises(Refused, match='factor time: nobody was assigned to its level "noon"'):
        FactorCells(FACTORS, people, np.zeros(SHAPE, dtype=np.int64))


def test_factors_that_change_together_are_refused_by_name():
    people = np.zeros(SHAPE, dtype=np.int64)
    people[0, :, 0] = people[1, :, 1] = 10
    with pytest.raises(Refused, match="factors tone and length: they are confounded"):
        FactorCells(FACTORS, people, np.zeros(SHAPE, dtype=np.int64))


def test_three_factors_that_are_told_apart_in_pairs_alone_are_refused():
    # Each pair of factors is crossed, the rank of all three falls short.
    factors = tuple((name, ("a", "b", "c")) for name in ("tone", "time"))
    both = (*factors, ("length", ("a", "b")))
    people = np.zeros((3, 3, 2), dtype=np.int64)
    for cell in ((0, 0, 0), (1, 0, 1), (0, 1, 1), (2, 2, 0), (1, 2, 1)):
        people[cell] = 5
    with pytest.raises(Refused, match="confounded"):
        FactorCells(both, people, np.zeros(people.shape, dtype=np.int64))


def test_a_half_fraction_of_three_factors_is_analyzed():
    people = np.zeros((2, 2, 2), dtype=np.int64)
    for cell in ((0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0)):
        people[cell] = 100
    factors = tuple((name, ("a", "b")) for name in ("tone", "time", "length"))
    assert len(FactorCells(factors, people, people // 10).cells) == 8


def test_events_beyond_the_people_are_refused():
    with pytest.raises(Refused, match="more people with an event than people"):
        FactorCells(FACTORS, np.full(SHAPE, 10), np.full(SHAPE, 11))
