"""Foreign files become canonical tables by a declared mapping, or are refused without repeating a value."""

import ibis
import pandas as pd
import pytest

from workbench.refusal import Refused
from workbench.tables.files import read_file
from workbench.tables.mapping import canonical
from workbench.tables.source import TableMapping

CUSTOMERS = "segment,visit,age,seen\nMens,1,007,2026-01-05\nNone,0,36,\nWomens,1,7,2026-01-06\n"


@pytest.fixture
def mapped(tmp_path):
    """A canonical table made of the text of a CSV file, as a data frame sorted by its first column."""

    def make(table: str, text: str, columns: dict[str, object], **more: object) -> pd.DataFrame:
        (tmp_path / "file.csv").write_text(text, encoding="utf-8")
        engine = ibis.duckdb.connect()
        engine.raw_sql("SET TimeZone = 'UTC'")
        mapping = TableMapping.model_validate({"file": "file.csv", "columns": columns, **more})
        made = canonical(table, mapping, read_file(engine, tmp_path, "file.csv")).rows
        return made.order_by(made.columns[0]).execute()

    return make


def faults(refused) -> list[str]:
    return [str(fault) for fault in refused.value.faults]


def test_columns_values_constants_and_row_numbers(mapped):
    rows = mapped(
        "assignments",
        CUSTOMERS,
        {
            "patient_id": {"row_number": "person-"},
            "experiment_id": {"constant": "mail"},
            "arm": {"column": "segment", "values": {"Mens": "mens", "Womens": "womens", "None": "none"}},
            "probability": {"constant": 1},
        },
    )
    assert rows["patient_id"].tolist() == ["person-0", "person-1", "person-2"]
    assert rows["arm"].tolist() == ["mens", "none", "womens"]
    assert rows["experiment_id"].unique().tolist() == ["mail"]
    assert rows["probability"].tolist() == [1.0, 1.0, 1.0]


def test_rows_keep_their_number_where_only_some_are_kept(mapped):
    columns = {"patient_id": {"row_number": "person-"}, "status": {"constant": "attended"}}
    kept = mapped("appointments", CUSTOMERS, columns, keep={"visit": 1})
    assert kept["patient_id"].tolist() == ["person-0", "person-2"]
    assert mapped("appointments", CUSTOMERS, columns, keep={"visit": "0"})["patient_id"].tolist() == [
        "person-1"
    ]
    assert mapped("appointments", CUSTOMERS, columns, keep={"visit": 2}).empty


def test_keys_are_read_as_they_are_written(mapped):
    rows = mapped("patients", CUSTOMERS, {"patient_id": {"column": "age"}})
    assert rows["patient_id"].tolist() == ["007", "36", "7"]


def test_values_are_made_of_the_canonical_type(mapped):
    rows = mapped(
        "patients",
        CUSTOMERS,
        {
            "patient_id": {"column": "segment"},
            "birth_year": {"column": "age"},
            "enrolled_at": {"column": "seen"},
        },
    )
    assert rows["birth_year"].tolist() == [7, 36, 7]
    assert rows["enrolled_at"].tolist() == [
        pd.Timestamp("2026-01-05", tz="UTC"),
        pd.NaT,
        pd.Timestamp("2026-01-06", tz="UTC"),
    ]


def test_a_value_the_mapping_does_not_name_is_counted_and_not_repeated(mapped):
    columns = {"patient_id": {"column": "segment", "values": {"Mens": "mens"}}}
    with pytest.raises(Refused) as refused:
        mapped("patients", CUSTOMERS, columns)
    assert faults(refused) == [
        'file.csv: column "segment" holds a value that the mapping does not name, in 2 rows. '
        "Name it under values, or keep only other rows."
    ]


def test_values_of_rows_that_are_not_kept_need_no_name(mapped):
    columns = {"patient_id": {"column": "segment", "values": {"None": "none"}}}
    assert mapped("patients", CUSTOMERS, columns, keep={"visit": 0})["patient_id"].tolist() == ["none"]


def test_each_column_made_of_a_foreign_one_is_checked(mapped):
    columns = {
        "patient_id": {"column": "segment", "values": {"Mens": "mens"}},
        "sex": {"column": "segment", "values": {"Mens": "m", "Womens": "f", "None": "x"}},
    }
    with pytest.raises(Refused, match="in 2 rows"):
        mapped("patients", CUSTOMERS, columns)


def test_what_is_not_of_the_canonical_type_is_counted_and_not_repeated(mapped):
    columns = {"patient_id": {"column": "age"}, "birth_year": {"column": "segment"}}
    with pytest.raises(Refused) as refused:
        mapped("patients", CUSTOMERS, columns)
    (fault,) = faults(refused)
    assert fault.startswith(
        'file.csv: column "segment" holds what is no int64, which patients.birth_year is, in 3'
    )
    assert "Mens" not in fault
    with pytest.raises(Refused, match="the constant of birth_year holds what is no int64"):
        mapped("patients", CUSTOMERS, {"birth_year": {"constant": "unknown"}})


def test_a_missing_column_is_told_with_a_suggestion(mapped):
    columns = {"patient_id": {"column": "segments"}, "sex": {"column": "visit"}}
    with pytest.raises(Refused) as refused:
        mapped("patients", CUSTOMERS, columns, keep={"agee": 1})
    assert len(faults(refused)) == 2
    assert faults(refused)[1] == (
        'file.csv: there is no column "segments", which table patients is made from. Did you mean "segment"? '
        "Its columns: segment, visit, age, seen."
    )


def test_a_file_without_header_does_not_have_its_first_row_repeated(mapped):
    with pytest.raises(Refused) as refused:
        mapped("patients", "4711,Jane,Roe,ida\n4712,John,Doe,ida\n", {"patient_id": {"column": "id"}})
    assert faults(refused) == [
        'file.csv: there is no column "id", which table patients is made from. Is its first row a header?'
    ]


def test_a_header_alone_gives_a_table_without_rows(mapped):
    assert mapped("patients", "id\n", {"patient_id": {"column": "id"}}).empty


def test_a_parquet_file_keeps_its_types_and_numbers_no_rows(tmp_path):
    pd.DataFrame({"id": ["a", "b"], "visit": [1.0, 0.0]}).to_parquet(tmp_path / "file.parquet")
    rows = read_file(ibis.duckdb.connect(), tmp_path, "file.parquet")
    mapping = {"file": "file.parquet", "keep": {"visit": 1}, "columns": {"patient_id": {"column": "id"}}}
    made = canonical("patients", TableMapping.model_validate(mapping), rows).rows
    assert made.execute()["patient_id"].tolist() == ["a"]
    ordered = [
        {"columns": {"patient_id": {"row_number": "person-"}}},
        {"one_per": "id"},
        {"drop": ({"reason": "told twice", "repeats_but_for": ("visit",)},)},
    ]
    for more in ordered:
        with pytest.raises(Refused, match="rows are numbered in CSV files alone"):
            canonical("patients", TableMapping.model_validate(mapping | more), rows)
