"""Person-weeks of a few people made up, at the edges of weeks; and what is not known by then leaves them unmoved."""

from dataclasses import replace
from datetime import date

import ibis
import pandas as pd
import pytest

from workbench.message_load.causal.panel import panel_of
from workbench.message_load.causal.person_weeks import HISTORY, NEEDED, person_weeks
from workbench.message_load.causal.settings import CausalSettings
from workbench.refusal import Refused
from workbench.tables.cohort import Cohort, NeededConsent
from workbench.tables.known import Tables
from workbench.tables.source import Source

AS_OF = date(2026, 6, 1)
COHORT = Cohort(consent=NeededConsent("care", "entered_at", "the start of follow-up"))
SETTINGS = CausalSettings(weeks=8)
# Who stays, who opts out, who is discharged, who was never texted, a minor, and who had opted out before.
STAYS, OUT, LEFT, UNTEXTED, MINOR, BEFORE = "abcdef"


def at(day: str) -> pd.Timestamp:
    return pd.Timestamp(f"2026-{day}", tz="UTC")


def frames() -> dict[str, pd.DataFrame]:
    people = pd.DataFrame({"patient_id": list("abcdef"), "birth_year": [1980] * 4 + [2015, 1980]})
    people["ended_at"] = pd.Series([pd.NaT] * 6, dtype="datetime64[us, UTC]")
    people["deceased_at"] = people["ended_at"]
    people.loc[2, "ended_at"] = at("04-20")
    agreed = {
        STAYS: "04-06 00:00",
        OUT: "04-01 10:00",
        LEFT: "03-01 10:00",
        UNTEXTED: "04-06",
        MINOR: "04-06",
        BEFORE: "03-01",
    }
    consents = [(who, "opt_in", at(day)) for who, day in agreed.items()]
    consents += [(OUT, "opt_out", at("04-18 22:00")), (BEFORE, "opt_out", at("03-20"))]
    texts = [
        (STAYS, "04-07", "survey"),
        (OUT, "04-03", "reminder"),
        (LEFT, "03-02", "survey"),
        (MINOR, "04-07", "survey"),
    ]
    texts += [(OUT, day, "education") for day in ("04-08 10:00", "04-15 09:59", "04-16", "04-20")]
    texts += [
        (OUT, "04-11", "reminder"),
        (OUT, "04-12", "lost"),
        (BEFORE, "03-02", "survey"),
        (STAYS, "05-31", "survey"),
    ]
    texts += [(STAYS, day, "education") for day in ("04-14", "04-21", "04-22", "05-25 00:00")]
    messages = pd.DataFrame(texts, columns=["patient_id", "sent_at", "kind"])
    messages["sent_at"] = [at(day) for day in messages["sent_at"]]
    messages["status"] = ["failed" if kind == "lost" else "delivered" for kind in messages["kind"]]
    messages["kind"] = messages["kind"].replace("lost", "education")
    visits = [
        (OUT, "04-10", "04-17", "attended", "04-17"),
        (OUT, "03-20", "04-07", "no_show", "04-09"),
        (OUT, "04-09", "04-16", "canceled", "04-14"),
        (LEFT, "02-01", "02-20", "no_show", "02-20"),
        (STAYS, "05-20", "05-27", "scheduled", "05-20"),
    ]
    columns = ["patient_id", "booked_at", "starts_at", "status", "known_at"]
    appointments = pd.DataFrame(visits, columns=columns)
    for name in ("booked_at", "starts_at", "known_at"):
        appointments[name] = [at(day) for day in appointments[name]]
    states = [
        (OUT, "depression", "04-01", "04-02"),
        (OUT, "anxiety", "04-10", "04-16"),
        (STAYS, "trauma", "04-01", "04-20"),
    ]
    return {
        "patients": people,
        "consents": pd.DataFrame(consents, columns=["patient_id", "status", "changed_at"]).assign(
            channel="sms", purpose="care", scope="this_kind"
        ),
        "messages": messages.assign(
            known_at=messages["sent_at"], message_id=[f"m{place}" for place in range(len(messages))]
        ),
        "replies": pd.DataFrame({"patient_id": [OUT, STAYS], "received_at": [at("04-09"), at("04-08")]}),
        "appointments": appointments.assign(appointment_id=[f"v{place}" for place in range(len(visits))]),
        "patient_states": pd.DataFrame(
            [(who, name, "active", at(since), at(told)) for who, name, since, told in states],
            columns=["patient_id", "diagnosis_group", "treatment_phase", "valid_from", "known_at"],
        ),
    }


def opened(given: dict[str, pd.DataFrame], **not_recorded: str) -> Tables:
    engine = ibis.duckdb.connect()
    engine.raw_sql("SET TimeZone = 'UTC'")
    made = {name: engine.create_table(name, rows, temp=True) for name, rows in given.items()}
    source = {"title": "Rows", "location": "nowhere", "not_recorded": not_recorded}
    return Tables(Source.model_validate(source), made)


def weeks_of(given, settings=SETTINGS, as_of=AS_OF, cohort=COHORT):
    return person_weeks(opened(given).known(as_of, cohort), settings)


@pytest.fixture(scope="module")
def weeks():
    return weeks_of(frames())


def of(weeks, told: int) -> pd.DataFrame:
    """The rows of the one person who was followed for so many weeks."""
    rows = weeks.rows
    chosen = rows[rows.groupby("patient")["week"].transform("size") == told]
    assert chosen["patient"].nunique() == 1 or told == 2
    return chosen.reset_index(drop=True)


