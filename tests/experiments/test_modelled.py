"""From an experiment's counts to the models beside the verdict: planted effects come back, through the whole analysis.

What the models themselves do, and that they are calibrated, is tested with each; here it is what they are given.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from workbench.experiments.analysis import analyze
from workbench.experiments.counting.cells import CELL_COLUMNS
from workbench.experiments.counting.given import GivenArm, given_counts
from workbench.experiments.late.forecast import LateOutcomes
from workbench.experiments.modelled import by_covariate, by_cure, by_factor, by_segment
from workbench.experiments.structure import Covariate
from workbench.experiments.verdict import decide

DESIGN = {
    "plain": {"tone": "neutral", "length": "long"},
    "warm": {"length": "long", "tone": "warm"},
    "short": {"tone": "neutral", "length": "short"},
    "both": {"tone": "warm", "length": "short"},
}
# Warm adds 30 per 1,000 whatever the length, which takes 10 away.
RATES = {"plain": 0.070, "warm": 0.100, "short": 0.060, "both": 0.090}
PEOPLE = 30_000


def factorial(parameters, arms=tuple(RATES), **changes):
    """Counts in which every arm has the events that its rate expects."""
    settings = parameters(factors={arm: DESIGN[arm] for arm in arms}, **changes)
    events = {arm: round(PEOPLE * RATES[arm]) for arm in arms}
    given = {arm: GivenArm(PEOPLE, PEOPLE, {"bookings": n, "opt-outs": 300}) for arm, n in events.items()}
    return given_counts(settings, given), settings


def test_the_planted_effect_of_each_factor_comes_back_through_the_analysis(parameters):
    counts, settings = factorial(parameters)
    analysis = analyze(counts, settings)
    found = analysis.factors
    assert found.diagnostics.sound
    tone, length = found.effects
    assert (tone.factor, tone.level, tone.versus) == ("tone", "warm", "neutral")
    assert (length.factor, length.level, length.versus) == ("length", "short", "long")
    for effect, truth in ((tone, 0.03), (length, -0.01)):
        assert effect.difference.low < truth < effect.difference.high
        assert effect.difference.mean == pytest.approx(truth, abs=0.002)
        assert effect.difference.low * effect.difference.high > 0
    assert found.best.cell == ("warm", "long")
    assert found.unsent == ()
    # They inform: the verdict is the same without them.
    assert decide(analysis) == decide(replace(analysis, factors=None))


def test_a_combination_that_was_never_sent_is_named_and_where_fewer_is_better_the_lowest_is_best(parameters):
    fewer = parameters().metrics[0].model_copy(update={"direction": "decrease"})
    counts, settings = factorial(
        parameters, ("plain", "warm", "short"), metrics=(fewer, parameters().metrics[1])
    )
    found = by_factor(counts, settings)
    assert found.unsent == (("warm", "short"),)
    assert found.best.cell == ("neutral", "short")
    assert found.best.best > 0.99
    assert found.best.loss < 0.001


def test_arms_that_differ_in_time_are_not_taken_for_parts_or_adjusted(parameters):
    counts, settings = factorial(parameters, covariate=Covariate(of="bookings_before", days=90))
    later = counts.cells.assign(epoch=counts.cells["value"].isna().astype("int64"))
    later["segment"] = np.where(later.index % 2, "anxiety", "trauma")
    changed = replace(counts, cells=later, strata=strata_of({"plain": RATES["plain"], "warm": RATES["warm"]}))
    assert by_factor(changed, settings) is None
    assert by_segment(changed, settings) is None
    assert by_covariate(changed, settings) is None
    assert by_factor(replace(counts, shares_vary=True), settings) is None


def strata_of(rates: dict[str, float]) -> pd.DataFrame:
    """Two kinds of people: nine of ten hardly book, one of ten mostly does; an arm adds the same to both."""
    rows = [
        (arm, stratum, people, round(people * (base + rate)))
        for arm, rate in rates.items()
        for stratum, people, base in ((0, 9_000, 0.02), (4, 1_000, 0.70))
    ]
    return pd.DataFrame(rows, columns=["arm", "stratum", "people", "events"])


@pytest.fixture
def covered(parameters):
    """An experiment of which it is known who booked before; in `warm` chance put too many of them."""
    settings = parameters(covariate=Covariate(of="bookings_before", days=90))
    strata = strata_of({"plain": 0.0, "warm": 0.03})
    lucky = strata["arm"].eq("warm") & strata["stratum"].eq(4)
    strata.loc[lucky, ["people", "events"]] = [1_200, round(1_200 * 0.73)]
    arms = {
        arm: GivenArm(
            int(rows["people"].sum()),
            int(rows["people"].sum()),
            {"bookings": int(rows["events"].sum()), "opt-outs": 9},
        )
        for arm, rows in strata.groupby("arm", sort=False)
    }
    return replace(given_counts(settings, arms), strata=strata), settings


def test_adjusted_for_what_was_known_before_the_difference_is_nearer_to_the_truth_and_surer(covered):
    analysis = analyze(*covered)
    plain, adjusted = analysis.effects[0].difference, analysis.standardized.differences["warm"]
    # Chance added more than a point to the difference of 3.
    assert plain.mean > 0.04
    assert adjusted.mean == pytest.approx(0.03, abs=0.003)
    assert adjusted.high - adjusted.low < 0.8 * (plain.high - plain.low)
    assert 0.3 < analysis.standardized.saved["warm"] < 1
    assert decide(analysis) == decide(replace(analysis, standardized=None))


def test_without_a_covariate_or_where_it_does_not_vary_nothing_is_adjusted(covered, parameters):
    counts, settings = covered
    assert by_covariate(counts, parameters()) is None
    alike = counts.strata[counts.strata["stratum"] == 0]
    assert by_covariate(replace(counts, strata=alike), settings) is None


def open_windows(counts, followed: int):
    """The counts with everybody followed for so many days of 14 or for all of them, one half each."""
    rows = [
        ("bookings", arm, None, 0, days, value, np.nan, people)
        for arm in counts.shares
        for days in (followed, 14)
        for value, people in ((0.0, 20), (2.0, 20), (np.nan, 460))
    ]
    return replace(
        counts,
        cells=pd.DataFrame(rows, columns=[*CELL_COLUMNS, "people"]),
        data_until=pd.Timestamp("2026-05-31", tz="UTC"),
    )


def test_the_cure_model_is_fitted_where_a_forecast_is_told_and_it_is_wanted(parameters):
    counts, settings = factorial(parameters, ("plain", "warm", "short"))
    analysis = analyze(
        open_windows(counts, 7), settings.model_copy(update={"factors": None, "cure_model": True})
    )
    assert analysis.late.told
    assert set(analysis.cure.rates) == {"plain", "warm", "short"}
    for arm in analysis.late.arms:
        assert analysis.cure.rates[arm.arm].mean == pytest.approx(arm.rate.mean, abs=0.01)
    assert by_cure(counts, analysis.late, settings.model_copy(update={"cure_model": False})) is None


@pytest.mark.parametrize(("steadiness", "told"), [(None, True), (0.5, True), (0.01, False)])
def test_a_forecast_is_told_unless_it_stands_on_what_does_not_hold(parameters, steadiness, told):
    late = LateOutcomes(window=14, arms=(), differences={}, steadiness=steadiness)
    assert late.told is told
    if not told:
        counts, settings = factorial(parameters)
        assert by_cure(counts, late, settings) is None
