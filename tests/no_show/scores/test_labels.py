"""The label audited: outcomes that are not there, called off late, and patients who had written before."""

from datetime import date

import pandas as pd
import pytest

from workbench.no_show.at_risk.features import with_features
from workbench.no_show.at_risk.risk_set import declared_cohort, described, studied_appointments
from workbench.no_show.scores.labels import audit_labels


def visit(patient, day, status, clinic="c"):
    return {
        "patient_id": patient,
        "clinic_id": clinic,
        "booked_at": "2026-08-01T15:00Z",
        "starts_at": f"{day}T15:00Z",
        "status": status,
        "known_at": "2026-08-01T15:00Z" if status == "scheduled" else f"{day}T22:00Z",
    }


@pytest.fixture
def known(tables_from, settings):
    visits = pd.DataFrame(
        [
            visit("a", "2026-09-14", "no_show"),
            visit("a", "2026-09-15", "no_show"),
            visit("b", "2026-09-16", "attended"),
            visit("b", "2026-09-17", "late_canceled"),
            visit("c", "2026-09-18", "scheduled", clinic="d"),
            visit("c", "2026-09-21", "no_show", clinic="d"),
        ]
    )
    visits["appointment_id"] = [f"v{at}" for at in range(len(visits))]
    replies = pd.DataFrame(
        {
            "reply_id": ["r0", "r1", "r2"],
            "patient_id": ["a", "b", "c"],
            "intent": ["cancel", "cancel", "confirm"],
            # Of a: after the first visit's beginning and before the second's.
            "received_at": ["2026-09-14T18:00Z", "2026-09-16T09:00Z", "2026-09-21T09:00Z"],
        }
    )
    for frame in (visits, replies):
        for column in [name for name in frame.columns if name.endswith("_at")]:
            frame[column] = pd.to_datetime(frame[column], utc=True, format="ISO8601").astype(
                "datetime64[us, UTC]"
            )
    frames = {
        "appointments": visits,
        "replies": replies,
        "clinics": pd.DataFrame({"clinic_id": ["c", "d"], "time_zone": "America/New_York"}),
        "patients": pd.DataFrame(
            {
                "patient_id": list("abc"),
                "birth_year": [1950, 2000, None],
                "sex": "female",
                "payer": ["public", None, "own"],
            }
        ),
    }
    chosen = settings(
        subgroups=("clinic_id", "age_band", "sex", "language", "payer", "history"),
        goes_on_without={"consent": "Nobody is contacted."},
    )
    tables = tables_from(frames, consent="none")
    return tables.known(date(2026, 11, 16), declared_cohort(chosen)), chosen


def audited(known, settings):
    found = audit_labels(known, studied_appointments(known, settings).rows, settings)
    return {(counts.by, counts.group): counts for counts in found}


def test_each_group_is_counted_by_what_became_of_its_label(known):
    found = audited(*known)
    c, d = found["clinic_id", "c"], found["clinic_id", "d"]
    assert (c.patients, c.appointments, c.unrecorded, c.called_off, c.missed) == (2, 4, 0, 1, 2)
    assert (d.patients, d.appointments, d.unrecorded, d.called_off, d.missed) == (1, 2, 1, 0, 1)


def test_no_show_of_a_patient_who_had_written_is_told(known):
    found = audited(*known)
    assert found["clinic_id", "c"].told_before == 1
    assert found["clinic_id", "d"].told_before == 0


def test_bands_and_what_is_not_recorded(known):
    found = audited(*known)
    assert found["age_band", "65 and over"].appointments == 2
    assert found["age_band", "18 to 34"].appointments == 2
    assert found["age_band", "not recorded"].appointments == 2
    assert found["language", "not recorded"].appointments == 6
    assert not any(by == "history" for by, _ in found)


def test_groups_that_a_source_records_are_told_where_they_are_asked_for(known):
    tables, settings = known
    found = audited(tables, settings)
    assert {group for by, group in found if by == "payer"} == {"public", "own", "not recorded"}
    everything = studied_appointments(tables, settings).rows
    for asked, payers in (
        (settings, {"public", "own"}),
        (settings.model_copy(update={"subgroups": ()}), set()),
    ):
        rows = with_features(tables, everything, described(everything), asked).execute()
        assert set(rows["payer"].dropna()) == payers
