import math
import re
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from workbench.parameters.reading import LARGEST_FILE, Document, place, read_yaml
from workbench.refusal import Refused

VALID = sorted((Path(__file__).parent / "valid_yaml").glob("*.yaml"))

# Words in which readers of YAML differ, and the marks that give a text its structure.
PIECES = (
    "yes No on OFF y N true False null ~ 010 0o10 0x1F 0b1 1_000 12:30 1:2:3.5 1e3 1.0e3 1.0e+3 .5 .5e3 -.5 1. 08 +7"
    " -0 .inf -.inf .nan 2026-11-16 2026-13-01 2026-11-16T10:00:00 2026-1-5 = << a b é ' \" \\ : - ? , [ ] { } # & * !"
    " | > % @ ` --- ... !!str &a *a 1 23 4.5 word: key: \\u0041 \\x07 \ufeff \x85 \u2028"
)
DIFFERING = (
    "yes Yes YES no No NO on On ON off Off OFF y Y n N 010 08 -010 0o10 0x10 0X10 0b10 1_000 1_0.5 12:30 190:20:30"
    " 1:30.5 09:30 1e3 1E3 1.0e3 1e+3 .5e3 -.5 +.5 = << 1234567890123456789 2026-02-30 2026-11-16T06:00:00Z"
)
PIECE = st.sampled_from(PIECES.split(" "))
TEXTS = st.lists(
    st.one_of(PIECE, st.sampled_from(["\n", "\n  ", " ", ": ", "- ", "\t", "\r\n"])), max_size=25
).map("".join)
SCALARS = st.one_of(PIECE, st.from_regex(r"[-+]?[0-9._:eExobTZ+-]{1,12}", fullmatch=True), st.text(max_size=12))
NUMBERLIKE = st.from_regex(r"[-+.]?[0-9._oxeE+-]{1,8}", fullmatch=True)


def read_or_refused(path: Path, content: bytes) -> Document | None:
    path.write_bytes(content)
    try:
        return read_yaml(path)
    except Refused as refused:
        for fault in refused.faults:
            assert fault.where.startswith(str(path))
            assert "\n" not in str(fault)
        return None


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reading") / "set.yaml"


@given(content=st.binary(max_size=300))
def test_arbitrary_bytes_are_read_or_refused(content: bytes, file: Path):
    read_or_refused(file, content)


@given(text=TEXTS)
def test_whatever_is_accepted_is_what_safe_load_reads(text: str, file: Path):
    document = read_or_refused(file, text.encode())
    if document is not None:
        # repr tells 1 from True and from 1.0, and lets NaN equal itself
        assert repr(document.values) == repr(yaml.safe_load(text.encode()))


@given(scalar=SCALARS)
def test_an_accepted_scalar_is_what_safe_load_reads(scalar: str, file: Path):
    content = f"key: {scalar}\nlist: [{scalar}]\n".encode(errors="surrogatepass")
    document = read_or_refused(file, content)
    if document is not None:
        assert repr(document.values) == repr(yaml.safe_load(content))


def core_schema(text: str) -> object:
    """An unquoted scalar as the core schema of YAML 1.2.2 reads it (section 10.3.2)."""
    if re.fullmatch(r"null|Null|NULL|~|", text):
        return None
    if re.fullmatch(r"true|True|TRUE|false|False|FALSE", text):
        return text.lower() == "true"
    if re.fullmatch(r"[-+]?[0-9]+", text):
        return int(text)
    if re.fullmatch(r"0o[0-7]+|0x[0-9a-fA-F]+", text):
        return int(text, 0)
    if re.fullmatch(
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", text
    ):
        return float(re.sub(r"\.(?=[a-zA-Z])", "", text) if text[-1] in "fFnN" else text)
    return text


@given(scalar=st.one_of(PIECE, NUMBERLIKE))
def test_an_accepted_scalar_is_what_a_reader_of_yaml_1_2_reads(scalar: str, file: Path):
    document = read_or_refused(file, f"key: {scalar}\n".encode())
    if document is None or list(document.values) != ["key"]:
        return
    value = document.values["key"]
    if isinstance(value, date):
        assert value.isoformat() == scalar
    elif isinstance(value, str | int | float | None) and not scalar.startswith(("'", '"', "|", ">", "#")):
        assert repr(value) == repr(core_schema(scalar))


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_valid_files_are_what_safe_load_reads(path: Path):
    assert repr(read_yaml(path).values) == repr(yaml.safe_load(path.read_bytes()))


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("2026-11-16", date(2026, 11, 16)),
        ("28", 28),
        ("-28", -28),
        ("0", 0),
        ("0.5", 0.5),
        ("1.0e-3", 0.001),
        ("true", True),
        ("null", None),
        ("", None),
        ("-.inf", -math.inf),
        ("2026-1-5", "2026-1-5"),
        ("yesterday", "yesterday"),
        ("nowhere", "nowhere"),
        ("1.2.3", "1.2.3"),
        ("'no'", "no"),
        ('"12:30"', "12:30"),
        ("|\n  010\n", "010\n"),
    ],
)
def test_plain_values(written: str, value: object, file: Path):
    file.write_text(f"key: {written}\n")
    assert read_yaml(file).values == {"key": value}


