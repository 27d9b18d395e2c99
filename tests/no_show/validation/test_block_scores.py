"""Scores of a block against statsmodels, and the coverage of their intervals over repeaters."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.special import expit, logit
from sklearn.metrics import log_loss, roc_auc_score

from workbench.no_show.validation.block_scores import score_block
from workbench.refusal import Refused


def made(seed, patients=250, shift=0.0, frailty=1.0):
    """Visits of patients who differ by more than the prediction knows, and the probability without that."""
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(patients), rng.integers(1, 9, patients))
    known = rng.normal(-1.4, 0.8, patient.size)
    hidden = rng.normal(0, frailty, patients)[patient]
    rows = pd.DataFrame(
        {
            "patient": patient,
            "day": pd.Timestamp("2026-03-02") + pd.to_timedelta(np.arange(patient.size) % 30, unit="D"),
            "no_show": (rng.random(patient.size) < expit(known + hidden + shift)).astype(int),
        }
    )
    return rows, expit(known)


def test_scores_are_those_of_statsmodels_and_scikit_learn():
    rows, risk = made(1)
    found = score_block(rows, risk)
    assert found.auroc.value == pytest.approx(roc_auc_score(rows["no_show"], risk), rel=1e-12)
    assert found.log_loss.value == pytest.approx(log_loss(rows["no_show"], risk), rel=1e-12)
    odds = logit(risk)
    by_patient = {"cov_type": "cluster", "cov_kwds": {"groups": rows["patient"].to_numpy()}}
    family = sm.families.Binomial()
    line = sm.GLM(rows["no_show"], sm.add_constant(odds), family=family).fit(**by_patient)
    large = sm.GLM(rows["no_show"], np.ones(len(rows)), family=family, offset=odds).fit(**by_patient)
    # The tool's own correction for few clusters has another factor, (n - 1) / (n - k).
    for estimate, theirs, place in ((found.slope, line, 1), (found.intercept, large, 0)):
        assert estimate.value == pytest.approx(np.asarray(theirs.params)[place], abs=1e-7)
        assert estimate.high - estimate.value == pytest.approx(1.96 * np.asarray(theirs.bse)[place], rel=2e-3)
    assert (found.patients, found.appointments) == (250, len(rows))
    assert (str(found.first), str(found.last)) == ("2026-03-02", "2026-03-31")


def test_intervals_cover_where_patients_return():
    """Nominal 95 %; the truth is that of a provider so large that luck plays no part."""
    whole = score_block(*made(0, patients=200_000))
    truth = {name: getattr(whole, name).value for name in ("auroc", "log_loss", "intercept", "slope")}
    covered = dict.fromkeys(truth, 0)
    for seed in range(1, 301):
        found = score_block(*made(seed))
        for name, value in truth.items():
            estimate = getattr(found, name)
            covered[name] += estimate.low <= value <= estimate.high
    # Three standard errors of a share of .95 over 300 clinics.
    assert all(0.912 < count / 300 < 0.988 for count in covered.values()), covered


def test_the_same_prediction_for_all_has_no_slope():
    rows, risk = made(1)
    assert score_block(rows, np.full_like(risk, 0.2)).slope is None


@pytest.mark.parametrize(("outcome", "words"), [(0, "nobody missed"), (1, "everybody missed")])
def test_one_class_only_is_refused(outcome, words):
    rows, risk = made(1)
    with pytest.raises(Refused, match=words):
        score_block(rows.assign(no_show=outcome), risk)


def test_an_empty_block_is_refused():
    rows, risk = made(1)
    with pytest.raises(Refused, match="evaluated block is empty"):
        score_block(rows.head(0), risk[:0])
