"""Whom a day's list is about: appointments still booked whose moment of prediction is that day, as of that moment."""

from datetime import date

import pandas as pd
import pytest

from workbench.no_show.at_risk.features import NUMBERS, WORDS, with_features
from workbench.no_show.at_risk.risk_set import declared_cohort, studied_appointments
from workbench.no_show.oversight.booked import booked_on

DAY = date(2026, 11, 13)


def visit(patient, starts, status="scheduled", booked="2026-10-01T12:00Z", known=None):
    told = {"patient_id": patient, "starts_at": starts, "status": status, "booked_at": booked}
    return told | {"known_at": known or booked}


@pytest.fixture
def tables(tables_from):
    def build(visits, **people):
        frame = pd.DataFrame(visits)
        for column in ("booked_at", "starts_at", "known_at"):
            frame[column] = pd.to_datetime(frame[column], utc=True, format="ISO8601").astype(
                "datetime64[us, UTC]"
            )
        if "appointment_id" not in frame:
            frame["appointment_id"] = [f"a{place}" for place in range(len(frame))]
        clinics = pd.DataFrame({"clinic_id": ["c"], "time_zone": ["America/New_York"]})
        patients = pd.DataFrame({"patient_id": sorted(frame["patient_id"].unique())})
        for name in ("ended_at", "deceased_at"):
            values = patients["patient_id"].map(people.get(name, {}))
            patients[name] = pd.to_datetime(values, utc=True).astype("datetime64[us, UTC]")
        frames = {"appointments": frame.assign(clinic_id="c"), "clinics": clinics, "patients": patients}
        return tables_from(frames, consent="none")

    return build


@pytest.fixture
def chosen(settings):
    return settings(goes_on_without={"consent": "It is a test."}, decide_days_before=3)


def test_three_days_ahead_on_the_clinic_s_calendar(tables, chosen):
    visits = [
        visit("before", "2026-11-16T04:30Z"),  # 23:30 of the day before, in New York
        visit("early", "2026-11-16T05:30Z"),
        visit("late", "2026-11-17T04:30Z"),
        visit("after", "2026-11-17T05:30Z"),
    ]
    found = booked_on(tables(visits), chosen, DAY)
    assert found["patient_id"].tolist() == ["early", "late"]
    assert found["clinic_time"].tolist() == ["2026-11-16 00:30", "2026-11-16 23:30"]
    assert set(NUMBERS) <= set(found)
    assert not {"no_show", "reminded_for"} & set(found)


def test_what_was_called_off_and_whoever_died_or_left_is_left_out(tables, chosen):
    at = "2026-11-16T15:00Z"
    visits = [
        visit("stays", at),
        visit("off before", at, "canceled", known="2026-11-10T12:00Z"),
        visit("off that day", at, "late_canceled", known="2026-11-13T20:00Z"),
        visit("booked too late", at, booked="2026-11-13T12:00Z"),
        visit("died", at),
        visit("left", at),
        visit("leaves later", at),
    ]
    ends = {"left": "2026-11-01T00:00Z", "leaves later": "2026-11-20T00:00Z"}
    found = booked_on(tables(visits, deceased_at={"died": "2026-11-01T00:00Z"}, ended_at=ends), chosen, DAY)
    assert found["patient_id"].tolist() == ["stays", "leaves later"]


def test_at_booking_those_booked_that_day_for_later(tables, chosen):
    chosen = chosen.model_copy(update={"decide_days_before": None, "reminded_from_lead_days": 3})
    visits = [
        visit("that day", "2026-12-01T15:00Z", booked="2026-11-13T15:00Z"),
        visit("too short", "2026-11-14T15:00Z", booked="2026-11-13T15:00Z"),
        visit("before", "2026-12-01T15:00Z", booked="2026-11-12T15:00Z"),
    ]
    assert booked_on(tables(visits), chosen, DAY)["patient_id"].tolist() == ["that day"]


def test_what_happens_after_the_moment_moves_nothing(tables, chosen):
    earlier = {"booked": "2026-09-01T12:00Z", "known": "2026-11-13T12:00Z"}
    visits = [visit("p", "2026-11-16T15:00Z"), visit("p", "2026-10-20T15:00Z", "no_show", **earlier)]
    late = booked_on(tables(visits), chosen, DAY)
    assert late["past"].tolist() == [0]
    visits[1]["known_at"] = "2026-10-21T12:00Z"
    assert booked_on(tables(visits), chosen, DAY)["past_missed"].tolist() == [1]


def test_a_list_is_made_by_the_same_features_as_the_model_learned_from(simulated, tables_from, settings):
    """What was known on the day gives each appointment the features that it has once everything is known."""
    chosen, day = settings(decide_days_before=3), date(2026, 10, 9)
    tables = tables_from(simulated)
    listed = booked_on(tables, chosen, day).set_index("appointment_id")
    assert len(listed) > 50
    known = tables.known(chosen.as_of, declared_cohort(chosen))
    everything = studied_appointments(known, chosen).rows
    rows = everything.filter(everything["appointment_id"].isin(listed.index.tolist()))
    learned = with_features(known, everything, rows, chosen).execute().set_index("appointment_id")
    columns = [*NUMBERS, *WORDS]
    pd.testing.assert_frame_equal(listed[columns], learned.loc[listed.index, columns], check_dtype=False)
