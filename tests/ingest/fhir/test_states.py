"""States of patients, put together from EpisodeOfCare and Condition resources; and when care began and ended."""

from datetime import UTC, datetime, timedelta
from random import Random

import pyarrow as pa
import pytest

from workbench.ingest.fhir.ndjson import Census, Stage
from workbench.ingest.fhir.states import stage_states

GROUPS = {
    "states": {
        "diagnosis_groups": [
            {"group": "psychosis", "codes": ["icd|F20.9"]},
            {"group": "depression", "codes": ["icd|F32*", "icd|F33*", "snomed|35489007"]},
        ]
    }
}


def states(told):
    shown = ("valid_from", "known_at", "treatment_phase", "diagnosis_group")
    rows = sorted(told.rows("patient_states"), key=lambda row: (row["valid_from"], row["known_at"]))
    return [tuple(row.get(column) for column in shown) for row in rows]


def day(text):
    return f"2026-{text}T05:00:00Z"


@pytest.mark.parametrize(
    ("status", "phase"),
    [("planned", "intake"), ("waitlist", "intake"), ("active", "active"), ("cancelled", None)],
)
def test_a_phase_by_status(read, fhir, status, phase):
    told = read(fhir.episode("e", status, "2026-01-01", updated="2026-01-02T05:00:00Z"))
    assert states(told) == ([(day("01-01"), day("01-02"), phase, None)] if phase else [])


@pytest.mark.parametrize(
    ("elements", "reason"),
    [
        ({"status": "entered-in-error"}, "entered in error"),
        ({"status": "cancelled"}, "canceled before it began"),
        ({"status": "closed"}, "with a status that FHIR R4 does not know"),
        ({"patient": None}, "whose patient cannot be told"),
        ({"period": None}, "without a start"),
    ],
)
def test_episodes_that_tell_nothing(read, fhir, elements, reason):
    told = read(fhir.episode("e", "active", "2026-01-01") | elements)
    assert told.dropped("EpisodeOfCare") == {reason: 1}
    assert states(told) == []


def test_a_finished_episode_was_active_before(read, fhir):
    told = read(fhir.episode("e", "finished", "2026-01-01", "2026-02-01", updated="2026-02-03T05:00:00Z"))
    assert states(told) == [
        (day("01-01"), day("02-03"), "active", None),
        (day("02-02"), day("02-03"), "ended", None),
    ]


def test_an_end_does_not_count_while_another_episode_goes_on(read, fhir):
    told = read(
        fhir.episode("e", "finished", "2026-01-01", "2026-02-01", updated="2026-02-03T05:00:00Z"),
        fhir.episode("f", "active", "2026-01-15", updated="2026-01-16T05:00:00Z"),
    )
    assert {phase for _, _, phase, _ in states(told)} == {"active"}


def test_an_earlier_version_tells_that_it_was_known_earlier(read, fhir):
    told = read(
        fhir.episode("e", "planned", "2026-01-01", updated="2025-12-20T05:00:00Z"),
        fhir.episode("e", "active", "2026-01-01", updated="2026-01-02T05:00:00Z"),
        fhir.episode("e", "onhold", "2026-01-01", updated="2026-03-01T05:00:00Z"),
        fhir.episode("e", "active", "2026-01-01", updated="2026-04-01T05:00:00Z"),
    )
    assert states(told) == [
        (day("01-01"), "2025-12-20T05:00:00Z", "intake", None),
        (day("01-01"), day("01-02"), "active", None),
        (day("03-01"), day("03-01"), "lapsed", None),
        (day("04-01"), day("04-01"), "active", None),
    ]


def test_a_history_of_statuses_tells_since_when(read, fhir):
    history = [
        {"status": "planned", "period": {"start": "2025-12-20", "end": "2025-12-31"}},
        {"status": "active", "period": {"start": "2026-01-01", "end": "2026-02-28"}},
    ]
    told = read(
        fhir.episode("e", "onhold", "2026-01-01", updated="2026-03-05T05:00:00Z", statusHistory=history)
    )
    assert states(told) == [
        ("2025-12-20T05:00:00Z", day("03-05"), "intake", None),
        (day("01-01"), day("03-05"), "active", None),
        (day("03-01"), day("03-05"), "lapsed", None),
    ]


def test_a_type_tells_phase_and_therapy_before_the_status_does(read, fhir):
    told = read(
        fhir.episode(
            "e",
            "active",
            "2026-01-01",
            type=[fhir.concept("urn:care", "maintenance"), fhir.concept("urn:care", "talk")],
            managingOrganization={"reference": "Organization/3"},
        ),
        states={
            "phases_by_type": {"urn:care|maintenance": "maintenance"},
            "therapies_by_type": {"urn:care|talk": "talking therapy"},
        },
        clinics={"Organization/3": "harbor"},
    )
    assert told.rows("patient_states", "treatment_phase", "therapy_type", "clinic_id") == [
        ("maintenance", "talking therapy", "harbor")
    ]


