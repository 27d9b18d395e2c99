"""A yardstick is set once: nobody moves who did nothing, and no other features are laid against it."""

import json

import numpy as np
import pandas as pd
import pytest

from workbench.refusal import Refused
from workbench.segments.features import Yardstick, feature_frame

EVERYTHING = ("appointments", "engagement", "messages", "diagnosis", "phase")


@pytest.fixture
def all_of_it(settings_of):
    """Parameters that ask for every feature, of a method that takes words and missing values."""

    def made(method="latent_class", features=EVERYTHING, **given):
        core = settings_of(lookback_days=given.pop("lookback_days", 365))
        changes = {"features": features, "measures": "all", "leave_out": ("booked",), "method": method}
        return core.model_copy(update=changes | given)

    return made


@pytest.mark.parametrize("method", ["mixture", "latent_class"])
def test_who_does_nothing_stays_though_everybody_else_moves(counts, all_of_it, method):
    settings = all_of_it(method=method)
    before = counts()
    yardstick = Yardstick.of(before, settings)
    later = counts(size=900, seed=2)
    later["due"] *= 3
    mixed = pd.concat([later, before.iloc[[7]]], ignore_index=True)
    then, now = yardstick.frame(before), yardstick.frame(mixed)
    np.testing.assert_array_equal(now.scaled[-1], then.scaled[7])
    np.testing.assert_array_equal(now.categories[-1], then.categories[7])
    pd.testing.assert_series_equal(now.values.iloc[-1], then.values.iloc[7], check_names=False)
    cut_anew = feature_frame(mixed, settings)
    come_often = [feature.name for feature in cut_anew.features].index("appointments")
    assert abs(cut_anew.scaled[-1, come_often] - then.scaled[7, 0]) > 0.5


def test_one_person_can_be_laid_against_it(counts, all_of_it):
    rows = counts()
    yardstick = Yardstick.of(rows, all_of_it())
    alone = yardstick.frame(rows.iloc[[3]])
    np.testing.assert_array_equal(alone.scaled[0], yardstick.frame(rows).scaled[3])
    assert alone.people == 1


def test_it_is_read_as_it_was_written(counts, all_of_it):
    rows = counts()
    yardstick = Yardstick.of(rows, all_of_it())
    text = json.dumps(yardstick.to_json(), allow_nan=False)
    again = Yardstick.from_json(json.loads(text))
    assert again == yardstick
    np.testing.assert_array_equal(again.frame(rows).scaled, yardstick.frame(rows).scaled)
    assert not any(patient in text for patient in rows.patient_id)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"schema": 2}, "schema"),
        ({"features": [{"name": "height"}]}, r"features\.0\.name"),
        ({"lookback_days": "365"}, "lookback_days"),
        ({"more": 1}, "more"),
    ],
)
def test_what_is_not_of_its_form_is_refused(counts, all_of_it, change, place):
    given = Yardstick.of(counts(), all_of_it()).to_json() | change
    with pytest.raises(
        Refused, match=rf"yardstick: it is not of the form .* at .*{place}.* Fit the groups anew"
    ):
        Yardstick.from_json(json.loads(json.dumps(given)))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"features": ("appointments",)}, "answered is no longer asked for"),
        ({"leave_out": ()}, "booked is new"),
        ({"lookback_days": 180}, "lookback_days was 365 and is 180"),
        ({"method": "mixture"}, "the method mixture treats missing values otherwise"),
    ],
)
def test_other_features_than_its_own_are_refused_in_one_sentence(counts, all_of_it, change, words):
    yardstick = Yardstick.of(counts(), all_of_it())
    yardstick.refuse_others(all_of_it())
    with pytest.raises(Refused) as refused:
        yardstick.refuse_others(all_of_it(**change))
    (fault,) = refused.value.faults
    assert words in fault.what
    assert fault.mend == "Ask for the same features as then, or fit the groups anew."


def test_values_nothing_is_known_of_are_missing_where_the_method_takes_that(counts, all_of_it):
    rows = counts()
    unknown = rows.days_since.isna().to_numpy()
    for method in ("mixture", "latent_class"):
        frame = Yardstick.of(rows, all_of_it(method=method)).frame(rows)
        at = [feature.name for feature in frame.features].index("days_since")
        if method == "latent_class":
            np.testing.assert_array_equal(np.isnan(frame.scaled[:, at]), unknown)
            assert frame.values["days_since"].isna().sum() == unknown.sum()
        else:
            assert np.isfinite(frame.scaled).all()
            np.testing.assert_allclose(frame.scaled[unknown, at], 0, atol=1e-12)
            assert np.isfinite(frame.values.to_numpy()).all()


def test_words_keep_their_numbers_and_new_ones_are_missing(counts, all_of_it):
    rows = counts()
    yardstick = Yardstick.of(rows, all_of_it())
    frame = yardstick.frame(rows)
    assert frame.words[0] == ("anxiety", "depression", "trauma")
    known = rows.diagnosis_group.notna().to_numpy()
    named = np.array(frame.words[0], dtype=object)[frame.categories[known, 0]]
    assert (named == rows.diagnosis_group[known]).all()
    assert (frame.categories[~known, 0] == -1).all()
    assert (yardstick.frame(rows.assign(diagnosis_group="unheard of")).categories[:, 0] == -1).all()


def test_words_that_few_share_are_told_together(counts, all_of_it):
    rows = counts()
    rows.loc[:4, "diagnosis_group"] = "very rare"
    yardstick = Yardstick.of(rows, all_of_it())
    assert "very rare" not in json.dumps(yardstick.to_json())
    assert yardstick.frame(rows).words[0][-1] == "other"
    assert (yardstick.frame(rows).categories[:5, 0] == 3).all()


def test_too_few_people_are_refused(counts, all_of_it):
    with pytest.raises(Refused, match="at least 2 people"):
        Yardstick.of(counts(size=1), all_of_it())


def test_leaving_every_feature_out_is_refused(counts, settings_of):
    settings = settings_of(features=("messages",), leave_out=("texts",))
    with pytest.raises(Refused, match="no feature of the families messages is left"):
        Yardstick.of(counts(), settings)