@pytest.mark.parametrize(
    "written",
    DIFFERING.split(),
)
def test_what_readers_differ_in_is_refused_and_its_quoted_form_is_not(written: str, file: Path):
    file.write_text(f"first: 1\nkey: {written}\n")
    with pytest.raises(Refused) as refused:
        read_yaml(file, label="set.yaml")
    (fault,) = refused.value.faults
    assert fault.where == "set.yaml line 2, key key"
    assert fault.what.startswith(f"{written} without quotes")
    file.write_text(f'key: "{written}"\n')
    assert read_yaml(file).values == {"key": written}


@pytest.mark.parametrize(
    "written", ["1e3", "1e-7", ".5e3", "-.5", "1_000", "1_0.5", "010", "0o17", "0x1F", "0b11", "1e22"]
)
def test_the_spelling_that_is_advised_is_accepted(written: str, file: Path):
    file.write_text(f"key: {written}\n")
    with pytest.raises(Refused) as refused:
        read_yaml(file)
    advised = refused.value.faults[0].mend.split()[1]
    file.write_text(f"key: {advised}\n")
    assert read_yaml(file).values["key"] == yaml.safe_load(advised)
    assert isinstance(read_yaml(file).values["key"], int | float)


def test_a_number_beyond_all_numbers_gets_no_advised_spelling(file: Path):
    file.write_text("key: 1e999\n")
    with pytest.raises(Refused, match='Write "1e999" in quotes'):
        read_yaml(file)


def test_all_faults_come_at_once_in_the_order_of_lines(file: Path):
    file.write_text("a: no\nb: &x 1\na: 010\nc: {d: 1, d: 12:30}\ne: [yes, *x]\n")
    with pytest.raises(Refused) as refused:
        read_yaml(file, label="f")
    assert [fault.where for fault in refused.value.faults] == [
        "f line 1, key a",
        "f line 2",
        "f line 3, key a",
        "f line 4, key c.d",
        "f line 5",
        "f line 5, key e entry 1",
    ]


def test_every_anchor_is_told(file: Path):
    file.write_text("a: &x 1\nb: &x 2\nc: *y\n")
    with pytest.raises(Refused) as refused:
        read_yaml(file, label="f")
    assert [fault.where for fault in refused.value.faults] == ["f line 1", "f line 2", "f line 3"]


@pytest.mark.parametrize("code", [0x00, 0x07, 0x1B, 0x7F, 0x85, 0x9F, 0x2028, 0x202E, 0x2066, 0xFFFE])
def test_what_cannot_be_seen_is_refused_as_it_is_and_escaped(code: int, file: Path):
    for content in (f"a: 1\nb: x{chr(code)}y\n", f'a: 1\nb: "x\\u{code:04x}y"\n'):
        file.write_bytes(content.encode())
        with pytest.raises(Refused, match=rf"line 2.*U\+{code:04X} cannot be seen"):
            read_yaml(file)


def test_lines_of_keys_and_entries(file: Path):
    file.write_text("# a comment\na:\n  - x\n  - b: 1\n\nc: 2\n")
    assert read_yaml(file).lines == {("a",): 2, ("a", 0): 3, ("a", 1): 4, ("a", 1, "b"): 4, ("c",): 6}


def test_places_in_words():
    lines = {("a",): 2, ("a", 1): 4}
    assert place("f", lines, ("a", 1)) == "f line 4, key a entry 2"
    assert place("f", lines, ("a", "missing")) == "f line 2, key a.missing"
    assert place("f", lines, ("missing",)) == "f, key missing"
    assert place("f", lines, ()) == "f"


def test_size_and_absence(file: Path):
    start = b"key: 1\n#"
    file.write_bytes(start + b"x" * (LARGEST_FILE - len(start)))
    assert read_yaml(file).values == {"key": 1}
    file.write_bytes(start + b"x" * (LARGEST_FILE - len(start) + 1))
    with pytest.raises(Refused, match="larger than 256 KiB"):
        read_yaml(file)
    with pytest.raises(Refused, match="no such file"):
        read_yaml(file.parent / "absent.yaml")
    with pytest.raises(Refused, match="cannot be read"):
        read_yaml(file.parent)


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_endless_nesting_is_refused(opening: str, file: Path):
    file.write_text("key:\n  " + opening * 5000)
    with pytest.raises(Refused, match="nested too deep"):
        read_yaml(file)


def test_twelve_levels_are_read_and_thirteen_refused(file: Path):
    file.write_text("key: " + "[" * 10 + "1" + "]" * 10)
    assert read_yaml(file).values["key"] != []
    file.write_text("key: " + "[" * 11 + "1" + "]" * 11)
    with pytest.raises(Refused, match="nested too deep"):
        read_yaml(file)
