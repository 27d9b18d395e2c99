"""Each fault, planted by itself in tables without any, is found by the right check in the right number of rows."""

from datetime import datetime, timedelta

import pyarrow as pa
import pytest
from ibis.backends.duckdb import Backend

from workbench.tables.cohort import EVERYBODY, Cohort
from workbench.tables.quality.asking import CHECKS, ask
from workbench.tables.quality.texting import PURPOSE_OF
from workbench.tables.schema import MESSAGE_KINDS

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def change(table, rows, **values):
    """Plant values in the first so many rows; a value may be a function of the row."""

    def plant(provider):
        for row in provider[table][:rows]:
            row |= {name: value(row) if callable(value) else value for name, value in values.items()}

    return plant


def change_where(table, which, rows, **values):
    """Plant values in the first so many rows that have some other values."""

    def plant(provider):
        chosen = [row for row in provider[table] if which.items() <= row.items()]
        for row in chosen[:rows]:
            row |= {name: value(row) if callable(value) else value for name, value in values.items()}

    return plant


def without_people(*people):
    def plant(provider):
        provider["patients"] = [row for row in provider["patients"] if row["patient_id"] not in people]

    return plant


def withdraw(purpose, scope, people, after):
    """People opt out so long after the first text."""

    def plant(provider):
        begin = min(row["sent_at"] for row in provider["messages"])
        for person in people:
            provider["consents"].append(
                {
                    "patient_id": person,
                    "channel": "sms",
                    "purpose": purpose,
                    "scope": scope,
                    "status": "opt_out",
                }
                | {"changed_at": begin + after}
            )

    return plant


def again(table, rows, **values):
    """The first so many rows once more, with some values changed."""

    def plant(provider):
        provider[table] += [
            row | {name: value(row) if callable(value) else value for name, value in values.items()}
            for row in provider[table][:rows]
        ]

    return plant


def moved(column, by):
    return lambda row: row[column] + by


