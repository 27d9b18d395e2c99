"""A drafted source file repeats no row, and reads the file once what is marked is filled in."""

import gzip
import io
import json

import pandas as pd
import pytest

from workbench.ingest.drafting.draft import draft_source, write_draft
from workbench.ingest.drafting.lines import FILL
from workbench.ingest.exports import files_of, reader_of
from workbench.ingest.reading import Export
from workbench.ingest.settings import read_ingest_settings
from workbench.project import external_data_folder
from workbench.refusal import Refused
from workbench.simulate.provider import simulate_provider
from workbench.simulate.settings import ProviderSettings
from workbench.simulate.vendors.writing import SHAPES, write_vendors
from workbench.tables.source import read_source

NAMES = ("Jane Roe", "John Doe", "Ida Quillfeather")
REAL = external_data_folder()
STATES = ("came", "missed", "called off", "walked out")


def visits(rows: int = 60, rare: int = 0) -> str:
    """A flat file of visits: of each person and each state many rows, and some of a rare state."""
    lines = ["Visit Number,MRN,Patient Name,Therapist,Booked,Visit Date,Status,Note"]
    for number in range(rows):
        state = "eloped" if number < rare else STATES[number % len(STATES)]
        lines.append(
            f"v{number},10{number % 7}77,{NAMES[number % 3]},Dr. Wexenpike,2026-01-{1 + number % 28:02},"
            f"1/{13 + number % 15}/2026 3:30 PM,{state},called about {number}"
        )
    return "\n".join(lines) + "\n"


