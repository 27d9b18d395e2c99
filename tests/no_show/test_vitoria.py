"""The published figures of Vitória's file, and the bounds known of models on it."""

import numpy as np
import pytest

from workbench.no_show.at_risk.features import NUMBERS, WORDS
from workbench.no_show.decisions.attendance import dispersion
from workbench.no_show.verdict import decide


def test_file_as_it_came(vitoria):
    file = vitoria.appointments.whole_file
    assert (file.appointments, file.patients) == (110_527, 62_299)
    assert file.missed / file.appointments == pytest.approx(0.2019, abs=5e-5)
    assert file.same_day == 38_563
    assert file.same_day_missed / file.same_day == pytest.approx(0.0465, abs=5e-5)


def test_traps_are_counted(vitoria):
    file = vitoria.appointments.whole_file
    assert [dropped.rows for dropped in file.dropped] == [5, 1, 618]
    assert file.told[0].rows == 5
    assert vitoria.appointments.flow[-1].left == 110_527 - 624
    assert vitoria.appointments.rows["lead_days"].min() == 0


def test_reminded_miss_more_and_among_long_leads_less(vitoria):
    cells = vitoria.appointments.whole_file.reminded
    shares = (100 * cells["missed"] / cells["appointments"]).round(1).tolist()
    assert shares == [27.6, 16.7, 27.6, 32.7]
    assert vitoria.paradox.turns


def test_headline_is_of_leads_for_which_something_can_be_done_and_the_other_stands_beside_it(vitoria):
    assert vitoria.appointments.of("test")["lead_days"].min() == 3
    auroc = vitoria.evaluation.of(vitoria.chosen).auroc
    assert 0.57 <= auroc.low < auroc.value < auroc.high <= 0.62
    first, *others = vitoria.apart
    assert (first.among, first.auroc[vitoria.chosen]) == ("booked 3 days ahead or more", auroc)
    apart = {scores.among: scores.auroc for scores in others}
    everybody = apart["all appointments"]
    assert 0.70 <= everybody[vitoria.chosen].low < everybody[vitoria.chosen].high <= 0.76
    assert everybody["lead_time"].value == pytest.approx(0.691, abs=0.003)
    assert 0.58 <= apart["booked for a later day"][vitoria.chosen].value <= 0.62


def test_model_is_ahead_and_calibrated_and_calling_everybody_is_worth_as_much(vitoria):
    verdict = decide(vitoria)
    assert all(gate.passed for gate in verdict.gates)
    assert verdict.gain.auroc.low > 0
    # Of these leads 27 % are missed, and a call pays from 16 %.
    assert verdict.decision == "not_useful"


def test_a_random_split_flatters_for_the_rate_goes_up_and_down_from_day_to_day(vitoria):
    flattery = vitoria.development.flattery
    assert 0 < flattery.auroc.low < flattery.auroc.value < 0.02
    assert flattery.log_loss.low > 0


def test_no_day_that_trains_or_calibrates_is_within_the_lag_before_the_test(vitoria):
    day = vitoria.appointments.of("calibration")["day"]
    assert str(day.max().date()) == "2016-05-30"


def test_no_model_learns_from_reminders_or_the_outcome(vitoria):
    assert not {"reminded", "no_show", "sex", "clinic_id"} & {*NUMBERS, *WORDS}
    assert "hour" in vitoria.appointments.constant


def test_reminders_as_recorded_beside_days_without_any(vitoria):
    """Adjusted for the lead -5.5 points; seven days without texts -2.6 (-4.4 to -.6); short leads about zero."""
    effect = vitoria.effect
    assert effect.sent.raw.value == pytest.approx(-0.050, abs=0.002)
    assert effect.sent.by_lead.value == pytest.approx(-0.055, abs=0.002)
    days = effect.days
    assert (days.days_without, days.days_with) == (7, 11)
    assert (f"{days.first:%d %B}", f"{days.last:%d %B}") == ("02 May", "25 May")
    assert days.difference.value == pytest.approx(-0.026, abs=0.002)
    assert days.difference.low == pytest.approx(-0.044, abs=0.005)
    assert days.difference.high == pytest.approx(-0.006, abs=0.005)
    assert days.control.low < -0.001 < days.control.high


def test_reminders_as_recorded_promise_more_than_days_without_show(vitoria):
    effect = vitoria.effect
    assert effect.missing == ("time", "consent", "trial")
    assert effect.sent.difference.value < effect.days.difference.value < 0
    assert effect.arrived is None


def test_clinic_days_vary_nearly_twice_as_much_as_independent_patients(vitoria):
    """Totals of June's clinic days around the rate of each lead, whatever model: 1.77 times."""
    rows = vitoria.appointments.rows
    june = rows[rows["period"].isin(["test", "test, booked too late"])]
    rate = 1 - june.groupby(june["lead_days"].clip(upper=60))["no_show"].transform("mean").to_numpy()
    group = june.groupby(["day", "clinic_id"]).ngroup().to_numpy()
    assert group.max() + 1 == 463
    assert dispersion(1.0 - june["no_show"].to_numpy(), rate, group) == pytest.approx(1.77, abs=0.005)


def test_what_a_clinic_day_has_in_common_makes_intervals_hold(vitoria):
    (found,) = vitoria.clinic_days.attendance
    assert found.level == "clinic day"
    assert found.ratio > 1.7
    assert found.expected_ratio == pytest.approx(found.ratio, rel=0.15)
    assert found.effect.spread.low > 0.1
    assert found.independent.covered < 0.945 <= found.with_effect.covered
    assert np.ptp(found.with_effect.shares) < np.ptp(found.independent.shares)


def test_idle_time_is_not_told_where_no_session_is_recorded(vitoria):
    assert vitoria.clinic_days.times is None
    assert vitoria.clinic_days.policies == ()
    # The file holds no canceled appointment: absent, and empty, is who missed.
    assert vitoria.clinic_days.empty == vitoria.clinic_days.away