PLANTED = {
    # references
    "assignment": (
        change("assignments", 3, patient_id=lambda row: "x" + row["patient_id"]),
        {"assignments_of_unknown_people": 3},
    ),
    "appointment": (
        change("appointments", 5, patient_id="nobody", message_id=None, starts_at=moved("starts_at", HOUR)),
        {"appointments_of_unknown_people": 5},
    ),
    "reply": (change("replies", 2, patient_id="nobody", message_id=None), {"replies_of_unknown_people": 2}),
    "survey": (change("surveys", 4, patient_id="nobody", message_id=None), {"surveys_of_unknown_people": 4}),
    "state": (
        change("patient_states", 6, patient_id=lambda row: "x" + row["patient_id"]),
        {"patient_states_of_unknown_people": 6},
    ),
    "message of nobody": (
        lambda provider: (
            change("messages", 1, patient_id="nobody", kind="consent_prompt")(provider),
            change("replies", 1, message_id=None)(provider),
            change("surveys", 1, message_id=None)(provider),
            change("appointments", 1, message_id=None)(provider),
        ),
        {"messages_of_unknown_people": 1, "messages_on_unknown_clocks": 1},
    ),
    "a person left out": (
        without_people("p07"),
        {
            f"{table}_of_unknown_people": rows
            for table, rows in {
                "assignments": 1,
                "appointments": 8,
                "consents": 2,
                "messages": 8,
                "replies": 8,
                "surveys": 8,
                "patient_states": 1,
            }.items()
        }
        | {"messages_on_unknown_clocks": 8},
    ),
    "clinic of an appointment": (
        change("appointments", 7, clinic_id="c9"),
        {"appointments_at_unknown_clinics": 7},
    ),
    "clinic of a state": (
        change("patient_states", 7, clinic_id="c9"),
        {"patient_states_at_unknown_clinics": 7},
    ),
    "clinic of a session": (change("sessions", 2, clinic_id="c9"), {"sessions_at_unknown_clinics": 2}),
    "no clinic": (change("appointments", 7, clinic_id=None), {}),
    "text of a reply": (change("replies", 3, message_id="m0"), {"replies_of_unknown_texts": 3}),
    "text of a survey": (change("surveys", 3, message_id="m0"), {"surveys_of_unknown_texts": 3}),
    "text of an appointment": (
        change("appointments", 3, message_id="m0"),
        {"appointments_of_unknown_texts": 3},
    ),
    "another's text": (change("replies", 8, message_id="mp01-0"), {"replies_of_others_texts": 8}),
    "another's text in a survey": (change("surveys", 8, message_id="mp01-0"), {"surveys_of_others_texts": 8}),
    "booked through another's text": (
        change("appointments", 8, message_id="mp01-0"),
        {"appointments_of_others_texts": 8},
    ),
    # consent
    **{
        f"{kind} without consent": (
            withdraw(purpose, "this_kind", ("p00", "p01"), -DAY),
            {
                f"{each}_without_consent": 2 * (2 if each in ("reminder", "medication", "re_engagement") else 1)
                for each, needed in PURPOSE_OF.items()
                if needed == purpose
            },
        )
        for kind, purpose in (("care", "care"), ("survey", "survey"))
    },
    "out of all": (
        withdraw("care", "all", ("p00",), timedelta(weeks=3, hours=-1)),
        {"survey_without_consent": 1, "education_without_consent": 1, "reminder_without_consent": 1}
        | {"medication_without_consent": 1, "re_engagement_without_consent": 1},
    ),
    "out of marketing": (withdraw("marketing", "this_kind", ("p00",), -DAY), {}),
    "out by e-mail": (
        lambda provider: provider["consents"].append(
            provider["consents"][0] | {"channel": "email", "scope": "all", "status": "opt_out"}
        ),
        {},
    ),
    "out at the moment of the text": (
        withdraw("care", "this_kind", ("p00",), timedelta(weeks=7)),
        {"re_engagement_without_consent": 1},
    ),
    "out a second after it": (
        withdraw("care", "this_kind", ("p00",), timedelta(weeks=7, seconds=1)),
        {},
    ),
    "out before a text that was canceled": (
        lambda provider: (
            withdraw("care", "this_kind", ("p00",), timedelta(weeks=7))(provider),
            provider["messages"][7].update(status="canceled"),
        ),
        {},
    ),
    "a prompt needs no consent": (
        lambda provider: (
            withdraw("care", "all", ("p00",), timedelta(weeks=7))(provider),
            provider["messages"][7].update(kind="consent_prompt"),
        ),
        {},
    ),
    "not to be texted": (change("patients", 2, do_not_text=True), {"messages_to_do_not_text": 16}),
    # after care, and at night
    "after death": (
        change("patients", 1, deceased_at=moved("enrolled_at", timedelta(days=100, weeks=5))),
        {"messages_after_death": 2},
    ),
    "after discharge": (
        change("patients", 3, ended_at=moved("enrolled_at", timedelta(days=100, weeks=6, hours=1))),
        {"messages_after_discharge": 3},
    ),
    "at night": (
        change_where("messages", {"kind": "survey"}, 3, sent_at=moved("sent_at", -4 * HOUR)),
        {"messages_in_quiet_hours": 3},
    ),
    "late in the evening": (
        # 15:00 UTC is 10 h in New York: eleven hours and a second later it is past 21 h.
        lambda provider: (
            provider["messages"][0].update(
                sent_at=provider["messages"][0]["sent_at"] + 11 * HOUR + timedelta(seconds=1),
                known_at=provider["messages"][0]["sent_at"] + 12 * HOUR,
            ),
            change("replies", 1, message_id=None)(provider),
            change("surveys", 1, message_id=None)(provider),
        ),
        {"messages_in_quiet_hours": 1},
    ),
    "at 21 h sharp": (
        lambda provider: (
            provider["messages"][0].update(
                sent_at=provider["messages"][0]["sent_at"] + 11 * HOUR,
                known_at=provider["messages"][0]["sent_at"] + 12 * HOUR,
            ),
            change("replies", 1, message_id=None)(provider),
            change("surveys", 1, message_id=None)(provider),
        ),
        {},
    ),
    "no zone": (change("patients", 2, time_zone=None), {"messages_on_unknown_clocks": 16}),
    "a zone that is none": (
        change("patients", 2, time_zone="Amerika/Neu-York"),
        {"messages_on_unknown_clocks": 16, "patients_zone_unknown": 2},
    ),
    # times in order
    "left before enrolled": (
        lambda provider: provider["patients"].append(
            provider["patients"][0]
            | {"patient_id": "new", "ended_at": provider["patients"][0]["enrolled_at"] - DAY}
        ),
        {"patients_left_before_enrolled": 1},
    ),
    "died before enrolled": (
        lambda provider: provider["patients"].append(
            provider["patients"][0]
            | {"patient_id": "new", "deceased_at": provider["patients"][0]["enrolled_at"] - DAY}
        ),
        {"patients_died_before_enrolled": 1},
    ),
    "booked after the start": (
        change("appointments", 4, starts_at=moved("booked_at", -HOUR)),
        {"appointments_booked_after_start": 4},
    ),
    "known before booked": (
        change("appointments", 4, known_at=moved("booked_at", -HOUR), status="scheduled"),
        {"appointments_known_before_booked": 4},
    ),
    "outcome before the start": (
        change("appointments", 4, known_at=moved("starts_at", -HOUR)),
        {"outcomes_before_start": 4},
    ),
    "scheduled before the start": (
        change("appointments", 4, known_at=moved("starts_at", -HOUR), status="scheduled"),
        {},
    ),
    "receipt before the text": (
        change("messages", 5, known_at=moved("sent_at", -HOUR)),
        {"messages_known_before_sent": 5},
    ),
    "reply before its text": (
        change("replies", 5, received_at=moved("received_at", -2 * HOUR)),
        {"replies_before_their_texts": 5},
    ),
    "answer before its text": (
        change("surveys", 5, responded_at=moved("responded_at", -3 * HOUR)),
        {"surveys_before_their_texts": 5},
    ),
    "state known before valid": (
        change("patient_states", 9, known_at=moved("valid_from", -DAY)),
        {"states_known_before_valid": 9},
    ),
    "session without length": (
        change("sessions", 2, ends_at=lambda row: row["starts_at"]),
        {"sessions_end_before_start": 2},
    ),
    "booked in the future": (
        change("appointments", 2, booked_at=moved("booked_at", timedelta(days=400)), status="scheduled"),
        {"appointments_in_the_future": 2}
        | {"appointments_known_before_booked": 2, "appointments_booked_after_start": 2},
    ),
    # values
    "zone of a clinic": (change("clinics", 1, time_zone="Nowhere"), {"clinics_zone_unknown": 1}),
    "birth year": (change("patients", 3, birth_year=1066), {"birth_years": 3}),
    "unborn": (change("patients", 2, birth_year=2027), {"birth_years": 2, "born_after_enrolled": 2}),
    "born after enrolled": (change("patients", 2, birth_year=2026), {"born_after_enrolled": 2}),
    "no length": (change("appointments", 2, duration_minutes=0), {"durations": 2}),
    "a length of two days": (change("appointments", 2, duration_minutes=2880), {"durations": 2}),
    "called off by nobody": (
        change("appointments", 6, status="canceled", canceled_by=None),
        {"canceled_by_nobody": 6},
    ),
    "called off by the patient": (change("appointments", 6, status="canceled", canceled_by="patient"), {}),
    "failed without a reason": (change("messages", 6, status="failed"), {"failures_without_reason": 6}),
    "failed with a reason": (change("messages", 6, status="failed", error_code="30003"), {}),
    "no part": (change("messages", 1, parts=0), {"message_parts": 1}),
    "PHQ-9 of 28": (
        lambda provider: [
            row.update(score=28.0)
            for row in provider["surveys"]
            if row["instrument"] == "PHQ-9" and "-0" in row["response_id"]
        ],
        {"survey_scores": 20},
    ),
    "GAD-7 of 22": (
        lambda provider: [
            row.update(score=22.0)
            for row in provider["surveys"]
            if row["instrument"] == "GAD-7" and "-0" in row["response_id"]
        ],
        {"survey_scores": 20},
    ),
    "PHQ-9 of 27": (lambda provider: provider["surveys"][0].update(score=27.0), {}),
    "another instrument": (change("surveys", 3, instrument="satisfaction", score=99.0), {}),
    "room for nobody": (change("sessions", 3, capacity=0), {"session_capacity": 3}),
    "shares above one": (change("assignments", 1, probability=0.75), {"arm_shares": 40}),
    "an arm that is missing": (
        change("assignments", 40, arm="generic", probability=0.5),
        {"arm_shares": 40},
    ),
    "an arm that is empty by chance": (
        lambda provider: (
            change("assignments", 40, experiment_id="big", arm="one", probability=0.9)(provider),
        ),
        {},
    ),
    "not dated": (change("assignments", 2, assigned_at=None), {"assignments_undated": 2}),
    "appointment not dated": (change("appointments", 2, known_at=None), {"appointments_undated": 2}),
    # repeats
    "text twice": (
        again("messages", 3, message_id=lambda row: row["message_id"] + "x"),
        {"messages_repeated": 3},
    ),
    "text of another template": (
        again("messages", 3, message_id=lambda row: row["message_id"] + "x", template_id="t2"),
        {},
    ),
    "text an hour later": (
        again(
            "messages",
            3,
            message_id=lambda row: row["message_id"] + "x",
            sent_at=moved("sent_at", HOUR),
            known_at=moved("known_at", HOUR),
        ),
        {},
    ),
    "appointment twice": (
        again("appointments", 3, appointment_id=lambda row: row["appointment_id"] + "x"),
        {"appointments_at_the_same_start": 3},
    ),
    "appointment moved": (
        again("appointments", 3, appointment_id=lambda row: row["appointment_id"] + "x", status="rescheduled"),
        {},
    ),
    "assigned twice": (again("assignments", 3), {"assignments_repeated": 3}),
    "consent twice": (again("consents", 3), {"consents_repeated": 3}),
    "state twice": (again("patient_states", 3), {"patient_states_repeated": 3}),
    "session twice": (again("sessions", 3), {"sessions_repeated": 3}),
    # missing
    "language missing": (change("patients", 3, language=None), {"patients_language_missing": 3}),
    "language missing of few": (change("patients", 2, language=None), {}),
    # schema
    "key twice": (again("surveys", 1, message_id=None), {"surveys_key": 2}),
    "key empty": (change("surveys", 2, instrument=None), {"surveys_instrument_empty": 2}),
    "word": (change("replies", 2, intent="maybe"), {"replies_intent_values": 2}),
    "share of an arm": (
        lambda provider: provider["assignments"][0].update(probability=1.5),
        {"assignments_probability_values": 1, "arm_shares": 40},
    ),
}


