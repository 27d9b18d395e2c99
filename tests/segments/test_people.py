"""The cohort and the counts, on a simulated provider: what was known, and of whom."""

import shutil

import pandas as pd
import pytest

from workbench.refusal import Refused
from workbench.segments.counting.needs import needed_columns
from workbench.segments.features import feature_frame
from workbench.segments.people import check_segmentation, declared_cohort, people_in_care

EARLIER = pd.Timestamp("2026-06-01", tz="UTC")
KNOWN_FROM = {
    "patient_states": "known_at",
    "consents": "changed_at",
    "messages": "known_at",
    "replies": "received_at",
    "appointments": "known_at",
    "surveys": "responded_at",
}
ALL = ("appointments", "engagement", "messages", "surveys")


def test_features_are_unmoved_when_everything_later_is_scrambled(
    provider_folder, open_folder, settings_of, tmp_path
):
    settings = settings_of(as_of=EARLIER.date(), features=ALL)
    folder = tmp_path / "scrambled"
    shutil.copytree(provider_folder(1.0), folder)
    for name, column in KNOWN_FROM.items():
        rows = pd.read_parquet(folder / f"{name}.parquet")
        later = rows[column] >= EARLIER
        assert later.sum() > 100
        others = rows.columns.difference([column])
        rows.loc[later, others] = rows.loc[later, others].sample(frac=1, random_state=1).to_numpy()
        rows.to_parquet(folder / f"{name}.parquet", coerce_timestamps="us")
    patients = pd.read_parquet(folder / "patients.parquet")
    for column in ("ended_at", "deceased_at"):
        later = patients[column] >= EARLIER
        assert later.any()
        patients.loc[later, column] = pd.NaT
    patients.to_parquet(folder / "patients.parquet", coerce_timestamps="us")

    before = people_in_care(
        open_folder(provider_folder(1.0)).known(settings.as_of, declared_cohort(settings)), settings
    )
    after = people_in_care(open_folder(folder).known(settings.as_of, declared_cohort(settings)), settings)
    assert len(before.rows) > 500
    pd.testing.assert_frame_equal(before.rows, after.rows)
    assert before.flow == after.flow
    pd.testing.assert_frame_equal(
        feature_frame(before.rows, settings).values, feature_frame(after.rows, settings).values
    )


def test_counts_are_those_of_the_tables(provider_folder, open_folder, settings_of):
    settings = settings_of(features=ALL, lookback_days=200)
    folder = provider_folder(1.0)
    found = people_in_care(
        open_folder(folder).known(settings.as_of, declared_cohort(settings)), settings
    ).rows.set_index("patient_id")
    end = pd.Timestamp(settings.as_of, tz="UTC")
    since = end - pd.Timedelta(days=200)
    visits = pd.read_parquet(folder / "appointments.parquet")
    visits = visits.sort_values("known_at").drop_duplicates("appointment_id", keep="last")
    recent = (visits.starts_at >= since) & (visits.starts_at < end) & (visits.status != "scheduled")
    visits = visits[recent & (visits.canceled_by != "clinic") & visits.patient_id.isin(found.index)]
    by_patient = visits.groupby("patient_id")
    assert (by_patient.size().loc[found.index] == found.due).all()
    assert found.due.min() >= settings.least_appointments
    missed = (visits.status == "no_show").groupby(visits.patient_id).sum()
    assert (missed.loc[found.index] == found.missed).all()
    remote = (visits.modality != "in person").groupby(visits.patient_id).sum()
    assert (remote.loc[found.index] == found.remote).all()
    texts = pd.read_parquet(folder / "messages.parquet")
    texts = texts[(texts.sent_at >= since) & texts.status.isin(["delivered", "sent"])]
    assert (texts.groupby("patient_id").size().reindex(found.index, fill_value=0) == found.texts).all()
    assert (found.confirmed <= found.reminders).all()


def test_only_adults_in_care_are_grouped_whether_or_not_they_agree_to_texts(
    provider_folder, open_folder, settings_of
):
    settings = settings_of()
    folder = provider_folder(1.0)
    found = people_in_care(open_folder(folder).known(settings.as_of, declared_cohort(settings)), settings)
    patients = pd.read_parquet(folder / "patients.parquet").set_index("patient_id").loc[found.rows.patient_id]
    assert patients.ended_at.isna().all()
    assert patients.deceased_at.isna().all()
    assert (2026 - patients.birth_year >= 19).all()
    assert 0.5 < found.rows.consented.mean() < 0.9
    assert found.flow[-1].left == len(found.rows)
    assert [step.left for step in found.flow] == sorted((s.left for s in found.flow), reverse=True)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"least_appointments": 50}, "nobody is left"),
        ({"as_of": pd.Timestamp("2020-01-06").date()}, "nobody is left"),
    ],
)
def test_an_empty_cohort_is_refused(provider_folder, open_folder, settings_of, given, words):
    settings = settings_of(**given)
    known = open_folder(provider_folder(1.0)).known(settings.as_of, declared_cohort(settings))
    with pytest.raises(Refused, match=words):
        check_segmentation(known, settings)
    with pytest.raises(Refused, match=words):
        people_in_care(known, settings)


def test_fewer_people_than_groups_are_refused(provider_folder, open_folder, settings_of):
    settings = settings_of(least_appointments=33, groups_to=12)
    known = open_folder(provider_folder(1.0)).known(settings.as_of, declared_cohort(settings))
    with pytest.raises(Refused, match=r"fewer people are left|nobody is left"):
        people_in_care(known, settings)


def test_what_is_read_follows_what_is_asked(settings_of):
    recorded = {"consent": True, "age": True, "time": True}
    assert "replies" not in needed_columns(settings_of(features=("appointments",)), recorded)
    needed = needed_columns(settings_of(features=("surveys", "engagement")), recorded)
    assert {"surveys", "replies", "consents", "patient_states"} <= set(needed)
    without = needed_columns(settings_of(), {"consent": False, "age": False, "time": True})
    assert "consents" not in without
    assert "birth_year" not in without["patients"]