@pytest.fixture
def root(tmp_path, monkeypatch):
    for folder in ("notebooks", "params/sources", "exports"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.delenv("WORKBENCH_DATA", raising=False)
    return tmp_path


@pytest.fixture
def drafted(root):
    """The draft of a file of this content."""

    def draft(name: str, content: str | bytes) -> str:
        (root / "exports" / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return draft_source(root / "exports" / name, None, root)

    return draft


def read_back(root, engine, text: str, *, prefix: str = "feed_", **filled: str):
    """What a draft reads, once what is marked is filled in: by the line it stands on, else with a zone."""
    for line, value in filled.items():
        text = "\n".join(each.replace(FILL, value) if line in each else each for each in text.splitlines())
    path = root / "params" / "sources" / "drafted.yaml"
    path.write_text(text.replace(FILL, "America/New_York") + "\n", encoding="utf-8")
    read_source(path, root)
    settings = read_ingest_settings(path, root)
    (feed,) = settings.feeds
    files = files_of(feed, root / settings.exports)
    return reader_of(feed)(Export(engine, files, prefix, pd.Timestamp("2026-11-01", tz="UTC"), root), feed)


def test_a_flat_file_is_recognized_by_names_and_values(drafted, root, engine, rows):
    text = drafted("visits.csv", visits())
    assert "        appointments:\n" in text
    assert "record: MRN  # check: " in text
    for line in ("came: attended", "missed: no_show", "called off: canceled"):
        assert line in text
    assert "walked out: FILL_IN  # check: one of scheduled, attended, no_show" in text
    assert "format: '%m/%d/%Y %I:%M %p'" in text
    assert text.endswith("# Columns that are not read:\n#   Patient Name\n#   Note\n")
    reading = read_back(root, engine, text, **{"walked out": "attended"})
    (account,) = reading.accounts
    assert account.read == account.used == 60
    assert ("10077", "attended", "2026-01-13 20:30:00+00") in rows(
        "feed_appointments", "person_value", "status", "starts_at"
    )


def test_what_is_not_filled_in_is_refused(drafted, root, engine):
    text = drafted("visits.csv", visits())
    with pytest.raises(Refused, match='status cannot be "America/New_York"'):
        read_back(root, engine, text)
    path = root / "params" / "sources" / "unfilled.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Refused, match=FILL):
        read_ingest_settings(path, root)


def test_a_draft_repeats_no_name_no_text_and_no_rare_value(drafted):
    text = drafted("visits.csv", visits(rows=200, rare=10))
    for secret in (
        *(word for name in NAMES for word in name.split()),
        "Wexenpike",
        "called about",
        "10077",
        "v1",
    ):
        assert secret not in text
    # A word in ten rows hides the whole list, since the rest would tell that there is another.
    for word in ("eloped", *STATES):
        assert word not in text.split("# Columns")[0].replace("canceled", "")
    assert "FILL_IN: FILL_IN" in text
    assert "eloped: FILL_IN" in drafted("visits.csv", visits(rows=200, rare=11))


@pytest.mark.parametrize(
    "state", ["+1 212 555 0101", "jane@example.org", "12/05/1981", "10077123", "x" * 49, "1981-05-12"]
)
def test_words_that_look_like_keys_of_people_are_not_repeated(drafted, state):
    assert state not in drafted("visits.csv", visits(rows=200).replace(",came,", f",{state},"))


def test_many_words_are_no_list(drafted):
    lines = ["Visit Number,MRN,Status"]
    lines += [f"v{number},7,state{number % 21}" for number in range(21 * 20)]
    assert "state1" not in drafted("visits.csv", "\n".join(lines))


def test_the_vendors_shapes_are_recognized_and_read_back(root, engine):
    provider = simulate_provider(ProviderSettings(patients=1_500, seed=3))
    write_vendors(provider, root / "exports" / "all", SHAPES, "exports/all")
    by_text = sum(key is not None for key in provider.tables["surveys"]["message_id"].to_pylist())
    drafts = {
        path.name: draft_source(path, "drafted", root)
        for shape in SHAPES
        for path in (root / "exports" / "all" / shape).iterdir()
    }
    assert {name for name, text in drafts.items() if "reads: fhir" in text} == {
        name for name in drafts if ".ndjson" in name
    }
    assert "reads: twilio" in drafts["messages.json.gz"]
    qualtrics = read_back(root, engine, drafts["surveys_by_text.csv"])
    assert qualtrics.accounts[0].used == by_text
    assert engine.execute("SELECT count(DISTINCT instrument) FROM feed_surveys").fetchone() == (3,)
    for name, table in (("randomization", "assignments"), ("sessions", "sessions"), ("sites", "clinics")):
        (account,) = read_back(root, engine, drafts[f"{name}.csv"], prefix=name).accounts
        assert (account.table, account.used) == (table, provider.tables[table].num_rows)


def test_a_log_as_csv_is_twilio_s_and_no_number_is_repeated(drafted):
    text = drafted(
        "log.csv", "From,To,Body,Status,SentDate,Sid,Direction\n+15555550100,+1,hi,sent,x,SM1,inbound\n"
    )
    assert "reads: twilio" in text
    assert "5550100" not in text


def test_parquet_keeps_what_its_types_tell(drafted, root, engine):
    frame = pd.DataFrame(
        {
            "response_id": [f"r{number}" for number in range(20)],
            "mrn": ["007"] * 20,
            "score": range(20),
            "instrument": ["PHQ-9"] * 20,
            "answered": pd.date_range("2026-01-01", periods=20, tz="UTC"),
        }
    )
    content = io.BytesIO()
    frame.to_parquet(content)
    text = drafted("surveys.parquet", content.getvalue())
    assert "responded_at:\n              column: answered" in text
    assert read_back(root, engine, text).accounts[0].used == 20


def test_names_files_and_folders(drafted, root, monkeypatch, tmp_path_factory):
    assert "location: data/source_2026_visits\n" in drafted("2026 visits.csv", visits())
    assert "  exports: exports\n" in drafted("visits.csv", visits())
    outside = tmp_path_factory.mktemp("shelf") / "clinic"
    outside.mkdir()
    (outside / "visits.csv").write_text(visits(), encoding="utf-8")
    assert "  exports: FILL_IN  # check: a folder below" in draft_source(outside / "visits.csv", None, root)
    monkeypatch.setenv("WORKBENCH_DATA", str(outside.parent))
    assert "  exports: clinic\n  within: WORKBENCH_DATA\n" in draft_source(outside / "visits.csv", None, root)


def test_a_draft_is_written_under_a_free_name_alone(root):
    path = write_draft("title: a\n", "north", root)
    assert path == root / "params" / "sources" / "north.yaml"
    with pytest.raises(Refused, match="already, and it is left as it is"):
        write_draft("title: b\n", "north", root)
    assert path.read_text() == "title: a\n"
    for name in ("../north", "North", "a b", ""):
        with pytest.raises(Refused, match="it is no name of a source"):
            write_draft("title: b\n", name, root)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("none.csv", None, "the file is missing"),
        ("page.csv", "<html>Quillfeather", "it is a web page"),
        ("semi.csv", "a;b\nQuillfeather;1\n", "divided by semicolons"),
        ("bare.csv", "Quillfeather,1981-05-12,4711\n", "its first row looks like data"),
        (
            "odd.csv",
            "apples,pears\nQuillfeather,2\n",
            "none of its columns is called as one of a canonical table",
        ),
        ("lines.ndjson", '{"Quillfeather": 1}\n', "neither FHIR resources nor messages of Twilio"),
        # Without the time of day, which would give the tests other names in each process.
        ("lines.json.gz", gzip.compress(b"[1, 2]\n", mtime=0), "neither FHIR resources nor messages of Twilio"),
        (
            "half.ndjson.gz",
            gzip.compress(json.dumps({"a": "b" * 99}).encode(), mtime=0)[:30],
            "cut off or broken",
        ),
        ("text.parquet", "Quillfeather", "cannot be read as Parquet"),
        ("sheet.xlsx", "Quillfeather", "neither .csv"),
    ],
)
def test_what_nothing_can_be_drawn_from_is_refused(root, name, content, words):
    path = root / "exports" / name
    if content is not None:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(Refused) as refused:
        draft_source(path, None, root)
    assert words in str(refused.value)
    assert "Quillfeather" not in str(refused.value)


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("formats/qualtrics_raw_3header.csv", ["reads: qualtrics", "person: none  # check"]),
        (
            "formats/surveymonkey_StarWars_2header_CR.csv",
            ["reads: survey_monkey", "Which character shot first?", "Greedo: 1"],
        ),
        ("no_show/vitoria_2016.csv.zip", ['"No": attended', '"Yes": no_show', "record: PatientId"]),
        ("formats/fhir_r4_examples.Patient.ndjson", ["reads: fhir"]),
    ],
)
def test_real_files(root, file, words):
    if REAL is None:
        pytest.skip("WORKBENCH_DATA is not set")
    text = draft_source(REAL / file, None, root)
    for word in words:
        assert word in text