def test_tables_without_fault_have_none(provider, found):
    assert found(provider, whole=True) == {}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_found_by_its_check_alone(provider, found, name):
    plant, expected = PLANTED[name]
    plant(provider)
    assert found(provider) == expected


def test_every_check_has_a_fault_planted_for_it():
    planted = {name for _, expected in PLANTED.values() for name in expected}
    # What lies in the future of a row that says when it was known, is not known yet; see below.
    unplanted = {check.name for check in CHECKS} - planted
    assert {name for name in unplanted if not name.endswith("_in_the_future")} == set()


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("patients", "enrolled_at"),
        ("patient_states", "valid_from"),
        ("consents", "changed_at"),
        ("messages", "sent_at"),
        ("replies", "received_at"),
        ("assignments", "assigned_at"),
        ("appointments", "booked_at"),
        ("surveys", "responded_at"),
    ],
)
def test_what_lies_after_the_moment_of_looking_is_told(provider, table, column, opened):
    change(table, 2, **{column: moved(column, timedelta(days=400))})(provider)
    known = opened(provider).known(datetime(2028, 1, 1).date(), EVERYBODY)
    (answer,) = ask(
        known,
        datetime.fromisoformat("2026-06-01T00:00:00+00:00"),
        [check for check in CHECKS if check.name == f"{table}_in_the_future"],
    )
    assert answer.counts.concerned == 2