def test_a_change_of_phase_keeps_the_group_and_a_change_of_group_the_phase(read, fhir):
    told = read(
        fhir.episode("e", "finished", "2026-01-01", "2026-05-31", updated="2026-06-02T04:00:00Z"),
        fhir.episode("e", "active", "2026-01-01", updated="2026-01-01T05:00:00Z"),
        fhir.condition("c", "F33.1", "2026-01-01"),
        fhir.condition("d", "F20.9", "2026-02-01"),
        **GROUPS,
    )
    assert states(told) == [
        (day("01-01"), day("01-01"), "active", "depression"),
        (day("02-01"), day("02-01"), "active", "psychosis"),
        ("2026-06-01T04:00:00Z", "2026-06-02T04:00:00Z", "ended", "psychosis"),
    ]


def test_what_is_learned_late_is_told_again_for_the_phases_since(read, fhir):
    told = read(
        fhir.episode("e", "active", "2026-02-01", updated="2026-02-01T05:00:00Z"),
        fhir.condition("c", "F32.0", "2026-01-01", recordedDate="2026-03-01"),
        **GROUPS,
    )
    assert states(told) == [
        (day("01-01"), day("03-01"), None, "depression"),
        (day("02-01"), day("02-01"), "active", None),
        (day("02-01"), day("03-01"), "active", "depression"),
    ]


@pytest.mark.parametrize(
    ("elements", "group_later"),
    [
        ({"abatementDateTime": "2026-02-28"}, None),
        ({"clinicalStatus": {"coding": [{"code": "resolved"}]}}, None),
        ({"clinicalStatus": {"coding": [{"code": "remission"}]}}, "depression"),
        ({"clinicalStatus": {"coding": [{"code": "active"}]}}, "depression"),
    ],
)
def test_a_group_ends_with_the_condition_but_not_with_a_remission(read, fhir, elements, group_later):
    told = read(
        fhir.condition("c", "F32.0", "2026-01-01", updated="2026-03-01T05:00:00Z", **elements), **GROUPS
    )
    assert states(told)[0] == (day("01-01"), day("01-01"), None, "depression")
    assert states(told)[-1][-1] == group_later


@pytest.mark.parametrize(
    ("elements", "reason"),
    [
        ({"verificationStatus": {"coding": [{"code": "entered-in-error"}]}}, "entered in error"),
        ({"verificationStatus": {"coding": [{"code": "refuted"}]}}, "refuted"),
        ({"code": {"coding": [{"system": "icd", "code": "E11.9"}]}}, "in no diagnosis group of the settings"),
        ({"code": {"text": "F32"}}, "in no diagnosis group of the settings"),
        ({"subject": None}, "whose patient cannot be told"),
    ],
)
def test_conditions_that_tell_nothing(read, fhir, elements, reason):
    told = read(fhir.condition("c", "F32.0", "2026-01-01") | elements, **GROUPS)
    assert told.dropped("Condition") == {reason: 1}


def test_codes_are_whole_unless_they_end_in_a_star(read, fhir):
    snomed = [fhir.concept("snomed", code)["coding"][0] for code in ("354890071", "35489007")]
    told = read(
        fhir.condition("c", "", "2026-01-01", code={"coding": snomed[:1]}),
        fhir.condition("d", "", "2026-01-01", code={"coding": snomed}),
        fhir.condition("e", "F20.91", "2026-01-01"),
        **GROUPS,
    )
    assert told.account("Condition").used == 1
    assert [group for *_, group in states(told)] == ["depression"]


def test_a_condition_without_dates_counts_from_when_it_was_known(read, fhir):
    told = read(
        fhir.condition(
            "c",
            "F32.0",
            None,
            updated="2026-03-01T05:00:00Z",
            verificationStatus={"coding": [{"code": "provisional"}]},
        ),
        **GROUPS,
    )
    assert states(told) == [(day("03-01"), day("03-01"), None, "depression")]
    assert told.told("Condition") == {"not confirmed": 1}


def test_columns_that_nobody_tells_are_left_out(read, fhir):
    always = {"person_kind", "person_value", "valid_from", "known_at"}
    (row,) = read(fhir.condition("c", "F32.0", "2026-01-01"), **GROUPS).rows("patient_states")
    assert row.keys() == always | {"diagnosis_group"}
    (row,) = read(fhir.episode("e", "active", "2026-01-01")).rows("patient_states")
    assert row.keys() == always | {"treatment_phase", "clinic_id"}
    assert "patient_states" not in read(fhir.condition("c", "F32.0", "2026-01-01")).reading.tables


