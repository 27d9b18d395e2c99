"""Which lines a bulk export holds is told by the lines; what is no NDJSON is refused without repeating it."""

import gzip
import json

import pytest

from workbench.refusal import Refused

PATIENT = json.dumps({"resourceType": "Patient", "id": "ann", "birthDate": "1980"})
SECRET = "Quillfeather"


def refusal(read_files, files):
    with pytest.raises(Refused) as refused:
        read_files(files)
    assert SECRET not in str(refused.value)
    return [str(fault) for fault in refused.value.faults]


def test_kinds_are_told_by_lines_and_not_by_names(read_files):
    both = PATIENT + "\n" + json.dumps({"resourceType": "Appointment", "id": "a"}) + "\n"
    told = read_files(
        {"a.ndjson": both, "Observation.7.ndjson.gz": gzip.compress(PATIENT.replace("ann", "bo").encode())}
    )
    assert told.account("Patient").read == 2
    assert told.account("Appointment").read == 1


def test_line_ends_and_empty_lines_do_not_matter(read_files):
    told = read_files({"a.ndjson": PATIENT + "\r\n\r\n   \n" + PATIENT.replace("ann", "bo")})
    assert told.account("Patient").used == 2


def test_other_resources_and_lines_without_a_type_are_counted(read_files):
    log = json.dumps({"exportId": "1", "eventId": "kickoff"})
    other = json.dumps({"resourceType": "Observation", "id": "o", "valueString": SECRET})
    odd = json.dumps({"resourceType": SECRET + " 7", "id": "o"})
    told = read_files({"log.ndjson": f"{log}\n{odd}\n{log}\n", "o.ndjson": other})
    assert told.dropped("Observation") == {"not used": 1}
    assert told.dropped("other lines") == {"without a resource type": 3}
    assert told.reading.tables.keys() == {"clinics"}


@pytest.mark.parametrize(
    ("line", "count"),
    [
        (f'{{"resourceType": "Patient", "id": "{SECRET}', "1 line is"),
        (f'["{SECRET}"]', "1 line is"),
        (f"{SECRET}\n42\nnull", "3 lines are"),
        ('{"a": 1} {"b": 2}', "1 line is"),
    ],
)
def test_lines_that_are_no_objects_are_refused(read_files, line, count):
    (fault,) = refusal(read_files, {"good.ndjson": PATIENT, "bad.ndjson": f"{PATIENT}\n{line}\n{PATIENT}"})
    assert fault.startswith(f"bad.ndjson: {count} no JSON.")


def test_every_unsound_file_is_told_at_once(read_files):
    whole = gzip.compress((PATIENT + "\n").encode() * 500)
    faults = refusal(
        read_files,
        {
            "cut.ndjson.gz": whole[:-20],
            "empty.ndjson": "",
            "marked.ndjson": b"\xef\xbb\xbf" + PATIENT.encode(),
            "page.ndjson": f"<html>{SECRET}",
            "Patient[1].ndjson": PATIENT,
            "western.ndjson": PATIENT.encode() + b"\xe9",
        },
    )
    assert [fault.partition(":")[0] for fault in faults] == [
        "Patient[1].ndjson",
        "cut.ndjson.gz",
        "empty.ndjson",
        "marked.ndjson",
        "page.ndjson",
        "western.ndjson",
    ]


def test_a_line_of_many_megabytes_is_refused(read_files):
    picture = json.dumps({"resourceType": "Binary", "id": "b", "data": SECRET * 3_000_000})
    (fault,) = refusal(read_files, {"a.ndjson": picture})
    assert "longer than 16 MB" in fault


def test_elements_of_another_shape_are_not_told(read_files):
    odd = {"resourceType": "Patient", "id": "ann", "name": "x", "telecom": {"value": "y"}, "gender": ["female"]}
    told = read_files({"a.ndjson": json.dumps(odd)})
    assert told.rows("patients", "person_value", "sex") == [("ann", None)]


def test_no_words_of_a_record_enter_a_table(read, fhir):
    told = read(
        fhir.patient(text={"div": SECRET}, contact=[{"relationship": [{"text": SECRET}]}]),
        fhir.appointment(comment=SECRET, description=SECRET, patientInstruction=SECRET, text={"div": SECRET}),
        fhir.episode("e", "active", "2026-01-01", text={"div": SECRET}),
        fhir.condition("c", "F33.1", "2026-01-01", note=[{"text": SECRET}]),
        states={"diagnosis_groups": [{"group": "depression", "codes": ["icd|F3*"]}]},
    )
    left = [name for (name,) in told.engine.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
    assert "feed_appointments" in left
    for name in left:
        assert SECRET not in str(told.engine.execute(f"SELECT COLUMNS(*)::VARCHAR FROM {name}").fetchall())


def test_only_what_the_reading_names_stays_staged(read, fhir):
    told = read(fhir.patient(), fhir.appointment(), fhir.episode("e", "active", "2026-01-01"))
    left = {name for (name,) in told.engine.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    reading = told.reading
    assert left == {
        *reading.tables.values(),
        reading.links,
        reading.contacts,
        reading.watched,
        reading.retracted,
    }


def test_an_export_larger_than_the_engines_memory_is_read(read_files, engine, tmp_path):
    limit = 128
    engine.execute(f"SET memory_limit = '{limit}MB'")
    engine.execute(f"SET temp_directory = '{tmp_path / 'spilled'}'")
    narrative = {"div": "words of a narrative " * 5_000}
    lines = [
        json.dumps({"resourceType": "Patient", "id": f"p{number}", "text": narrative})
        for number in range(1_500)
    ]
    text = "\n".join(lines)
    assert len(text) > limit * 1_000_000
    assert read_files({"a.ndjson.gz": gzip.compress(text.encode(), 1)}).account("Patient").used == 1_500