def test_people_concerned_are_counted_beside_their_rows(provider, opened):
    change("patients", 2, do_not_text=True)(provider)
    known = opened(provider).known(datetime(2026, 6, 1).date(), EVERYBODY)
    (answer,) = ask(known, known.moment, [check for check in CHECKS if check.name == "messages_to_do_not_text"])
    assert (answer.counts.looked_at, answer.counts.concerned, answer.counts.people) == (320, 16, 2)


def test_every_kind_of_text_but_a_prompt_needs_a_consent():
    assert set(MESSAGE_KINDS) - set(PURPOSE_OF) == {"consent_prompt"}


@pytest.mark.parametrize(
    ("not_recorded", "unasked"),
    [
        ({"consent": "It is not."}, {"reminder_without_consent", "survey_without_consent"}),
        ({"hour": "Dates alone."}, {"appointments_at_the_same_start"}),
        ({"time": "No dates."}, {"appointments_undated", "assignments_undated"}),
    ],
)
def test_what_a_source_does_not_record_is_not_asked(provider, opened, not_recorded, unasked):
    reasons = dict.fromkeys(not_recorded, "It is told by other means.")
    cohort = Cohort("include", goes_on_without=reasons)
    known = opened(provider, not_recorded=not_recorded).known(datetime(2026, 6, 1).date(), cohort)
    answers = {answer.rule.name: answer for answer in ask(known, known.moment)}
    for name in unasked:
        assert answers[name].status == "not_asked"
        assert answers[name].why_not.startswith("The source does not record")


