"""The pseudonyms that must stand in no report."""

from workbench.tables.identifiers import pseudonyms


def test_patients_households_and_clinicians_are_named_wherever_they_stand(tables):
    made = tables(
        patients={"patient_id": ["p1", "p2"]},
        assignments={"patient_id": ["p2", "p3"], "cluster_id": ["h1", None]},
        sessions={"clinician_id": ["c1", "c1"]},
        clinics={"clinic_id": ["harbor"]},
    )
    assert set(pseudonyms(made)) == {"p1", "p2", "p3", "h1", "c1"}


def test_a_source_without_such_tables_names_nobody(tables):
    assert list(pseudonyms(tables(clinics={"clinic_id": ["harbor"]}))) == []
