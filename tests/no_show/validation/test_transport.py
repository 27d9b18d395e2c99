"""Transport: what recalibration mends, what it leaves, and features that only one place has."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from workbench.no_show.at_risk.features import NUMBERS, WORDS
from workbench.no_show.models.training import unfitted
from workbench.no_show.validation.transport import transport
from workbench.refusal import Refused


def place(size, seed, intercept, slope, **columns):
    rng = np.random.default_rng(seed)
    lead = rng.integers(0, 40, size)
    made = dict.fromkeys(NUMBERS, 0.0) | dict.fromkeys(WORDS)
    made |= {
        "lead_days": lead,
        "no_show": (rng.random(size) < expit(intercept + slope * lead / 10)).astype(int),
        "patient": np.arange(size),
        "day": pd.Timestamp("2026-01-01"),
        "clinic_id": "c",
    }
    return pd.DataFrame(made | columns, index=range(size))


@pytest.fixture(scope="module")
def found():
    rng = np.random.default_rng(7)
    return transport(
        "there",
        place(8000, 1, -2.0, 0.6, hour=rng.integers(8, 18, 8000).astype(float)),
        place(8000, 2, -3.0, 1.2, age=rng.integers(18, 90, 8000).astype(float)),
        place(8000, 3, -3.0, 1.2),
        lambda: unfitted("logistic", 1),
    )


def test_only_features_of_both_places_are_used(found):
    assert found.features == ("lead_days",)


def test_the_large_mends_the_rate_and_the_line_the_strength_and_neither_the_ranks(found):
    assert abs(found.as_it_came.intercept.value) > 0.2
    assert found.as_it_came.slope.value == pytest.approx(2, abs=0.2)
    assert found.in_the_large.intercept.value == pytest.approx(0, abs=0.12)
    assert found.in_the_large.slope.value == pytest.approx(found.as_it_came.slope.value, rel=1e-6)
    assert found.logistic.slope.value == pytest.approx(1, abs=0.1)
    assert found.logistic.log_loss.value < found.in_the_large.log_loss.value < found.as_it_came.log_loss.value
    aurocs = {round(each.auroc.value, 9) for each in (found.as_it_came, found.in_the_large, found.logistic)}
    assert len(aurocs) == 1


def test_places_that_share_no_feature_are_refused():
    there = place(300, 1, -1.0, 0.0, lead_days=5, hour=np.arange(300) % 9.0)
    with pytest.raises(Refused, match="both there and here"):
        transport(
            "there", there, place(300, 2, -1.0, 0.1), place(300, 3, -1.0, 0.1), lambda: unfitted("logistic", 1)
        )
