"""Estimators against a truth that is known, by hand, by statsmodels and by published figures."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.special import expit

from workbench.no_show.at_risk.features import NUMBERS, WORDS
from workbench.no_show.effect.days_without import days_without
from workbench.no_show.effect.doubly_robust import clustered, effect_of, effective_size, scores
from workbench.no_show.effect.emulation import emulate, standardized
from workbench.no_show.effect.nuisance import Nuisance, folds_of, sent_lately
from workbench.no_show.effect.sensitivity import e_value, e_values
from workbench.no_show.effect.whom import whom_to_remind
from workbench.no_show.scores.estimates import Estimate

BOUNDS = (0.01, 0.99)


def eligible(size=6_000, seed=1, effect=-0.1, lead_counts=0.0, hidden=0.0):
    """Leads decide who is reminded and who misses; the effect may grow with the lead, and something be unrecorded."""
    rng = np.random.default_rng(seed)
    lead = rng.integers(3, 60, size)
    secret = rng.random(size) < 0.5
    sent = rng.random(size) < expit((lead - 30) / 12 + hidden * (secret - 0.5))
    risk = 0.2 + 0.004 * lead + sent * (effect + lead_counts * (lead - 30)) - 0.2 * hidden * (secret - 0.5)
    made = {name: np.zeros(size) for name in NUMBERS} | dict.fromkeys(WORDS)
    made |= {
        "patient": rng.permutation(size) // 2,
        "day": pd.Timestamp("2026-06-22") + pd.to_timedelta(np.sort(rng.integers(0, 100, size)), unit="D"),
        "lead_days": lead,
        "sent": sent.astype(int),
        "missed": (rng.random(size) < np.clip(risk, 0, 1)).astype(int),
        "sex": "female",
        "language": None,
        "clinic_id": "c",
        "eligible": True,
    }
    return pd.DataFrame(made)


def test_scores_with_true_nuisances_are_unbiased_and_either_model_is_enough():
    rng = np.random.default_rng(0)
    x = rng.random(400_000)
    propensity, with_it, without = 0.1 + 0.8 * x, 0.1 + 0.2 * x, 0.2 + 0.5 * x
    treated = (rng.random(x.size) < propensity).astype(float)
    outcome = (rng.random(x.size) < np.where(treated == 1, with_it, without)).astype(float)
    truth = float((with_it - without).mean())
    wrong = np.full(x.size, 0.5)
    for nuisance in (
        Nuisance(propensity, with_it, without),
        Nuisance(propensity, wrong, wrong),
        Nuisance(wrong, with_it, without),
    ):
        found = effect_of(scores(nuisance, treated, outcome), (np.arange(x.size),))
        assert found.difference.value == pytest.approx(truth, abs=0.006)
        assert found.difference.low < truth < found.difference.high
    both_wrong = effect_of(scores(Nuisance(wrong, wrong, wrong), treated, outcome), (np.arange(x.size),))
    assert abs(both_wrong.difference.value - truth) > 0.05


def test_clustered_interval_is_that_of_statsmodels():
    rng = np.random.default_rng(3)
    cluster = rng.integers(0, 40, 500)
    values = rng.normal(size=500) + rng.normal(size=40)[cluster]
    found = clustered(values, (cluster,))
    theirs = sm.OLS(values, np.ones(500)).fit(
        cov_type="cluster", cov_kwds={"groups": cluster, "use_correction": False}, use_t=True
    )
    ours = (found.high - found.low) / 2
    half = np.ptp(theirs.conf_int()[0]) / 2
    assert ours == pytest.approx(half * np.sqrt(40 / 39), rel=1e-9)


def test_the_wider_of_two_clusterings_is_told():
    values = np.tile([1.0, -1.0], 50)
    alone, paired = np.arange(100), np.tile([0, 1], 50)
    assert clustered(values, (alone, paired)) == clustered(values, (paired,))
    assert clustered(values, (paired,)).high > clustered(values, (alone,)).high


def test_leads_compared_with_like_leads_by_hand():
    stratum = np.array([0, 0, 0, 1, 1, 1, 1, 2])
    treated = np.array([1, 0, 0, 1, 1, 0, 0, 1.0])
    outcome = np.array([1, 0, 1, 0, 1, 1, 1, 1.0])
    found = standardized(stratum, treated, outcome, (np.arange(8),))
    # 3 rows of +1/2 and 4 of -1/2; the last stratum has one kind alone.
    assert found.value == pytest.approx((3 * 0.5 - 4 * 0.5) / 7)
    assert standardized(np.arange(8), treated, outcome, (np.arange(8),)) is None


def test_emulation_finds_an_effect_that_the_raw_difference_hides():
    rows = eligible()
    told, fitted = emulate(rows, "sent", "missed", BOUNDS, 1)
    assert told.raw.value > -0.04
    assert told.difference.low < -0.1 < told.difference.high
    assert told.sensitivity.nearest > 1
    assert fitted.kept.sum() == round(len(rows) * (1 - told.overlap.trimmed))
    assert sum(each.appointments for each in told.overlap.classes) == len(rows)


def test_what_is_not_recorded_biases_it_and_no_interval_tells():
    told, _ = emulate(eligible(hidden=1.5, effect=0.0), "sent", "missed", BOUNDS, 1)
    assert told.difference.high < 0


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (lambda rows: 1, "one_kind"),
        # Everybody beyond a lead, and nobody under it.
        (lambda rows: (rows["lead_days"] > 30).astype(int), "trimmed"),
    ],
)
def test_without_positivity_nothing_is_told(sent, why):
    rows = eligible()
    rows["sent"] = sent(rows)
    told, fitted = emulate(rows, "sent", "missed", BOUNDS, 1)
    assert (told.why, told.effect, told.sensitivity, fitted) == (why, None, None, None)


def test_benefit_is_told_only_where_it_is_better_than_risk():
    same = eligible(12_000)
    kept = np.ones(len(same), bool)
    assert not whom_to_remind(same, kept, "missed", 0.25, BOUNDS, 1).benefit_is_better
    # The effect is greatest where the risk is lowest.
    other = eligible(12_000, effect=-0.05, lead_counts=0.008)
    whom = whom_to_remind(other, kept, "missed", 0.25, BOUNDS, 1)
    assert whom.benefit_is_better
    assert whom.at_asked.by_benefit.value > whom.at_asked.by_lot.value


def test_e_value_of_the_published_example():
    # VanderWeele and Ding 2017: a risk ratio of 3.9 (1.8 to 8.7) has E-values 7.26 and 3.0.
    found = e_values(Estimate(3.9, 1.8, 8.7))
    assert found.estimate == pytest.approx(7.26, abs=0.005)
    assert found.nearest == pytest.approx(3.0, abs=0.005)
    assert e_value(1 / 3.9) == pytest.approx(e_value(3.9))
    assert e_values(Estimate(0.9, 0.7, 1.1)).nearest == 1
    with pytest.raises(ValueError, match="above 0"):
        e_value(0.0)


def test_effective_size_counts_equal_weights_whole():
    assert effective_size(np.full(7, 3.0)) == pytest.approx(7)
    assert effective_size(np.array([1.0, 1e9])) == pytest.approx(1, abs=1e-6)
    assert effective_size(np.array([])) == 0


def test_all_of_a_patient_are_in_one_fold():
    patient = np.repeat(np.arange(50), 3)
    fold = folds_of(patient, 4, 1)
    assert set(np.unique(fold)) == {0, 1, 2, 3}
    assert (fold.reshape(50, 3) == fold[::3, None]).all()


def test_how_a_clinic_reminds_of_late_knows_earlier_days_alone():
    days = pd.to_datetime(["2026-06-01"] * 10 + ["2026-06-02"] * 10 + ["2026-06-03"] * 10)
    rows = pd.DataFrame({"day": days, "clinic_id": "c", "sent": [1] * 10 + [0] * 10 + [1] * 10})
    found = sent_lately(rows)
    assert np.isnan(found[:10]).all()
    assert found[10:20].tolist() == [1.0] * 10
    assert found[20:].tolist() == [0.5] * 10


def days(effect, shock=0.0, seed=5):
    """Sixty days, every tenth without reminders; a shock is another difference of these days, for all leads alike."""
    rng = np.random.default_rng(seed)
    size = 120_000
    day, lead = rng.integers(0, 60, size), rng.choice([0, 1, 5, 20], size)
    blank = day % 10 == 4
    sent = (lead >= 3) & ~blank & (rng.random(size) < 0.8)
    risk = 0.1 + 0.005 * lead + effect * sent - shock * blank
    return pd.DataFrame(
        {
            "day": pd.Timestamp("2026-06-01") + pd.to_timedelta(day, unit="D"),
            "lead_days": lead,
            "sent": sent.astype(int),
            "missed": (rng.random(size) < risk).astype(int),
            "patient": np.arange(size),
            "eligible": lead >= 3,
        }
    )


def test_days_without_find_the_effect_of_days_and_their_control_none():
    found = days_without(days(-0.05), "missed")
    assert found.days_without == 6
    assert found.sent == pytest.approx(0.8, abs=0.02)
    assert found.difference.low < -0.04 < found.difference.high < 0
    assert found.control.low < 0 < found.control.high


def test_negative_control_shows_days_that_differ_in_more_than_reminders():
    found = days_without(days(0.0, shock=0.06), "missed")
    assert found.control.low > 0
    assert found.difference.value == pytest.approx(0.06, abs=0.02)


def test_too_few_days_tell_nothing():
    rows = days(-0.05)
    assert days_without(rows[rows["day"] < "2026-06-20"], "missed") is None
    assert days_without(rows.assign(sent=rows["eligible"].astype(int)), "missed") is None
