"""What is found before the test: no outcome of the test plays a part, and a random split's flattery is measured."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from workbench.no_show import analysis
from workbench.no_show.analysis import analyze
from workbench.no_show.at_risk.features import NUMBERS, WORDS
from workbench.no_show.at_risk.frame import Appointments
from workbench.no_show.decisions.sessions import OF_SESSIONS
from workbench.no_show.validation import development
from workbench.no_show.validation.development import develop
from workbench.no_show.validation.periods import with_periods
from workbench.refusal import Refused

QUICK = ("base_rate", "lead_time", "logistic")


def made(drift=0.0, size=6000, seed=1):
    """A year of appointments of which nothing but the lead tells; under drift, of age is told where, in time, one is.

    Age then is the month, and each month has a rate of its own that no other month tells of.
    """
    rng = np.random.default_rng(seed)
    day = np.sort(rng.integers(0, 360, size))
    lead, month = rng.integers(3, 40, size), day // 30
    rows = dict.fromkeys(NUMBERS, 0.0) | dict.fromkeys(WORDS)
    rate = expit(-1.5 + 0.03 * lead + drift * rng.normal(size=12)[month])
    rows |= {
        "lead_days": lead,
        "age": month.astype(float) if drift else np.full(size, 40.0),
        "no_show": (rng.random(size) < rate).astype(int),
        "patient": rng.integers(0, size // 3, size),
        "day": pd.Timestamp("2025-11-01") + pd.to_timedelta(day, unit="D"),
        "clinic_id": "c",
        "sex": None,
        "reminded": 0.0,
    }
    rows["outcome"] = np.where(rows["no_show"] == 1, "no_show", "attended")
    rows |= dict.fromkeys(OF_SESSIONS, np.nan)
    return Appointments(pd.DataFrame(rows), (), 1.0, (), None, None)


@pytest.fixture(scope="module", autouse=True)
def few_models():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(development, "MODELS", QUICK)
        patch.setattr(development, "LEARNED", QUICK[2:])
        patch.setattr(analysis, "BASELINES", QUICK[:2])
        yield


@pytest.fixture
def chosen(settings):
    return settings(test_from=date(2026, 9, 1), subgroups=("lead",))


def developed(appointments, chosen):
    rows = with_periods(appointments, chosen).rows
    known = rows[rows["day"] < pd.Timestamp("2026-08-25")].reset_index(drop=True)
    return develop(known, chosen, lambda _: None)


def test_a_random_split_flatters_where_times_change_and_not_where_they_do_not(chosen):
    steady, changing = developed(made(), chosen).flattery, developed(made(drift=1.0), chosen).flattery
    assert changing.auroc.low > 0
    assert changing.log_loss.low > 0
    assert steady.auroc.low < 0.002
    assert steady.log_loss.value < 0.2 * changing.log_loss.value


def test_every_design_predicts_the_same_appointments(chosen):
    found = developed(made(), chosen)
    assert found.rolling.appointments == found.disjoint.appointments == found.random.appointments
    assert found.rolling.appointments == sum(block.appointments for block in found.blocks)
    assert found.rolling.first == found.blocks[0].first == found.disjoint.first == found.random.first
    assert found.blocks[-1].last == date(2026, 8, 24)


def test_no_outcome_of_the_test_or_of_the_embargo_moves_what_is_found_before_it(chosen):
    appointments = made()
    rows = appointments.rows
    unknown = rows["day"] >= pd.Timestamp("2026-08-25")
    turned = replace(
        appointments, rows=rows.assign(no_show=np.where(unknown, 1 - rows["no_show"], rows["no_show"]))
    )
    first, second = (analyze(each, chosen) for each in (appointments, turned))
    assert first.development.choice == second.development.choice
    assert first.development.flattery == second.development.flattery
    for name, values in first.predictions.probability.items():
        assert (values == second.predictions.probability[name]).all()
    assert first.tested.log_loss != second.tested.log_loss


def test_a_block_in_which_nobody_missed_is_refused(chosen):
    appointments = made()
    rows = appointments.rows
    quiet = rows["day"].between("2026-05-10", "2026-07-10")
    with pytest.raises(Refused, match="nobody missed"):
        developed(replace(appointments, rows=rows.assign(no_show=rows["no_show"].where(~quiet, 0))), chosen)
