"""Which session an appointment lies in, and what became of it: by hand, through the engine."""

from datetime import date

import pandas as pd
import pytest

from workbench.no_show.at_risk.risk_set import appointments_as_known, described
from workbench.no_show.decisions.sessions import OF_SESSIONS, refuse_unknown_types, with_session
from workbench.no_show.parameters import Overbooking
from workbench.refusal import Refused
from workbench.tables.cohort import Cohort


def moments(*words):
    return pd.to_datetime(list(words), utc=True).astype("datetime64[us, UTC]")


VISITS = {
    # Session from 13:00 to 17:00 UTC, that is from nine in New York.
    "a": ("2026-09-07T13:40Z", "k1", "attended"),
    "b": ("2026-09-07T17:00Z", "k1", "no_show"),
    "c": ("2026-09-07T13:00Z", "k2", "late_canceled"),
    "d": ("2026-09-08T14:00Z", "k1", "rescheduled"),
    "e": ("2026-09-07T16:59Z", "k1", "canceled"),
}
SESSIONS = pd.DataFrame(
    {
        "clinic_id": "c",
        "clinician_id": ["k1", "k1", "k3"],
        "starts_at": moments("2026-09-07T13:00Z", "2026-09-07T15:00Z", "2026-09-07T13:00Z"),
        "ends_at": moments("2026-09-07T17:00Z", "2026-09-07T17:00Z", "2026-09-07T17:00Z"),
        "capacity": [6, 2, 4],
    }
)


@pytest.fixture
def found(tables_from, settings):
    def read(sessions=SESSIONS, drop=(), **unrecorded):
        starts, clinicians, statuses = zip(*VISITS.values(), strict=True)
        frame = pd.DataFrame(
            {
                "appointment_id": list(VISITS),
                "patient_id": list(VISITS),
                "clinic_id": "c",
                "clinician_id": clinicians,
                "booked_at": moments(*["2026-08-01T12:00Z"] * 5),
                "starts_at": moments(*starts),
                "duration_minutes": 30,
                "status": statuses,
                "known_at": moments(*["2026-09-08T20:00Z"] * 5),
            }
        ).drop(columns=list(drop))
        clinics = pd.DataFrame({"clinic_id": ["c"], "time_zone": ["America/New_York"]})
        frames = {"appointments": frame, "clinics": clinics, "patients": frame[["patient_id"]]}
        if sessions is not None:
            frames["sessions"] = sessions
        missing = {"consent": "none", **unrecorded}
        known = tables_from(frames, **missing).known(
            date(2026, 11, 16), Cohort("include", goes_on_without=missing)
        )
        rows = with_session(known, described(appointments_as_known(known, settings())))
        return rows.order_by("appointment_id").execute().set_index("appointment_id")

    return read


def test_outcomes_by_status(found):
    assert found()["outcome"].tolist() == [
        "attended", "no_show", "late_cancellation", "early_cancellation", "early_cancellation"
    ]  # fmt: skip


def test_session_holds_its_start_and_not_its_end(found):
    rows = found()
    assert rows["session"].notna().tolist() == [True, False, False, False, True]
    assert rows.loc["a", ["into_session", "duration", "session_minutes", "session_capacity"]].tolist() == [
        40,
        30,
        240,
        6,
    ]


def test_of_sessions_that_overlap_the_one_that_began_last_counts(found):
    rows = found()
    assert rows.loc["e", ["into_session", "session_minutes", "session_capacity"]].tolist() == [119, 120, 2]
    assert len(rows) == len(VISITS)


def test_session_that_stands_there_twice_makes_no_appointment_twice(found):
    once, twice = found(), found(pd.concat([SESSIONS, SESSIONS], ignore_index=True))
    assert twice.equals(once)


@pytest.mark.parametrize(
    "given",
    [
        {"sessions": None},
        {"drop": ("clinician_id",)},
        {"drop": ("duration_minutes",)},
        {"hour": "It holds days alone, and no hour of any."},
    ],
)
def test_without_records_there_is_no_session(found, given):
    assert found(**given)[list(OF_SESSIONS)].isna().all(axis=None)


@pytest.mark.parametrize(("never", "refused"), [(("therapy",), False), ((), False), (("theraphy",), True)])
def test_type_that_no_appointment_has_is_refused(tables_from, settings, never, refused):
    types = pd.DataFrame(
        {
            "appointment_id": ["a", "b"],
            "patient_id": "p",
            "type": ["therapy", None],
            "known_at": moments("2026-09-08T20:00Z", "2026-09-08T20:00Z"),
            "status": "attended",
        }
    )
    known = tables_from({"appointments": types}).known(date(2026, 11, 16), Cohort("include"))
    asked = settings(overbooking=Overbooking(never=never))
    if not refused:
        refuse_unknown_types(known, asked)
        return
    with pytest.raises(Refused, match="no appointment is of the type theraphy"):
        refuse_unknown_types(known, asked)
