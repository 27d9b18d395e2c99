"""Features: drawn toward the average by how little is known, and refused where they tell nobody apart."""

import numpy as np
import pytest

from workbench.refusal import Refused
from workbench.segments.features import feature_frame, group_value, measured_share, shrunk_share


def test_every_feature_is_standardized_on_its_scale(counts, settings_of):
    frame = feature_frame(counts(), settings_of(features=("appointments", "engagement", "messages")))
    assert frame.scaled.shape == (400, len(frame.features))
    np.testing.assert_allclose(frame.scaled.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(frame.scaled.std(axis=0), 1)
    assert list(frame.values.columns) == [feature.name for feature in frame.features]


def test_the_weight_of_the_average_is_found_again():
    """Beta-binomial counts: the method of moments gives back the weight they were drawn with."""
    rng = np.random.default_rng(3)
    trials = rng.integers(3, 20, 40_000).astype(float)
    events = rng.binomial(trials.astype(int), rng.beta(5 * 0.2, 5 * 0.8, trials.size)).astype(float)
    how = measured_share(events, trials)
    assert how.center == pytest.approx(0.2, abs=0.005)
    assert how.weight == pytest.approx(5, rel=0.1)


def test_shares_of_nothing_are_the_average_and_shares_of_much_are_their_own():
    rng = np.random.default_rng(4)
    trials = np.concatenate([[0.0, 2_000.0], rng.integers(4, 20, 500)])
    events = np.concatenate([[0.0, 1_800.0], rng.binomial(trials[2:].astype(int), rng.beta(2, 8, 500))])
    how = measured_share(events, trials)
    shrunk = shrunk_share(events, how)
    assert shrunk[0] == pytest.approx(how.center)
    assert shrunk[1] == pytest.approx(0.9, abs=0.01)
    assert ((shrunk > 0) & (shrunk < 1)).all()


def test_a_feature_that_is_only_chance_is_left_out_and_told(counts, settings_of):
    rows = counts(size=3_000)
    rows["called_off"] = np.random.default_rng(5).binomial(rows.due, 0.15)
    frame = feature_frame(rows, settings_of(features=("appointments",)))
    assert [feature.name for feature in frame.unreliable] == ["called_off"]
    assert "called_off" not in frame.values


def test_features_that_tell_nobody_apart_are_refused_all_at_once(counts, settings_of):
    settings = settings_of(features=("appointments", "engagement", "surveys"))
    with pytest.raises(Refused) as refused:
        feature_frame(counts(missed=0, reminders=0, confirmed=0), settings)
    told = {fault.where.split('"')[1]: fault.what for fault in refused.value.faults}
    assert told == {
        "missed": "it is the same for everybody, so that it tells nobody apart.",
        "confirmed": "nothing is known of it for anybody.",
        "symptoms": "nothing is known of it for anybody.",
    }


def test_people_who_differ_by_chance_alone_are_refused(counts, settings_of):
    rows = counts(size=2_000)
    rows["reminders"] = 10
    rows["confirmed"] = np.random.default_rng(6).binomial(10, 0.5, len(rows))
    with pytest.raises(Refused, match="by more than chance"):
        feature_frame(rows, settings_of(features=("engagement",)))


def test_a_group_is_described_by_its_events_together(counts, settings_of):
    rows = counts()
    features = {each.name: each for each in feature_frame(rows, settings_of()).features}
    assert group_value(features["missed"], rows) == pytest.approx(rows.missed.sum() / rows.kept.sum())
    weeks = rows.weeks.sum() / 4
    assert group_value(features["appointments"], rows) == pytest.approx(rows.due.sum() / weeks)
    assert group_value(features["confirmed"], rows.assign(reminders=0)) is None