def test_enrollment_is_the_first_begin_and_the_last_end(read, fhir):
    told = read(
        fhir.patient(),
        fhir.patient("bo", "R-2"),
        fhir.patient("cy", "R-3"),
        fhir.episode("e", "finished", "2026-01-01", "2026-02-01T05:00:00Z"),
        fhir.episode("f", "finished", "2026-03-01", "2026-04-01T05:00:00Z"),
        fhir.episode("p", "planned", "2025-03-01"),
        fhir.episode("g", "finished", "2026-01-01", "2026-02-01", patient={"reference": "Patient/bo"}),
        fhir.episode("h", "onhold", "2025-06-01", patient={"reference": "Patient/bo"}),
    )
    assert told.rows("patients", "person_value", "enrolled_at", "ended_at") == [
        ("ann", day("01-01"), day("04-01")),
        ("bo", "2025-06-01T04:00:00Z", None),
        ("cy", None, None),
    ]


def test_without_episodes_nothing_is_said_of_enrollment(read, fhir):
    (row,) = read(fhir.patient()).rows("patients")
    assert not {"enrolled_at", "ended_at"} & row.keys()


NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
DAYS = 8


def at(number):
    return NOON + timedelta(days=number)


def random_life(random, person):
    """Events of one person on few days, so that many fall together: phases, and spans of diagnosis groups."""
    phases = [
        {
            "valid": random.randrange(DAYS),
            "known": random.randrange(DAYS),
            "rank": random.randrange(2),
            "phase": random.choice(["active", "lapsed", None]),
            "clinic": random.choice(["north", None]),
        }
        for _ in range(random.randrange(4))
    ]
    spans = []
    for _ in range(random.randrange(4)):
        begin, known = random.randrange(DAYS), random.randrange(DAYS)
        end = random.choice([None, random.randrange(begin, DAYS)])
        spans.append(
            {"place": random.randrange(1, 3), "valid": begin, "known": known, "end": end, "end_known": None}
        )
        if end is not None:
            spans[-1]["end_known"] = random.randrange(known, DAYS)
    return person, phases, spans


def believed(phases, spans, moment, known):
    """The state of a moment by what was known: straight from the events."""

    def last(column):
        told = [e for e in phases if e["valid"] <= moment and e["known"] <= known and e[column] is not None]
        return max(told, key=lambda e: (e["valid"], e["rank"], e["known"], e[column]))[column] if told else None

    holding = [
        span["place"]
        for span in spans
        if span["valid"] <= moment
        and span["known"] <= known
        and not (span["end"] is not None and span["end"] <= moment and span["end_known"] <= known)
    ]
    return last("phase"), last("clinic"), f"g{min(holding)}" if holding else None


def test_reading_as_of_any_day_tells_what_was_known_by_then(engine, make_export, make_feed):
    random = Random(7)
    lives = [random_life(random, f"p{number}") for number in range(400)]
    phases = [
        {
            "person_kind": "fhir",
            "person_value": person,
            "valid_from": at(e["valid"]),
            "rank": e["rank"],
            "phase": e["phase"],
            "therapy_type": None,
            "clinic_id": e["clinic"],
            "known_at": at(e["known"]),
        }
        for person, events, _ in lives
        for e in events
    ]
    spans = [
        {
            "person_kind": "fhir",
            "person_value": person,
            "place": s["place"],
            "diagnosis_group": f"g{s['place']}",
            "valid_from": at(s["valid"]),
            "known_at": at(s["known"]),
            "ends_at": None if s["end"] is None else at(s["end"]),
            "end_known_at": None if s["end_known"] is None else at(s["end_known"]),
        }
        for person, _, told in lives
        for s in told
    ]
    engine.register("some_phases", pa.Table.from_pylist(phases))
    engine.register("some_spans", pa.Table.from_pylist(spans))
    engine.execute(
        "CREATE TABLE phases AS SELECT * REPLACE (therapy_type::VARCHAR AS therapy_type) FROM some_phases"
    )
    engine.execute("CREATE TABLE spans AS FROM some_spans")
    stage = Stage(make_export({"none.ndjson": "{}"}), make_feed(), Census({}, {}))
    found = engine.execute(
        "SELECT person_value, epoch(valid_from), epoch(known_at), treatment_phase, clinic_id, diagnosis_group "
        f"FROM {stage_states(stage, 'phases', 'spans')}"
    ).fetchall()
    rows = {}
    for person, valid, known, *state in found:
        rows.setdefault(person, []).append((valid, known, tuple(state)))
    for person, events, told in lives:
        for known in range(DAYS):
            for moment in range(DAYS):
                standing = [
                    row
                    for row in rows.get(person, [])
                    if row[0] <= at(moment).timestamp() and row[1] <= at(known).timestamp()
                ]
                read = max(standing)[2] if standing else (None, None, None)
                assert read == believed(events, told, moment, known), (person, moment, known)
    keys = [(person, *row[:2]) for person, told in rows.items() for row in told]
    assert len(keys) == len(set(keys))
