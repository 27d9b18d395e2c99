"""Reasons come from the model: exact parts where it is additive, and what moves it where it is not."""

from collections import Counter

import numpy as np
import pytest

from workbench.no_show.at_risk.features import NUMBERS, WORDS
from workbench.no_show.models.training import train, unfitted
from workbench.no_show.oversight.reasons import groups, parts, reasons, reference_of
from workbench.no_show.scores.calibration import log_odds


@pytest.fixture(scope="module")
def trained(rows):
    training, calibration = rows(3000, 1), rows(3000, 2)
    return {name: train(unfitted(name, 1), training, calibration) for name in ("logistic", "boosting")}


@pytest.fixture
def reference(rows):
    return reference_of(rows(3000, 1))


def test_every_feature_is_in_one_group():
    counts = Counter(feature for group in groups() for feature in group.features)
    assert set(counts) == {*NUMBERS, *WORDS}
    assert set(counts.values()) == {1}


def test_of_a_regression_the_parts_add_up_to_all_that_lies_above_the_reference(trained, rows, reference):
    model, some = trained["logistic"], rows(50, 3)
    usual = some.assign(**reference)
    whole = log_odds(model.probability(some)) - log_odds(model.probability(usual))
    np.testing.assert_allclose(parts(model, some, reference).sum(axis=1), whole, atol=1e-9)


@pytest.mark.parametrize("name", ["logistic", "boosting"])
def test_what_raises_the_risk_is_told_first_and_what_lowers_it_never(trained, rows, reference, name):
    high = {"past": [6.0], "past_missed": [6.0], "last_missed": [1.0], "lead_days": [7]}
    told = reasons(trained[name], rows(1, 3, **high), reference)
    assert told[0][0] == "missed 6 of 6 earlier visits, the last one too"
    assert not any("booked" in reason for reason in told[0])
    long = {"past": [0.0], "past_missed": [0.0], "last_missed": [np.nan], "lead_days": [59]}
    assert reasons(trained[name], rows(1, 3, **long), reference)[0][0] == "booked 59 days ahead"


def test_of_what_a_patient_is_no_value_is_told(trained, rows, reference):
    told = reasons(trained["boosting"], rows(300, 3), reference)
    assert all(len(each) <= 3 for each in told)
    words = " ".join(reason for each in told for reason in each)
    assert "depression" not in words
    assert "anxiety" not in words


def test_a_number_that_is_recorded_nowhere_has_no_usual_value(trained, rows):
    some = rows(100, 1, age=np.full(100, np.nan))
    reference = reference_of(some)
    assert reference["age"] is None
    model = train(unfitted("logistic", 1), some, rows(100, 2))
    assert np.isfinite(parts(model, some, reference)).all()


def test_nobody_has_no_reasons(trained, rows, reference):
    assert reasons(trained["logistic"], rows(0), reference) == []