def test_a_day_without_an_hour_may_be_booked_until_it_is_over(provider, found):
    change("appointments", 4, starts_at=moved("booked_at", -9 * HOUR))(provider)
    assert found(provider, not_recorded={"hour": "Dates alone."}) == {}
    change("appointments", 3, starts_at=moved("booked_at", -25 * HOUR))(provider)
    assert found(provider, not_recorded={"hour": "Dates alone."}) == {"appointments_booked_after_start": 3}


def test_checks_of_the_same_rows_share_a_query(provider, opened, monkeypatch):
    known = opened(provider).known(datetime(2026, 6, 1).date(), EVERYBODY)
    sent = []
    execute = Backend.execute
    monkeypatch.setattr(
        Backend, "execute", lambda *given, **named: sent.append(given) or execute(*given, **named)
    )
    answers = ask(known, known.moment)
    assert all(answer.counts is not None for answer in answers)
    assert [answer.rule for answer in answers] == list(CHECKS)
    assert len(sent) == len({check.rows for check in CHECKS}) < 0.6 * len(CHECKS)


@pytest.mark.parametrize("table", ["patients", "consents", "messages", "clinics"])
def test_without_a_table_its_checks_say_so(provider, opened, table):
    provider[table] = []
    known = opened(provider).known(datetime(2026, 6, 1).date(), EVERYBODY)
    answers = {answer.rule.name: answer for answer in ask(known, known.moment)}
    concerned = [answers[check.name] for check in CHECKS if table in check.needs]
    assert concerned
    assert all(answer.why_not for answer in concerned)
    assert any(answer.why_not == f"There is no table {table}." for answer in concerned)


def test_a_column_of_the_wrong_type_is_a_fault_and_stops_the_checks_that_read_it(provider, opened, found):
    rows = provider["messages"]
    odd = pa.table({name: pa.array([str(row[name]) for row in rows]) for name in rows[0] if name != "parts"})
    known = opened(provider, messages=odd).known(datetime(2026, 6, 1).date(), EVERYBODY)
    answers = {answer.rule.name: answer for answer in ask(known, known.moment)}
    assert answers["messages_in_quiet_hours"].why_not == "Messages.sent_at is not of its declared type."
    assert answers["replies_in_the_future"].status == "passed"
    by_schema = {
        name: rows for name, rows in found(provider, messages=odd).items() if name.startswith("messages_")
    }
    assert by_schema["messages_sent_at_type"] == 320


def test_what_becomes_known_later_moves_nothing(provider, found, opened):
    later = datetime.fromisoformat("2026-07-01T12:00:00+00:00")
    late = {"sent_at": later, "known_at": later, "kind": "unheard", "patient_id": "nobody"}
    provider["messages"] += [
        row | late | {"message_id": f"late{at}"} for at, row in enumerate(provider["messages"][:9])
    ]
    provider["consents"].append(
        provider["consents"][0] | {"status": "opt_out", "scope": "all", "changed_at": later}
    )
    assert found(provider) == {}