def test_who_is_followed_and_how_long(weeks):
    assert [(step.label, step.left) for step in weeks.flow] == [
        ("agreed to texts", 5),
        ("texted after that", 4),
        ("in care when follow-up begins", 4),
        ("adults", 3),
        ("with consent at the start of follow-up", 3),
        ("followed for at least a week", 3),
    ]
    assert sorted(weeks.rows.groupby("patient").size()) == [2, 2, 7]
    assert not {"patient_id", "at"} & set(weeks.rows.columns)


def test_weeks_begin_where_the_week_since_consent_does_and_only_whole_ones_count(weeks):
    stays = of(weeks, 7)
    # Agreed on 6 April, texted on the 7th: from the 13th on, and seven weeks to the first of June.
    assert list(stays["week"]) == list(range(7))
    assert list(stays["to_come"]) == list(range(7, 0, -1))
    assert list(stays["since_consent"]) == list(range(1, 8))
    assert list(stays["texts"]) == [1, 2, 0, 0, 0, 0, 2]
    assert list(stays["texts_1"]) == [1, 1, 2, 0, 0, 0, 0]
    assert list(stays["texts_2"]) == [0, 1, 1, 2, 0, 0, 0]
    assert list(stays["texts_3"]) == [0, 0, 1, 1, 2, 0, 0]
    assert list(stays["replied"]) == [1, 0, 0, 0, 0, 0, 0]
    assert list(stays["replies"]) == [0, 1, 1, 1, 1, 1, 1]
    assert list(stays["booked"]) == [0, 0, 0, 0, 0, 1, 0]
    assert list(stays["expected"]) == [0, 0, 0, 0, 0, 0, 1]
    assert list(stays["diagnosis_group"]) == ["not recorded", *["trauma"] * 6]
    assert (stays["opted_out"] == 0).all()
    assert (stays["opted_out_after"] == 1).all()


def test_a_week_ends_at_the_opt_out_and_is_the_last(weeks):
    out = weeks.rows[weeks.rows["patient"] == weeks.rows.loc[weeks.rows["opted_out"] == 1, "patient"].item()]
    # The text of 08 April 10:00 is the first of the first week, and that of 15 April 09:59 its last.
    assert list(out["texts"]) == [2, 1]
    assert list(out["opted_out"]) == [0, 1]
    assert out["opted_out_after"].iloc[1] == pytest.approx(0.5)
    assert list(out["booked"]) == [1, 0]
    assert list(out["replied"]) == [0, 1]
    assert list(out["missed"]) == [0, 1]
    # Two visits stood in the book; one of them had been called off by then.
    assert list(out["expected"]) == [0, 1]
    assert list(out["diagnosis_group"]) == ["depression", "depression"]


def test_who_is_discharged_leaves_within_the_week(weeks):
    left = weeks.rows[weeks.rows["patient"] == weeks.rows.loc[weeks.rows["left"] == 1, "patient"].item()]
    assert list(left["left"]) == [0, 1]
    assert list(left["since_consent"]) == [6, 7]
    assert list(left["misses"]) == [1, 1]
    assert HISTORY == 26


def test_people_are_drawn_by_lot_and_the_same_ones_each_time(weeks):
    few = replace(SETTINGS, people=1)
    drawn = [weeks_of(frames(), replace(few, seed=seed)).rows for seed in (1, 2, 3, 1)]
    assert all((rows["patient"] == 0).all() for rows in drawn)
    assert len({tuple(rows["since_consent"]) for rows in drawn}) > 1
    pd.testing.assert_frame_equal(drawn[0], drawn[3])
    # Drawn or not, the first of the lot is the first of all.
    pd.testing.assert_frame_equal(drawn[0], weeks.rows[weeks.rows["patient"] == 0].reset_index(drop=True))


def test_what_becomes_known_later_moves_nothing():
    earlier = date(2026, 5, 18)
    given = frames()
    moment = pd.Timestamp(earlier, tz="UTC")
    before = weeks_of(given, as_of=earlier)
    for name, column in (("messages", "known_at"), ("replies", "received_at"), ("appointments", "known_at")):
        given[name] = given[name][given[name][column] < moment]
    given["consents"] = given["consents"][given["consents"]["changed_at"] < moment]
    after = weeks_of(given, as_of=earlier)
    assert len(before.rows) > 5
    pd.testing.assert_frame_equal(before.rows, after.rows)


def test_rows_become_arrays_whose_weeks_stay_together(weeks):
    panel = panel_of(weeks.rows)
    assert panel.people == 3
    assert panel.left.sum() == panel.opted_out.sum() == 1
    assert len(panel.windows) == 4
    assert len(panel.followed) == 6 + 1 + 1
    assert panel.x.shape[0] == panel.cell.max() + 1


@pytest.mark.parametrize("name", ["time", "consent"])
def test_a_source_that_does_not_record_it_is_refused(name):
    tables = opened(frames(), **{name: "not kept"})
    known = tables.known(AS_OF, replace(COHORT, goes_on_without={name: "there is none"}))
    with pytest.raises(Refused, match=f"does not record {name}"):
        person_weeks(known, SETTINGS)


def test_nobody_left_is_refused_with_the_step_that_left_nobody():
    given = frames()
    given["patients"]["birth_year"] = 2015
    with pytest.raises(Refused, match='nobody is left after the step "adults"'):
        weeks_of(given)


def test_tables_and_columns_needed_are_told():
    given = frames()
    for table, columns in NEEDED.items():
        given[table] = given[table][[*columns, *(["birth_year"] if table == "patients" else [])]]
    assert len(weeks_of(given).rows) == 11
