"""Gaps, answers, bookings and the engagement score, counted again from the tables row by row."""

from itertools import pairwise
from typing import get_args

import numpy as np
import pandas as pd
import pytest

from workbench.segments.families import Family
from workbench.segments.people import declared_cohort, people_in_care

DAY = pd.Timedelta(days=1)


@pytest.fixture(scope="module")
def settings(settings_of):
    return settings_of(lookback_days=200).model_copy(update={"features": get_args(Family), "measures": "all"})


@pytest.fixture(scope="module")
def tables(provider_folder):
    names = ("appointments", "messages", "replies", "patients", "patient_states")
    read = {name: pd.read_parquet(provider_folder(1.0) / f"{name}.parquet") for name in names}
    # The newest version of each appointment, in the order in which they began.
    visits = read["appointments"].sort_values("known_at").drop_duplicates("appointment_id", keep="last")
    return read | {"appointments": visits.sort_values("starts_at")}


@pytest.fixture(scope="module")
def found(provider_folder, open_folder, settings):
    known = open_folder(provider_folder(1.0)).known(settings.as_of, declared_cohort(settings))
    return people_in_care(known, settings).rows.set_index("patient_id")


@pytest.fixture(scope="module")
def end(settings):
    return pd.Timestamp(settings.as_of, tz="UTC")


def test_gaps_lie_between_appointments_attended(found, tables, end):
    visits = tables["appointments"]
    visits = visits[(visits.starts_at >= end - 200 * DAY) & (visits.starts_at < end)]
    starts = visits[visits.status == "attended"].groupby("patient_id").starts_at.agg(list)
    for patient, row in found.sample(200, random_state=1).iterrows():
        theirs = starts.get(patient, [])
        if not theirs:
            assert row.gaps == 0
            assert np.isnan(row.days_since)
            assert np.isnan(row.longest_gap)
            continue
        gaps = np.array([(after - before) / DAY for before, after in pairwise(theirs)])
        assert row.gaps == len(gaps)
        assert row.log_gaps == pytest.approx(np.log1p(gaps).sum(), abs=1e-6)
        assert row.days_since == pytest.approx((end - theirs[-1]) / DAY)
        assert row.longest_gap == pytest.approx(max([*gaps, (end - theirs[-1]) / DAY]))
    assert found.days_since.isna().any()


@pytest.fixture(scope="module")
def texts(tables, end):
    """Texts that arrived within the lookback, with the first answer other than STOP and the first booking."""
    sent = tables["messages"]
    sent = sent[
        (sent.sent_at >= end - 200 * DAY) & (sent.sent_at < end) & sent.status.isin(["delivered", "sent"])
    ]
    replies = tables["replies"]
    replies = replies[(replies.intent != "stop") & (replies.received_at < end)]
    answered = replies.groupby("message_id").received_at.min()
    visits = tables["appointments"]
    booked = visits.dropna(subset=["message_id"]).groupby("message_id").booked_at.min()
    return sent.assign(answered=sent.message_id.map(answered), booked=sent.message_id.map(booked))


def test_answers_and_bookings_are_those_of_the_texts(found, texts, end):
    per_person = {
        "answered": texts.answered.notna(),
        "booking_texts": texts.kind == "re_engagement",
        "booked": (texts.kind == "re_engagement") & texts.booked.notna(),
        "recent_texts": texts.sent_at >= end - 28 * DAY,
        "log_reply_hours": np.log1p((texts.answered - texts.sent_at) / (DAY / 24)).fillna(0),
    }
    for name, values in per_person.items():
        sums = values.groupby(texts.patient_id).sum().reindex(found.index, fill_value=0)
        assert sums.sum() > 0, name
        np.testing.assert_allclose(found[name], sums.astype(float), atol=1e-6, err_msg=name)


def test_the_engagement_score_counts_responses_within_seven_days(found, texts, end):
    asked = texts.kind.isin(["reminder", "re_engagement"]) & (texts.sent_at <= end - 7 * DAY)
    soon = ((texts.answered - texts.sent_at) < 7 * DAY) | ((texts.booked - texts.sent_at) < 7 * DAY)
    late = asked & texts.booked.notna() & ~soon
    assert late.any()
    for name, values in {"asked": asked, "responded": asked & soon}.items():
        sums = values.groupby(texts.patient_id).sum().reindex(found.index, fill_value=0)
        np.testing.assert_array_equal(found[name], sums, err_msg=name)
    assert (found.responded <= found.asked).all()


def test_age_sex_and_language_are_those_recorded(found, tables):
    patients = tables["patients"].set_index("patient_id").loc[found.index]
    assert (found.sex == patients.sex).all()
    assert (found.language == patients.language).all()
    bands = pd.cut(
        2026 - patients.birth_year,
        [0, 18, 30, 45, 60, 75, 200],
        right=False,
        labels=["under 18", "18 to 29", "30 to 44", "45 to 59", "60 to 74", "75 and over"],
    )
    assert (found.age_band == bands.astype(str)).all()


def test_what_is_not_asked_for_is_not_counted(provider_folder, open_folder, settings_of):
    settings = settings_of(features=("appointments",), profile_by=())
    known = open_folder(provider_folder(1.0)).known(settings.as_of, declared_cohort(settings))
    counted = set(people_in_care(known, settings).rows.columns)
    assert not counted & {"gaps", "confirmed", "answered", "answers", "age_band", "sex", "diagnosis_group"}
