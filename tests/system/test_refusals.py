"""What cannot be run is refused at once: one clear message, the right exit code, no kernel started."""

import pandas as pd
import pyarrow.parquet as pq
import pytest

WORDING = "params/ab_test/wording.yaml"


def add(text):
    return lambda project: project.write_set(text=text)


def change(**values):
    return lambda project: project.write_set(**values)


def in_text(old, new):
    def edit(project):
        path = project.write_set()
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    return edit


def table(name, edit):
    def rewrite(project):
        path = project.data / f"{name}.parquet"
        rows = edit(pd.read_parquet(path))
        path.unlink()
        rows.to_parquet(path)

    return rewrite


def file(name, edit):
    def rewrite(project):
        path = project.data / name
        content = path.read_bytes()
        path.unlink()
        path.write_bytes(edit(content))

    return rewrite


def csv(text):
    """The people of the experiment, from a CSV file."""

    def write(project):
        (project.data / "people.csv").write_text(text, encoding="utf-8")
        project.write_source(
            tables={
                "assignments": {
                    "file": "people.csv",
                    "columns": {
                        "experiment_id": {"constant": "motivational_wording"},
                        "patient_id": {"column": "person"},
                        "arm": {"column": "group", "values": {"0": "generic", "1": "motivational"}},
                        "probability": {"constant": 0.5},
                    },
                }
            }
        )

    return write


REFUSED = {
    "unknown key": (add("weather: fine\n"), ["weather"]),
    "misspelt key": (
        add("recording_lag_dys: 7\n"),
        ["recording_lag_dys", "recording_lag_days"],
    ),
    "duplicate key": (add("seed: 2\n"), ["seed"]),
    "wrong type": (change(seed="one"), ["seed"]),
    "a fraction for days": (change(recording_lag_days=2.5), ["recording_lag_days"]),
    "no for a name": (in_text("control: generic", "control: no"), ["control"]),
    "empty parameter set": (lambda project: (project.root / WORDING).write_text(""), ["empty"]),
    "as_of in the future": (change(as_of="2099-01-01"), ["as_of", "lies in the future"]),
    "as_of before the experiment": (
        change(as_of="2025-08-01"),
        ["nobody had been assigned to it by 2025-08-01"],
    ),
    "enrollment ends before it begins": (
        change(enrollment_ends="2025-01-01"),
        ["cohort is empty", '"enrolled by the planned end"'],
    ),
    "no end of enrollment": (
        in_text("enrollment_ends: '2026-09-28'", "enrollment_ends: null"),
        ["enrollment_ends"],
    ),
    "unknown source": (change(source="sampel"), ["sampel", 'Did you mean "sample"']),
    "unknown experiment": (change(experiment="wording"), ["experiment wording", "nobody had been assigned"]),
    "unknown control": (change(control="generik"), ["generik", 'Did you mean "generic"']),
    "missing table": (
        lambda project: (project.data / "consents.parquet").unlink(),
        ["table consents", "does not have it"],
    ),
    "missing column": (
        table("patients", lambda rows: rows.rename(columns={"birth_year": "year"})),
        ["table patients", 'no column "birth_year"'],
    ),
    "empty file": (
        file("assignments.parquet", lambda content: b""),
        ["assignments.parquet", "the file is empty"],
    ),
    "no rows": (table("assignments", lambda rows: rows.head(0)), ["table assignments", "it has no rows"]),
    "truncated file": (
        file("consents.parquet", lambda content: content[:-900]),
        ["consents.parquet", "cannot be read as Parquet"],
    ),
    "text for a file": (
        file("consents.parquet", lambda content: b"a,b\n"),
        ["consents.parquet", "cannot be read"],
    ),
    "wrong type of a column": (
        table("patients", lambda rows: rows.assign(birth_year=rows["patient_id"])),
        ["column birth_year", "It must hold int64"],
    ),
    "a person twice": (
        table("patients", lambda rows: pd.concat([rows, rows.head(1)])),
        ["share their key (patient_id)"],
    ),
    "unknown word": (
        table("consents", lambda rows: rows.assign(status=rows["patient_id"])),
        ["column status", "Allowed: opt_in, opt_out"],
    ),
    "one arm": (table("assignments", lambda rows: rows[rows["arm"] == "generic"]), ["it has one arm"]),
    "empty cohort": (
        table("consents", lambda rows: rows.assign(status="opt_out")),
        ["cohort is empty", '"with consent at assignment"'],
    ),
    "csv of other columns": (csv("id,grp\np4711,0\n"), ['no column "person"', 'no column "group"']),
    "csv without header": (csv("p4711,0\np4712,1\n"), ["Is its first row a header?"]),
    "csv of other values": (csv("person,group\np4711,0\np4712,p4712\n"), ['column "group"', "in 1 row"]),
    "csv cut off": (csv('person,group\np4711,0\n"p4712,'), ["people.csv", "cannot be read as CSV"]),
    "broken notebook": (
        lambda project: (project.root / "notebooks" / "ab_test.ipynb").write_text("p4711"),
        ["notebooks/ab_test.ipynb", "missing or broken"],
    ),
    "no notebook": (
        lambda project: (project.root / "notebooks" / "ab_test.ipynb").unlink(),
        ["missing or broken"],
    ),
    "broken source": (
        lambda project: project.write_source(locatoin="x"),
        ["params/sources/sample.yaml", "locatoin"],
    ),
}


@pytest.fixture
def people(provider_folder):
    """Everybody's pseudonym, and some more made up above."""
    ids = pq.read_table(provider_folder / "patients.parquet", columns=["patient_id"])["patient_id"].to_pylist()
    return {*ids, "p4711", "p4712"}


@pytest.mark.parametrize(("vandalize", "sentences"), REFUSED.values(), ids=REFUSED)
def test_it_is_refused(project, workbench, people, vandalize, sentences):
    vandalize(project)
    ended = workbench("run", "params")
    assert ended.code == 2
    (line, *detail) = ended.out.splitlines()[:-1]
    assert line.startswith(f"refused      {WORDING}: ")
    told = "\n".join([line, *detail])
    assert all(sentence in told for sentence in sentences), told
    assert "Traceback" not in ended.told
    assert not {person for person in people if person in ended.told}
    assert project.nothing_ran()
    (record,) = project.store.records()
    assert record.state == "refused"
    assert not {person for person in people if person in record.reason}
    catalogue = (project.store.folder / "index.html").read_text(encoding="utf-8")
    assert "The last run was refused" in catalogue


@pytest.mark.parametrize("path", ["nowhere", "params/sources", "params/ab_test/none.yaml", "notebooks"])
def test_what_is_no_parameter_set_is_refused(project, workbench, path):
    ended = workbench("run", path)
    assert ended.code == 2
    assert path in ended.err
    assert project.nothing_ran()


def test_one_broken_file_among_five_leaves_four_published(project):
    for name in ("a", "c", "d"):
        project.write_set(name)
    project.write_set("b", text="seed: 7\n")
    ended = project.command("run", "params")
    assert ended.code == 1
    assert sorted(line.split()[0] for line in ended.out.splitlines()[:-1]) == ["published"] * 4 + ["refused"]
    assert [name for _, name in project.store.parameter_sets()] == ["a", "b", "c", "d", "wording"]
    assert project.store.latest("ab_test", "b") is None
    assert project.store.faults() == []
