"""Files are read as they are, zipped or not, or are refused without their contents."""

import zipfile
from pathlib import Path

import ibis
import pytest

from workbench.refusal import Refused
from workbench.tables.files import read_file


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("none.csv", None, "none.csv: the file is missing."),
        ("empty.csv", b"", "empty.csv: the file is empty."),
        ("rows.xlsx", b"x", "rows.xlsx: it is neither .csv, .csv.zip nor .parquet."),
        ("text.parquet", b"4711,Jane,Roe", r"text.parquet: the file cannot be read as Parquet \(\w+\)."),
        ("bytes.csv", b"id\n\xff\xfe4711\n", r"bytes.csv: the file cannot be read as CSV \(\w+\)."),
        ("noted.csv", b"4711\na,b\n1,2\n", r"noted.csv: the file cannot be read as CSV \(\w+\)."),
        ("ragged.csv", b"a,b\n1,2\n3,4,5,6\n", r"ragged.csv: the file cannot be read as CSV \(\w+\)."),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_without_its_contents(tmp_path, name, content, sentence):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(Refused, match=sentence) as refused:
        read_file(ibis.duckdb.connect(), tmp_path, name).execute()
    assert "4711" not in str(refused.value)


def test_files_of_the_same_name_in_two_folders_stay_apart(tmp_path):
    engine = ibis.duckdb.connect()
    for folder, value in (("a", "1"), ("b", "2")):
        (tmp_path / folder).mkdir()
        Path(tmp_path / folder / "rows.csv").write_text(f"id\n{value}\n", encoding="utf-8")
    both = [read_file(engine, tmp_path, f"{folder}/rows.csv") for folder in "ab"]
    assert [rows.execute()["id"].tolist() for rows in both] == [["1"], ["2"]]


def test_zipped_csv_is_read_and_nothing_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with zipfile.ZipFile(tmp_path / "visits.csv.zip", "w") as zipped:
        zipped.writestr("visits.csv", "id\n001\n2\n")
    rows = read_file(ibis.duckdb.connect(), tmp_path, "visits.csv.zip")
    assert rows.execute()["id"].tolist() == ["001", "2"]
    assert [path.name for path in tmp_path.iterdir()] == ["visits.csv.zip"]


@pytest.mark.parametrize(("names", "words"), [([], "0 CSV files"), (["a.csv", "b.csv"], "2 CSV files")])
def test_zip_must_hold_one_csv(tmp_path, names, words):
    with zipfile.ZipFile(tmp_path / "visits.zip", "w") as zipped:
        for name in names:
            zipped.writestr(name, "id\n001\n")
    with pytest.raises(Refused, match=words):
        read_file(ibis.duckdb.connect(), tmp_path, "visits.zip")


def test_zip_with_a_password_is_refused(tmp_path):
    path = tmp_path / "visits.zip"
    with zipfile.ZipFile(path, "w") as zipped:
        zipped.writestr("visits.csv", "id\n001\n")
    # The flag that says "encrypted", in the entry's own header and in the directory at the end.
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(Refused, match="protected by a password"):
        read_file(ibis.duckdb.connect(), tmp_path, "visits.zip")


def test_broken_zip_is_refused(tmp_path):
    (tmp_path / "visits.zip").write_text("no zip")
    with pytest.raises(Refused, match="cannot be read as zip"):
        read_file(ibis.duckdb.connect(), tmp_path, "visits.zip")
