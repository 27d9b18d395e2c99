"""Who is eligible, when a reminder counts as sent, and what a source that lacks something is asked nothing of."""

from datetime import date

import pandas as pd
import pytest

from workbench.no_show.at_risk.risk_set import declared_cohort
from workbench.no_show.effect.eligible import load_eligible

AS_OF = date(2026, 11, 16)
# A Thursday; planned at ten on the Tuesday before, in New York: 14:00 UTC.
DAY = "2026-10-08T15:00Z"
PLANNED = pd.Timestamp("2026-10-06T14:00Z")


def moments(frame, *columns):
    for column in columns:
        frame[column] = pd.to_datetime(frame[column], utc=True, format="ISO8601").astype("datetime64[us, UTC]")
    return frame


@pytest.fixture
def load(settings, tables_from):
    def build(visits, texts=(), drawn=(), *, consent=(), **asked):
        visits = [
            {"booked_at": "2026-09-20T15:00Z", "starts_at": DAY, "known_at": "2026-10-09T15:00Z", **visit}
            for visit in visits
        ]
        frame = moments(pd.DataFrame(visits), "booked_at", "starts_at", "known_at")
        frame["appointment_id"] = [f"a{place}" for place in range(len(frame))]
        people = sorted({*frame["patient_id"]})
        consents = pd.DataFrame({"patient_id": consent or people, "changed_at": "2026-01-01T00:00Z"}).assign(
            channel="sms", purpose="care", scope="this_kind", status="opt_in"
        )
        frames = {
            "appointments": frame.assign(clinic_id="c"),
            "clinics": pd.DataFrame({"clinic_id": ["c"], "time_zone": ["America/New_York"]}),
            "patients": pd.DataFrame({"patient_id": people}),
            "consents": moments(consents, "changed_at"),
        }
        if texts:
            table = pd.DataFrame([{"kind": "reminder", "status": "delivered", **text} for text in texts])
            table["known_at"] = table["sent_at"]
            table["message_id"] = [f"m{place}" for place in range(len(table))]
            frames["messages"] = moments(table, "sent_at", "known_at")
        if drawn:
            frames["assignments"] = moments(pd.DataFrame(drawn), "assigned_at")
        chosen = settings(as_of=AS_OF, **asked)
        known = tables_from(frames).known(AS_OF, declared_cohort(chosen))
        return load_eligible(known, chosen)

    return build


def sent(minutes, patient="p", **more):
    return {"patient_id": patient, "sent_at": (PLANNED + pd.Timedelta(minutes=minutes)).isoformat(), **more}


ATTENDED = {"patient_id": "p", "status": "attended"}


@pytest.mark.parametrize(
    ("minutes", "counts"), [(-1, False), (0, True), (179, True), (180, False), (60 * 24, False)]
)
def test_a_reminder_counts_within_its_grace_of_time_zero(load, minutes, counts):
    rows = load([ATTENDED], [sent(minutes)]).rows
    assert rows["sent"].tolist() == [int(counts)]
    assert rows["eligible"].tolist() == [True]


@pytest.mark.parametrize(
    ("status", "left", "arrived"),
    [("delivered", 1, 1), ("sent", 1, 1), ("failed", 1, 0), ("undelivered", 1, 0), ("canceled", 0, 0)],
)
def test_sent_is_not_arrived(load, status, left, arrived):
    rows = load([ATTENDED], [sent(5, status=status)]).rows
    assert (rows["sent"].tolist(), rows["arrived"].tolist()) == ([left], [arrived])


def test_called_off_before_time_zero_is_not_eligible_and_later_is_no_condition(load):
    before = {"patient_id": "p", "status": "canceled", "known_at": "2026-10-06T13:59Z"}
    after = {"patient_id": "q", "status": "canceled", "known_at": "2026-10-06T14:01Z"}
    late = {"patient_id": "r", "status": "late_canceled", "known_at": "2026-10-08T13:00Z"}
    found = load([before, after, late], [sent(5, "q")])
    assert found.rows["eligible"].tolist() == [True, True]
    assert found.rows["missed"].tolist() == [0, 0]
    assert sorted(found.rows["empty"]) == [0, 1]
    assert [step.left for step in found.flow] == [3, 2, 2]


def test_leads_too_short_stay_as_the_negative_control(load):
    short = {"patient_id": "p", "status": "no_show", "booked_at": "2026-10-07T15:00Z"}
    rows = load([short, {"patient_id": "q", "status": "no_show"}], [sent(5, "q")]).rows
    assert sorted(zip(rows["eligible"], rows["sent"], strict=True)) == [(False, 0), (True, 1)]


def test_who_has_not_agreed_by_time_zero_is_not_eligible(load):
    found = load([ATTENDED, {"patient_id": "q", "status": "attended"}], [sent(5)], consent=["q"])
    assert found.rows["eligible"].sum() == 1
    assert found.missing == ("trial",)


def test_arm_is_that_of_the_trial_from_its_first_day_on(load):
    drawn = [
        {"experiment_id": "e", "patient_id": who, "arm": arm, "stratum": stratum, "assigned_at": at}
        for who, arm, stratum, at in (
            ("p", "usual", "at risk", "2026-09-01T00:00Z"),
            ("q", "more", "at risk", "2026-09-01T00:00Z"),
            ("r", "more", "not at risk", "2026-09-01T00:00Z"),
            ("s", "more", "at risk", "2026-10-07T00:00Z"),
            ("t", "other", "at risk", "2026-09-01T00:00Z"),
        )
    ]
    trial = {
        "experiment": "e",
        "control": "usual",
        "treated": "more",
        "stratum": "at risk",
        "first_days": 3,
    }
    visits = [{"patient_id": who, "status": "attended"} for who in "pqrst"]
    rows = load(visits, [sent(5)], drawn, reminder_trial=trial).rows.sort_values("patient")
    assert rows["arm"].fillna(-1).tolist() == [0, 1, 1, -1, -1]
    assert rows["stratum"].tolist() == [True, True, False, False, False]


def test_a_source_without_reminders_says_so(load):
    found = load([ATTENDED])
    assert found.rows is None
    assert found.missing == ("reminders", "time", "trial")


def test_recorded_reminders_bear_no_time(load):
    found = load([{**ATTENDED, "reminded": True}, {"patient_id": "q", "status": "no_show", "reminded": False}])
    assert found.missing == ("time", "trial")
    assert sorted(found.rows["sent"]) == [0, 1]
