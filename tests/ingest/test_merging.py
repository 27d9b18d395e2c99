"""What an export adds: new rows and new versions, nothing twice, and nothing lost."""

import pytest

ANN, BEN = "MRN-100200", "MRN-100300"
KEPT = ("new", "changed", "repeated", "contradictory", "taken_out")


def counts(table) -> dict[str, int]:
    return {name: getattr(table, name) for name in KEPT if getattr(table, name)}


def visit(clinic, number: int, status: str, known_at, **told):
    key = {"appointment_id": f"A{number}", **clinic.of(ANN)}
    return {**key, "starts_at": clinic.at(20), "status": status, "known_at": known_at, **told}


def ingest(clinic, **tables):
    """Ingest tables, and tell of the one table that is asked about."""
    patients = tables.pop("patients", [clinic.patient(ANN)])
    account = clinic.ingest(ehr=clinic.feed({"patients": patients, **tables}))
    return account, clinic.merged(account, next(iter(tables), "patients"))


def test_the_same_export_twice_adds_nothing(clinic):
    tables = {
        "appointments": [
            visit(clinic, 1, "scheduled", clinic.at(1)),
            visit(clinic, 1, "attended", clinic.at(21)),
        ],
        "consents": [{**clinic.stop("+1"), **clinic.of(ANN)}],
        "clinics": [{"clinic_id": "north", "time_zone": "America/New_York"}],
        "surveys": [
            {
                "response_id": "R",
                **clinic.of(ANN),
                "instrument": "PHQ-9",
                "score": 3.0,
                "responded_at": clinic.at(3),
            }
        ],
        "patient_states": [
            {
                **clinic.of(ANN),
                "treatment_phase": "active",
                "valid_from": clinic.at(2),
                "known_at": clinic.at(3),
            }
        ],
    }
    first, _ = ingest(clinic, **tables)
    before = {name: clinic.rows(name) for name in (*tables, "patients")}
    second, _ = ingest(clinic, **tables)
    assert first.generation is not None
    assert second.generation is None
    assert {name: clinic.rows(name) for name in before} == before
    assert all(set(counts(table)) == {"repeated"} for table in second.tables)
    clinic.later()
    third, _ = ingest(clinic, **tables)
    assert third.generation is None


def test_a_changed_row_is_a_new_version(clinic):
    ingest(clinic, appointments=[visit(clinic, 1, "scheduled", clinic.at(1))])
    clinic.later()
    _, table = ingest(
        clinic,
        appointments=[
            visit(clinic, 1, "attended", clinic.at(21)),
            visit(clinic, 2, "scheduled", clinic.at(22)),
        ],
    )
    assert counts(table) == {"new": 1, "changed": 1}
    rows = clinic.rows("appointments")
    statuses = [(row["status"], row["known_at"]) for row in rows if rows.count(row) == 1]
    assert ("scheduled", clinic.at(1)) in statuses
    assert ("attended", clinic.at(21)) in statuses


def test_a_status_that_comes_back_is_a_version_of_its_own(clinic):
    days = [(1, "scheduled"), (2, "canceled"), (3, "scheduled")]
    _, table = ingest(clinic, appointments=[visit(clinic, 1, status, clinic.at(day)) for day, status in days])
    assert table.rows == 3
    _, again = ingest(clinic, appointments=[visit(clinic, 1, "scheduled", clinic.at(3))])
    assert not again.differs


def test_an_older_version_told_late_takes_its_place(clinic):
    ingest(clinic, appointments=[visit(clinic, 1, "attended", clinic.at(21))])
    _, table = ingest(clinic, appointments=[visit(clinic, 1, "scheduled", clinic.at(1))])
    assert [row["status"] for row in clinic.rows("appointments")] == ["scheduled", "attended"]
    assert table.rows == 2


def test_a_change_without_a_later_date_is_known_from_the_export(clinic):
    ingest(clinic, appointments=[visit(clinic, 1, "scheduled", clinic.at(1))])
    clinic.later()
    _, table = ingest(clinic, appointments=[visit(clinic, 1, "no_show", clinic.at(1))])
    assert counts(table) == {"changed": 1}
    assert [row["known_at"] for row in clinic.rows("appointments")] == [clinic.at(1), clinic.exported_at]


