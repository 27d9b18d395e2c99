"""A file is told to be unsound before anything is made of it, in a sentence that repeats nothing of it."""

import gzip
from pathlib import Path

import pytest

from workbench.refusal import Refused
from workbench.tables.soundness import CHUNK, require_sound

SECRET = "Quillfeather"


def refusal(path: Path, **how: bool) -> str:
    with pytest.raises(Refused) as refused:
        require_sound(path, "export.csv", **how)
    assert SECRET not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html>Quillfeather", "web page"),
        (b"\xef\xbb\xbf  <HTML>Quillfeather", "web page"),
        (b"name,age\nQuillfeather\xe9,3\n", "UTF-8"),
        (b"name,age\nQuillfeather,3\n\xc3", "UTF-8"),
    ],
)
def test_what_is_not_sound(tmp_path, content, told):
    path = tmp_path / "export.csv"
    path.write_bytes(content)
    assert told in refusal(path)


def test_a_missing_file(tmp_path):
    assert "missing" in refusal(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("header", "word"),
    [("a;b;c", "semicolons"), ("a\tb", "tabs"), ("a|b", "bars"), ("\ufeffa;b", "semicolons")],
)
def test_columns_not_divided_by_commas(tmp_path, header, word):
    path = tmp_path / "export.csv"
    path.write_text(f"{header}\n{SECRET}", encoding="utf-8")
    assert word in refusal(path, delimited=True)
    require_sound(path, "export.csv")


def test_one_column_and_old_line_ends_are_sound(tmp_path):
    path = tmp_path / "export.csv"
    for text in ("id\n1\n", "id,a;b\r1,2\r", "\ufeffid,name\r\n1,é\r\n"):
        path.write_text(text, encoding="utf-8", newline="")
        require_sound(path, "export.csv", delimited=True)


@pytest.mark.parametrize("kept", [0.3, 0.999])
def test_a_truncated_gzip(tmp_path, kept):
    whole = gzip.compress(("name\n" + f"{SECRET}\n" * 50_000).encode())
    path = tmp_path / "export.ndjson.gz"
    path.write_bytes(whole[: int(len(whole) * kept)])
    assert "cut off" in refusal(path)
    path.write_bytes(whole)
    require_sound(path, "export.csv")


def test_a_letter_on_the_seam_of_two_pieces_is_one_letter(tmp_path):
    path = tmp_path / "export.csv"
    path.write_bytes(b"a" * (CHUNK - 1) + "é".encode() + b"a")
    require_sound(path, "export.csv")
