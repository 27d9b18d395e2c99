"""Files are read as they are, zipped or not, or are refused without their contents."""

import gzip
import zipfile
from pathlib import Path

import ibis
import pytest

from workbench.refusal import Refused
from workbench.tables.files import read_file, told_apart


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("none.csv", None, "none.csv: the file is missing."),
        ("empty.csv", b"", "empty.csv: the file is empty."),
        ("rows.xlsx", b"x", "rows.xlsx: it is neither .csv, .csv.gz, .csv.zip nor .parquet."),
        ("text.parquet", b"4711,Jane,Roe", r"text.parquet: the file cannot be read as Parquet \(\w+\)."),
        ("bytes.csv", b"id\n\xff\xfe4711\n", "bytes.csv: it holds bytes that are not UTF-8"),
        ("noted.csv", b"4711\na,b\n1,2\n", r"noted.csv: the file cannot be read as CSV \(\w+\)."),
        ("page.csv", b"<!DOCTYPE html><p>4711", "page.csv: it is a web page under another name"),
        (
            "half.csv.gz",
            # Without the time of day, which would give the test another name in each process.
            gzip.compress(b"id\n" + b"4711\n" * 999, mtime=0)[:40],
            "half.csv.gz: the compressed file is cut off",
        ),
        ("semi.csv", b"id;name\n4711;x\n", "semi.csv: its columns are divided by semicolons, not commas"),
        ("page.csv.zip", b"<html>4711", r"page.csv.zip: the file cannot be read as zip \(BadZipFile\)"),
        ("quote.csv", b'"id,b\n4711', "quote.csv: a quote is missing or out of place"),
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


def test_what_a_zip_holds_must_be_sound(tmp_path):
    with zipfile.ZipFile(tmp_path / "visits.zip", "w") as zipped:
        zipped.writestr("visits.csv", b"id\n\xe9\n")
    with pytest.raises(Refused, match=r"visits\.zip: it holds bytes that are not UTF-8"):
        read_file(ibis.duckdb.connect(), tmp_path, "visits.zip")


@pytest.mark.parametrize("text", ["id,b\n001,x\n", "id,b\r001,x\r", "id,b\r\n001,x\r\n", "\ufeffid,b\n001,x\n"])
@pytest.mark.parametrize("ending", [".csv", ".csv.gz"])
def test_line_ends_marks_and_compression_make_no_difference(tmp_path, text, ending):
    content = text.encode()
    (tmp_path / f"rows{ending}").write_bytes(gzip.compress(content) if ending == ".csv.gz" else content)
    rows = read_file(ibis.duckdb.connect(), tmp_path, f"rows{ending}").execute()
    assert rows[["id", "b"]].to_numpy().tolist() == [["001", "x"]]


def test_columns_of_one_name_are_told_apart(tmp_path):
    (tmp_path / "rows.csv").write_text('id,"A, b",ID,,\n1,2,3,4,5\n', encoding="utf-8")
    rows = read_file(ibis.duckdb.connect(), tmp_path, "rows.csv").execute()
    assert rows["id (1 of 2)"].tolist() == ["1"]
    assert rows["A, b"].tolist() == ["2"]
    assert rows["ID (2 of 2)"].tolist() == ["3"]
    assert told_apart(["a", "b"]) == ["a", "b"]
