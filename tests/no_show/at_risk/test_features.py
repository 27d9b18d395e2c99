"""Features are those of the moment of prediction: nothing that became known later moves them."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from workbench.no_show.at_risk.features import NUMBERS, ONLY_TOLD, WORDS, with_features
from workbench.no_show.at_risk.risk_set import declared_cohort, described, studied_appointments
from workbench.simulate.settings import ProviderSettings

AS_OF = date(2026, 11, 16)


def features(known, settings):
    everything = studied_appointments(known, settings).rows
    found = with_features(known, everything, described(everything), settings).execute()
    return found.set_index("appointment_id").sort_index()


def visit(patient, booked, starts, status="attended", known=None):
    return {
        "patient_id": patient,
        "booked_at": booked,
        "starts_at": starts,
        "status": status,
        "known_at": known or str(pd.Timestamp(starts, tz="UTC") + pd.Timedelta(hours=3)),
    }


def test_lead_is_counted_in_calendar_days_of_the_clinic(by_hand, settings):
    # 03:30 UTC is still the day before in New York.
    known = by_hand(
        [
            visit("p", "2026-09-10 03:30", "2026-09-10 14:00"),
            visit("q", "2026-09-10 04:30", "2026-09-10 14:00"),
        ],
        AS_OF,
    )
    found = features(known, settings(decide_days_before=None))
    assert found["lead_days"].tolist() == [1, 0]
    assert found["hour"].tolist() == [10.0, 10.0]
    assert found["booked_hour"].tolist() == [23.0, 0.0]


def test_outcome_counts_from_when_it_was_recorded(by_hand, settings):
    known = by_hand(
        [
            visit("p", "2026-08-01 12:00", "2026-08-10 14:00", "no_show", "2026-08-12 09:00"),
            visit("p", "2026-08-12 08:59", "2026-09-10 14:00"),
            visit("p", "2026-08-12 09:00", "2026-09-11 14:00"),
            visit("other", "2026-08-20 09:00", "2026-09-11 14:00"),
        ],
        AS_OF,
    )
    found = features(known, settings(decide_days_before=None))
    assert found["past"].tolist() == [0, 0, 1, 0]
    assert found["past_missed"].tolist() == [0, 0, 1, 0]
    assert found["last_missed"].isna().tolist() == [True, True, False, True]


def test_recent_visits_weigh_more(by_hand, settings):
    known = by_hand(
        [
            visit("p", "2026-06-01 12:00", "2026-06-10 14:00", "no_show"),
            visit("p", "2026-06-01 12:00", "2026-07-10 14:00"),
            visit("p", "2026-08-01 12:00", "2026-09-10 14:00"),
        ],
        AS_OF,
    )
    last = features(known, settings(decide_days_before=None)).loc["a2"]
    assert last["recent_missed"] == pytest.approx(0.7 / 1.7)
    assert last["last_missed"] == 0


@pytest.mark.parametrize("moment", ["2026-08-10 14:00", "2026-08-10 14:00:00.25", "2026-08-10 14:00:00.75"])
@pytest.mark.parametrize(
    ("first", "second", "last"),
    [("no_show", "no_show", 1), ("attended", "no_show", 1), ("attended",) * 2 + (0,)],
)
def test_of_visits_at_one_moment_a_missed_one_is_the_last_to_the_fraction_of_a_second(
    by_hand, settings, moment, first, second, last
):
    known = by_hand(
        [
            visit("p", "2026-06-01 12:00", "2026-08-09 14:00", "attended" if last else "no_show"),
            visit("p", "2026-06-01 12:00", moment, first),
            visit("p", "2026-06-01 12:00", moment, second),
            visit("p", "2026-09-01 12:00", "2026-09-10 14:00"),
        ],
        AS_OF,
    )
    found = features(known, settings(decide_days_before=None)).loc["a3"]
    assert found["last_missed"] == last
    assert found["days_since_last"] == pytest.approx(21 + 22 / 24, abs=1e-4)


def test_history_ends_where_it_was_told_to(by_hand, settings):
    known = by_hand(
        [
            visit("p", "2026-05-01 12:00", "2026-06-10 14:00", "no_show"),
            visit("p", "2026-08-01 12:00", "2026-09-10 14:00"),
        ],
        AS_OF,
    )
    found = features(known, settings(decide_days_before=None, history_days=30))
    assert found.loc["a1", "past"] == 0


def test_who_is_at_risk_days_before(by_hand, settings):
    known = by_hand(
        [
            visit("a", "2026-09-01 12:00", "2026-09-10 14:00"),
            visit("b", "2026-09-08 12:00", "2026-09-10 14:00"),  # booked after the moment
            visit("c", "2026-09-01 12:00", "2026-09-10 14:00", "canceled", "2026-09-02 12:00"),
            visit("d", "2026-09-01 12:00", "2026-09-10 14:00", "canceled", "2026-09-09 12:00"),
        ],
        AS_OF,
    )
    found = features(known, settings(decide_days_before=3))
    assert found.index.tolist() == ["a0", "a3"]
    assert found["no_show"].tolist() == [0, 0]


def test_other_visits_of_the_day_count_once_they_are_booked(by_hand, settings):
    known = by_hand(
        [
            visit("p", "2026-09-01 12:00", "2026-09-10 14:00"),
            visit("p", "2026-09-02 12:00", "2026-09-10 16:00"),
        ],
        AS_OF,
    )
    found = features(known, settings(decide_days_before=None))
    assert found["same_day_visits"].tolist() == [1, 2]


def test_features_are_unmoved_when_the_future_is_scrambled(simulated, tables_from, settings):
    """Everything recorded after a day is scrambled; appointments predicted by that day keep their features."""
    cut = pd.Timestamp("2026-06-01", tz="UTC")
    chosen = settings(test_from=date(2026, 4, 6), calibration_days=28, training_days=60)
    before = features(tables_from(simulated).known(AS_OF, declared_cohort(chosen)), chosen)
    after = features(tables_from(scrambled(simulated, cut)).known(AS_OF, declared_cohort(chosen)), chosen)
    # Predicted by the cut, whose day may lie after it.
    early = before.index[before["day"] <= cut.tz_localize(None) + pd.Timedelta(days=2)]
    early = early.intersection(after.index)
    assert len(early) > 500
    columns = [name for name in (*NUMBERS, *WORDS, *ONLY_TOLD) if name != "reminded"]
    pd.testing.assert_frame_equal(before.loc[early, columns], after.loc[early, columns])
    # The scrambling did something: later appointments are told otherwise.
    later = before.index.difference(early).intersection(after.index)
    assert not before.loc[later, columns].equals(after.loc[later, columns])


def scrambled(tables, cut):
    rng = np.random.default_rng(0)
    mixed = dict(tables)
    visits = tables["appointments"].copy()
    late = (visits["known_at"] > cut) & visits["status"].isin(["attended", "no_show"])
    visits.loc[late, "status"] = rng.permutation(["attended", "no_show"] * (late.sum() // 2 + 1))[: late.sum()]
    mixed["appointments"] = visits
    for name, when, column in (
        ("patient_states", "known_at", "treatment_phase"),
        ("consents", "changed_at", "status"),
    ):
        rows = tables[name].copy()
        rest = rows[when] > cut
        rows.loc[rest, column] = rng.permutation(rows.loc[rest, column].to_numpy())
        mixed[name] = rows
    return mixed


def test_scrambling_reaches_every_table_features_come_from(simulated):
    mixed = scrambled(simulated, pd.Timestamp(ProviderSettings().ends_on, tz="UTC") - pd.Timedelta(days=200))
    for name in ("appointments", "patient_states", "consents"):
        assert not mixed[name].equals(simulated[name])
