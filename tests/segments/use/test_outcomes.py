"""Outcomes: counted in the period held out and in no other, told with intervals, and withheld where they must be."""

import shutil

import numpy as np
import pandas as pd
import pytest

from workbench.segments.features import Yardstick
from workbench.segments.methods.fitting import fit_groups
from workbench.segments.people import declared_cohort, people_in_care
from workbench.segments.use.outcomes import OUTCOMES, outcome_by_group, outcomes_by_group

DAYS = 28
CAME, MISSED = OUTCOMES[:2]


@pytest.fixture(scope="module")
def held_out(provider_folder, open_folder, settings_of):
    settings = settings_of(hold_out_days=DAYS)
    folder = provider_folder(1.0)
    known = open_folder(folder).known(settings.as_of, declared_cohort(settings))
    return settings, folder, people_in_care(known, settings)


def test_counts_are_those_of_the_period(held_out):
    settings, folder, people = held_out
    rows = people.rows.set_index("patient_id")
    end = pd.Timestamp(settings.as_of, tz="UTC")
    begin = end - pd.Timedelta(days=DAYS)
    visits = pd.read_parquet(folder / "appointments.parquet")
    visits = (
        visits[visits.known_at < end].sort_values("known_at").drop_duplicates("appointment_id", keep="last")
    )

    def counted(frame, column):
        inside = frame[(frame[column] >= begin) & (frame[column] < end)]
        return inside.groupby("patient_id").size().reindex(rows.index, fill_value=0)

    assert (counted(visits[visits.status == "no_show"], "starts_at") == rows.later_missed).all()
    kept = visits[visits.status.isin(["attended", "no_show"])]
    assert (counted(kept, "starts_at") == rows.later_kept).all()
    assert ((counted(visits[visits.status == "attended"], "starts_at") > 0) == rows.later_came).all()
    assert ((counted(visits, "booked_at") > 0) == rows.later_booked).all()
    consents = pd.read_parquet(folder / "consents.parquet")
    bears = (consents.purpose == "care") | (consents.scope == "all")
    outs = consents[(consents.channel == "sms") & bears & (consents.status == "opt_out")]
    assert ((counted(outs, "changed_at") > 0) == rows.later_opted_out).all()
    replies = pd.read_parquet(folder / "replies.parquet")
    assert ((counted(replies, "received_at") > 0) == rows.later_replied).all()
    assert rows.filter(like="later_").sum().min() > 0


def test_what_makes_the_groups_lies_before_the_period(held_out, open_folder, settings_of):
    """With the period held out, features are those of a study as of its begin that holds nothing out."""
    settings, folder, people = held_out
    earlier = settings_of(as_of=settings.grouped_as_of)
    known = open_folder(folder).known(earlier.as_of, declared_cohort(earlier))
    before = people_in_care(known, earlier).rows
    pd.testing.assert_frame_equal(people.rows[before.columns], before)


def test_features_are_unmoved_by_what_happens_in_the_period(held_out, open_folder, tmp_path):
    settings, folder, people = held_out
    begin = pd.Timestamp(settings.grouped_as_of, tz="UTC")
    changed = tmp_path / "changed"
    shutil.copytree(folder, changed)
    visits = pd.read_parquet(changed / "appointments.parquet")
    visits = visits[visits.known_at < begin]
    visits.to_parquet(changed / "appointments.parquet", coerce_timestamps="us")
    known = open_folder(changed).known(settings.as_of, declared_cohort(settings))
    after = people_in_care(known, settings).rows
    later = [name for name in after.columns if name.startswith("later_")]
    pd.testing.assert_frame_equal(after.drop(columns=later), people.rows.drop(columns=later))
    assert after.later_came.sum() < people.rows.later_came.sum()


def test_corrected_outcomes_hold_those_of_the_planted_types(held_out):
    settings, folder, people = held_out
    frame = Yardstick.of(people.rows, settings).frame(people.rows)
    fitted = fit_groups("mixture", frame, 3, 1)
    types = pd.read_parquet(folder / "truth_types.parquet").set_index("patient_id")["type"]
    truth = types.loc[people.rows["patient_id"]].to_numpy()
    rows = people.rows.assign(person=1, agreed=people.rows["consented"].astype(int))
    held = []
    for found in outcomes_by_group(people.rows, frame, fitted.model, fitted.labels, settings):
        outcome = found.outcome
        for group, each in enumerate(found.groups):
            planted = pd.Series(truth[fitted.labels == group]).mode()[0]
            theirs = rows[(truth == planted) & (rows[outcome.trials] > 0)]
            share = theirs[outcome.events].sum() / theirs[outcome.trials].sum()
            if each.corrected is not None:
                held.append(each.corrected.low < share < each.corrected.high)
    assert len(held) >= 12
    assert np.mean(held) > 0.85


def rows_of(events, trials):
    return pd.DataFrame({"later_missed": events, "later_kept": trials})


def test_an_outcome_of_certain_groups_is_told_as_it_is():
    events, trials = np.array([1, 0, 2, 0, 3, 1]), np.array([2, 1, 4, 0, 4, 2])
    labels = np.array([0, 0, 0, 0, 1, 1])
    found = outcome_by_group(MISSED, rows_of(events, trials), np.zeros((6, 1)), np.eye(2)[labels], labels)
    first, second = found.groups
    assert found.correction == "none"
    assert (first.people, first.trials, first.events) == (3, 7, 3)
    assert first.put.value == pytest.approx(3 / 7)
    assert first.corrected == first.put
    assert 0 < first.put.low < first.put.value < first.put.high < 1
    assert second.put.value == pytest.approx(4 / 6)


def test_nobody_and_everybody_have_no_interval():
    labels = np.array([0, 0, 1, 1, 2, 2])
    rows = rows_of(np.array([0, 0, 2, 2, 0, 0]), np.array([2, 2, 2, 2, 0, 0]))
    found = outcome_by_group(MISSED, rows, np.zeros((6, 1)), np.eye(3)[labels], labels)
    assert [each.put for each in found.groups] == [None, None, None]
    assert [each.withheld for each in found.groups] == ["out_of_range", "out_of_range", "nobody"]


def test_uncertain_groups_have_no_corrected_number():
    rng = np.random.default_rng(1)
    odds = np.exp(0.4 * rng.standard_normal(2_000))
    probabilities = np.column_stack([1 / (1 + odds), odds / (1 + odds)])
    labels = probabilities.argmax(axis=1)
    rows = rows_of(rng.integers(0, 2, 2_000), np.ones(2_000))
    found = outcome_by_group(MISSED, rows, np.log(odds)[:, None], probabilities, labels)
    assert [each.withheld for each in found.groups] == ["uncertain", "uncertain"]
    assert all(each.put is not None for each in found.groups)


def test_without_a_period_only_what_made_no_group_is_told(held_out, settings_of):
    settings, _, people = held_out
    yardstick = Yardstick.of(people.rows, settings)
    frame = yardstick.frame(people.rows)
    fitted = fit_groups("k_means", frame, 2, 1)
    told = outcomes_by_group(people.rows, frame, fitted.model, fitted.labels, settings_of())
    assert [each.outcome.name for each in told] == ["agree"]
    unrecorded = settings_of(hold_out_days=DAYS, goes_on_without={"consent": "It is on paper."})
    told = outcomes_by_group(people.rows, frame, fitted.model, fitted.labels, unrecorded)
    assert {each.outcome.name for each in told}.isdisjoint({"agree", "opted_out"})