def test_one_export_that_contradicts_itself_is_told(clinic):
    late = clinic.at(5, month=12)
    rows = [visit(clinic, 1, "attended", late), visit(clinic, 1, "no_show", late)]
    _, table = ingest(clinic, appointments=rows)
    assert counts(table) == {"new": 1, "contradictory": 1}
    kept = clinic.rows("appointments")
    _, table = ingest(clinic, appointments=rows[::-1])
    assert clinic.rows("appointments") == kept
    assert not table.differs


def test_a_persons_first_version_counts_from_the_beginning(clinic):
    ingest(clinic)
    clinic.later()
    _, table = ingest(clinic, patients=[clinic.patient(ANN, sex="male", known_at=clinic.at(9, month=10))])
    assert counts(table) == {"changed": 1}
    told = [(row["sex"], row["known_at"]) for row in clinic.rows("patients")]
    assert sorted(told, key=str) == [("female", None), ("male", clinic.at(9, month=10))]


def test_plans_are_written_over_and_observations_are_not(clinic):
    survey = {
        "response_id": "R",
        **clinic.of(ANN),
        "instrument": "PHQ-9",
        "score": 3.0,
        "responded_at": clinic.at(3),
    }
    ingest(clinic, clinics=[{"clinic_id": "north", "time_zone": "America/New_York"}], surveys=[survey])
    clinic.later()
    zone = [{"clinic_id": "north", "time_zone": "America/Chicago"}]
    account, _ = ingest(clinic, clinics=zone, surveys=[survey | {"score": 5.0}])
    assert counts(clinic.merged(account, "clinics")) == {"changed": 1}
    assert counts(clinic.merged(account, "surveys")) == {"contradictory": 1}
    assert clinic.rows("clinics") == zone
    assert clinic.rows("surveys")[0]["score"] == 3.0


def test_rows_that_an_export_no_longer_tells_stay(clinic):
    ingest(clinic, appointments=[visit(clinic, 1, "scheduled", clinic.at(1))])
    account = clinic.ingest(ehr=clinic.feed({"patients": [clinic.patient(BEN)]}))
    assert clinic.merged(account, "appointments").rows == 1
    assert clinic.merged(account, "patients").rows == 2


def test_what_a_vendor_takes_back_goes(clinic):
    rows = [visit(clinic, 1, "scheduled", clinic.at(1)), visit(clinic, 2, "scheduled", clinic.at(1))]
    ingest(clinic, appointments=rows)
    feed = clinic.feed({"patients": [clinic.patient(ANN)], "appointments": rows})
    feed.retracted = [{"table_name": "appointments", "value": "A2"}]
    account = clinic.ingest(ehr=feed)
    assert clinic.merged(account, "appointments").taken_out == 1
    assert (
        clinic.merged(account, "appointments").left_out == ()
        or clinic.merged(account, "appointments").rows == 1
    )
    assert clinic.merged(account, "appointments").rows == 1
    assert clinic.ingest(ehr=feed).generation is None


@pytest.mark.parametrize("order", [1, -1])
def test_the_order_of_rows_does_not_matter(clinic, order):
    rows = [visit(clinic, number, "scheduled", clinic.at(number)) for number in range(1, 6)]
    ingest(clinic, appointments=rows[::order])
    assert [
        row["known_at"] for row in sorted(clinic.rows("appointments"), key=lambda row: row["known_at"])
    ] == [clinic.at(number) for number in range(1, 6)]
    account, _ = ingest(clinic, appointments=rows[::-order])
    assert account.generation is None


def test_columns_that_nobody_tells_are_not_there(clinic):
    ingest(clinic, appointments=[visit(clinic, 1, "scheduled", clinic.at(1))])
    assert "reminded" not in clinic.rows("appointments")[0]
    clinic.later()
    _, table = ingest(clinic, appointments=[visit(clinic, 1, "scheduled", clinic.at(1), modality="video")])
    assert table.changed == 1
    assert [row["modality"] for row in clinic.rows("appointments")] == [None, "video"]
